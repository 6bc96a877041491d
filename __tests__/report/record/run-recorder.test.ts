/** What a run's record keeps, and that its size is bounded. */

import { verifyMaxRows } from '../../../functions/core/dataset/tolerance.ts';
import { graphOf } from '../../../report/graph/graph.ts';
import { runRecord } from '../../../report/record/assemble.ts';
import { errorRecord, payload } from '../../../report/record/bounded.ts';
import { costsOf } from '../../../report/record/costs.ts';
import { prices } from '../../../report/record/prices.ts';
import { RowRecorder } from '../../../report/record/row-series.ts';
import {
  MAX_ATTEMPTS,
  MAX_CAUSE_CHARACTERS,
  MAX_INNER_VISITS,
  MAX_ITERATIONS,
  MAX_PAYLOAD_BYTES,
  MAX_VISITS,
} from '../../../report/record/run-record.ts';
import { RunRecorder } from '../../../report/record/run-recorder.ts';

const graph = graphOf({
  StartAt: 'Fetch',
  States: {
    Fetch: { Type: 'Task', Catch: [{ ErrorEquals: ['Bad'], Next: 'Failed' }], Next: 'Each' },
    Each: {
      Type: 'Map',
      ItemProcessor: {
        StartAt: 'Load',
        States: { Load: { Type: 'Task', Next: 'IsLoaded' }, IsLoaded: { Type: 'Choice', Default: 'Load' } },
      },
      End: true,
    },
    Failed: { Type: 'Fail' },
  },
});

const lambdaCause = JSON.stringify({
  errorType: 'Bad',
  errorMessage: 'of\ntwo lines',
  trace: ['Bad: of', 'two lines', '    at one', '    at two'],
});

test('the counts of a run are those of its Maps, and the blank rows, the footer and the keys that were counted after them', () => {
  const recorder = new RunRecorder(graph, 0);
  const results: readonly [string, object][] = [
    ['Load', { start: 0, read: 5, blank: 1, added: 4, kept: 9 }],
    ['Load', { start: 9, read: 3, blank: 2 }],
    ['Fetch', { read: 6, rejected: 0, blank: 3, footer: 2, added: 3, changed: 1, removed: 7 }],
  ];
  for (const [name, result] of results) {
    recorder.entered(0, name, undefined, {});
    recorder.result(0, name, result);
  }
  const frame = { name: 'run', place: 'local', status: 'SUCCEEDED', since: 0, until: 1 } as const;
  const rest = { input: undefined, output: undefined, rejected: { rows: [] } };
  expect(runRecord(graph, recorder, { ...frame, ...rest }, 512).counts).toEqual({
    read: 8,
    blank: 3,
    footer: 2,
    added: 3,
    changed: 1,
    removed: 7,
  });
});

/** The record of a state. */
function state(recorder: RunRecorder, name: string) {
  return recorder.snapshot().states.find((each) => each.name === name);
}

test('a visit has its input, its output and its attempts, without the wait between them', () => {
  const recorder = new RunRecorder(graph, 1_000);
  recorder.entered(1_000, 'Fetch', undefined, { a: 1 });
  recorder.failed(1_100, 'Fetch', undefined, 'Bad', lambdaCause);
  recorder.retried(1_500, 'Fetch', undefined);
  expect(state(recorder, 'Fetch')).toMatchObject({
    status: 'RUNNING',
    visits: [{ status: 'RUNNING', until: null }],
  });
  recorder.exited(1_700, 'Fetch', undefined, { b: 2 });
  recorder.invoked('Fetch', 90);
  expect(state(recorder, 'Fetch')).toEqual({
    name: 'Fetch',
    type: 'Task',
    status: 'SUCCEEDED',
    entered: 1,
    attempts: 2,
    milliseconds: 700,
    functionMilliseconds: 90,
    invocations: 1,
    inputBytes: 7,
    outputBytes: 7,
    counts: {},
    error: { name: 'Bad', cause: 'of\ntwo lines', stack: ['    at one', '    at two'] },
    visits: [
      {
        since: 1_000,
        until: 1_700,
        status: 'SUCCEEDED',
        input: { json: '{"a":1}', bytes: 7 },
        output: { json: '{"b":2}', bytes: 7 },
        attempts: [
          { since: 1_000, until: 1_100, error: expect.objectContaining({ name: 'Bad' }) },
          { since: 1_500, until: 1_700 },
        ],
      },
    ],
  });
});

test('a caught error and an error that ends the run have different outcomes', () => {
  const recorder = new RunRecorder(graph, 0);
  recorder.entered(0, 'Fetch', undefined, {});
  recorder.failed(1, 'Fetch', undefined, 'Bad', 'why');
  recorder.exited(1, 'Fetch', undefined, {});
  recorder.entered(2, 'Each', undefined, {});
  recorder.failed(3, 'Each', undefined, 'Worse', 'why');
  recorder.finish(4);
  expect(state(recorder, 'Fetch')?.status).toBe('CAUGHT');
  expect(state(recorder, 'Each')?.status).toBe('FAILED');
});

test('iterations are summarized, and those still running are aborted with their Map', () => {
  const recorder = new RunRecorder(graph, 0);
  recorder.entered(0, 'Each', undefined, []);
  for (const [index, milliseconds] of [30, 10, 20, 400].entries()) {
    recorder.iterationStarted(0, 'Each', index);
    recorder.entered(0, 'Load', index, {});
    if (index === 1) recorder.failed(2, 'Load', index, 'Busy', 'why');
    if (index === 1) recorder.retried(5, 'Load', index);
    recorder.exited(milliseconds, 'Load', index, {});
    recorder.iterationEnded(milliseconds, 'Each', index, index !== 3);
  }
  recorder.iterationStarted(400, 'Each', 4);
  recorder.entered(400, 'Load', 4, {});
  recorder.failed(410, 'Each', undefined, 'States.ItemFailed', 'why');
  // The local interpreter keeps starting iterations.
  recorder.iterationStarted(411, 'Each', 5);
  const [run] = recorder.snapshot().maps;
  expect(run).toMatchObject({
    map: 'Each',
    iterations: 5,
    succeeded: 3,
    failed: 1,
    shortest: 10,
    median: 20,
    longest: 400,
  });
  expect(run?.kept.map(({ status }) => status)).toEqual([
    'SUCCEEDED',
    'SUCCEEDED',
    'SUCCEEDED',
    'FAILED',
    'ABORTED',
  ]);
  expect(run?.kept[1]).toEqual({ index: 1, since: 0, until: 10, status: 'SUCCEEDED', retries: [5] });
  expect(state(recorder, 'Load')).toMatchObject({ map: 'Each', status: 'ABORTED', entered: 5, attempts: 6 });
});

test('the size of a record is bounded, and its counts are complete', () => {
  const recorder = new RunRecorder(graph, 0);
  const text = 'ä'.repeat(10_000);
  for (let visit = 0; visit < 2 * MAX_VISITS; visit += 1) {
    recorder.entered(visit, 'Fetch', undefined, { text });
    for (let attempt = 0; attempt < 2 * MAX_ATTEMPTS; attempt += 1) {
      recorder.failed(visit, 'Fetch', undefined, 'Bad', text);
      recorder.retried(visit, 'Fetch', undefined);
    }
    recorder.exited(visit, 'Fetch', undefined, { text });
  }
  const iterations = 4_000;
  recorder.entered(0, 'Each', undefined, []);
  for (let index = 0; index < iterations; index += 1) {
    recorder.iterationStarted(0, 'Each', index);
    recorder.entered(0, 'Load', index, { text });
    recorder.result(index * 10, 'Load', { start: index % 1_000, end: index + 1, read: index, loaded: index });
    recorder.exited(index, 'Load', index, { text });
    recorder.iterationEnded(index, 'Each', index, true);
  }
  const { states, maps, rows } = recorder.snapshot();
  expect(states.map(({ name, entered, visits }) => [name, entered, visits.length])).toEqual([
    ['Fetch', 2 * MAX_VISITS, MAX_VISITS],
    ['Each', 1, 1],
    ['Load', iterations, MAX_INNER_VISITS],
  ]);
  expect(states[0]?.visits[0]?.attempts.length).toBeLessThanOrEqual(MAX_ATTEMPTS + 1);
  expect(states[0]?.inputBytes).toBe(20_011);
  expect(maps[0]).toMatchObject({ iterations, succeeded: iterations });
  expect(maps[0]?.kept).toHaveLength(MAX_ITERATIONS);
  expect(rows.phases.load?.length).toBeLessThanOrEqual(240);
  expect(JSON.stringify(recorder.snapshot()).length).toBeLessThan(10e6);
});

test('a payload is cut between characters, and keeps its original size', () => {
  const json = JSON.stringify('ä'.repeat(MAX_PAYLOAD_BYTES));
  const kept = payload(json);
  expect(kept?.bytes).toBe(2 * MAX_PAYLOAD_BYTES + 2);
  expect(kept?.json).toMatch(/^"ä+$/);
  expect(Buffer.byteLength(kept?.json ?? '')).toBe(MAX_PAYLOAD_BYTES - 1);
  expect(errorRecord('E', JSON.stringify({ errorMessage: 'x'.repeat(1e5) })).cause).toHaveLength(
    MAX_CAUSE_CHARACTERS,
  );
});

test('rows over time add up over any duration, and a chunk that starts again counts again', () => {
  const rows = new RowRecorder(1_000);
  const chunk = { phase: 'load', start: 0, bytes: 1 };
  rows.add(1_000, { ...chunk, rows: 10 });
  rows.add(1_300, { ...chunk, rows: 30 });
  rows.add(1_600, { ...chunk, rows: 5 });
  expect(rows.series()).toEqual({ since: 1_000, interval: 250, phases: { load: [10, 20, 5] } });
  rows.add(1_000 + 250 * 240, { ...chunk, rows: 6 });
  const { interval, phases } = rows.series();
  expect(interval).toBe(500);
  expect(phases.load?.slice(0, 2)).toEqual([30, 5]);
  expect(phases.load?.reduce((sum, each) => sum + each, 0)).toBe(36);
});

test('a file with too many rows is refused with the price of writes that costs are computed with', () => {
  expect(prices.tableWrite).toBe(0.625 / 1e6);
  expect(() => verifyMaxRows('s3://b/k.csv', 2_000_000_000, 1_000_000_000)).toThrow(
    's3://b/k.csv has 2000000000 rows, but the environment allows at most 1000000000, so nothing was loaded. Writing its rows would cost $1250.00 at least, and 1000000000 rows $625.00; raise maxRows',
  );
});

test('costs include state transitions, function requests, function time and table writes', () => {
  const recorder = new RunRecorder(graph, 0);
  recorder.entered(0, 'Fetch', undefined, {});
  recorder.exited(1, 'Fetch', undefined, {});
  recorder.entered(1, 'Each', undefined, {});
  recorder.entered(2, 'Load', 0, {});
  recorder.result(3, 'Load', { start: 0, end: 9, read: 1e6, loaded: 1e6 });
  recorder.invoked('Load', 1_000_000);
  const { items, dollars } = costsOf(recorder.snapshot().states, { memoryMb: 512, timesFrom: 'local' });
  expect(items.map(({ state: name, what, amount }) => [name, what, amount])).toEqual([
    ['Fetch', 'state transitions', 1],
    ['Each', 'state transitions', 1],
    ['Load', 'state transitions', 1],
    ['Load', 'function requests', 1],
    ['Load', 'function time', 500],
    ['Load', 'table writes', 1e6],
  ]);
  expect(dollars).toBeCloseTo(3 * 0.000025 + 0.0000002 + 500 * 0.0000133334 + 0.625, 9);
});

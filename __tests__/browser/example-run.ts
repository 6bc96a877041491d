/** Example runs for the page. */

import { runRecord } from '../../report/record/assemble.ts';
import { errorRecord } from '../../report/record/bounded.ts';
import type { RejectedRecord, RunRecord } from '../../report/record/run-record.ts';
import { RunRecorder } from '../../report/record/run-recorder.ts';
import { pipelineGraph } from '../../tools/docs/graph.ts';

/** Start of the runs, in milliseconds since 1970. */
const SINCE = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Strings that would run a script if they were not shown as text. */
export const HOSTILE = [
  '<img src=x onerror="document.documentElement.dataset.owned = 1">',
  '</script><script>document.documentElement.dataset.owned = 1</script>',
  '<!--<script>',
  '\u2028document.documentElement.dataset.owned = 1\u2029',
  '"onmouseover="document.documentElement.dataset.owned = 1',
  '{{constructor.constructor("document.documentElement.dataset.owned = 1")()}}',
];

export interface Example {
  readonly chunks: number;
  readonly rejects: readonly RejectedRecord[];
  /** Whether the load of the last chunk fails. */
  readonly fails?: boolean;
}

/** A rejected row that contains its number. */
export function reject(number: number, cell: string): RejectedRecord {
  return {
    line: number + 2,
    column: number % 3 === 0 ? 'amount' : 'date',
    code: number % 3 === 0 ? 'not_a_decimal' : 'not_a_date',
    reason: `is wrong: ${cell}`,
    row: `${number},${cell}`,
  };
}

/** A run of the pipeline with the given chunks and rejected rows. */
export function exampleRun({ chunks, rejects, fails = false }: Example): RunRecord {
  const graph = pipelineGraph();
  const recorder = new RunRecorder(graph, SINCE);
  let now = SINCE;
  const visit = (state: string, milliseconds: number, value: object) => {
    recorder.entered(now, state, undefined, value);
    recorder.result(now, state, value);
    recorder.invoked(state, milliseconds);
    now += milliseconds;
    recorder.exited(now, state, undefined, value);
  };
  /** Runs twenty iterations at a time, each a little longer than the one before. */
  const map = (state: string, task: string, counts: object, isFailing: boolean) => {
    const begin = now;
    recorder.entered(begin, state, undefined, {});
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const since = begin + Math.floor(chunk / 20) * 2_000;
      const until = since + 1_000 + chunk;
      recorder.iterationStarted(since, state, chunk);
      recorder.entered(since, task, chunk, { chunk });
      const isLast = chunk === chunks - 1;
      if (chunk % 50 === 1 || (isLast && isFailing)) {
        const cause = { errorMessage: HOSTILE[0], trace: ['Error: …', '    at write (table-writer.ts:1:2)'] };
        recorder.failed(since + 100, task, chunk, 'ServiceUnavailableError', JSON.stringify(cause));
        if (!(isLast && isFailing)) recorder.retried(since + 300, task, chunk);
      }
      recorder.result(until, task, { start: chunk, end: chunk + 1, ...counts });
      recorder.invoked(task, 900);
      if (isLast && isFailing) {
        recorder.iterationEnded(until, state, chunk, false);
      } else {
        recorder.exited(until, task, chunk, { chunk });
        recorder.iterationEnded(until, state, chunk, true);
      }
      now = Math.max(now, until);
    }
  };
  visit('FetchCsv', 700, {
    source: { bucket: 'source', key: `${HOSTILE[1]}.csv`, etag: 'e', size: 12_345_678 },
    format: {
      dataset: 'results',
      compression: 'none',
      encoding: 'utf-8',
      size: 12_345_678,
      delimiter: ',',
      columns: [0, 1, 2, -1],
      headerLines: 1,
      ignored: [HOSTILE[0]],
    },
    plan: { mode: 'probe', done: true },
    chunks: [],
  });
  visit('IsPlanned', 1, {});
  map('ValidateCsv', 'ValidateChunk', { read: 1_000, rejected: rejects.length / chunks }, false);
  recorder.exited(now, 'ValidateCsv', undefined, {});
  visit('JudgeCsv', 500, {});
  map('LoadToDynamoDB', 'LoadChunk', { read: 1_000, rejected: 0, loaded: 900 }, fails);
  if (fails) recorder.failed(now, 'LoadToDynamoDB', undefined, 'LoadFailed', HOSTILE[1] ?? '');
  recorder.exited(now, 'LoadToDynamoDB', undefined, {});
  if (!fails) visit('ReconcileLoad', 400, { big: 'x'.repeat(20_000) });
  recorder.finish(now);
  return runRecord(
    graph,
    recorder,
    {
      name: 'example-1',
      place: 'local',
      since: SINCE,
      until: now,
      input: JSON.stringify({ key: HOSTILE[1] }),
      rejected: { rows: rejects },
      ...(fails
        ? {
            status: 'FAILED' as const,
            error: errorRecord('LoadFailed', HOSTILE[0] ?? ''),
            output: undefined,
          }
        : { status: 'SUCCEEDED' as const, output: JSON.stringify({ loaded: 900 * chunks }) }),
    },
    512,
  );
}

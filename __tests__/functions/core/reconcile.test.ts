import type { LoadedChunk, ReconcileEvent } from '../../../functions/core/messages.ts';
import { reconcile } from '../../../functions/core/reconcile.ts';

const chunk: LoadedChunk = { start: 10, end: 90, at: 90, read: 10, loaded: 6, rejected: 3, duplicates: 1 };
const event: ReconcileEvent = {
  execution: 'e',
  source: { bucket: 'b', key: 'k.csv', etag: 'x', size: 200 },
  format: {
    packing: 'none',
    encoding: 'utf-8',
    size: 200,
    delimiter: ',',
    width: 4,
    columns: [0, 1, 2, 3],
    headerEnd: 10,
    headerLines: 1,
    ignored: ['note'],
  },
  verdict: { proven: true, writesPerSecond: null, read: 20, rejected: 6, report: 'reports/r.csv' },
  chunks: [chunk, { ...chunk, start: 90, end: 200, at: 200 }],
};

test('the counts of all chunks are the output', () => {
  expect(reconcile(event)).toEqual({
    source_bucket: 'b',
    source_key: 'k.csv',
    read: 20,
    loaded: 12,
    rejected: 6,
    duplicates: 2,
    report: 'reports/r.csv',
    ignored_columns: ['note'],
  });
});

test('no chunk is a success with no row', () => {
  const verdict = { ...event.verdict, read: 0, rejected: 0, report: null };
  expect(reconcile({ ...event, verdict, chunks: [] })).toMatchObject({ read: 0, loaded: 0 });
});

test.each([
  ['a row is lost', { loaded: 5 }],
  ['a row is counted twice', { loaded: 7 }],
  ['a duplicate is not counted', { duplicates: 0 }],
  ['loading read another number of rows than validation', { read: 11, loaded: 7 }],
  ['loading rejected another number of rows than validation', { rejected: 2, loaded: 7 }],
])('%s: the execution fails, and names the counts', (_, change) => {
  const changed = { ...event, chunks: [{ ...chunk, ...change }, ...event.chunks.slice(1)] };
  expect(() => reconcile(changed)).toThrow(
    expect.objectContaining({
      name: 'IncompleteLoadError',
      message: expect.stringMatching(
        /s3:\/\/b\/k\.csv do not add up: validation read 20 rows and rejected 6; /,
      ),
    }),
  );
});

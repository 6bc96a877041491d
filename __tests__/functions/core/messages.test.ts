import { maxChunks } from '../../../asl/limits.ts';
import { bucketRanges } from '../../../functions/core/feed/compare.ts';
import type {
  ChangesProgress,
  CompareEvent,
  DuplicatesEvent,
  Feed,
  Format,
  JudgeEvent,
  LoadedChunk,
  MaybeSuperseded,
  ReconcileEvent,
  Removal,
  ReportEvent,
  Source,
  ValidatedChunk,
  Verdict,
} from '../../../functions/core/messages.ts';

/** Maximum size of a state's input or output in bytes; source: "Step Functions service quotas". */
const MAX_STATE_BYTES = 262_144;

/** Bytes below which the pipeline's payloads stay. */
const BOUND = 240_000;

/** 5 TB, the maximum size of an object; source: "Amazon S3 objects overview". */
const size = 5 * 1024 ** 4;

const source: Source = {
  bucket: 'b'.repeat(63),
  // A quote takes two bytes in JSON.
  key: '"'.repeat(1_024),
  etag: `${'f'.repeat(32)}-10000`,
  versionId: 'v'.repeat(1_024),
  size,
  uploaded: '2026-11-29T12:00:00.001Z',
};
const format: Format = {
  dataset: 'd'.repeat(32),
  compression: 'none',
  encoding: 'utf-16be',
  size,
  delimiter: '\u0001',
  quote: '"',
  escape: '\\',
  relaxQuotes: false,
  ltrim: false,
  comments: '\u0001'.repeat(8),
  width: 10_000,
  isPadded: false,
  columns: Array.from({ length: 100 }, () => 9_999),
  headerEnd: 400_000,
  headerLines: 400_000,
  // A control character takes six bytes in JSON.
  ignored: Array.from({ length: 20 }, () => '\u0001'.repeat(64)),
  warnings: Array.from({ length: 7 }, () => '\u0001'.repeat(64).padEnd(200, 'x')),
};
const count = maxChunks('DISTRIBUTED');
const part = size / count;
const chunks = Array.from({ length: count }, (_, index) => ({
  start: size - Math.round(part * (count - index)) + 1,
  end: size - Math.round(part * (count - 1 - index)),
}));
/** The maximum number of rows in a chunk, at two bytes each. */
const maxRows = Math.round(part / 2);
const validated: (ValidatedChunk & MaybeSuperseded)[] = chunks.map((chunk) => ({
  ...chunk,
  at: chunk.end,
  lines: maxRows,
  read: maxRows,
  blank: maxRows,
  // Each chunk is validated without knowing of a footer in an earlier one.
  footer: { start: chunk.end, rows: maxRows },
  superseded: false,
  rejected: maxRows,
  rejectParts: 99_999,
  keyRuns: 9_999,
  repeated: maxRows,
  text: 'invalid',
}));
const loaded: (LoadedChunk & MaybeSuperseded)[] = chunks.map((chunk) => ({
  ...chunk,
  at: chunk.end,
  read: maxRows,
  rejected: maxRows,
  loaded: maxRows,
  duplicates: maxRows,
  superseded: false,
}));
const verdict: Verdict = {
  outcome: 'decode-again',
  writesPerSecond: 1_234.567_890_123,
  read: maxRows * count,
  blank: maxRows * count,
  footer: maxRows * count,
  dataEnd: size,
  rejected: maxRows * count,
  repeated: [maxRows * count, maxRows * count, maxRows * count],
  duplicates: maxRows * count,
  bucket: 3_071,
  compared: bucketRanges(maxRows * count).map(({ start, end }) => ({
    ...(start === 0 && { shared: '"'.repeat(201) }),
    start,
    end,
    at: end,
    superseded: false,
    base: maxRows,
    added: maxRows,
    changed: maxRows,
    unchanged: maxRows,
    deletes: maxRows,
    countedDeletes: maxRows,
    kept: maxRows,
    counted: maxRows,
  })),
  accepted: false,
  judged: new Date(0).toISOString(),
  report: {
    done: false,
    chunk: count - 1,
    part: 99_999,
    within: { at: size, row: maxRows, lines: maxRows },
    lines: maxRows * count,
    listed: maxRows * count,
    list: 'duplicates',
    files: { rejected: 99_999, duplicates: 99_999 },
    first: Array.from({ length: 5 }, () => ({
      line: maxRows * count,
      column: 'c'.repeat(255),
      code: 'number_out_of_range' as const,
      reason: 'r'.repeat(1_000),
    })),
  },
};
const execution = 'e'.repeat(80);
const feed: Feed = {
  last: `99999-${execution}`,
  base: {
    id: `99999-${execution}`,
    complete: false,
    keys: maxRows * count,
    salt: execution,
    table: 'f'.repeat(32),
  },
  salt: execution,
  table: 'f'.repeat(32),
  force: false,
  allowRemovals: false,
};
const removal: Removal = {
  done: true,
  expected: maxRows * count,
  removed: maxRows * count,
  list: 1_024,
  key: 0,
  forgets: false,
};
const changes: ChangesProgress = {
  done: true,
  expected: maxRows * count,
  listed: maxRows * count,
  list: 1_024,
  files: 99_999,
};
const started = new Date(0).toISOString();
const plan = { mode: 'probe', done: true } as const;

test.each([
  ['JudgeCsv', { execution, source, format, feed, plan, chunks: validated } satisfies JudgeEvent],
  [
    'FindDuplicates',
    { execution, source, format, feed, verdict, chunks: validated } satisfies DuplicatesEvent,
  ],
  [
    'ReportRejects',
    { execution, started, source, format, feed, verdict, chunks: validated } satisfies ReportEvent,
  ],
  [
    'CompareIndex',
    {
      execution,
      source,
      format,
      feed,
      verdict,
      chunks: validated,
      chunk: verdict.compared.at(-1) ?? { start: 0, end: 1 },
    } satisfies CompareEvent,
  ],
  ['LoadToDynamoDB', { source, format, feed, plan, chunks: validated, verdict }],
  [
    'ReconcileLoad',
    {
      execution,
      started,
      source,
      format,
      feed,
      verdict,
      removal,
      changes,
      chunks: loaded,
    } satisfies ReconcileEvent,
  ],
])('the largest payload of %s is below 240 KB', (_, payload) => {
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  expect(payload.chunks).toHaveLength(count);
  expect(bytes).toBeLessThan(BOUND);
  expect(BOUND).toBeLessThan(MAX_STATE_BYTES);
});

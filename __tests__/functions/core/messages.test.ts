import { maxChunks } from '../../../asl/limits.ts';
import type {
  DuplicatesEvent,
  Format,
  JudgeEvent,
  LoadedChunk,
  ReconcileEvent,
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
};
const format: Format = {
  dataset: 'd'.repeat(32),
  compression: 'none',
  encoding: 'utf-16be',
  size,
  delimiter: ',',
  width: 10_000,
  isPadded: false,
  columns: Array.from({ length: 100 }, () => 9_999),
  headerEnd: 400_000,
  headerLines: 400_000,
  // A control character takes six bytes in JSON.
  ignored: Array.from({ length: 20 }, () => '\u0001'.repeat(64)),
  warnings: Array.from({ length: 7 }, () => '\u0001'.repeat(64).padEnd(200, 'x')),
};
const part = size / maxChunks('DISTRIBUTED');
const chunks = Array.from({ length: maxChunks('DISTRIBUTED') }, (_, index) => ({
  start: size - Math.round(part * (1_000 - index)) + 1,
  end: size - Math.round(part * (999 - index)),
}));
/** The maximum number of rows in a chunk, at two bytes each. */
const maxRows = Math.round(part / 2);
const validated: ValidatedChunk[] = chunks.map((chunk) => ({
  ...chunk,
  at: chunk.end,
  lines: maxRows,
  read: maxRows,
  blank: maxRows,
  rejected: maxRows,
  rejectParts: 99_999,
  keyRuns: 9_999,
  repeated: maxRows,
  text: 'invalid',
}));
const loaded: LoadedChunk[] = chunks.map((chunk) => ({
  ...chunk,
  at: chunk.end,
  read: maxRows,
  rejected: maxRows,
  loaded: maxRows,
  duplicates: maxRows,
}));
const verdict: Verdict = {
  outcome: 'decode-again',
  writesPerSecond: 1_234.567_890_123,
  read: maxRows * 1_000,
  blank: maxRows * 1_000,
  footer: 1_001,
  dataEnd: size,
  rejected: maxRows * 1_000,
  repeated: [maxRows * 1_000, maxRows * 1_000, maxRows * 1_000],
  duplicates: maxRows * 1_000,
  bucket: 3_071,
  accepted: false,
  judged: new Date(0).toISOString(),
  report: {
    done: false,
    chunk: 999,
    part: 99_999,
    within: { at: size, row: maxRows, lines: maxRows },
    lines: maxRows * 1_000,
    listed: maxRows * 1_000,
    list: 'duplicates',
    files: { rejected: 99_999, duplicates: 99_999 },
    first: Array.from({ length: 5 }, () => ({
      line: maxRows * 1_000,
      column: 'c'.repeat(255),
      code: 'number_out_of_range' as const,
      reason: 'r'.repeat(1_000),
    })),
  },
};
const execution = 'e'.repeat(80);
const started = new Date(0).toISOString();
const plan = { mode: 'probe', done: true } as const;

test.each([
  ['JudgeCsv', { execution, source, format, plan, chunks: validated } satisfies JudgeEvent],
  ['FindDuplicates', { execution, source, format, verdict, chunks: validated } satisfies DuplicatesEvent],
  ['ReportRejects', { execution, started, source, format, verdict, chunks: validated } satisfies ReportEvent],
  ['LoadToDynamoDB', { source, format, plan, chunks: validated, verdict }],
  ['ReconcileLoad', { execution, started, source, format, verdict, chunks: loaded } satisfies ReconcileEvent],
])('the largest payload of %s is below 240 KB', (_, payload) => {
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  expect(payload.chunks).toHaveLength(1_000);
  expect(bytes).toBeLessThan(BOUND);
  expect(BOUND).toBeLessThan(MAX_STATE_BYTES);
});

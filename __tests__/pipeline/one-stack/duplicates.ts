/**
 * Of the rows with the same key, or the same value in a unique column, the last one in the file is loaded. The others are
 * counted and listed.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { results } from '../../../datasets/results.ts';
import { planByScan } from '../../../functions/core/csv/plan.ts';
import { objectFile } from '../../../functions/core/csv/text.ts';
import { integer, text } from '../../../functions/core/dataset/columns.ts';
import { type Dataset, dataset, type StoredItem } from '../../../functions/core/dataset/dataset.ts';
import type {
  LoadedChunk,
  ReportProgress,
  ValidatedChunk,
  Verdict,
} from '../../../functions/core/messages.ts';
import { findDuplicates } from '../../../functions/core/steps/find-duplicates.ts';
import { judge } from '../../../functions/core/steps/judge.ts';
import { loadChunk } from '../../../functions/core/steps/load.ts';
import { reportRejects } from '../../../functions/core/steps/report-rejects.ts';
import { validateChunk } from '../../../functions/core/steps/validate.ts';
import { fileName, reportFolder } from '../../../functions/core/working/summary.ts';
import { checkFile } from '../../../tools/check/check-file.ts';
import { inFull } from '../../support/full-run.ts';
import { type Pipeline, sharedPipeline } from '../../support/pipeline.ts';
import { planned } from '../../support/stack/planned.ts';

let pipeline: Pipeline;
let s3: S3Client;
beforeAll(async () => {
  pipeline = await sharedPipeline();
  s3 = pipeline.stack.endpoints.s3;
  process.env.SOURCE_BUCKET = pipeline.stack.synthesized.sourceBucket;
});

/** Takes the place of the table writer. Writing the same key twice is an error here, because nothing should do so. */
class Items {
  readonly byKey = new Map<string, StoredItem>();
  #loaded = 0;

  async put(item: StoredItem): Promise<void> {
    const key = String(item.pk);
    if (this.byKey.has(key)) throw new Error(`${key} is written twice`);
    this.byKey.set(key, item);
    this.#loaded += 1;
  }

  async close<Mark>(mark: Mark) {
    const loaded = this.#loaded;
    this.#loaded = 0;
    return { mark, loaded };
  }

  async stop(): Promise<void> {}
}

interface Run {
  /** Minimum size of a chunk, in bytes. */
  readonly chunkBytes: number;
  /** Whether an invocation has time for more; called repeatedly. */
  readonly hasTime: () => boolean;
  /** Maximum number of rows of a file; any number by default. */
  readonly maxRows?: number;
}

let executions = 0;

/** Takes a file through all steps, in chunks of the given size. */
async function run(
  csv: string,
  dataset: Dataset,
  { chunkBytes, hasTime, maxRows = Number.POSITIVE_INFINITY }: Run,
) {
  executions += 1;
  const execution = `duplicates-${executions}`;
  const { sourceBucket: bucket, reportsBucket } = pipeline.stack.synthesized;
  const settings = { reportsBucket, maxFileRows: 1e6, hasTime };
  const key = `${execution}.csv`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: csv }));
  const { source, format } = await planned(s3, { bucket, key }, dataset);
  const body = { start: format.headerEnd, size: format.size, delimiter: format.delimiter };
  const { chunks: cut, plan } = await planByScan(objectFile(s3, source).read, body, {
    minChunkBytes: chunkBytes,
  });

  const job = { execution, source, format, feed: null };
  const chunks: ValidatedChunk[] = [];
  for (const { start, end } of cut) {
    const counts = { read: 0, blank: 0, rejected: 0, lines: 0, rejectParts: 0, keyRuns: 0, repeated: 0 };
    let chunk: ValidatedChunk = { start, end, at: start, ...counts, text: 'ascii' };
    while (chunk.at < end) chunk = await validateChunk(s3, { ...job, chunk }, dataset, settings);
    chunks.push(chunk);
  }
  let verdict: Verdict = await judge(s3, { ...job, plan, chunks }, dataset, {
    maxWritesPerSecond: undefined,
    loadConcurrency: 4,
    maxRows,
  });
  let merges = 0;
  while (verdict.outcome === 'find-duplicates') {
    merges += 1;
    verdict = await findDuplicates(s3, { ...job, chunks, verdict }, dataset, settings);
  }
  const started = '2024-01-01T00:00:00.000Z';
  let report: ReportProgress = verdict.report;
  while (verdict.outcome === 'report' && !report.done) {
    const event = { ...job, started, chunks, verdict: { ...verdict, report } };
    report = await reportRejects(s3, event, dataset, settings);
  }
  const items = new Items();
  const total = { read: 0, loaded: 0, rejected: 0, duplicates: 0 };
  const { repeated, dataEnd } = verdict;
  // In reverse, because the order of the chunks must not matter.
  for (const { start, end } of cut.toReversed()) {
    let chunk: LoadedChunk = { start, end, at: start, read: 0, rejected: 0, loaded: 0, duplicates: 0 };
    const event = { ...job, load: '1-e', writesPerSecond: null, repeated, dataEnd };
    while (chunk.at < end) chunk = await loadChunk(s3, items, { ...event, chunk }, dataset, settings);
    total.read += chunk.read;
    total.loaded += chunk.loaded;
    total.rejected += chunk.rejected;
    total.duplicates += chunk.duplicates;
  }
  const folder = reportFolder(source, execution);
  const listed = async (list: 'rejected' | 'duplicates') => {
    const rows: Record<string, string>[] = [];
    for (let file = 1; file <= report.files[list]; file += 1)
      rows.push(...parsed(await pipeline.reported(`${folder}/${fileName(list, file)}`)));
    return rows;
  };
  return {
    verdict,
    total,
    merges,
    items: [...items.byKey.values()],
    rejected: await listed('rejected'),
    duplicates: await listed('duplicates'),
  };
}

function parsed(csv: string): Record<string, string>[] {
  return parse(csv, { columns: true });
}

/** Rows with few different keys; a negative number makes a rejected row. */
const file = fc.array(fc.integer({ min: -2, max: 12 }), { maxLength: 60 });

function csvOf(ids: readonly number[]): string {
  const rows = ids.map(
    (id, row) => `${Math.abs(id)},"row ${row}${row % 5 === 0 ? '\n' : ''}",${id < 0 ? 'x' : row},2024-01-01`,
  );
  return ['id,name,amount,date', ...rows, ''].join('\n');
}

/** The expected result of such a file. */
function expectedOf(ids: readonly number[]) {
  const accepted = ids.map((id, row) => ({ id, row })).filter(({ id }) => id >= 0);
  const last = new Map(accepted.map(({ id, row }) => [id, row]));
  return {
    loaded: accepted.filter(({ id, row }) => last.get(id) === row).map(({ row }) => row),
    earlier: accepted.filter(({ id, row }) => last.get(id) !== row).map(({ row }) => row),
    rejected: ids.flatMap((id, row) => (id < 0 ? [row] : [])),
  };
}

const ascending = (one: number, other: number) => one - other;
const rowOf = (name: unknown) => Number(/\d+/.exec(String(name))?.[0]);
/** The physical line of a row: the first one follows the header, and every fifth row spans two lines. */
const lineOf = (row: number) => 2 + row + Math.ceil(row / 5);

test('the last row with a key is loaded, for chunks of any size and however often a function stops', async () => {
  const tolerant = { ...results, tolerance: { share: 1 } };
  await fc.assert(
    fc.asyncProperty(file, fc.constantFrom(1, 40, 200, 1e6), fc.boolean(), async (ids, chunkBytes, stops) => {
      const expected = expectedOf(ids);
      const outcome = await run(csvOf(ids), tolerant, { chunkBytes, hasTime: () => !stops });
      expect(outcome.total).toEqual({
        read: ids.length,
        loaded: expected.loaded.length,
        rejected: expected.rejected.length,
        duplicates: expected.earlier.length,
      });
      expect(outcome.verdict).toMatchObject({
        rejected: expected.rejected.length,
        duplicates: expected.earlier.length,
      });
      expect(outcome.items.map(({ name }) => rowOf(name)).sort(ascending)).toEqual(expected.loaded);
      expect(outcome.rejected.map(({ name }) => rowOf(name))).toEqual(expected.rejected);
      expect(outcome.rejected.map(({ _line }) => Number(_line))).toEqual(expected.rejected.map(lineOf));
      expect(outcome.duplicates.map(({ name }) => rowOf(name))).toEqual(expected.earlier);
      expect(outcome.duplicates.map(({ _line }) => Number(_line))).toEqual(expected.earlier.map(lineOf));
    }),
    { numRuns: inFull(60, 2) },
  );
});

test('blank rows and a footer are counted apart, wherever the file is cut', async () => {
  const withFooter = { ...results, tolerance: { share: 1 }, footer: /^Total\b/ };
  await fc.assert(
    fc.asyncProperty(file, file, fc.constantFrom(1, 40, 200, 1e6), async (ids, footer, chunkBytes) => {
      const expected = expectedOf(ids);
      // The footer has keys of the table, and rows that would be rejected.
      const rows = csvOf(footer).replace('id,name,amount,date', 'Total,,3,');
      const csv = `${csvOf(ids)},,,\n${rows}  \n`;
      const { verdict, total, items, ...lists } = await run(csv, withFooter, {
        chunkBytes,
        hasTime: () => false,
      });
      expect(total).toEqual({
        read: ids.length,
        loaded: expected.loaded.length,
        rejected: expected.rejected.length,
        duplicates: expected.earlier.length,
      });
      expect(verdict).toMatchObject({ read: ids.length, blank: 2, footer: footer.length + 1 });
      expect(items.map(({ name }) => rowOf(name)).sort(ascending)).toEqual(expected.loaded);
      expect(lists.rejected.map(({ _line }) => Number(_line))).toEqual(expected.rejected.map(lineOf));
      expect(lists.duplicates.map(({ _line }) => Number(_line))).toEqual(expected.earlier.map(lineOf));
    }),
    { numRuns: inFull(60, 2) },
  );
});

test('a footer in the middle of the file is refused', async () => {
  const withFooter = { ...results, footer: /^7$/ };
  const csv = csvOf(Array.from({ length: 1_100 }, (_, row) => row));
  for (const chunkBytes of [5_000, 1e6]) {
    await expect(run(csv, withFooter, { chunkBytes, hasTime: () => true })).rejects.toMatchObject({
      name: 'RowCountError',
      message: expect.stringContaining('has 1092 rows after the first row that matches'),
    });
  }
});

test('if the dataset rejects duplicates, they count towards the tolerance and are listed with the rejected rows', async () => {
  const strict: Dataset = { ...results, duplicates: 'reject', tolerance: { share: 1 } };
  await fc.assert(
    fc.asyncProperty(file, fc.constantFrom(1, 100, 1e6), async (ids, chunkBytes) => {
      const expected = expectedOf(ids);
      const rejected = [...expected.rejected, ...expected.earlier].sort(ascending);
      const outcome = await run(csvOf(ids), strict, { chunkBytes, hasTime: () => true });
      expect(outcome.total).toEqual({
        read: ids.length,
        loaded: expected.loaded.length,
        rejected: rejected.length,
        duplicates: 0,
      });
      expect(outcome.verdict).toMatchObject({ rejected: rejected.length, duplicates: 0 });
      expect(outcome.rejected.map(({ name }) => rowOf(name)).sort(ascending)).toEqual(rejected);
      const codes = outcome.rejected.filter(({ _code }) => _code === 'duplicate_key');
      expect(codes.map(({ name }) => rowOf(name))).toEqual(expected.earlier);
      expect(outcome.duplicates).toEqual([]);
    }),
    { numRuns: inFull(30, 2) },
  );
});

async function dryRun(csv: string, of: Dataset, limits: Pick<Run, 'maxRows'> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'dry-run-'));
  try {
    const path = join(folder, 'file.csv');
    writeFileSync(path, csv);
    return await checkFile(path, { dataset: of, maxDecompressedBytes: 1e9, ...limits });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Members, whose e-mail addresses and badges are unique. */
const members = dataset({
  name: 'members',
  columns: {
    id: text(),
    email: text({ empty: 'text' }),
    badge: integer({ empty: 'omit' }),
    note: text(),
  },
  key: 'MEMBER#{id}',
  unique: ['email', 'badge'],
  tolerance: { share: 1 },
});

/** A row of members; one without a note is rejected. */
const member = fc.record({
  id: fc.integer({ min: 0, max: 9 }),
  email: fc.constantFrom('', '', 'a@x', 'b@x', 'c@x', 'd@x', 'e@x'),
  // Compared as it is stored, so 1 and 01 are the same.
  badge: fc.constantFrom('', '', '1', '01', '2', '+2', '3', '4', '5'),
  note: fc.constantFrom('', 'n', 'n', 'n', 'n'),
});
type Member = typeof member extends fc.Arbitrary<infer Row> ? Row : never;

/** What becomes of each row: `duplicate`, the code of its rejection, or the column whose value it repeats. */
function fatesOf(rows: readonly Member[], { duplicates }: Pick<Dataset, 'duplicates'>): string[] {
  const fates: string[] = rows.map(({ note }) => (note === '' ? 'empty' : 'loaded'));
  const leaveOut = (fate: string, cellOf: (row: Member) => string) => {
    const last = new Map<string, number>();
    for (const [index, row] of rows.entries()) {
      const value = cellOf(row);
      if (fates[index] !== 'loaded' || value === '') continue;
      const earlier = last.get(value);
      if (earlier !== undefined) fates[earlier] = fate;
      last.set(value, index);
    }
  };
  leaveOut(duplicates === 'reject' ? 'duplicate_key' : 'duplicate', ({ id }) => String(id));
  leaveOut('email', ({ email }) => email);
  leaveOut('badge', ({ badge }) => (badge === '' ? '' : String(Number(badge))));
  return fates;
}

test('all rows but the last loaded one with a unique value are rejected, in chunks of any size and in the dry run', async () => {
  const policies = fc.constantFrom('last-wins' as const, 'reject' as const);
  const sizes = fc.constantFrom(1, 60, 1e6);
  const file = fc.array(member, { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(file, policies, sizes, fc.boolean(), async (rows, duplicates, chunkBytes, stops) => {
      const of: Dataset = { ...members, duplicates };
      const fates = fatesOf(rows, of);
      const linesOf = (isIt: (fate: string) => boolean) =>
        fates.flatMap((fate, index) => (isIt(fate) ? [`${index + 2} ${fate}`] : []));
      const rejected = linesOf((fate) => fate !== 'loaded' && fate !== 'duplicate');
      const csv = rows.map(({ id, email, badge, note }) => `${[id, email, badge, note].join()}\n`).join('');
      const content = `id,email,badge,note\n${csv}`;
      const outcome = await run(content, of, { chunkBytes, hasTime: () => !stops });
      const counts = {
        read: rows.length,
        rejected: rejected.length,
        duplicates: linesOf((fate) => fate === 'duplicate').length,
      };
      expect(outcome.total).toEqual({ ...counts, loaded: linesOf((fate) => fate === 'loaded').length });
      const listed = outcome.rejected.map(
        ({ _line, _code, _column }) => `${_line} ${_code === 'not_unique' ? _column : _code}`,
      );
      expect(listed.sort()).toEqual(rejected.sort());
      expect(await dryRun(content, of)).toMatchObject({ counts, accepted: true, uncompared: [] });
    }),
    { numRuns: inFull(80, 2) },
  );
});

test.each([
  [{ min: 3 }, 'has 2 rows, but the dataset "members" expects at least 3'],
  [{ max: 1 }, 'has 2 rows, but the dataset "members" expects at most 1'],
])(
  'a file whose number of rows is outside %j is refused, also in the dry run',
  async (expectedRows, message) => {
    const of: Dataset = { ...members, expectedRows };
    const csv = 'id,email,badge,note\n1,a@x,1,n\n1,a@x,1,\n';
    const refusal = { name: 'RowCountError', message: expect.stringContaining(message) };
    await expect(run(csv, of, { chunkBytes: 1, hasTime: () => true })).rejects.toMatchObject(refusal);
    const cause = expect.stringContaining(message);
    expect(await dryRun(csv, of)).toMatchObject({ accepted: false, error: refusal.name, cause });
  },
);

test('a file with more rows than the environment allows is refused with what they would cost, also in the dry run', async () => {
  const csv = 'id,email,badge,note\n1,a@x,1,n\n2,b@x,2,\n3,,,\n';
  const name = 'RowCountError';
  const message =
    'has 3 rows, but the environment allows at most 2, so nothing was loaded. Writing its rows would cost $0.00 at least';
  const way = { chunkBytes: 1, hasTime: () => true };
  const refusal = run(csv, members, { ...way, maxRows: 2 });
  await expect(refusal).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  const cause = expect.stringContaining(message);
  expect(await dryRun(csv, members, { maxRows: 2 })).toMatchObject({ accepted: false, error: name, cause });
  expect(await run(csv, members, { ...way, maxRows: 3 })).toMatchObject({ total: { read: 3 } });
  expect(await dryRun(csv, members, { maxRows: 3 })).toMatchObject({ accepted: true });
});

test('the keys of a single chunk are not compared again', async () => {
  const csv = csvOf([1, 2, 1, 3, 2]);
  expect(await run(csv, results, { chunkBytes: 1e6, hasTime: () => true })).toMatchObject({
    merges: 0,
    total: { read: 5, loaded: 3, duplicates: 2 },
  });
  expect(await run(csv, results, { chunkBytes: 1, hasTime: () => true })).toMatchObject({
    merges: 1,
    total: { read: 5, loaded: 3, duplicates: 2 },
  });
});

test('the pipeline counts duplicates in its output and lists them in the report', async () => {
  const result = await pipeline.ingest(
    'twice.csv',
    'id,name,amount,date\nd1,old,1,2024-01-01\nd2,only,1,2024-01-01\nd1,new,2,2024-01-02\n',
  );
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: { read: 3, loaded: 2, rejected: 0, duplicates: 1, rejected_rows: null },
    items: [
      { pk: 'ROW#d1', name: 'new', amount: 2 },
      { pk: 'ROW#d2', name: 'only' },
    ],
  });
  expect(readFileSync((result.report ?? '').replace('report.json', 'duplicates.csv'), 'utf8')).toMatch(
    /^id,name,amount,date,_line,_column,_code,_reason,_source_loaded\nd1,old,1,2024-01-01,2,,duplicate_key,"has the same key as a later row: ""ROW#d1""",results\/utf-8\/[\w/]+\n$/,
  );
});

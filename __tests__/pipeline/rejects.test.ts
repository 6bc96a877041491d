/** Rejected rows come back as a file that can be mended and uploaded again. */

import { readFileSync } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import { fetchCsv } from '../../functions/core/fetch.ts';
import { judge } from '../../functions/core/judge.ts';
import { reportKey } from '../../functions/core/report.ts';
import { validateChunk } from '../../functions/core/validate.ts';
import { Pipeline } from '../support/pipeline.ts';

jest.setTimeout(60_000);

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.start();
});
afterAll(() => pipeline.close());

const bad = [
  'id,name,amount,date',
  '1,Ada,1,2024-01-01',
  '2,"O""Reilly,\nTim",one,2024-01-01',
  '',
  '3,Bob',
  '4,Eve,1,234.50,2024-01-01',
  '5,"Zoë"x,1,2024-01-01',
  '6,"never closed,1,2024-01-01',
  '7,Kim,1,2024-01-01',
].join('\n');

test('the report has the rows as they stood, their lines, and a column for each column', async () => {
  const { rejectedReport, rejected } = await pipeline.ingest('bad.csv', bad);
  const report = readFileSync(rejectedReport ?? '', 'utf8');
  expect(report.split('\n').slice(1, 3).join('\n')).toMatch(
    /^2,"O""Reilly,\nTim",one,2024-01-01,3,amount,not_a_decimal,/,
  );
  const rows: Record<string, string>[] = parse(report, { columns: true });
  expect(rows.map(({ _reason, ...row }) => Object.values(row))).toEqual([
    ['2', 'O"Reilly,\nTim', 'one', '2024-01-01', '3', 'amount', 'not_a_decimal'],
    ['3', 'Bob', '', '', '6', '', 'too_few_fields'],
    ['4', 'Eve', '1', '234.50,2024-01-01', '7', '', 'too_many_fields'],
    ['5', '"Zoë"x', '1', '2024-01-01', '8', '', 'stray_quote'],
    ['6', '"never closed', '1', '2024-01-01', '9', '', 'unclosed_quote'],
  ]);
  expect(rejected.map(({ line }) => line)).toEqual([3, 6, 7, 8, 9]);
});

test('the report, mended, is loaded as it is', async () => {
  const first = await pipeline.ingest('bad.csv', bad);
  const mended = readFileSync(first.rejectedReport ?? '', 'utf8')
    .replace('one', '1')
    .replace('3,Bob,,', '3,Bob,2,2024-01-01')
    .replace('1,"234.50,2024-01-01"', '1234.50,2024-01-01')
    .replace('"""Zoë""x"', 'Zoë')
    .replace('"""never closed"', 'closed');
  const second = await pipeline.ingest('mended.csv', mended);
  expect(second).toMatchObject({ status: 'SUCCEEDED', output: { read: 5, loaded: 5, rejected: 0 } });
  expect(second.items.map(({ id, name, amount }) => [id, name, amount])).toEqual([
    ['2', 'O"Reilly,\nTim', 1],
    ['3', 'Bob', 2],
    ['4', 'Eve', 1234.5],
    ['5', 'Zoë', 1],
    ['6', 'closed', 1],
  ]);
});

test('a report that is rejected again has its columns once, with what is wrong now', async () => {
  const first = await pipeline.ingest('bad.csv', 'id,name,amount,date\n1,"A,\nda",one,2024-01-01\n2,Bob\n');
  const half = readFileSync(first.rejectedReport ?? '', 'utf8')
    .replace('one', '1')
    .replace('1,2024', '1,2023-13');
  const second = await pipeline.ingest('half.csv', half);
  expect(readFileSync(second.rejectedReport ?? '', 'utf8')).toBe(
    [
      'id,name,amount,date,_line,_column,_code,_reason',
      '1,"A,\nda",1,2023-13-01-01,2,date,not_a_date,is not a day written YYYY-MM-DD',
      '2,Bob,,,4,amount,empty,is empty',
      '',
    ].join('\n'),
  );
});

/** Validates a file, and gives the verdict over it. */
async function judged(execution: string, csv: string) {
  const { endpoints, synthesized } = pipeline.stack;
  const { sourceBucket, reportsBucket } = synthesized;
  const { s3 } = endpoints;
  process.env.SOURCE_BUCKET = sourceBucket;
  await s3.send(new PutObjectCommand({ Bucket: sourceBucket, Key: 'tolerance.csv', Body: csv }));
  const { source, format, plan, chunks } = await fetchCsv(
    s3,
    { bucket: sourceBucket, key: 'tolerance.csv' },
    10,
  );
  const counts = { read: 0, rejected: 0, lines: 0, rejectParts: 0 };
  const validated = await Promise.all(
    chunks.map((chunk) =>
      validateChunk(
        s3,
        { execution, source, format, chunk: { ...chunk, ...counts, at: chunk.start } },
        { reportsBucket, mayGoOn: () => true },
      ),
    ),
  );
  return (maxRejects: number, mayGoOn = () => true) =>
    judge(
      s3,
      { execution, source, format, plan, chunks: validated },
      { reportsBucket, maxRejects, maxWritesPerSecond: undefined, loadConcurrency: 4, mayGoOn },
    );
}

test('as many rejected rows as are allowed pass, and one more does not', async () => {
  const verdict = await judged('tolerance', bad);
  const report = 'reports/tolerance.csv/tolerance/rejected.csv';
  expect(await verdict(5)).toEqual({ proven: true, writesPerSecond: null, read: 7, rejected: 5, report });
  await expect(verdict(4)).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining('5 of 7 rows of'),
  });
});

test('a report that takes too long ends with what it has, and says so', async () => {
  const rows = Array.from({ length: 2_500 }, (_, row) => `${row},Ada,one,2024-01-01`);
  const verdict = await judged('long', ['id,name,amount,date', ...rows].join('\n'));
  await expect(verdict(0, () => false)).rejects.toThrow(
    /2500 of 2500 rows .* The first 1000 of them, to be mended/,
  );
  await expect(verdict(0)).rejects.toThrow(/2500 of 2500 rows .* All of them, to be mended/);
});

test('the key of a report fits, however long the key of the source', () => {
  const key = (name: string) => reportKey({ bucket: 'b', key: name, etag: 'e', size: 1 }, 'x'.repeat(80));
  expect(key('folder/a b.csv')).toBe(`reports/folder/a b.csv/${'x'.repeat(80)}/rejected.csv`);
  const long = key('é'.repeat(512));
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(1_024);
  expect(long).not.toContain('\uFFFD');
  expect(key(`${'é'.repeat(511)}e`)).not.toBe(long);
});

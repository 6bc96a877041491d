/** Rejected rows are listed in a file that can be corrected. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import { results } from '../../../datasets/results.ts';
import { reportColumns } from '../../../functions/core/csv/report-columns.ts';
import {
  quotedValue,
  type Reject,
  type ReportFormat,
  reportHeader,
  reportRow,
} from '../../../functions/core/csv/report-rows.ts';
import type { Dataset, Tolerance } from '../../../functions/core/dataset/dataset.ts';
import type { ReportEvent } from '../../../functions/core/messages.ts';
import { judge } from '../../../functions/core/steps/judge.ts';
import { reportRejects } from '../../../functions/core/steps/report-rejects.ts';
import { validateChunk } from '../../../functions/core/steps/validate.ts';
import { summaryKey } from '../../../functions/core/working/summary.ts';
import { onlyInFull } from '../../support/full-run.ts';
import { type Pipeline, sharedPipeline } from '../../support/pipeline.ts';
import { planned } from '../../support/stack/planned.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

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

test('the report lists the rows unchanged, with their lines, and has all columns', async () => {
  const { rejectedReport, rejected } = await pipeline.ingest('bad.csv', bad);
  const report = readFileSync(rejectedReport ?? '', 'utf8');
  expect(report.split('\n').slice(1, 3).join('\n')).toMatch(
    /^2,"O""Reilly,\nTim",one,2024-01-01,3,amount,not_a_decimal,/,
  );
  const rows: Record<string, string>[] = parse(report, { columns: true });
  expect(rows.map(({ _reason, _source_refused, ...row }) => Object.values(row))).toEqual([
    ['2', 'O"Reilly,\nTim', 'one', '2024-01-01', '3', 'amount', 'not_a_decimal'],
    ['3', 'Bob', '', '', '6', '', 'too_few_fields'],
    ['4', 'Eve', '1', '234.50,2024-01-01', '7', '', 'too_many_fields'],
    ['5', '"Zoë"x', '1', '2024-01-01', '8', '', 'stray_quote'],
    ['6', '"never closed', '1', '2024-01-01', '9', '', 'unclosed_quote'],
  ]);
  const etag = createHash('md5').update(bad).digest('hex');
  for (const { _source_refused } of rows)
    expect(_source_refused).toMatch(
      new RegExp(`^results/utf-8/${etag}/${Buffer.byteLength(bad)}/[0-9a-f]{16}$`),
    );
  expect(rejected.map(({ line }) => line)).toEqual([3, 6, 7, 8, 9]);
});

test('the corrected report of a file from which nothing was loaded is refused, and says what to do', async () => {
  const first = await pipeline.ingest('bad.csv', bad);
  expect(first).toMatchObject({
    status: 'FAILED',
    error: 'ValidationError',
    cause: expect.stringMatching(
      /Correct them in the file itself .*csv-pipeline merge FILE rejected\.csv --out fixed\.csv/,
    ),
  });
  const corrected = readFileSync(first.rejectedReport ?? '', 'utf8').replace('one', '1');
  const second = await pipeline.ingest('corrected.csv', corrected);
  expect(second).toMatchObject({
    status: 'FAILED',
    error: 'HeaderError',
    cause: expect.stringMatching(
      /nothing was loaded.*csv-pipeline merge FILE rejected\.csv --out fixed\.csv/,
    ),
    items: first.items,
  });
});

/** Validates a file, and returns the event for reporting its rejected rows. */
async function checked(execution: string, csv: string, dataset: Dataset): Promise<ReportEvent> {
  const { endpoints, synthesized } = pipeline.stack;
  const { sourceBucket: bucket, reportsBucket } = synthesized;
  const { s3 } = endpoints;
  process.env.SOURCE_BUCKET = bucket;
  const key = `${execution}.csv`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: csv }));
  const { source, format, plan, chunks } = await planned(s3, { bucket, key }, dataset);
  const zero = {
    read: 0,
    rejected: 0,
    lines: 0,
    rejectParts: 0,
    keyRuns: 0,
    repeated: 0,
    text: 'ascii',
  } as const;
  const validated = await Promise.all(
    chunks.map((chunk) =>
      validateChunk(
        s3,
        { execution, source, format, feed: null, chunk: { ...chunk, ...zero, at: chunk.start } },
        dataset,
        {
          reportsBucket,
          hasTime: () => true,
        },
      ),
    ),
  );
  const verdict = await judge(
    s3,
    { execution, source, format, feed: null, plan, chunks: validated },
    dataset,
    {
      maxWritesPerSecond: undefined,
      loadConcurrency: 4,
      maxRows: 1e9,
    },
  );
  return {
    execution,
    started: '2024-01-01T00:00:00.000Z',
    source,
    format,
    feed: null,
    chunks: validated,
    verdict,
  };
}

type Limits = Pick<Parameters<typeof reportRejects>[3], 'maxFileRows' | 'hasTime'>;

/** Each line that validation writes has about 300 bytes, and an object holds about 4 MiB of lines. */
const [manyRows, objects] = [35_000, 3];

const ways: [how: string, limits: Limits, files: number][] = [
  ['in one file', { maxFileRows: 1e6, hasTime: () => true }, 1],
  ['in a file for each object that validation wrote', { maxFileRows: 1, hasTime: () => true }, objects],
  ['in several invocations', { maxFileRows: 1e6, hasTime: () => false }, objects],
];

onlyInFull(() => {
  test.each(ways)('all of a large number of rejected rows are listed, %s', async (how, limits, files) => {
    const rows = Array.from({ length: manyRows }, (_, row) => `${row},${'n'.repeat(100)},one,2024-01-01`);
    const tolerant = { ...results, tolerance: { rows: rows.length } };
    const name = `many-${how.replaceAll(' ', '-')}`;
    const event = await checked(name, ['id,name,amount,date', ...rows].join('\n'), tolerant);
    const { endpoints, synthesized } = pipeline.stack;
    const settings = { reportsBucket: synthesized.reportsBucket, ...limits };

    let { verdict } = event;
    let invocations = 0;
    while (!verdict.report.done) {
      const report = await reportRejects(endpoints.s3, { ...event, verdict }, tolerant, settings);
      verdict = { ...verdict, report };
      invocations += 1;
      expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(2_000);
    }
    expect(invocations).toBe(limits.hasTime() ? 1 : files);
    expect(verdict.report).toMatchObject({
      done: true,
      files: { rejected: files, duplicates: 0 },
      first: { length: 5 },
    });
    const folder = `reports/${name}.csv/${name}`;
    const summary = JSON.parse(await pipeline.reported(`${folder}/report.json`));
    expect(summary).toMatchObject({
      rejected: rows.length,
      accepted: true,
      rejects: [{ code: 'not_a_decimal', column: 'amount', rows: rows.length }],
      files: ['rejected.csv', 'rejected-2.csv', 'rejected-3.csv'].slice(0, files),
    });
    const listed: Record<string, string>[] = [];
    for (const file of summary.files) {
      const rows: Record<string, string>[] = parse(await pipeline.reported(`${folder}/${file}`), {
        columns: true,
      });
      listed.push(...rows);
    }
    expect(listed.map(({ id }) => id)).toEqual(rows.map((_, row) => String(row)));
    expect(listed.map(({ _line }) => _line)).toEqual(rows.map((_, row) => String(row + 2)));
  });
});

test('a file with the allowed number of rejected rows is loaded, and a file with one more is not', async () => {
  const { endpoints, synthesized } = pipeline.stack;
  const settings = { reportsBucket: synthesized.reportsBucket, maxFileRows: 1e6, hasTime: () => true };
  const report = async (tolerance: Tolerance) => {
    const dataset = { ...results, tolerance };
    const event = await checked('tolerance', bad, dataset);
    return reportRejects(endpoints.s3, event, dataset, settings);
  };
  // Five of seven rows are rejected.
  for (const tolerance of [{ rows: 5 }, { share: 5 / 7 }, { share: 0.72 }])
    expect(await report(tolerance)).toMatchObject({ done: true, files: { rejected: 1 } });
  for (const tolerance of [{ rows: 4 }, { share: 0.71 }, { share: 0 }]) {
    await expect(report(tolerance)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('5 of 7 rows of'),
    });
  }
});

test('a share is compared exactly', async () => {
  // 0.29 times 100 is 28.999999999999996.
  const rows = Array.from({ length: 100 }, (_, row) => `${row},Ada,${row < 29 ? 'x' : '1'},2024-01-01`);
  const event = await checked('share', ['id,name,amount,date', ...rows].join('\n'), {
    ...results,
    tolerance: { share: 0.29 },
  });
  expect(event.verdict).toMatchObject({ rejected: 29, accepted: true });
});

/** The format of a report's file, with a header in UTF-8. */
function formatOf(header: readonly string[], delimiter = ','): ReportFormat {
  const source = { dataset: 'd', encoding: 'utf-8', etag: 'e', size: 1 } as const;
  return { ...source, delimiter, header, isOwnDelimiter: delimiter === ',', isLoaded: true };
}

/** A row of a report without its last cell. */
function rowOf(reject: Reject, format: ReportFormat): string {
  const row = reportRow(reject, format).toString();
  expect(row).toMatch(/.d\/utf-8\/e\/1\/[0-9a-f]{16}\n$/);
  return row.slice(0, row.lastIndexOf(format.delimiter));
}

test('formulas are neutralized in the columns that the report adds, and nowhere else', () => {
  const raw = Buffer.from('=1+1,-5').toString('base64');
  const format = formatOf(['=a', '-b']);
  expect(reportHeader(format).toString()).toBe('=a,-b,_line,_column,_code,_reason,_source_loaded\n');
  const reject = { line: 2, column: '-b', code: 'invalid', reason: '=cmd', raw, value: '"-5"' } as const;
  expect(rowOf(reject, format)).toBe('=1+1,-5,2,\'-b,invalid,"\'=cmd: ""-5"""');
});

test('the cell in a reason is shortened to 64 characters, and its control characters are escaped', () => {
  expect(quotedValue('12,5')).toBe('"12,5"');
  expect(quotedValue('a\r\n"b"')).toBe(String.raw`"a\r\n\"b\""`);
  expect(quotedValue('x'.repeat(64))).toBe(`"${'x'.repeat(64)}"`);
  expect(quotedValue('x'.repeat(65))).toBe(`"${'x'.repeat(64)}"…`);
  expect(quotedValue('😀'.repeat(65))).toBe(`"${'😀'.repeat(64)}"…`);
});

test('a report that is rejected again has its columns once', () => {
  const header = ['id', 'name', ...reportColumns({ isLoaded: true })];
  const raw = Buffer.from('1,"A,\nda",2,name,empty,r,d/utf-8/e/1/0').toString('base64');
  const format = { ...formatOf(header), isLoaded: false };
  expect(reportHeader(format).toString()).toBe('id,name,_line,_column,_code,_reason,_source_refused\n');
  expect(rowOf({ line: 2, column: 'name', code: 'invalid', reason: 's', raw }, format)).toBe(
    '1,"A,\nda",2,name,invalid,s',
  );
});

test('the key of a report is short enough, however long the key of the source is', () => {
  const key = (name: string) => summaryKey({ key: name }, 'x'.repeat(80));
  expect(key('folder/a b.csv')).toBe(`reports/folder/a b.csv/${'x'.repeat(80)}/report.json`);
  const long = key('é'.repeat(512));
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(1_024);
  expect(long).not.toContain('\uFFFD');
  expect(key(`${'é'.repeat(511)}e`)).not.toBe(long);
});

test('a report names a delimiter that the dataset does not have, and can be read again', () => {
  expect(reportHeader(formatOf(['a', 'b'], '~')).toString()).toBe(
    'sep=~\na~b~_line~_column~_code~_reason~_source_loaded\n',
  );
});

test.each([
  ['shorter than the header', '1,Ada', '1,Ada'],
  ['as long as the header', '1,Ada,2', '1,Ada,2'],
  ['cut off within the columns of the report', '1,Ada,2,5', '1,Ada,2'],
])('a row of a report that is uploaded again keeps its cells when it is %s', (_, row, kept) => {
  const format = formatOf(['id', 'name', 'n', ...reportColumns({ isLoaded: true })]);
  const reject = { line: 2, column: null, code: 'too_few_fields', reason: 'r' } as const;
  const raw = Buffer.from(row).toString('base64');
  const padded = kept.split(',').length < 3 ? `${kept},` : kept;
  expect(rowOf({ ...reject, raw }, format)).toBe(`${padded},2,,too_few_fields,r`);
});

test('a field with a quote stays one field, and so do its neighbours', () => {
  const format = formatOf(['a', 'b', 'c']);
  const raw = Buffer.from('"a, b",say "hi",x').toString('base64');
  expect(rowOf({ line: 2, column: null, code: 'stray_quote', reason: 'r', raw }, format)).toBe(
    '"a, b","say ""hi""",x,2,,stray_quote,r',
  );
});

/** Rejected rows come back as a file that can be mended and uploaded again. */

import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
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
      '1,"A,\nda",1,2023-13-01-01,2,date,not_a_date,"is not a date that exists, written YYYY-MM-DD: ""2023-13-01-01"""',
      '2,Bob,,,4,amount,empty,is empty',
      '',
    ].join('\n'),
  );
});

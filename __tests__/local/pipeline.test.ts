/** The synthesized pipeline itself: the real definition and the real bundles on the embedded services. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { LocalStack } from '../../local/local-stack.ts';
import { type LocalResult, runFile } from '../../local/run.ts';
import { Workspace } from '../../local/workspace.ts';
import { NotTriggeredError } from '../../report/terminal/errors.ts';

jest.setTimeout(60_000);

let workspace: Workspace;
let stack: LocalStack;
beforeAll(async () => {
  workspace = new Workspace();
  stack = await LocalStack.synthesize(workspace, 'local');
});
afterAll(() => workspace.close());

let folder: string;
let files = 0;
/** Each test has its own folder, so that several tests can use the same file name, and so the same key. */
beforeEach(() => {
  files += 1;
  folder = join(workspace.directory, `test-${files}`);
  mkdirSync(folder);
});

function ingest(name: string, content: string | Uint8Array): Promise<LocalResult> {
  const file = join(folder, name);
  writeFileSync(file, content);
  return runFile(stack, file, { items: join(folder, 'items.jsonl'), reports: folder });
}

/** The lines of the items whose id starts with a prefix. All tests share one table. */
function items(idPrefix: string): string[] {
  const lines = readFileSync(join(folder, 'items.jsonl'), 'utf8').split('\n');
  return lines.filter((line) => line.startsWith(`{"pk":"ROW#${idPrefix}`));
}

const HEADER = 'id,name,amount,date';

test('a valid file is loaded with every digit, and the execution accounts for each row', async () => {
  const result = await ingest(
    'good.csv',
    [
      HEADER,
      'good-2,Zoë,-0.10,2024-02-29',
      'good-1,"O""Reilly, Tim",1234567890123456789.0123456789012345678,2024-01-02',
      '',
    ].join('\r\n'),
  );
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: { source_key: 'good.csv', read: 2, loaded: 2, rejected: 0, duplicates: 0, rejected_rows: null },
    rejected: [],
    rejectedReport: null,
  });
  const worked = result.states.filter(({ type }) => type === 'Task' || type === 'Map');
  expect(worked.map(({ name, status, attempts }) => [name, status, attempts])).toEqual(
    [
      'FetchCsv',
      'ValidateCsv',
      'ValidateChunk',
      'JudgeCsv',
      'BeginLoad',
      'LoadToDynamoDB',
      'LoadChunk',
      'ReconcileLoad',
    ].map((name) => [name, 'SUCCEEDED', 1]),
  );
  expect(items('good-')).toEqual([
    '{"pk":"ROW#good-1","id":"good-1","name":"O\\"Reilly, Tim","amount":1234567890123456789.0123456789012345678,"date":"2024-01-02T00:00:00"}',
    '{"pk":"ROW#good-2","id":"good-2","name":"Zoë","amount":-0.1,"date":"2024-02-29T00:00:00"}',
  ]);
});

test('one bad row means that nothing is loaded, and the report says which row and why', async () => {
  const result = await ingest('bad.csv', `${HEADER}\nbad-1,A,1,2024-01-02\nbad-2,"B\nC",one,2024-01-02\n`);
  expect(result).toMatchObject({
    status: 'FAILED',
    error: 'ValidationError',
    cause: expect.stringContaining('1 of 2 rows'),
    rejected: [{ line: 3, column: 'amount', code: expect.any(String), reason: expect.any(String) }],
  });
  expect(result.states.at(-1)).toMatchObject({ name: 'ValidationFailed', status: 'FAILED' });
  expect(items('bad-')).toEqual([]);
  expect(readFileSync(result.rejectedReport ?? '', 'utf8')).toMatch(
    /^id,name,amount,date,_line,_column,_code,_reason,_source_refused\nbad-2,"B\nC",one,2024-01-02,3,amount,/,
  );
});

test('rows are counted for CloudWatch with only the dataset and the environment as dimensions', async () => {
  const lines: string[] = [];
  const unlisten = stack.onLogLine((line) => lines.push(line));
  await ingest('counted.csv', `${HEADER}\ncount-1,A,1,2024-01-02\ncount-1,B,2,2024-01-02\n`);
  await ingest('counted.csv', `${HEADER}\ncount-1,A,one,2024-01-02\n`);
  unlisten();
  const counted = lines.filter((line) => line.includes('CloudWatchMetrics')).map((line) => JSON.parse(line));
  expect(counted.map(({ _aws, ...values }) => values)).toEqual(
    [{ RowsRejected: 0 }, { RowsLoaded: 1, RowsDuplicate: 1 }, { RowsRejected: 1 }].map((rows) => ({
      service: 'csv-pipeline',
      environment: 'local',
      dataset: 'results',
      ...rows,
    })),
  );
});

test.each([
  'with spaces + plus & percent %41.csv',
  '"quoted" and \'quoted\' [brackets] {braces}.csv',
  'ünï-日本-😀.CSV',
  'a\\b$c`d;e=f@g,h.csv',
])('a file named %s is loaded', async (name) => {
  const result = await ingest(name, `${HEADER}\nkey-1,A,1,2024-01-02\n`);
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { source_key: name, loaded: 1 } });
  // The key of the report of a bad file contains the file's name.
  const bad = await ingest(name, `${HEADER}\n,,,\n`);
  expect(bad).toMatchObject({ status: 'FAILED', rejected: [{ line: 2 }] });
});

test.each([
  ['an empty file', '', 'HeaderError'],
  ['a missing column', 'id,name,date\n', 'HeaderError'],
])('%s fails with the name of its error', async (_what, content, error) => {
  expect(await ingest('wrong.csv', content)).toMatchObject({ status: 'FAILED', error, rejectedReport: null });
});

test('a file with only a header succeeds with no rows', async () => {
  expect(await ingest('empty.csv', `${HEADER}\n`)).toMatchObject({
    status: 'SUCCEEDED',
    output: { read: 0, loaded: 0 },
  });
});

test('a file of several chunks has small payloads and the line numbers of the whole file', async () => {
  const filler = 'x'.repeat(400);
  const rows = Array.from(
    { length: 50_000 },
    (_, row) => `many-${row},A,${row === 49_998 ? 'one' : row},2024-01-02,${filler}`,
  );
  const result = await ingest('many.csv', [`${HEADER},note`, ...rows, ''].join('\n'));
  expect(result).toMatchObject({ status: 'FAILED', rejected: [{ line: 50_000 }] });
  const validate = result.states.find(({ name }) => name === 'ValidateChunk');
  expect(validate).toMatchObject({ counts: { read: 50_000, rejected: 1 } });
  expect(validate?.iterations).toBeGreaterThan(1);
  for (const { inputBytes, outputBytes } of result.states) {
    expect(Math.max(inputBytes, outputBytes)).toBeLessThan(16_384);
  }
});

test('an input that a person types for start-execution works like an event', async () => {
  const { sourceBucket: bucket } = stack.synthesized;
  await stack.endpoints.s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: 'folder/typed.csv',
      Body: `${HEADER}\ntyped-1,A,1,2024-01-02\n`,
    }),
  );
  expect(await stack.execute({ bucket, key: 'folder/typed.csv' })).toMatchObject({
    status: 'SUCCEEDED',
    output: { source_key: 'folder/typed.csv', loaded: 1 },
  });
  expect(await stack.execute({ bucket, key: 'nothing.csv' })).toMatchObject({
    status: 'FAILED',
    error: 'SourceNotFoundError',
  });
  expect(await stack.execute({ bucket: 'another', key: 'typed.csv' })).toMatchObject({
    status: 'FAILED',
    error: 'InvalidInputError',
  });
});

test('a file that the rule does not match starts nothing', async () => {
  await expect(ingest('notes.txt', HEADER)).rejects.toThrow(NotTriggeredError);
});

test('a file name that is too long for the embedded S3 is refused', async () => {
  await expect(ingest(`${'x'.repeat(240)}.csv`, HEADER)).rejects.toThrow('at most 233 bytes');
});

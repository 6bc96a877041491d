/** What one file causes, from its upload to its items. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { NotTriggeredError } from '../../../report/terminal/errors.ts';
import { everyNth } from '../../support/full-run.ts';
import { type Pipeline, sharedPipeline } from '../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

const HEADER = 'id,name,amount,date';

test('a valid file is loaded with every digit, and the execution accounts for each row', async () => {
  const result = await pipeline.ingest(
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
  expect(result.events).toEqual([
    {
      source: 'csv-pipeline',
      'detail-type': 'Upload Loaded',
      detail: {
        pipeline: 'csv-pipeline-local',
        execution: result.name,
        source: { bucket: pipeline.stack.synthesized.sourceBucket, key: 'good.csv' },
        report: {
          bucket: pipeline.stack.synthesized.reportsBucket,
          prefix: `reports/good.csv/${result.name}/`,
        },
        output: 'output' in result && result.output,
        message: 'csv-pipeline-local loaded good.csv: 2 rows read, 2 written, 0 rejected.',
      },
    },
  ]);
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
      'TellLoaded',
    ].map((name) => [name, 'SUCCEEDED', 1]),
  );
  const folder = mkdtempSync(join(tmpdir(), 'items-'));
  const file = join(folder, 'items.jsonl');
  await pipeline.stack.writeItems(pipeline.stack.dataset('results'), file);
  const lines = readFileSync(file, 'utf8').split('\n');
  rmSync(folder, { recursive: true });
  expect(lines).toEqual([
    '{"pk":"ROW#good-1","id":"good-1","name":"O\\"Reilly, Tim","amount":1234567890123456789.0123456789012345678,"date":"2024-01-02T00:00:00.000"}',
    '{"pk":"ROW#good-2","id":"good-2","name":"Zoë","amount":-0.1,"date":"2024-02-29T00:00:00.000"}',
    '',
  ]);
});

test('an event that cannot be put changes no outcome', async () => {
  let attempts = 0;
  const onEvent = () => {
    attempts += 1;
    throw new Error('EventBridge refuses it');
  };
  // At the same time, since each waits for retries.
  const [loaded, refused] = await Promise.all([
    pipeline.ingest('untold.csv', `${HEADER}\n1,Ada,1,2024-01-01\n`, { onEvent }),
    pipeline.ingest('untold-too.csv', '', { onEvent }),
  ]);
  expect(loaded).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'loaded', loaded: 1 }, events: [] });
  expect(attempts).toBe(8);
  expect(refused).toMatchObject({ status: 'FAILED', error: 'HeaderError', events: [] });
  expect(refused.states.at(-1)?.name).toBe('Rejected');
});

test('rows are counted for CloudWatch with only the dataset and the environment as dimensions', async () => {
  const lines: string[] = [];
  const unlisten = pipeline.stack.onLogLine((line) => lines.push(line));
  await pipeline.ingest('counted.csv', `${HEADER}\ncount-1,A,1,2024-01-02\ncount-1,B,2,2024-01-02\n`);
  await pipeline.ingest('counted.csv', `${HEADER}\ncount-1,A,one,2024-01-02\n`);
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

test.each(
  everyNth(2, [
    'with spaces + plus & percent %41.csv',
    '"quoted" and \'quoted\' [brackets] {braces}.csv',
    'ünï-日本-😀.CSV',
    'a\\b$c`d;e=f@g,h.csv',
  ]),
)('a file named %s is loaded', async (name) => {
  const result = await pipeline.ingest(name, `${HEADER}\nkey-1,A,1,2024-01-02\n`);
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { source_key: name, loaded: 1 } });
  // The key of the report of a bad file contains the file's name.
  const bad = await pipeline.ingest(name, `${HEADER}\n,A,,\n`);
  expect(bad).toMatchObject({ status: 'FAILED', rejected: [{ line: 2 }] });
});

test('a file with only a header succeeds with no rows', async () => {
  expect(await pipeline.ingest('empty.csv', `${HEADER}\n`)).toMatchObject({
    status: 'SUCCEEDED',
    output: { read: 0, loaded: 0 },
  });
});

test('a file of several chunks has small payloads and the line numbers of the whole file', async () => {
  const filler = 'x'.repeat(5_000);
  const rows = Array.from(
    { length: 4_000 },
    (_, row) => `many-${row},A,${row === 3_998 ? 'one' : row},2024-01-02,${filler}`,
  );
  const result = await pipeline.ingest('many.csv', [`${HEADER},note`, ...rows, ''].join('\n'));
  expect(result).toMatchObject({ status: 'FAILED', rejected: [{ line: 4_000 }] });
  const validate = result.states.find(({ name }) => name === 'ValidateChunk');
  expect(validate).toMatchObject({ counts: { read: 4_000, rejected: 1 } });
  expect(validate?.iterations).toBeGreaterThan(1);
  for (const { inputBytes, outputBytes } of result.states) {
    expect(Math.max(inputBytes, outputBytes)).toBeLessThan(16_384);
  }
});

test('an input that a person types for start-execution works like an event', async () => {
  const { sourceBucket: bucket } = pipeline.stack.synthesized;
  await pipeline.stack.endpoints.s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: 'folder/typed.csv',
      Body: `${HEADER}\ntyped-1,A,1,2024-01-02\n`,
    }),
  );
  expect(await pipeline.stack.execute({ bucket, key: 'folder/typed.csv' })).toMatchObject({
    status: 'SUCCEEDED',
    output: { source_key: 'folder/typed.csv', loaded: 1 },
  });
});

test('a file that the rule does not match starts nothing', async () => {
  await expect(pipeline.ingest('notes.txt', HEADER)).rejects.toThrow(NotTriggeredError);
});

test('a file name that is too long for the embedded S3 is refused', async () => {
  await expect(pipeline.ingest(`${'x'.repeat(240)}.csv`, HEADER)).rejects.toThrow('at most 233 bytes');
});

/** Text that some programs interpret stays plain text: in keys, headers and cells. */

import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type Pipeline, sharedPipeline } from '../../../support/pipeline.ts';
import { Watch } from '../../../support/watch.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

const HEADER = 'id,name,amount,date';

/** Uploads an object under exactly this key, and returns its ETag. */
async function put(Key: string, Body: string): Promise<string> {
  const { sourceBucket: Bucket } = pipeline.stack.synthesized;
  const { ETag = '' } = await pipeline.stack.endpoints.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  return ETag.replaceAll('"', '');
}

let rows = 0;

/** What every log line of a function contains. */
const LINE = {
  level: expect.stringMatching(/^(INFO|ERROR)$/),
  message: expect.stringMatching(/^(done|failed|progress)$/),
  timestamp: expect.stringMatching(/Z$/),
  service: expect.any(String),
};
const FIELDS = [...Object.keys(LINE), 'execution', 'milliseconds', 'error', 'sampling_rate', 'xray_trace_id'];

const keys = [
  'a","bucket":"other.csv',
  '"},"force":true,"x":{"y":".csv',
  '../../../x.csv',
  'folder/../other.csv/../../x.csv',
  '__proto__.csv',
  '__proto__',
  'constructor',
  'line\n{"level":"ERROR","message":"forged"}\n.csv',
  'line\r\nbreak\u2028.csv',
  "quo'te`.csv",
  '$.object.csv',
  '$$.Execution.Name',
  '{}.csv',
  '${jndi:ldap://x/y}.csv',
  "States.Format('{}', $.source).csv",
  '=cmd|calc.csv',
  '%2e%2e%2fother.csv',
];

describe.each(keys)('an object with the key %j', (key) => {
  test('is the only one that is loaded, and its key appears unchanged', async () => {
    rows += 1;
    const id = `key-${rows}`;
    for (const decoy of ['other.csv', 'x.csv', 'a', 'line'])
      await put(decoy, `${HEADER}\ndecoy,A,1,2024-01-01\n`);
    const etag = await put(key, `${HEADER}\n${id},Ada,1,2024-01-01\n`);
    const { sourceBucket: bucket } = pipeline.stack.synthesized;
    const watch = new Watch(pipeline);
    const event = { key, etag, sequencer: String(rows) };
    const result = await pipeline.stack.execute(event).finally(() => watch.stop());
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        source_bucket: bucket,
        source_key: key,
        loaded: 1,
        report: `reports/${key}/${result.name}/report.json`,
      },
    });
    const items = await pipeline.items();
    expect(items.filter((item) => item.id === id)).toHaveLength(1);
    expect(items.filter((item) => item.id === 'decoy')).toEqual([]);
    const report = JSON.parse(await pipeline.reported(`reports/${key}/${result.name}/report.json`));
    expect(report.source).toMatchObject({ bucket, key });
    expect(await pipeline.ledgerEntry(key, result.name).read()).toMatchObject({
      execution: result.name,
      started: Date.parse(report.timings.started),
      status: 'LOADED',
    });
    for (const payload of watch.payloads) {
      const { source } = JSON.parse(payload);
      if (source !== undefined) expect(source).toMatchObject({ bucket, key });
    }
  });

  test('forges no log line if it fails, and the error contains its key', async () => {
    const { sourceBucket: bucket } = pipeline.stack.synthesized;
    await put(key, 'nothing\n');
    const watch = new Watch(pipeline);
    const result = await pipeline.stack.execute({ bucket, key, force: true });
    // Its log line comes another way than the error, and may come later.
    while (watch.logLines.length === 0) await setTimeout(10);
    watch.stop();
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'HeaderError',
      cause: expect.stringContaining(JSON.stringify(`s3://${bucket}/${key}`).slice(1, -1)),
    });
    expect(watch.logLines).toHaveLength(1);
    for (const line of watch.logLines) {
      const logged = JSON.parse(line);
      expect(logged).toMatchObject({ ...LINE, level: 'ERROR', message: 'failed', execution: result.name });
      expect(Object.keys(logged).filter((field) => !FIELDS.includes(field))).toEqual([]);
      expect(logged.error).toMatchObject({
        name: 'HeaderError',
        message: expect.stringContaining(`s3://${bucket}/${key}`),
      });
    }
  });
});

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'pk',
  '${jndi:ldap://x}',
  '$.x',
  '$$.Execution.Name',
  "States.Format('{}')",
  '{id}',
  '=cmd|calc!A1',
  '../../../x',
  'a","b":"c',
];

function quoted(fields: readonly string[]): string {
  return fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
}

test('columns with such names are ignored like any others, and listed unchanged', async () => {
  const result = await pipeline.ingest(
    'headers.csv',
    `${HEADER},${quoted(NAMES)}\nheaders,Ada,1,2024-01-01,${quoted(NAMES)}\n`,
  );
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { loaded: 1, ignored_columns: NAMES } });
  expect(result.items.filter(({ id }) => id === 'headers')).toEqual([
    { pk: 'ROW#headers', id: 'headers', name: 'Ada', amount: 1, date: '2024-01-01T00:00:00.000' },
  ]);
  // They do not count as a missing column.
  const missing = await pipeline.ingest('missing.csv', `${quoted(NAMES)}\n${quoted(NAMES)}\n`);
  expect(missing).toMatchObject({ status: 'FAILED', error: 'HeaderError' });
});

test('cells with such text are stored unchanged, in keys too', async () => {
  const lines = NAMES.map((name) => `${quoted([`${name}-id`, name])},1,2024-01-01`);
  const result = await pipeline.ingest('cells.csv', [HEADER, ...lines].join('\n'));
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { loaded: NAMES.length, duplicates: 0 } });
  for (const name of NAMES) {
    expect(result.items.find(({ pk }) => pk === `ROW#${name}-id`)).toEqual({
      pk: `ROW#${name}-id`,
      id: `${name}-id`,
      name,
      amount: 1,
      date: '2024-01-01T00:00:00.000',
    });
  }
});

test('rejected rows with such text are listed unchanged, and change no prototype and no path', async () => {
  const lines = NAMES.map((name) => `${quoted([name, name, name, name])}`);
  const result = await pipeline.ingest('rejected.csv', [HEADER, ...lines].join('\n'));
  expect(result).toMatchObject({ status: 'FAILED', error: 'ValidationError' });
  expect(result.rejected.map(({ column, code }) => [column, code])).toEqual(
    NAMES.map(() => ['amount', 'not_a_decimal']),
  );
  const report = readFileSync(result.rejectedReport ?? '', 'utf8').split('\n');
  // Unnecessary quotes may be missing from the report.
  for (const [index, name] of NAMES.entries())
    expect(report[index + 1]).toContain(name.replaceAll('"', '""'));
  expect(JSON.parse(readFileSync(result.report ?? '', 'utf8'))).toMatchObject({
    rejects: [{ code: 'not_a_decimal', column: 'amount', rows: NAMES.length }],
  });
});

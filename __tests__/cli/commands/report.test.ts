/** `csv-pipeline report` and `csv-pipeline watch` as separate processes, against a server that speaks AWS's protocol. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { RunRecord } from '../../../report/record/run-record.ts';
import {
  ARN,
  CHILDREN,
  distributed,
  type Event,
  inlineFailure,
  MAP_RUN,
  type Recorded,
} from '../../aws/history-builder.ts';
import { csvPipelineIn } from '../../support/csv-pipeline.ts';
import { startServer } from '../../support/server.ts';

const CLI = join(__dirname, '../../../cli/index.ts');

/** Events per page: fewer than on AWS, so that a history has several pages. */
const PAGE = 4;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aws-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Request = Readonly<Record<string, string>>;

/** Answers a call to the Step Functions API from a recording. */
function answer(operation: string, request: Request, recorded: Recorded): unknown {
  const { executionArn = '', nextToken, mapRunArn } = request;
  switch (operation) {
    case 'DescribeExecution':
      return executionArn === ARN ? recorded.description : undefined;
    case 'DescribeStateMachineForExecution':
      return { definition: JSON.stringify(recorded.definition), name: 'csv-pipeline-dev' };
    case 'GetExecutionHistory': {
      const events: readonly Event[] = (recorded.histories[executionArn] ?? []).toReversed();
      const from = Number(nextToken ?? 0);
      const rest = from + PAGE < events.length;
      return { events: events.slice(from, from + PAGE), ...(rest && { nextToken: String(from + PAGE) }) };
    }
    case 'ListExecutions':
      return mapRunArn === MAP_RUN ? { executions: recorded.children } : undefined;
    default:
      return undefined;
  }
}

const REJECTED = 'reports/big.csv/run-1/rejected.csv';
const LISTING = `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>${REJECTED}</Key></Contents></ListBucketResult>`;

/** Runs the program against a recording; each DescribeExecution gets a new one from `recorded`. */
async function run(args: readonly string[], recorded: () => Recorded, s3: 'there' | 'denied' = 'there') {
  let now = recorded();
  const calls: string[] = [];
  const sfn = await startServer((request, body, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    calls.push(`${operation} ${JSON.parse(body.toString()).executionArn}`);
    if (operation === 'DescribeExecution') now = recorded();
    const found = answer(operation, JSON.parse(body.toString()), now);
    response.writeHead(found === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(
      JSON.stringify(found ?? { __type: 'ExecutionDoesNotExist', message: 'Execution Does Not Exist' }),
    );
  });
  const bucket = await startServer((request, _body, response) => {
    const url = request.url ?? '';
    if (s3 === 'denied')
      response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
    else if (url.includes(REJECTED))
      response.end('id,_line,_column,_code,_reason,_source_loaded\n<b>,2,id,code,why,s\n');
    else if (url.startsWith('/csv-pipeline-dev-reports-123456789012')) response.end(LISTING);
    else response.writeHead(404).end();
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: sfn.url,
    AWS_ENDPOINT_URL_S3: bucket.url,
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
  });
  const printed = await (args.includes('--open') ? spawned(args) : csvPipelineIn(folder, ...args));
  await Promise.all([sfn.close(), bucket.close()]);
  return { ...printed, calls };
}

/** Runs the program in a process of its own, which finds the test's opener on its PATH. */
async function spawned(args: readonly string[]) {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const [stdout, stderr, [code]] = await ended;
  return { code, stdout, stderr };
}

/** The record in the written page. */
function written(): RunRecord {
  const html = readFileSync(join(folder, 'reports/run-1/report.html'), 'utf8');
  const [, json = ''] = /<script type="application\/json" id="run">(.*?)<\/script>/.exec(html) ?? [];
  return JSON.parse(json);
}

const state = (record: RunRecord, name: string) => record.states.find((each) => each.name === name);

test('an execution with an INLINE Map that failed is reported with its attempts, iterations and errors', async () => {
  const { code, stdout, stderr } = await run(['report', '--execution', ARN], inlineFailure);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe('FAILED  run-1\nOpen the report in a browser: reports/run-1/report.html\n');
  const modes = ['', 'report.html', 'rejected.csv'].map(
    (name) => statSync(join(folder, 'reports/run-1', name)).mode,
  );
  expect(modes.map((mode) => mode & 0o777)).toEqual([0o700, 0o600, 0o600]);
  const record = written();
  expect(record).toMatchObject({
    name: 'run-1',
    place: 'aws',
    status: 'FAILED',
    error: { name: 'SourceChangedError', cause: 'it was overwritten' },
    input: { json: '{"key":"big.csv"}' },
    output: null,
    counts: { read: 100, rejected: 10, loaded: 90 },
    rejected: { total: 10, rows: [{ line: 2, column: 'id', code: 'code', reason: 'why', row: '<b>' }] },
  });
  expect(Number(record.until) - record.since).toBe(8_000);
  expect(
    record.states.map(({ name, status, entered, attempts }) => [name, status, entered, attempts]),
  ).toEqual([
    ['FetchCsv', 'SUCCEEDED', 1, 2],
    ['LoadToDynamoDB', 'CAUGHT', 1, 1],
    ['LoadChunk', 'FAILED', 2, 2],
    ['ChunkLoaded', 'SUCCEEDED', 1, 1],
    ['LoadFailed', 'FAILED', 1, 1],
  ]);
  const fetch = state(record, 'FetchCsv');
  expect(fetch).toMatchObject({
    milliseconds: 4_000,
    functionMilliseconds: 2_000,
    invocations: 2,
    error: { name: 'ServiceUnavailableError', cause: 'S3 did not answer', stack: ['    at here'] },
  });
  expect(
    fetch?.visits[0]?.attempts.map(({ since, until }) =>
      [since, until].map((at) => Number(at) - record.since),
    ),
  ).toEqual([
    [0, 1_000],
    [3_000, 4_000],
  ]);
  expect(record.maps).toMatchObject([
    {
      map: 'LoadToDynamoDB',
      iterations: 2,
      succeeded: 1,
      failed: 1,
      shortest: 2_000,
      longest: 4_000,
      kept: [
        { index: 0, status: 'SUCCEEDED' },
        { index: 1, status: 'FAILED', error: { name: 'SourceChangedError' } },
      ],
    },
  ]);
  expect(Object.fromEntries(record.file)).toMatchObject({ Version: 'v1', Encoding: 'utf-8' });
  expect(record.costs.items).toContainEqual(
    expect.objectContaining({ state: 'FetchCsv', what: 'function requests', amount: 2 }),
  );
});

test('an execution with a DISTRIBUTED Map is reported with its children', async () => {
  const { code } = await run(['report', '--execution', ARN], () => distributed(20));
  expect(code).toBe(0);
  const record = written();
  expect(record).toMatchObject({
    status: 'SUCCEEDED',
    output: { json: '{"loaded":180}' },
    counts: { read: 200, loaded: 180, rejected: 20 },
    maps: [{ iterations: 2, succeeded: 2, failed: 0, shortest: 3_000, longest: 3_000 }],
  });
  // In the order in which they started, not that of the list.
  expect(record.maps[0]?.kept.map(({ index, since }) => [index, since - record.since])).toEqual([
    [0, 5_000],
    [1, 6_000],
  ]);
  expect(state(record, 'LoadChunk')).toMatchObject({ entered: 2, invocations: 2, status: 'SUCCEEDED' });
  expect(record.rows.phases.load?.reduce((sum, rows) => sum + rows, 0)).toBe(200);
});

test('rejected rows without permission to read them are left out, and the page says so', async () => {
  const { code } = await run(['report', '--execution', ARN], inlineFailure, 'denied');
  expect(code).toBe(0);
  expect(written().rejected).toMatchObject({
    total: 10,
    rows: [],
    note: expect.stringContaining('csv-pipeline-dev-reports-123456789012'),
  });
});

test('--open opens the page with the opener of the system', async () => {
  for (const opener of ['xdg-open', 'open']) {
    writeFileSync(join(folder, opener), '#!/bin/sh\nprintf %s "$1" >opened.part && mv opened.part opened\n', {
      mode: 0o755,
    });
  }
  const { code } = await run(['report', '--execution', ARN, '--open'], inlineFailure);
  expect(code).toBe(0);
  const opened = join(folder, 'opened');
  // The program does not wait for the opener.
  for (let waited = 0; !existsSync(opened) && waited < 10_000; waited += 50) await setTimeout(50);
  expect(readFileSync(opened, 'utf8')).toBe('reports/run-1/report.html');
});

test('an execution is followed to its end, and no event is shown twice', async () => {
  // Each DescribeExecution advances the time by a second.
  let seconds = 4;
  const { code, stdout, stderr, calls } = await run(
    ['watch', '--execution', ARN, '--interval', '0.3'],
    () => {
      seconds += 1;
      return distributed(seconds);
    },
  );
  expect(code).toBe(0);
  expect(stdout).toBe('SUCCEEDED  run-1\n');
  expect(stderr.split('\n')).toEqual([
    'FetchCsv: done, 4.0 s',
    expect.stringMatching(/^LoadToDynamoDB: done, 7\.0 s, 200 rows, 29 rows\/s$/),
    '',
  ]);
  // Each child's history, three pages long, is read once, when the child has ended.
  for (const child of CHILDREN) {
    expect(calls.filter((call) => call === `GetExecutionHistory ${child}`)).toHaveLength(3);
  }
});

test('a cause with escape sequences is printed with them escaped', async () => {
  const cause = '\u001B[2J\u009B8m\nSUCCEEDED  run-1';
  const { stdout } = await run(['watch', '--execution', ARN], () => {
    const recorded = inlineFailure();
    return { ...recorded, description: { ...recorded.description, cause } };
  });
  expect(stdout).toBe('FAILED  run-1\nSourceChangedError: \\u001b[2J\\u009b8m\\nSUCCEEDED  run-1\n');
});

test('a failed execution is followed, too', async () => {
  const { code, stdout, stderr } = await run(['watch', '--execution', ARN], inlineFailure);
  expect(code).toBe(1);
  expect(stdout).toBe('FAILED  run-1\nSourceChangedError: it was overwritten\n');
  expect(stderr).toContain('LoadToDynamoDB: failed, 4.0 s');
});

test.each([
  ['no execution', ['report'], "required option '--execution <arn>' not specified"],
  ['an invalid ARN', ['report', '--execution', 'run-1'], 'It must look like arn:aws:states:'],
  ['an execution that AWS does not know', ['report', '--execution', `${ARN}-2`], 'Execution Does Not Exist'],
  ['an invalid interval', ['watch', '--execution', ARN, '--interval', '0'], 'It must be a number of seconds'],
])('%s ends with 2', async (_, args, message) => {
  const { code, stdout, stderr } = await run(args, inlineFailure);
  expect(stderr).toContain(message);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

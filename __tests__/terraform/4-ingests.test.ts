/** A file passes through the deployed pipeline, whose definition, rule and zips are read from the endpoint. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionCommand, ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda';
import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { matchesPattern } from '../../local/emulator/event-pattern.ts';
import { LambdaPool } from '../../local/emulator/lambda-pool.ts';
import { objectCreatedEvent } from '../../local/emulator/s3-event.ts';
import { executionName } from '../../local/local-stack.ts';
import { type ExecutionResult, LocalMachine } from '../../local/machine/execution.ts';
import type { LambdaFunction } from '../../local/stack/synthesized.ts';
import { Workspace } from '../../local/workspace.ts';
import { Checkout, succeeded } from './support/checkout.ts';
import { ACCOUNT, arn, clients, REGION } from './support/clients.ts';

const { dynamodb, events, lambda, s3, states } = clients();
const checkout = Checkout.deployed();
const SOURCE = `csv-pipeline-local-source-${ACCOUNT}`;
const samples = join(__dirname, '../../samples');
const workspace = new Workspace();

/** The functions that have been invoked so far, by the ARN of the version. */
const pools = new Map<string, Promise<LambdaPool>>();

afterAll(() => workspace.close());

/** The state machine as it is deployed now. */
async function deployedMachine(): Promise<LocalMachine> {
  const described = await states.send(
    new DescribeStateMachineCommand({ stateMachineArn: arn('states', 'stateMachine:csv-pipeline-local') }),
  );
  return new LocalMachine({
    name: described.name ?? '',
    arn: described.stateMachineArn ?? '',
    roleArn: described.roleArn ?? '',
    definition: JSON.parse(described.definition ?? ''),
  });
}

/** A function's version, with the code and the settings that the endpoint has for it. */
async function deployedFunction(versionArn: string): Promise<LambdaPool> {
  const [name = '', version = ''] = versionArn.split(':').slice(-2);
  const { Configuration, Code } = await lambda.send(
    new GetFunctionCommand({ FunctionName: name, Qualifier: version }),
  );
  expect(Configuration?.FunctionArn).toBe(versionArn);
  const zip = join(workspace.directory, `${name}-${version}.zip`);
  const answer = await fetch(Code?.Location ?? '');
  writeFileSync(zip, Buffer.from(await answer.arrayBuffer()));
  const deployed: LambdaFunction = {
    name,
    arn: versionArn,
    zip,
    handler: Configuration?.Handler ?? '',
    memoryMb: Configuration?.MemorySize ?? 0,
    timeoutSeconds: Configuration?.Timeout ?? 0,
    variables: Configuration?.Environment?.Variables ?? {},
  };
  return LambdaPool.create({
    workspace,
    functions: [deployed],
    region: REGION ?? '',
    directory: join(workspace.directory, `version-${version}`),
    variables: {
      AWS_ENDPOINT_URL_S3: process.env.AWS_ENDPOINT_URL ?? '',
      AWS_ENDPOINT_URL_DYNAMODB: process.env.AWS_ENDPOINT_URL ?? '',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
}

async function invoke(versionArn: string, payload: string, signal: AbortSignal): Promise<string> {
  const pool = pools.get(versionArn) ?? deployedFunction(versionArn);
  pools.set(versionArn, pool);
  return (await pool).invoke(versionArn, payload, signal);
}

/** Uploads a file, and runs the state machine as the deployed bucket, rule and target would start it. */
async function ingest(
  key: string,
  content: Buffer,
  invoking: typeof invoke = invoke,
): Promise<ExecutionResult> {
  const machine = await deployedMachine();
  const { EventBridgeConfiguration } = await s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: SOURCE }),
  );
  expect(EventBridgeConfiguration).toBeDefined();
  const put = await s3.send(new PutObjectCommand({ Bucket: SOURCE, Key: key, Body: content }));
  expect(put.VersionId).toBeDefined();
  const event = objectCreatedEvent(
    {
      bucket: SOURCE,
      key,
      size: content.length,
      etag: put.ETag?.replaceAll('"', '') ?? '',
      ...(put.VersionId !== undefined && { versionId: put.VersionId }),
    },
    { id: ACCOUNT ?? '', region: REGION ?? '' },
  );
  const Name = 'csv-pipeline-local-trigger';
  const { EventPattern } = await events.send(new DescribeRuleCommand({ Name }));
  expect(matchesPattern(JSON.parse(EventPattern ?? ''), event)).toBe(true);
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: Name }));
  expect(Targets).toMatchObject([{ InputPath: '$.detail.object' }]);
  return machine.execute({
    name: executionName(),
    input: event.detail.object,
    invoke: invoking,
  });
}

const count = async (TableName: string) => (await dynamodb.send(new ScanCommand({ TableName }))).Count;

test('the sample is loaded, row by row', async () => {
  const result = await ingest('sample.csv', readFileSync(join(samples, 'sample.csv')));
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: { source_bucket: SOURCE, read: 250, loaded: 250, rejected: 0 },
  });
  expect(await count('csv-pipeline-local-results')).toBe(250);
});

test('an execution with rejected rows fails, and loads nothing', async () => {
  const result = await ingest('orders/rejected.csv', readFileSync(join(samples, 'orders-rejected.csv')));
  expect(result).toMatchObject({ status: 'FAILED', error: 'ValidationError' });
  expect(await count('csv-pipeline-local-orders')).toBe(0);
});

test('a deploy during an execution changes nothing for it, and the next execution runs the new code', async () => {
  const results = 'csv-pipeline-local-results';
  const keysOfYear = async () => {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: results }));
    return Items.flatMap(({ pk }) => (pk?.S?.includes('#2031-') ? [pk.S] : [])).sort();
  };
  // Planned first, so that the task which waits for the deploy does not time out.
  checkout.edit('datasets/results.ts', "key: 'ROW#{id}'", "key: 'NEW#{id}'");
  succeeded(await checkout.npm('plan', ['--env', 'local']));
  const content = Buffer.from(
    'id,name,amount,date\n2031-1,First,1.00,2031-01-01\n2031-2,Second,2.00,2031-01-02\n',
  );
  const invoked: string[] = [];
  const during = await ingest('during.csv', content, async (versionArn, payload, signal) => {
    const [name = '', version] = versionArn.split(':').slice(-2);
    invoked.push(`${name.replace('csv-pipeline-local-', '')} ${version}`);
    // It stands between ValidateCsv and LoadToDynamoDB.
    if (name.endsWith('begin-load')) {
      succeeded(await checkout.npm('deploy', ['--env', 'local', '--planned']));
      // All functions are read again, as the endpoint has them now.
      pools.clear();
    }
    return invoke(versionArn, payload, signal);
  });
  expect(during).toMatchObject({ status: 'SUCCEEDED', output: { read: 2, loaded: 2 } });
  expect(invoked).toEqual([
    'fetch-csv 1',
    'validate-csv 1',
    'judge-csv 1',
    'begin-load 1',
    'load-to-dynamodb 1',
    'reconcile-load 1',
  ]);
  expect(await keysOfYear()).toEqual(['ROW#2031-1', 'ROW#2031-2']);

  expect(await ingest('after.csv', content)).toMatchObject({ status: 'SUCCEEDED', output: { loaded: 2 } });
  expect(await keysOfYear()).toEqual(['NEW#2031-1', 'NEW#2031-2', 'ROW#2031-1', 'ROW#2031-2']);
  const { Versions = [] } = await lambda.send(
    new ListVersionsByFunctionCommand({ FunctionName: 'csv-pipeline-local-load-to-dynamodb' }),
  );
  expect(Versions.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2']);
});

describe('npm run uploads', () => {
  // A space and a plus sign are encoded in the list of a bucket.
  const key = 'never seen+1.csv';
  const uploads = (...args: string[]) => checkout.npm('uploads', ['--env', 'local', '--json', ...args]);

  let VersionId: string | undefined;
  beforeAll(async () => {
    ({ VersionId } = await s3.send(new PutObjectCommand({ Bucket: SOURCE, Key: key, Body: 'id' })));
  });
  // Its only version. With moto, the provider tries for ever to delete a version with such a key with the bucket.
  afterAll(() => s3.send(new DeleteObjectCommand({ Bucket: SOURCE, Key: key, VersionId })));

  test('shows what is loaded, rejected and never seen', async () => {
    const { stdout } = succeeded(await uploads());
    expect(JSON.parse(stdout).uploads).toMatchObject([
      { key: 'after.csv', status: 'loaded', loaded: 2 },
      { key: 'during.csv', status: 'loaded', loaded: 2 },
      { key, status: 'never-seen' },
      { key: 'orders/rejected.csv', status: 'rejected', error: 'ValidationError' },
      { key: 'sample.csv', status: 'loaded', loaded: 250 },
    ]);
  });

  test('--start starts an execution of the deployed state machine, and waits until it ends', async () => {
    const finished = uploads('--start');
    const stateMachineArn = arn('states', 'stateMachine:csv-pipeline-local');
    let executionArn: string | undefined;
    while (executionArn === undefined) {
      const { executions } = await states.send(new ListExecutionsCommand({ stateMachineArn }));
      executionArn = executions?.[0]?.executionArn;
      await sleep(200);
    }
    const { input } = await states.send(new DescribeExecutionCommand({ executionArn }));
    expect(JSON.parse(input ?? '')).toEqual({ bucket: SOURCE, key });
    // The emulator ends no execution itself.
    await states.send(new StopExecutionCommand({ executionArn }));
    const { code, stdout } = await finished;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      started: [
        {
          key,
          dataset: 'results',
          execution: executionArn,
          outcome: 'failed',
          error: 'ABORTED',
          cause: null,
        },
      ],
      outcomes: { failed: 1 },
    });
  });
});

/** A file passes through the deployed pipeline, whose definition, rule and zips are read from the endpoint. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetBucketNotificationConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { matchesPattern } from '../../local/emulator/event-pattern.ts';
import { LambdaPool } from '../../local/emulator/lambda-pool.ts';
import { objectCreatedEvent } from '../../local/emulator/s3-event.ts';
import { executionName } from '../../local/local-stack.ts';
import { type ExecutionResult, LocalMachine } from '../../local/machine/execution.ts';
import type { LambdaFunction } from '../../local/stack/synthesized.ts';
import { Workspace } from '../../local/workspace.ts';
import { ACCOUNT, arn, clients, REGION } from './support/clients.ts';

const { dynamodb, events, lambda, s3, states } = clients();
const SOURCE = `csv-pipeline-local-source-${ACCOUNT}`;
const samples = join(__dirname, '../../samples');
const workspace = new Workspace();

let machine: LocalMachine;
let pool: LambdaPool;

beforeAll(async () => {
  const described = await states.send(
    new DescribeStateMachineCommand({ stateMachineArn: arn('states', 'stateMachine:csv-pipeline-local') }),
  );
  machine = new LocalMachine({
    name: described.name ?? '',
    arn: described.stateMachineArn ?? '',
    roleArn: described.roleArn ?? '',
    definition: JSON.parse(described.definition ?? ''),
  });
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  pool = await LambdaPool.create({
    workspace,
    functions: await Promise.all(Functions.map(({ FunctionName }) => deployedFunction(FunctionName ?? ''))),
    region: REGION ?? '',
    directory: join(workspace.directory, 'functions'),
    variables: {
      AWS_ENDPOINT_URL_S3: process.env.AWS_ENDPOINT_URL ?? '',
      AWS_ENDPOINT_URL_DYNAMODB: process.env.AWS_ENDPOINT_URL ?? '',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
});

afterAll(() => workspace.close());

async function deployedFunction(name: string): Promise<LambdaFunction> {
  const { Configuration, Code } = await lambda.send(new GetFunctionCommand({ FunctionName: name }));
  const zip = join(workspace.directory, `${name}.zip`);
  const answer = await fetch(Code?.Location ?? '');
  writeFileSync(zip, Buffer.from(await answer.arrayBuffer()));
  return {
    name,
    arn: Configuration?.FunctionArn ?? '',
    zip,
    handler: Configuration?.Handler ?? '',
    memoryMb: Configuration?.MemorySize ?? 0,
    timeoutSeconds: Configuration?.Timeout ?? 0,
    variables: Configuration?.Environment?.Variables ?? {},
  };
}

/** Uploads a file, and runs the state machine as the deployed bucket, rule and target would start it. */
async function ingest(key: string, content: Buffer): Promise<ExecutionResult> {
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
    invoke: (name, payload, signal) => pool.invoke(name, payload, signal),
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

/** Destroying an environment: refused if it is protected, complete if it is not. Runs last. */

import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { ListRolesCommand } from '@aws-sdk/client-iam';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { Checkout, succeeded } from './support/checkout.ts';
import { ACCOUNT, clients } from './support/clients.ts';

const { alarms, dynamodb, events, iam, lambda, logs, s3, sns, sqs, states } = clients();
const checkout = Checkout.deployed();

/** The names of all existing resources of the environment. */
async function everything(): Promise<readonly string[]> {
  const names = [
    (await alarms.send(new DescribeAlarmsCommand({}))).MetricAlarms?.map((each) => each.AlarmName),
    (await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map((each) => each.logGroupName),
    (await dynamodb.send(new ListTablesCommand({}))).TableNames,
    (await events.send(new ListRulesCommand({}))).Rules?.map((each) => each.Name),
    (await iam.send(new ListRolesCommand({}))).Roles?.map((each) => each.RoleName),
    (await lambda.send(new ListFunctionsCommand({}))).Functions?.map((each) => each.FunctionName),
    (await s3.send(new ListBucketsCommand({}))).Buckets?.map((each) => each.Name),
    (await states.send(new ListStateMachinesCommand({}))).stateMachines?.map((each) => each.name),
    (await sns.send(new ListTopicsCommand({}))).Topics?.map((each) => each.TopicArn),
    (await sqs.send(new ListQueuesCommand({}))).QueueUrls,
  ];
  return names
    .flatMap((some) => some?.map(String) ?? [])
    .filter((name) => name.includes('csv-pipeline-local'));
}

test('a protected environment is not destroyed, not even partly, and the message says how to lift the protection', async () => {
  const before = await everything();
  expect(before).toHaveLength(49);
  const undo = checkout.edit(
    'environments/local.ts',
    'deletionProtection: false',
    'deletionProtection: true',
  );
  succeeded(await checkout.npm('deploy', ['--env', 'local', '--auto-approve']));
  const table = new DescribeTableCommand({ TableName: 'csv-pipeline-local-results' });
  expect((await dynamodb.send(table)).Table?.DeletionProtectionEnabled).toBe(true);

  const cdktf = await checkout.cdktf('destroy', 'local');
  expect(cdktf.code).not.toBe(0);
  expect(cdktf.output).toContain('Instance cannot be destroyed');
  const npm = await checkout.npm('destroy', ['--env', 'local', '--auto-approve']);
  expect(npm.code).toBe(1);
  expect(npm.stderr).toContain('set deletionProtection to false');
  expect(await everything()).toEqual(before);

  undo();
  const { stderr } = succeeded(await checkout.npm('deploy', ['--env', 'local', '--auto-approve']));
  expect(stderr).toContain('warning: Nobody is told when an execution fails');
  // The bucket's events are switched on already.
  expect(stderr).not.toContain('S3 starts to send');
  expect((await dynamodb.send(table)).Table?.DeletionProtectionEnabled).toBe(false);
});

test('cdktf destroy leaves nothing behind, not even the files in the buckets', async () => {
  const Bucket = `csv-pipeline-local-source-${ACCOUNT}`;
  for (const Body of ['a first version', 'a second one']) {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'some/file.csv', Body }));
  }
  succeeded(await checkout.cdktf('destroy', 'local'));
  expect(await everything()).toEqual([]);
  await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'NotFound' });
  expect(succeeded(await checkout.terraform('local', ['state', 'list'])).stdout).toBe('');
});

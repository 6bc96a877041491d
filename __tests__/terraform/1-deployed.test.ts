/** The resources that `cdktf deploy` has created, read with the SDK. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DescribeAlarmsCommand, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeContinuousBackupsCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import {
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { GetFunctionCommand, ListTagsCommand } from '@aws-sdk/client-lambda';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { FUNCTION_NAMES } from '../../asl/pipeline.ts';
import { environment } from '../../environments/index.ts';
import { Checkout, succeeded } from './support/checkout.ts';
import { ACCOUNT, arn, clients } from './support/clients.ts';

const { alarms, dynamodb, events, iam, lambda, logs, s3, sns, sqs, states } = clients();
const checkout = Checkout.deployed();
const local = environment('local');
const tags = { project: 'csv-pipeline', environment: 'local', 'managed-by': 'terraform' };
const [source, reports] = ['source', 'reports'].map((name) => `csv-pipeline-local-${name}-${ACCOUNT}`);

/** The policies in Terraform's state, with all references resolved, by resource address. */
const policies = new Map<string, string>();

beforeAll(async () => {
  const { stdout } = succeeded(await checkout.terraform('local', ['show', '-json']));
  for (const { address, values } of JSON.parse(stdout).values.root_module.resources) {
    policies.set(address, values.policy);
  }
});

test.each(FUNCTION_NAMES)('the function %s exists with its code and its settings', async (name) => {
  const FunctionName = `csv-pipeline-local-${name}`;
  const { Configuration, Code } = await lambda.send(new GetFunctionCommand({ FunctionName }));
  const zip = readFileSync(`${checkout.stack('local')}/assets/${name}.zip`);
  expect(Configuration).toMatchObject({
    Runtime: local.awsProviderVersion?.startsWith('5.') ? 'nodejs22.x' : 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
    MemorySize: local.functionMemoryMb,
    Timeout: local.functionTimeoutSeconds,
    Role: `arn:aws:iam::${ACCOUNT}:role/${FunctionName}`,
    TracingConfig: { Mode: 'Active' },
    CodeSha256: createHash('sha256').update(zip).digest('base64'),
    Environment: {
      Variables: expect.objectContaining({
        SOURCE_BUCKET: source,
        LEDGER_TABLE: 'csv-pipeline-local-ledger',
      }),
    },
  });
  const code = await fetch(Code?.Location ?? '');
  expect(Buffer.from(await code.arrayBuffer()).equals(zip)).toBe(true);
  const { Tags } = await lambda.send(new ListTagsCommand({ Resource: Configuration?.FunctionArn }));
  expect(Tags).toEqual(tags);
});

test.each([
  ...FUNCTION_NAMES.map((name) => [name, `csv-pipeline-local-${name}`, 'lambda.amazonaws.com']),
  ['workflow', 'csv-pipeline-local', 'states.amazonaws.com'],
  ['trigger', 'csv-pipeline-local-trigger', 'events.amazonaws.com'],
])(
  'the role of %s has a single policy, and only its service can assume it',
  async (name, RoleName, Service) => {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).Statement).toEqual([
      expect.objectContaining({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }),
    ]);
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['permissions']);
    expect((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies).toEqual([]);
    const { PolicyDocument } = await iam.send(
      new GetRolePolicyCommand({ RoleName, PolicyName: 'permissions' }),
    );
    const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument ?? ''));
    expect(JSON.stringify(Statement)).not.toContain('${');
    expect(Statement).toEqual(JSON.parse(policies.get(`aws_iam_role_policy.${name}_policy`) ?? '').Statement);
  },
);

test('the log groups of the functions and of the state machine have a retention', async () => {
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
  expect(
    Object.fromEntries(logGroups?.map((each) => [each.logGroupName, each.retentionInDays]) ?? []),
  ).toEqual(
    Object.fromEntries(
      [
        ...FUNCTION_NAMES.map((name) => `/aws/lambda/csv-pipeline-local-${name}`),
        '/aws/vendedlogs/states/csv-pipeline-local',
      ].map((name) => [name, local.logRetentionDays]),
    ),
  );
});

test.each([source, reports])('the bucket %s is private, versioned and encrypted', async (Bucket) => {
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
  const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  expect(encryption.ServerSideEncryptionConfiguration?.Rules).toEqual([
    expect.objectContaining({ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }),
  ]);
  const access = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
  expect(access.PublicAccessBlockConfiguration).toEqual({
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  });
  const ownership = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
  expect(ownership.OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  expect(JSON.parse(Policy ?? '').Statement).toEqual([
    {
      Sid: 'DenyPlainText',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ]);
  const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket }));
  expect(Object.fromEntries(TagSet?.map(({ Key, Value }) => [Key, Value]) ?? [])).toEqual(tags);
});

test('only the source bucket sends events to EventBridge, and only reports expire', async () => {
  const notification = (Bucket: string | undefined) =>
    s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  expect((await notification(source)).EventBridgeConfiguration).toEqual({});
  expect((await notification(reports)).EventBridgeConfiguration).toBeUndefined();
  const rules = async (Bucket: string | undefined) =>
    (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules;
  const leftovers = (days: number) =>
    expect.objectContaining({
      ID: 'leftovers',
      Status: 'Enabled',
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      NoncurrentVersionExpiration: { NoncurrentDays: days },
    });
  expect(await rules(source)).toEqual([leftovers(local.formerVersionDays)]);
  expect(await rules(reports)).toEqual([
    leftovers(1),
    expect.objectContaining({ ID: 'expire-reports', Expiration: { Days: local.reportRetentionDays } }),
    expect.objectContaining({ ID: 'expire-working', Expiration: { Days: 15 } }),
  ]);
});

test.each([
  ['results', ['pk']],
  ['orders', ['pk', 'sk']],
  ['airports', ['pk']],
  ['articles', ['pk']],
  ['ledger', ['pk']],
])('the table %s is on-demand, encrypted and recoverable', async (name, keys) => {
  const TableName = `csv-pipeline-local-${name}`;
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    KeySchema: keys.map((AttributeName, index) => ({
      AttributeName,
      KeyType: index === 0 ? 'HASH' : 'RANGE',
    })),
    DeletionProtectionEnabled: local.deletionProtection,
    SSEDescription: { Status: 'ENABLED' },
  });
  const backups = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
  expect(
    backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
  ).toBe('ENABLED');
});

test('the state machine invokes the published functions, and logs no data', async () => {
  const machine = await states.send(
    new DescribeStateMachineCommand({ stateMachineArn: arn('states', 'stateMachine:csv-pipeline-local') }),
  );
  expect(machine).toMatchObject({
    type: 'STANDARD',
    status: 'ACTIVE',
    roleArn: `arn:aws:iam::${ACCOUNT}:role/csv-pipeline-local`,
    loggingConfiguration: {
      level: 'ALL',
      destinations: [
        {
          cloudWatchLogsLogGroup: {
            logGroupArn: arn('logs', 'log-group:/aws/vendedlogs/states/csv-pipeline-local:*'),
          },
        },
      ],
    },
    tracingConfiguration: { enabled: true },
  });
  // moto omits fields that are false.
  expect(machine.loggingConfiguration?.includeExecutionData ?? false).toBe(false);
  for (const name of FUNCTION_NAMES) {
    expect(machine.definition).toContain(`"${arn('lambda', `function:csv-pipeline-local-${name}:1`)}"`);
  }
  expect(machine.definition).not.toContain('${');
});

test('the rule starts the state machine for CSV files, and undelivered events go to the queue', async () => {
  const rule = await events.send(new DescribeRuleCommand({ Name: 'csv-pipeline-local-trigger' }));
  expect(rule.State).toBe('ENABLED');
  expect(JSON.parse(rule.EventPattern ?? '')).toEqual({
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: {
      bucket: { name: [source] },
      object: {
        key: ['.csv', '.csv.gz', '.zip', '.csv.zst'].map((suffix) => ({
          suffix: { 'equals-ignore-case': suffix },
        })),
      },
    },
  });
  const queue = arn('sqs', 'csv-pipeline-local-trigger-dead-letters');
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: 'csv-pipeline-local-trigger' }));
  expect(Targets).toEqual([
    {
      Id: 'workflow',
      Arn: arn('states', 'stateMachine:csv-pipeline-local'),
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/csv-pipeline-local-trigger`,
      InputPath: '$.detail.object',
      RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      DeadLetterConfig: { Arn: queue },
    },
  ]);
  const { QueueUrl } = await sqs.send(
    new GetQueueUrlCommand({ QueueName: 'csv-pipeline-local-trigger-dead-letters' }),
  );
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({
    QueueArn: queue,
    MessageRetentionPeriod: '1209600',
    SqsManagedSseEnabled: 'true',
  });
  expect(JSON.parse(Attributes?.Policy ?? '').Statement).toEqual([
    expect.objectContaining({
      Sid: 'AllowRule',
      Condition: { ArnEquals: { 'aws:SourceArn': rule.Arn } },
    }),
    expect.objectContaining({ Sid: 'DenyPlainText', Effect: 'Deny' }),
  ]);
});

test('five alarms notify the topic, which has no subscriptions', async () => {
  const TopicArn = arn('sns', 'csv-pipeline-local-alarms');
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
  expect(Attributes?.TopicArn).toBe(TopicArn);
  expect((await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toEqual([]);
  const { MetricAlarms } = await alarms.send(new DescribeAlarmsCommand({}));
  const StateMachineArn = arn('states', 'stateMachine:csv-pipeline-local');
  const found = MetricAlarms?.map(({ AlarmName, MetricName, AlarmActions, ActionsEnabled, Dimensions }) => ({
    AlarmName,
    MetricName,
    AlarmActions,
    ActionsEnabled,
    dimension: Dimensions?.[0]?.Value,
  }));
  const alarm = (name: string, MetricName: string, dimension: string) => ({
    AlarmName: `csv-pipeline-local-${name}`,
    MetricName,
    AlarmActions: [TopicArn],
    ActionsEnabled: true,
    dimension,
  });
  expect(found?.sort((left, right) => String(left.AlarmName).localeCompare(String(right.AlarmName)))).toEqual(
    [
      alarm('dead-letters', 'ApproximateNumberOfMessagesVisible', 'csv-pipeline-local-trigger-dead-letters'),
      alarm('execution-throttled', 'ExecutionThrottled', StateMachineArn),
      alarm('executions-aborted', 'ExecutionsAborted', StateMachineArn),
      alarm('executions-failed', 'ExecutionsFailed', StateMachineArn),
      alarm('executions-timed-out', 'ExecutionsTimedOut', StateMachineArn),
    ],
  );
});

test('the dashboard shows the graphs of the stack', async () => {
  const { DashboardBody } = await alarms.send(
    new GetDashboardCommand({ DashboardName: 'csv-pipeline-local' }),
  );
  const { widgets } = JSON.parse(DashboardBody ?? '');
  expect(widgets).toHaveLength(8);
  expect(DashboardBody).toContain(arn('states', 'stateMachine:csv-pipeline-local'));
  expect(DashboardBody).toContain('csv-pipeline-local-trigger-dead-letters');
});

test('the state has no other types of resources', async () => {
  const { stdout } = succeeded(await checkout.terraform('local', ['state', 'list']));
  const counts: Record<string, number> = {};
  for (const address of stdout.trim().split('\n')) {
    const type = address.split('.')[0] ?? '';
    counts[type] = (counts[type] ?? 0) + 1;
  }
  const roles = FUNCTION_NAMES.length + 2;
  expect(counts).toEqual({
    aws_cloudwatch_dashboard: 1,
    aws_cloudwatch_event_rule: 1,
    aws_cloudwatch_event_target: 1,
    aws_cloudwatch_log_group: FUNCTION_NAMES.length + 1,
    aws_cloudwatch_metric_alarm: 5,
    aws_dynamodb_table: 5,
    aws_iam_role: roles,
    aws_iam_role_policies_exclusive: roles,
    aws_iam_role_policy: roles,
    aws_iam_role_policy_attachments_exclusive: roles,
    aws_lambda_function: FUNCTION_NAMES.length,
    aws_s3_bucket: 2,
    aws_s3_bucket_lifecycle_configuration: 2,
    aws_s3_bucket_notification: 1,
    aws_s3_bucket_ownership_controls: 2,
    aws_s3_bucket_policy: 2,
    aws_s3_bucket_public_access_block: 2,
    aws_s3_bucket_server_side_encryption_configuration: 2,
    aws_s3_bucket_versioning: 2,
    aws_sfn_state_machine: 1,
    aws_sns_topic: 1,
    aws_sqs_queue: 1,
    aws_sqs_queue_policy: 1,
  });
});

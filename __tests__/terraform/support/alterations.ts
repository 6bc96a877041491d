/** Changes that someone might make to the deployed resources by hand. */

import { DeleteAlarmsCommand, TagResourceCommand } from '@aws-sdk/client-cloudwatch';
import { DeleteRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { UpdateContinuousBackupsCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, DisableRuleCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { AttachRolePolicyCommand, CreatePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  DeleteBucketEncryptionCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteQueueCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { zipSync } from 'fflate';
import { FUNCTION_NAMES } from '../../../asl/pipeline.ts';
import { ACCOUNT, arn, clients } from './clients.ts';

const { alarms, dynamodb, events, iam, lambda, logs, s3, sns, sqs, states } = clients();

export interface Alteration {
  readonly what: string;
  readonly make: () => Promise<unknown>;
  /** Where the drift must be shown. */
  readonly resource: string;
  readonly attribute: string;
}

const everything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

const RULE = 'csv-pipeline-local-trigger';
const [source, reports] = ['source', 'reports'].map((name) => `csv-pipeline-local-${name}-${ACCOUNT}`);
const machine = { stateMachineArn: arn('states', 'stateMachine:csv-pipeline-local') };

/** The roles' names by construct name. */
const roles: readonly (readonly [construct: string, role: string])[] = [
  ...FUNCTION_NAMES.map((name) => [name, `csv-pipeline-local-${name}`] as const),
  ['workflow', 'csv-pipeline-local'],
  ['trigger', RULE],
];

export const alterations: readonly Alteration[] = [
  ...roles.map(([construct, RoleName]) => ({
    what: `the policy of the role of ${construct} is widened`,
    make: () =>
      iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'permissions', PolicyDocument: everything })),
    resource: `aws_iam_role_policy.${construct}_policy`,
    attribute: 'policy',
  })),
  {
    what: 'a role is given a second policy',
    make: () =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName: 'csv-pipeline-local-judge-csv',
          PolicyName: 'more',
          PolicyDocument: everything,
        }),
      ),
    resource: 'aws_iam_role_policies_exclusive.judge-csv_only-policy',
    attribute: 'policy_names',
  },
  {
    what: 'a managed policy is attached to a role',
    make: async () => {
      const { Policy } = await iam.send(
        new CreatePolicyCommand({ PolicyName: 'everything', PolicyDocument: everything }),
      );
      const role = { RoleName: 'csv-pipeline-local-begin-load', PolicyArn: Policy?.Arn };
      await iam.send(new AttachRolePolicyCommand(role));
    },
    resource: 'aws_iam_role_policy_attachments_exclusive.begin-load_no-attachments',
    attribute: 'policy_arns',
  },
  {
    what: 'the pattern of the rule is changed',
    make: async () => {
      const { Description } = await events.send(new DescribeRuleCommand({ Name: RULE }));
      const EventPattern = JSON.stringify({ source: ['aws.s3'] });
      await events.send(new PutRuleCommand({ Name: RULE, Description, EventPattern }));
    },
    resource: 'aws_cloudwatch_event_rule.trigger_rule',
    attribute: 'event_pattern',
  },
  {
    what: 'the rule is disabled',
    make: () => events.send(new DisableRuleCommand({ Name: RULE })),
    resource: 'aws_cloudwatch_event_rule.trigger_rule',
    attribute: 'state',
  },
  {
    what: 'the definition is edited',
    make: async () => {
      const { definition = '' } = await states.send(new DescribeStateMachineCommand(machine));
      const edited = JSON.stringify({ ...JSON.parse(definition), Comment: 'edited in the console' });
      await states.send(new UpdateStateMachineCommand({ ...machine, definition: edited }));
    },
    resource: 'aws_sfn_state_machine.workflow_state-machine',
    attribute: 'definition',
  },
  {
    what: 'the code of a function is replaced',
    make: () =>
      lambda.send(
        new UpdateFunctionCodeCommand({
          FunctionName: 'csv-pipeline-local-validate-csv',
          ZipFile: zipSync({ 'index.js': new TextEncoder().encode('exports.handler = () => 1;') }),
        }),
      ),
    resource: 'aws_lambda_function.validate-csv_function',
    attribute: 'code_sha256',
  },
  {
    what: 'the environment of a function is changed',
    make: () =>
      lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'csv-pipeline-local-find-duplicates',
          Environment: { Variables: { REPORTS_BUCKET: 'another-bucket' } },
        }),
      ),
    resource: 'aws_lambda_function.find-duplicates_function',
    attribute: 'environment',
  },
  {
    what: 'a log is kept for ever',
    make: () =>
      logs.send(
        new DeleteRetentionPolicyCommand({ logGroupName: '/aws/lambda/csv-pipeline-local-fetch-csv' }),
      ),
    resource: 'aws_cloudwatch_log_group.fetch-csv_log-group',
    attribute: 'retention_in_days',
  },
  {
    what: 'the encryption of a bucket is removed',
    make: () => s3.send(new DeleteBucketEncryptionCommand({ Bucket: source })),
    resource: 'aws_s3_bucket_server_side_encryption_configuration.source_encryption',
    attribute: '*',
  },
  {
    what: 'the versioning of a bucket is suspended',
    make: () =>
      s3.send(
        new PutBucketVersioningCommand({
          Bucket: reports,
          VersioningConfiguration: { Status: 'Suspended' },
        }),
      ),
    resource: 'aws_s3_bucket_versioning.reports_versioning',
    attribute: 'versioning_configuration',
  },
  {
    what: 'the policy that asks for TLS is removed from a bucket',
    make: () => s3.send(new DeleteBucketPolicyCommand({ Bucket: reports })),
    resource: 'aws_s3_bucket_policy.reports_policy',
    attribute: '*',
  },
  {
    what: 'a bucket may become public',
    make: () => s3.send(new DeletePublicAccessBlockCommand({ Bucket: source })),
    resource: 'aws_s3_bucket_public_access_block.source_public-access',
    attribute: '*',
  },
  {
    what: "the source bucket's EventBridge notification is switched off",
    make: () =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket: source, NotificationConfiguration: {} }),
      ),
    resource: 'aws_s3_bucket_notification.source_notification',
    attribute: 'eventbridge',
  },
  {
    what: 'point-in-time recovery is switched off',
    make: () =>
      dynamodb.send(
        new UpdateContinuousBackupsCommand({
          TableName: 'csv-pipeline-local-orders',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
        }),
      ),
    resource: 'aws_dynamodb_table.orders-table',
    attribute: 'point_in_time_recovery',
  },
  {
    what: 'deletion protection is changed',
    make: () =>
      dynamodb.send(
        new UpdateTableCommand({ TableName: 'csv-pipeline-local-results', DeletionProtectionEnabled: true }),
      ),
    resource: 'aws_dynamodb_table.results-table',
    attribute: 'deletion_protection_enabled',
  },
  {
    what: 'an alarm is deleted',
    make: () =>
      alarms.send(new DeleteAlarmsCommand({ AlarmNames: ['csv-pipeline-local-executions-failed'] })),
    resource: 'aws_cloudwatch_metric_alarm.alarms_executions-failed',
    attribute: '*',
  },
  {
    what: 'a tag is changed',
    make: () =>
      alarms.send(
        new TagResourceCommand({
          ResourceARN: arn('cloudwatch', 'alarm:csv-pipeline-local-dead-letters'),
          Tags: [{ Key: 'project', Value: 'another' }],
        }),
      ),
    resource: 'aws_cloudwatch_metric_alarm.alarms_dead-letters',
    attribute: 'tags_all',
  },
  {
    what: 'the dead-letter queue is deleted',
    make: async () => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${RULE}-dead-letters` }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    },
    resource: 'aws_sqs_queue.trigger_dead-letter-queue',
    attribute: '*',
  },
  {
    what: 'someone has subscribed to the alarms',
    make: () =>
      sns.send(
        new SubscribeCommand({
          TopicArn: arn('sns', 'csv-pipeline-local-alarms'),
          Protocol: 'email',
          Endpoint: 'someone@example.com',
        }),
      ),
    resource: 'aws_sns_topic.alarms_topic',
    attribute: 'subscriptions',
  },
];

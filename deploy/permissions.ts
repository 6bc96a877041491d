/**
 * The permissions of CI's roles: one plans and detects drift, the other deploys. The actions are those that the
 * provider calls; the tests against the emulator fail when it calls another one.
 */

interface Service {
  /** ARNs of the resources, with `NAME` for the environment's prefix. */
  readonly resources: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Actions that do not support resource-level permissions. */
  readonly anywhere?: readonly string[];
}

const regional = (service: string, ...names: readonly string[]) =>
  names.map((name) => `arn:aws:${service}:REGION:ACCOUNT:${name}`);

const TAG = ['TagResource', 'UntagResource'];

/** Services by the prefix of their actions. Tagging needs its own action, even when a create request sets the tags. */
export const SERVICES: Readonly<Record<string, Service>> = {
  cloudwatch: {
    // Dashboards are global.
    resources: [...regional('cloudwatch', 'alarm:NAME-*'), 'arn:aws:cloudwatch::ACCOUNT:dashboard/NAME'],
    read: ['GetDashboard', 'ListTagsForResource'],
    write: ['PutDashboard', 'DeleteDashboards', 'PutMetricAlarm', 'DeleteAlarms', ...TAG],
    anywhere: ['DescribeAlarms'],
  },
  dynamodb: {
    resources: regional('dynamodb', 'table/NAME-*'),
    read: ['DescribeContinuousBackups', 'DescribeTable', 'DescribeTimeToLive', 'ListTagsOfResource'],
    write: ['CreateTable', 'UpdateTable', 'DeleteTable', 'UpdateContinuousBackups', ...TAG],
  },
  events: {
    resources: regional('events', 'rule/NAME-trigger'),
    read: ['DescribeRule', 'ListTagsForResource', 'ListTargetsByRule'],
    write: ['PutRule', 'DeleteRule', 'PutTargets', 'RemoveTargets', 'EnableRule', 'DisableRule', ...TAG],
  },
  iam: {
    resources: ['arn:aws:iam::ACCOUNT:role/NAME', 'arn:aws:iam::ACCOUNT:role/NAME-*'],
    read: ['GetRole', 'GetRolePolicy', 'ListAttachedRolePolicies', 'ListRolePolicies'],
    write: [
      ...['CreateRole', 'DeleteRole', 'UpdateRole', 'UpdateAssumeRolePolicy', 'PassRole'],
      ...['PutRolePolicy', 'DeleteRolePolicy', 'DetachRolePolicy', 'ListInstanceProfilesForRole'],
      ...['TagRole', 'UntagRole'],
    ],
  },
  kms: { resources: regional('kms', 'key/*'), read: ['DescribeKey'], write: [] },
  lambda: {
    resources: regional('lambda', 'function:NAME-*'),
    read: ['GetFunction', 'GetFunctionCodeSigningConfig', 'ListVersionsByFunction'],
    write: ['CreateFunction', 'UpdateFunctionCode', 'UpdateFunctionConfiguration', 'DeleteFunction', ...TAG],
  },
  logs: {
    resources: regional('logs', 'log-group:/aws/lambda/NAME-*', 'log-group:/aws/vendedlogs/states/NAME*'),
    read: ['ListTagsForResource'],
    write: ['CreateLogGroup', 'DeleteLogGroup', 'PutRetentionPolicy', 'DeleteRetentionPolicy', ...TAG],
    anywhere: ['DescribeLogGroups'],
  },
  s3: {
    resources: ['arn:aws:s3:::NAME-*', 'arn:aws:s3:::NAME-*/*'],
    read: [
      ...['GetAccelerateConfiguration', 'GetBucketAcl', 'GetBucketCORS', 'GetBucketLogging'],
      ...['GetBucketNotification', 'GetBucketObjectLockConfiguration', 'GetBucketOwnershipControls'],
      ...['GetBucketPolicy', 'GetBucketPublicAccessBlock', 'GetBucketRequestPayment', 'GetBucketTagging'],
      ...['GetBucketVersioning', 'GetBucketWebsite', 'GetEncryptionConfiguration'],
      ...['GetLifecycleConfiguration', 'GetReplicationConfiguration', 'ListBucket'],
    ],
    write: [
      ...['CreateBucket', 'DeleteBucket', 'PutBucketNotification', 'PutBucketOwnershipControls'],
      ...['PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketPublicAccessBlock', 'PutBucketTagging'],
      ...['PutBucketVersioning', 'PutEncryptionConfiguration', 'PutLifecycleConfiguration'],
      ...['ListBucketVersions', 'DeleteObject', 'DeleteObjectVersion'],
    ],
  },
  sns: {
    resources: regional('sns', 'NAME-alarms'),
    read: ['GetTopicAttributes', 'ListSubscriptionsByTopic', 'ListTagsForResource'],
    write: [
      ...['CreateTopic', 'DeleteTopic', 'SetTopicAttributes', 'Subscribe', 'Unsubscribe'],
      ...['GetSubscriptionAttributes', 'SetSubscriptionAttributes', ...TAG],
    ],
  },
  sqs: {
    resources: regional('sqs', 'NAME-trigger-dead-letters'),
    read: ['GetQueueAttributes', 'ListQueueTags'],
    write: ['CreateQueue', 'DeleteQueue', 'SetQueueAttributes', 'TagQueue', 'UntagQueue'],
  },
  states: {
    resources: regional('states', 'stateMachine:NAME'),
    read: ['DescribeStateMachine', 'ListStateMachineVersions', 'ListTagsForResource'],
    write: ['CreateStateMachine', 'UpdateStateMachine', 'DeleteStateMachine', ...TAG],
    anywhere: ['ValidateStateMachineDefinition'],
  },
};

/** A policy with `NAME` for `csv-pipeline-` and the environment, and with `ACCOUNT` and `REGION`. */
export function policyFor(role: 'plan' | 'deploy') {
  const services = Object.entries(SERVICES);
  const own = services.map(([service, { resources, read, write }]) => ({
    Effect: 'Allow',
    Action: [...read, ...(role === 'deploy' ? write : [])].map((action) => `${service}:${action}`),
    Resource: resources,
  }));
  const anywhere = services.flatMap(([service, { anywhere = [] }]) =>
    anywhere.map((action) => `${service}:${action}`),
  );
  return {
    Version: '2012-10-17',
    Statement: [...own, { Effect: 'Allow', Action: anywhere, Resource: ['*'] }],
  };
}

/**
 * The permissions of CI's roles: one plans and detects drift, the other deploys. The actions are those that the
 * provider calls; the tests against the emulator fail when it calls another one. Also the permissions boundary, without
 * which the deploy role can create no role.
 */

interface Service {
  /** ARNs of the resources, with `NAME` for the environment's prefix. */
  readonly resources: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Actions of the deploy role that are only allowed under a condition. */
  readonly guarded?: readonly { readonly actions: readonly string[]; readonly condition: Condition }[];
  /** Actions that do not support resource-level permissions. */
  readonly anywhere?: readonly string[];
}

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

const regional = (service: string, ...names: readonly string[]) =>
  names.map((name) => `arn:aws:${service}:REGION:ACCOUNT:${name}`);

const TAG = ['TagResource', 'UntagResource'];

/** The ARN of the permissions boundary. */
const BOUNDARY = 'arn:aws:iam::ACCOUNT:policy/NAME-boundary';

/**
 * Actions for the tags of buckets that the provider calls since version 6.23, by its changelog. Not verified: the calls
 * were recorded with version 5.100.
 */
export const UNVERIFIED = ['s3:ListTagsForResource', 's3:TagResource', 's3:UntagResource'];

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
    write: [
      'CreateTable',
      'UpdateTable',
      'DeleteTable',
      'UpdateContinuousBackups',
      'UpdateTimeToLive',
      ...TAG,
    ],
  },
  events: {
    resources: regional('events', 'rule/NAME-trigger', 'rule/NAME-notifications-*'),
    read: ['DescribeRule', 'ListTagsForResource', 'ListTargetsByRule'],
    write: ['PutRule', 'DeleteRule', 'PutTargets', 'RemoveTargets', 'EnableRule', 'DisableRule', ...TAG],
  },
  iam: {
    resources: ['arn:aws:iam::ACCOUNT:role/NAME', 'arn:aws:iam::ACCOUNT:role/NAME-*'],
    read: ['GetRole', 'GetRolePolicy', 'ListAttachedRolePolicies', 'ListRolePolicies'],
    write: [
      ...['DeleteRole', 'UpdateRole', 'UpdateAssumeRolePolicy', 'ListInstanceProfilesForRole'],
      ...['TagRole', 'UntagRole'],
    ],
    // Otherwise, the deploy role could create a role that may do anything, and use it. It may never take away a boundary.
    guarded: [
      {
        actions: [
          ...['CreateRole', 'PutRolePermissionsBoundary'],
          ...['PutRolePolicy', 'DeleteRolePolicy', 'DetachRolePolicy'],
        ],
        condition: { StringEquals: { 'iam:PermissionsBoundary': BOUNDARY } },
      },
      {
        actions: ['PassRole'],
        condition: {
          StringEquals: {
            'iam:PassedToService': ['events.amazonaws.com', 'lambda.amazonaws.com', 'states.amazonaws.com'],
          },
        },
      },
    ],
  },
  kms: {
    resources: regional('kms', 'key/*'),
    read: ['DescribeKey', 'GetKeyPolicy', 'GetKeyRotationStatus', 'ListResourceTags'],
    write: [],
    // Only what a table or a state machine with a key asks of whoever creates it. Not to create or change a key.
    guarded: [
      {
        actions: ['Decrypt', 'Encrypt', 'GenerateDataKey*', 'ReEncrypt*', 'CreateGrant'],
        condition: {
          StringEquals: {
            'kms:ViaService': ['dynamodb.REGION.amazonaws.com', 'states.REGION.amazonaws.com'],
          },
        },
      },
    ],
    anywhere: ['ListAliases'],
  },
  lambda: {
    resources: regional('lambda', 'function:NAME-*'),
    // This also matches the functions' versions.
    read: [
      ...['GetFunction', 'GetFunctionCodeSigningConfig', 'GetFunctionConfiguration'],
      'ListVersionsByFunction',
    ],
    write: [
      ...['CreateFunction', 'UpdateFunctionCode', 'UpdateFunctionConfiguration', 'PublishVersion'],
      ...['DeleteFunction', ...TAG],
      // Only with reservedConcurrency, which the emulated deployments do not have.
      ...['PutFunctionConcurrency', 'DeleteFunctionConcurrency'],
    ],
  },
  logs: {
    resources: regional('logs', 'log-group:/aws/lambda/NAME-*', 'log-group:/aws/vendedlogs/states/NAME*'),
    read: ['ListTagsForResource'],
    write: [
      ...['CreateLogGroup', 'DeleteLogGroup', 'PutRetentionPolicy', 'DeleteRetentionPolicy', ...TAG],
      ...['AssociateKmsKey', 'DisassociateKmsKey'],
    ],
    anywhere: ['DescribeLogGroups'],
  },
  s3: {
    resources: ['arn:aws:s3:::NAME-*', 'arn:aws:s3:::NAME-*/*'],
    read: [
      ...['GetAccelerateConfiguration', 'GetBucketAcl', 'GetBucketCORS', 'GetBucketLogging'],
      ...['GetBucketNotification', 'GetBucketObjectLockConfiguration', 'GetBucketOwnershipControls'],
      ...['GetBucketPolicy', 'GetBucketPublicAccessBlock', 'GetBucketRequestPayment', 'GetBucketTagging'],
      ...['GetBucketVersioning', 'GetBucketWebsite', 'GetEncryptionConfiguration'],
      ...['GetLifecycleConfiguration', 'GetReplicationConfiguration', 'ListBucket', 'ListTagsForResource'],
    ],
    write: [
      ...['CreateBucket', 'DeleteBucket', 'PutBucketNotification', 'PutBucketOwnershipControls'],
      ...['PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketPublicAccessBlock', 'PutBucketTagging'],
      ...['PutBucketVersioning', 'PutEncryptionConfiguration', 'PutLifecycleConfiguration'],
      ...['ListBucketVersions', 'DeleteObject', 'DeleteObjectVersion', ...TAG],
    ],
  },
  sns: {
    resources: regional('sns', 'NAME-alarms', 'NAME-notifications-*'),
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

/** What the policies of the environment's own roles may allow at most; other statements of theirs have no effect. */
export const boundary = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        ...['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
        ...['s3:PutObject', 's3:AbortMultipartUpload', 's3:DeleteObject'],
      ],
      Resource: ['arn:aws:s3:::NAME-*'],
    },
    {
      Effect: 'Allow',
      Action: [
        ...['dynamodb:BatchWriteItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
        ...['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:DescribeTable'],
      ],
      Resource: regional('dynamodb', 'table/NAME-*'),
    },
    { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: regional('lambda', 'function:NAME-*') },
    {
      Effect: 'Allow',
      Action: [
        'states:StartExecution',
        'states:DescribeExecution',
        'states:StopExecution',
        'states:RedriveExecution',
      ],
      Resource: regional('states', 'stateMachine:NAME', 'execution:NAME:*', 'execution:NAME/*'),
    },
    { Effect: 'Allow', Action: ['events:PutEvents'], Resource: regional('events', 'event-bus/default') },
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: regional('logs', 'log-group:/aws/lambda/NAME-*'),
    },
    {
      Effect: 'Allow',
      Action: [
        ...['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*'],
        'kms:ReEncrypt*',
      ],
      Resource: regional('kms', 'key/*'),
    },
    // None of these supports resource-level permissions.
    {
      Effect: 'Allow',
      Action: [
        ...[
          'logs:CreateLogDelivery',
          'logs:GetLogDelivery',
          'logs:UpdateLogDelivery',
          'logs:DeleteLogDelivery',
        ],
        ...['logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies'],
        ...['logs:DescribeLogGroups', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        ...['xray:GetSamplingRules', 'xray:GetSamplingTargets'],
      ],
      Resource: ['*'],
    },
  ],
};

/** A policy with `NAME` for `csv-pipeline-` and the environment, and with `ACCOUNT` and `REGION`. */
export function policyFor(role: 'plan' | 'deploy') {
  const services = Object.entries(SERVICES);
  const own = services.map(([service, { resources, read, write }]) => ({
    Effect: 'Allow',
    Action: [...read, ...(role === 'deploy' ? write : [])].map((action) => `${service}:${action}`),
    Resource: resources,
  }));
  const guarded = services.flatMap(([service, { resources, guarded = [] }]) =>
    guarded.map(({ actions, condition }) => ({
      Effect: 'Allow',
      Action: actions.map((action) => `${service}:${action}`),
      Resource: resources,
      Condition: condition,
    })),
  );
  const anywhere = services.flatMap(([service, { anywhere = [] }]) =>
    anywhere.map((action) => `${service}:${action}`),
  );
  return {
    Version: '2012-10-17',
    Statement: [
      ...own,
      ...(role === 'deploy' ? guarded : []),
      { Effect: 'Allow', Action: anywhere, Resource: ['*'] },
    ],
  };
}

function allowed(action: string, resources: readonly string[]) {
  return { Effect: 'Allow', Action: [action], Resource: resources };
}

/** The policy of whoever runs the command `data-plan`, with the same placeholders. */
export function dataPlanPolicy() {
  return {
    Version: '2012-10-17',
    Statement: [
      allowed('s3:ListBucket', ['arn:aws:s3:::NAME-reports-ACCOUNT']),
      allowed('s3:GetObject', ['arn:aws:s3:::NAME-reports-ACCOUNT/indexes/*']),
      allowed('dynamodb:GetItem', regional('dynamodb', 'table/NAME-ledger')),
      allowed('dynamodb:DescribeTable', regional('dynamodb', 'table/NAME-*')),
    ],
  };
}

/** The policy of whoever runs the command `undo`, with the same placeholders; what `data-plan` needs is beside it. */
export function undoPolicy() {
  return {
    Version: '2012-10-17',
    Statement: [
      // Without it, S3 does not say that a version has expired.
      allowed('s3:ListBucket', ['arn:aws:s3:::NAME-source-ACCOUNT']),
      allowed('s3:GetObjectVersion', ['arn:aws:s3:::NAME-source-ACCOUNT/*']),
      // Only with `--to KEY`, to find its newest version.
      allowed('s3:GetObject', ['arn:aws:s3:::NAME-source-ACCOUNT/*']),
      allowed('dynamodb:GetItem', regional('dynamodb', 'table/NAME-ledger')),
      allowed('states:StartExecution', regional('states', 'stateMachine:NAME')),
      ...['DescribeExecution', 'DescribeStateMachineForExecution', 'GetExecutionHistory'].map((action) =>
        allowed(`states:${action}`, regional('states', 'execution:NAME:*')),
      ),
      // Only with DISTRIBUTED chunks.
      allowed('states:ListExecutions', regional('states', 'mapRun:NAME/*')),
    ],
  };
}

/** The policy of whoever runs the command `items`, with the same placeholders. */
export function itemsPolicy() {
  const tables = regional('dynamodb', 'table/NAME-*');
  return {
    Version: '2012-10-17',
    // The query is only for `--key`.
    Statement: [allowed('dynamodb:Scan', tables), allowed('dynamodb:Query', tables)],
  };
}

/** The policy of whoever runs the command `uploads`, with the same placeholders. */
export function uploadsPolicy() {
  return {
    Version: '2012-10-17',
    Statement: [
      allowed('s3:ListBucket', ['arn:aws:s3:::NAME-source-ACCOUNT']),
      allowed('dynamodb:BatchGetItem', regional('dynamodb', 'table/NAME-ledger')),
      // These two only with --start.
      allowed('states:StartExecution', regional('states', 'stateMachine:NAME')),
      allowed('states:DescribeExecution', regional('states', 'execution:NAME:*')),
    ],
  };
}

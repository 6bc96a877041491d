import { boundary } from '../../deploy/permissions.ts';
import { prodWith } from '../support/stack/in-process.ts';
import type { StackJson } from '../support/stack/stack.ts';

const KEY = 'arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const CREATED = '${aws_kms_key.encryption_key.arn}';

const all = ({ resource }: StackJson, type: string) => Object.values(resource[type] ?? {});

describe.each([
  ['that is named', { type: 'customer-managed', keyArn: KEY } as const, KEY],
  ['that the stack creates', { type: 'customer-managed' } as const, CREATED],
])('a customer-managed key %s', (_, encryption, key) => {
  const stack = prodWith(encryption);

  test('encrypts the buckets, with one request for many objects', () => {
    const rule = {
      apply_server_side_encryption_by_default: { sse_algorithm: 'aws:kms', kms_master_key_id: key },
      bucket_key_enabled: true,
    };
    expect(all(stack, 'aws_s3_bucket_server_side_encryption_configuration').map((each) => each.rule)).toEqual(
      [[rule], [rule]],
    );
  });

  test.each([
    ['aws_dynamodb_table', { server_side_encryption: { enabled: true, kms_key_arn: key } }],
    ['aws_cloudwatch_log_group', { kms_key_id: key }],
    ['aws_sns_topic', { kms_master_key_id: key }],
    ['aws_sqs_queue', { kms_master_key_id: key, kms_data_key_reuse_period_seconds: 86_400 }],
    [
      'aws_sfn_state_machine',
      {
        encryption_configuration: {
          type: 'CUSTOMER_MANAGED_KMS_KEY',
          kms_key_id: key,
          kms_data_key_reuse_period_seconds: 900,
        },
      },
    ],
  ])('encrypts every %s', (type, arguments_) => {
    const found = all(stack, type);
    expect(found.length).toBeGreaterThan(0);
    for (const each of found) expect(each).toMatchObject(arguments_);
  });

  test('is used by the functions for S3 and DynamoDB only, and by the state machine for its history and its log', () => {
    const statements = (policy: Readonly<Record<string, unknown>>) =>
      JSON.parse(String(policy.policy)).Statement.filter((each: { Action: string[] }) =>
        each.Action.some((action) => action.startsWith('kms:')),
      );
    const machine = 'arn:aws:states:eu-central-1:444455556666:stateMachine:csv-pipeline-prod';
    for (const [name, policy] of Object.entries(stack.resource.aws_iam_role_policy ?? {})) {
      expect([name, statements(policy)]).toEqual([
        name,
        name === 'trigger_policy'
          ? []
          : name === 'workflow_policy'
            ? [
                {
                  Effect: 'Allow',
                  Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
                  Resource: [key],
                  Condition: {
                    StringLike: {
                      'kms:EncryptionContext:aws:states:stateMachineArn': [machine, `${machine}/*`],
                    },
                  },
                },
                {
                  Effect: 'Allow',
                  Action: ['kms:GenerateDataKey'],
                  Resource: [key],
                  Condition: {
                    StringLike: {
                      'kms:EncryptionContext:SourceArn': 'arn:aws:logs:eu-central-1:444455556666:*',
                    },
                  },
                },
              ]
            : [
                {
                  Effect: 'Allow',
                  Action: [
                    'kms:Decrypt',
                    'kms:DescribeKey',
                    'kms:Encrypt',
                    'kms:GenerateDataKey*',
                    'kms:ReEncrypt*',
                  ],
                  Resource: [key],
                  Condition: {
                    StringEquals: {
                      'kms:ViaService': [
                        'dynamodb.eu-central-1.amazonaws.com',
                        's3.eu-central-1.amazonaws.com',
                      ],
                    },
                  },
                },
              ],
      ]);
    }
  });

  test('is within the permissions boundary', () => {
    const allowed = boundary.Statement.find(({ Action }) => Action.includes('kms:Decrypt'));
    expect(allowed).toEqual({
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      Resource: ['arn:aws:kms:REGION:ACCOUNT:key/*'],
    });
  });
});

test('a key of the stack is rotated, protected like the data, and open to the services that have no role', () => {
  const { resource } = prodWith({ type: 'customer-managed' });
  expect(resource.aws_kms_key?.encryption_key).toMatchObject({
    enable_key_rotation: true,
    deletion_window_in_days: 30,
    lifecycle: { prevent_destroy: true },
  });
  expect(resource.aws_kms_alias?.encryption_alias).toMatchObject({ name: 'alias/csv-pipeline-prod' });
  const { Statement } = JSON.parse(String(resource.aws_kms_key?.encryption_key?.policy));
  const logs = 'arn:aws:logs:eu-central-1:444455556666:log-group';
  expect(Statement).toEqual([
    {
      Sid: 'AllowAccount',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::444455556666:root' },
      Action: ['kms:*'],
      Resource: ['*'],
    },
    ...['cloudwatch', 'events'].map((service) => ({
      Sid: service === 'events' ? 'AllowRule' : 'AllowAlarms',
      Effect: 'Allow',
      Principal: { Service: `${service}.amazonaws.com` },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: ['*'],
    })),
    {
      Sid: 'AllowLogs',
      Effect: 'Allow',
      Principal: { Service: 'logs.eu-central-1.amazonaws.com' },
      Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      Resource: ['*'],
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': [
            `${logs}:/aws/lambda/csv-pipeline-prod-*`,
            `${logs}:/aws/vendedlogs/states/csv-pipeline-prod`,
          ],
        },
      },
    },
    {
      Sid: 'AllowLogDelivery',
      Effect: 'Allow',
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: ['kms:Decrypt*'],
      Resource: ['*'],
    },
  ]);
});

test.each([
  ['that is named', { type: 'customer-managed', keyArn: KEY } as const],
  ['of AWS', { type: 'aws-managed' } as const],
])('with a key %s, the stack creates none', (_, encryption) => {
  const { resource } = prodWith(encryption);
  expect([resource.aws_kms_key, resource.aws_kms_alias]).toEqual([undefined, undefined]);
  if (encryption.type === 'aws-managed') expect(JSON.stringify(resource)).not.toContain('kms');
});

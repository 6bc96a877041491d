/** What protects the data of an environment: a key of its own, with those who may use it, and Terraform's refusal to destroy. */

import { Construct } from 'constructs';
import { KmsAlias } from '#aws/kms-alias';
import { KmsKey } from '#aws/kms-key';
import { allow, policyDocument, type Statement } from './iam.ts';

/**
 * Makes Terraform refuse a plan that would destroy the resource. The service's own deletion protection would refuse
 * too, but only after Terraform has destroyed other resources.
 */
export function preventDestroyIf(deletionProtection: boolean): {
  readonly lifecycle?: { readonly preventDestroy: true };
} {
  return deletionProtection ? { lifecycle: { preventDestroy: true } } : {};
}

/** Encryption with a customer-managed key; if there is none, with the keys that AWS manages. */
export interface KeySettings {
  /** The ARN of the key. */
  readonly keyArn?: string | undefined;
}

export interface EncryptionSettings {
  readonly accountId: string;
  readonly region: string;
  /** Whether AWS manages the keys; if not, the key that exists, or else the stack creates one. */
  readonly encryption:
    | { readonly type: 'aws-managed' }
    | { readonly type: 'customer-managed'; readonly keyArn?: string | undefined };
  /** Whether Terraform refuses to destroy the key. */
  readonly deletionProtection: boolean;
}

export interface EncryptionKeyProps extends EncryptionSettings {
  readonly name: string;
}

/** Days for which the deletion of a key can be cancelled: the maximum, because no data survives the deletion. */
const DELETION_WINDOW = 30;

/** What a service does with a key on behalf of the principals that it may be used for. */
const USE = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];

/** Creates a key, unless the environment names one or has none. */
export class EncryptionKey extends Construct {
  readonly arn: string | undefined;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const { encryption, name, deletionProtection } = props;
    if (encryption.type === 'aws-managed') return;
    if (encryption.keyArn !== undefined) {
      this.arn = encryption.keyArn;
      return;
    }
    const key = new KmsKey(this, 'key', {
      description: `Encrypts the data, events and logs of ${name}`,
      enableKeyRotation: true,
      deletionWindowInDays: DELETION_WINDOW,
      policy: policyDocument(keyPolicy(props)),
      ...preventDestroyIf(deletionProtection),
    });
    new KmsAlias(this, 'alias', { name: `alias/${name}`, targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}

/**
 * Leaves the use of the key to IAM policies, and allows the services that have no role. Neither alarms nor rules of other
 * accounts get further than the policies of the topic and of the queue. The ARNs are spelt out, because what they name is
 * encrypted with the key.
 */
function keyPolicy({ accountId, region, name }: EncryptionKeyProps): Statement[] {
  const service = (
    Sid: string,
    Service: string,
    actions: readonly string[],
    Condition?: Statement['Condition'],
  ): Statement => ({
    Sid,
    Principal: { Service },
    ...allow(actions, ['*']),
    ...(Condition && { Condition }),
  });
  const logGroups = `arn:aws:logs:${region}:${accountId}:log-group`;
  return [
    {
      Sid: 'AllowAccount',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      ...allow(['kms:*'], ['*']),
    },
    // Source: "Security best practices" for topics with encryption, in the SNS developer guide.
    service('AllowAlarms', 'cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*']),
    // Source: "Key management" in the SQS developer guide.
    service('AllowRule', 'events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*']),
    // Source: "Encrypt log data in CloudWatch Logs using AWS KMS" in its user guide.
    service(
      'AllowLogs',
      `logs.${region}.amazonaws.com`,
      ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': [
            `${logGroups}:/aws/lambda/${name}-*`,
            `${logGroups}:/aws/vendedlogs/states/${name}`,
          ],
        },
      },
    ),
    // Source: "Data at rest encryption" in the Step Functions developer guide.
    service('AllowLogDelivery', 'delivery.logs.amazonaws.com', ['kms:Decrypt*']),
  ];
}

/**
 * What a function's role needs to use encrypted buckets and tables.
 * Source: "Encryption at rest: usage notes" in the DynamoDB developer guide, whose actions include those of S3.
 */
export function useOfKey({ keyArn }: KeySettings, region: string): Statement[] {
  if (keyArn === undefined) return [];
  const services = ['dynamodb', 's3'].map((service) => `${service}.${region}.amazonaws.com`);
  return [{ ...allow(USE, [keyArn]), Condition: { StringEquals: { 'kms:ViaService': services } } }];
}

/**
 * What the role of a state machine needs if its history is encrypted, and that of the executions of its DISTRIBUTED Maps,
 * and if its log is.
 * Source: "Data at rest encryption" in the Step Functions developer guide.
 */
export function useOfKeyBy({ keyArn }: KeySettings, stateMachineArn: string, logs: string): Statement[] {
  if (keyArn === undefined) return [];
  const history = {
    'kms:EncryptionContext:aws:states:stateMachineArn': [stateMachineArn, `${stateMachineArn}/*`],
  };
  return [
    { ...allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]), Condition: { StringLike: history } },
    {
      ...allow(['kms:GenerateDataKey'], [keyArn]),
      Condition: { StringLike: { 'kms:EncryptionContext:SourceArn': logs } },
    },
  ];
}

/** A versioned bucket that only the account's own roles can access, over TLS. */

import { Construct } from 'constructs';
import { S3Bucket } from '#aws/s3-bucket';
import { S3BucketLifecycleConfiguration } from '#aws/s3-bucket-lifecycle-configuration';
import { S3BucketNotification } from '#aws/s3-bucket-notification';
import { S3BucketOwnershipControls } from '#aws/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '#aws/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '#aws/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '#aws/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '#aws/s3-bucket-versioning';
import { type KeySettings, preventDestroyIf } from './data-protection.ts';
import { denyPlainText, policyDocument } from './iam.ts';

export interface PrivateBucketProps extends KeySettings {
  readonly name: string;
  /** Whether EventBridge receives the bucket's events. */
  readonly emitsEvents: boolean;
  /** Whether Terraform refuses to destroy the bucket; if not, it destroys the bucket with all its objects. */
  readonly deletionProtection: boolean;
  /** Days for which noncurrent versions are kept. */
  readonly formerVersionDays: number;
  /** Days after which objects with a key prefix are deleted. */
  readonly expirations?: readonly { readonly prefix: string; readonly days: number }[];
}

export class PrivateBucket extends Construct {
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    const resource = new S3Bucket(this, 'bucket', {
      bucket: props.name,
      forceDestroy: !props.deletionProtection,
      ...preventDestroyIf(props.deletionProtection),
    });
    const bucket = resource.bucket;
    this.name = bucket;
    this.arn = resource.arn;

    if (props.emitsEvents) new S3BucketNotification(this, 'notification', { bucket, eventbridge: true });

    const versioning = new S3BucketVersioningA(this, 'versioning', {
      bucket,
      versioningConfiguration: { status: 'Enabled' },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      bucket,
      rule: [
        props.keyArn === undefined
          ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
          : {
              applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: props.keyArn },
              // One request to KMS for many objects.
              bucketKeyEnabled: true,
            },
      ],
    });
    new S3BucketPublicAccessBlock(this, 'public-access', {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, 'ownership', {
      bucket,
      rule: { objectOwnership: 'BucketOwnerEnforced' },
    });
    new S3BucketPolicy(this, 'policy', {
      bucket,
      policy: policyDocument([denyPlainText('s3', [this.arn, `${this.arn}/*`])]),
    });
    new S3BucketLifecycleConfiguration(this, 'lifecycle', {
      bucket,
      rule: [
        {
          id: 'leftovers',
          status: 'Enabled',
          filter: [{}],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 1 }],
          noncurrentVersionExpiration: [{ noncurrentDays: props.formerVersionDays }],
        },
        ...(props.expirations ?? []).map(({ prefix, days }) => ({
          id: `expire-${prefix.replaceAll('/', '')}`,
          status: 'Enabled',
          filter: [{ prefix }],
          expiration: [{ days }],
        })),
      ],
      // The rule on noncurrent versions requires versioning; the provider's documentation asks for this dependency.
      dependsOn: [versioning],
    });
  }
}

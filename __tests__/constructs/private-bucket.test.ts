import { parsed, part, resources, synthesized } from '../support/stack/stack.ts';

const prod = synthesized('prod');
const source = '${aws_s3_bucket.source_bucket.bucket}';
const reports = '${aws_s3_bucket.reports_bucket.bucket}';

/** What both buckets have in common, except for their lifecycle and policy. */
const protections = (name: string, bucket: string) => ({
  [`aws_s3_bucket_ownership_controls.${name}_ownership`]: {
    bucket,
    rule: { object_ownership: 'BucketOwnerEnforced' },
  },
  [`aws_s3_bucket_public_access_block.${name}_public-access`]: {
    bucket,
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  },
  [`aws_s3_bucket_server_side_encryption_configuration.${name}_encryption`]: {
    bucket,
    rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }],
  },
  [`aws_s3_bucket_versioning.${name}_versioning`]: {
    bucket,
    versioning_configuration: { status: 'Enabled' },
  },
});

const leftovers = (formerVersionDays: number) => ({
  id: 'leftovers',
  status: 'Enabled',
  filter: [{}],
  abort_incomplete_multipart_upload: [{ days_after_initiation: 1 }],
  noncurrent_version_expiration: [{ noncurrent_days: formerVersionDays }],
});

test('the source bucket is private and versioned, and sends its events to EventBridge', () => {
  expect(part(prod, 'source_')).toEqual({
    ...protections('source', source),
    'aws_s3_bucket.source_bucket': {
      bucket: 'csv-pipeline-prod-source-444455556666',
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    },
    'aws_s3_bucket_notification.source_notification': { bucket: source, eventbridge: true },
    'aws_s3_bucket_lifecycle_configuration.source_lifecycle': {
      bucket: source,
      rule: [leftovers(90)],
      depends_on: ['aws_s3_bucket_versioning.source_versioning'],
    },
    'aws_s3_bucket_policy.source_policy': { bucket: source, policy: expect.any(String) },
  });
});

test('the reports bucket is just as private, expires its objects, and sends no events', () => {
  expect(part(prod, 'reports_')).toEqual({
    ...protections('reports', reports),
    'aws_s3_bucket.reports_bucket': {
      bucket: 'csv-pipeline-prod-reports-444455556666',
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    },
    'aws_s3_bucket_lifecycle_configuration.reports_lifecycle': {
      bucket: reports,
      rule: [
        leftovers(1),
        {
          id: 'expire-reports',
          status: 'Enabled',
          filter: [{ prefix: 'reports/' }],
          expiration: [{ days: 365 }],
        },
        {
          id: 'expire-working',
          status: 'Enabled',
          filter: [{ prefix: 'working/' }],
          expiration: [{ days: 15 }],
        },
      ],
      depends_on: ['aws_s3_bucket_versioning.reports_versioning'],
    },
    'aws_s3_bucket_policy.reports_policy': { bucket: reports, policy: expect.any(String) },
  });
});

test.each(['source', 'reports'])('the %s bucket denies every request without TLS', (name) => {
  const arn = `\${aws_s3_bucket.${name}_bucket.arn}`;
  expect(parsed(resources(prod, 'aws_s3_bucket_policy')[`${name}_policy`], 'policy')).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'DenyPlainText',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
});

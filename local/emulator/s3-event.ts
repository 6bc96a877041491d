import { randomBytes, randomUUID } from 'node:crypto';
import type { Account } from '../stack/references.ts';

/** An object that has been uploaded to a bucket. */
export interface UploadedObject {
  readonly bucket: string;
  readonly key: string;
  /** The size in bytes. */
  readonly size: number;
  /** The ETag without its quotes. */
  readonly etag: string;
  /** Set only if the bucket has versioning. */
  readonly versionId?: string;
}

/**
 * The event that S3 sends to EventBridge for an upload. Its fields are documented in
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html; the key is not URL-encoded.
 */
export function objectCreatedEvent(object: UploadedObject, { id: account, region }: Account) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account,
    time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [`arn:aws:s3:::${object.bucket}`],
    detail: {
      version: '0',
      bucket: { name: object.bucket },
      object: {
        key: object.key,
        size: object.size,
        etag: object.etag,
        ...(object.versionId !== undefined && { 'version-id': object.versionId }),
        sequencer: Date.now().toString(16).toUpperCase().padStart(18, '0'),
      },
      'request-id': randomBytes(8).toString('hex').toUpperCase(),
      requester: account,
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  };
}

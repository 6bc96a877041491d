/** Writes, reads and lists objects in the pipeline's own bucket, the reports bucket. */

import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { ServiceUnavailableError } from '../errors.ts';
import { classified } from './aws.ts';

/** An object in the reports bucket. */
export interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
}

/** @throws ServiceUnavailableError when S3 does not answer. */
export async function writeObject(
  s3: S3Client,
  { bucket, key }: ObjectLocation,
  body: string | Uint8Array,
  contentType?: string,
): Promise<void> {
  const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType });
  await s3.send(put).catch((error: unknown) => {
    throw classified(error, `Writing s3://${bucket}/${key}`);
  });
}

/**
 * @param range from the first byte up to but not including the second; the whole object by default.
 * @throws ServiceUnavailableError when S3 does not answer or returns too few bytes.
 */
export async function readObject(
  s3: S3Client,
  { bucket, key }: ObjectLocation,
  range?: readonly [number, number],
): Promise<Buffer> {
  let bytes: Buffer;
  let wanted: number | undefined;
  try {
    const { Body, ContentLength } = await s3.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(range !== undefined && { Range: `bytes=${range[0]}-${range[1] - 1}` }),
      }),
    );
    bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    wanted = range === undefined ? ContentLength : range[1] - range[0];
  } catch (error) {
    throw classified(error, `Reading s3://${bucket}/${key}`);
  }
  // A missing byte could hide a duplicate or a rejected row.
  if (bytes.length === (wanted ?? bytes.length)) return bytes;
  throw new ServiceUnavailableError(
    `Reading s3://${bucket}/${key} returned ${bytes.length} of ${wanted} bytes. A retry may succeed.`,
  );
}

/**
 * The keys that start with a prefix, in ascending order.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function listKeys(s3: S3Client, bucket: string, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  try {
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    }
  } catch (error) {
    throw classified(error, `Listing s3://${bucket}/${prefix}*`);
  }
  return keys.sort();
}

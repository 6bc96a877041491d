/** Writes and reads what the pipeline keeps in its own bucket, one object at a time. */

import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ServiceUnavailableError } from '../errors.ts';
import { classified } from './aws.ts';

/** An object of the reports bucket. */
export interface OwnObject {
  readonly bucket: string;
  readonly key: string;
}

/** @throws ServiceUnavailableError when S3 does not answer. */
export async function putOwn(
  s3: S3Client,
  { bucket, key }: OwnObject,
  body: string | Uint8Array,
  contentType?: string,
): Promise<void> {
  const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType });
  await s3.send(put).catch((error: unknown) => {
    throw classified(error, `Writing s3://${bucket}/${key}`);
  });
}

/**
 * @param range bytes from the first up to but not including the second; all of them if left out.
 * @throws ServiceUnavailableError when S3 does not answer, or with less than it should.
 */
export async function getOwn(
  s3: S3Client,
  { bucket, key }: OwnObject,
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
  // What is missing would be a duplicate, or a rejected row, that nobody finds.
  if (bytes.length === (wanted ?? bytes.length)) return bytes;
  throw new ServiceUnavailableError(
    `Reading s3://${bucket}/${key} gave ${bytes.length} of ${wanted} bytes; it may succeed later.`,
  );
}

/** Uploads files to S3. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { HeadObjectCommand, NotFound, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { UploadedObject } from './emulator/s3-event.ts';

type Place = Pick<UploadedObject, 'bucket' | 'key'>;

export async function uploadFile(s3: S3Client, place: Place, file: string): Promise<UploadedObject> {
  const { size, mtimeMs } = await stat(file);
  const answer = await s3.send(
    new PutObjectCommand({
      Bucket: place.bucket,
      Key: place.key,
      Body: createReadStream(file),
      ContentLength: size,
      Metadata: { mtime: String(mtimeMs) },
    }),
  );
  return uploaded(place, size, answer);
}

/** The newest version of the object, if it is this file as it was uploaded: with its bytes and its modification time. */
export async function uploadedBefore(
  s3: S3Client,
  place: Place,
  file: string,
): Promise<UploadedObject | undefined> {
  const { size, mtimeMs } = await stat(file);
  const head = await s3
    .send(new HeadObjectCommand({ Bucket: place.bucket, Key: place.key }))
    .catch((error: unknown) => {
      if (error instanceof NotFound) return undefined;
      throw error;
    });
  if (head === undefined || head.Metadata?.mtime !== String(mtimeMs)) return undefined;
  const md5 = createHash('md5');
  await pipeline(createReadStream(file), md5);
  const object = uploaded(place, size, head);
  return object.etag === md5.digest('hex') ? object : undefined;
}

function uploaded(
  place: Place,
  size: number,
  answer: { readonly ETag?: string | undefined; readonly VersionId?: string | undefined },
): UploadedObject {
  return {
    ...place,
    size,
    etag: answer.ETag?.replaceAll('"', '') ?? '',
    ...(answer.VersionId !== undefined && { versionId: answer.VersionId }),
  };
}

/** Pins one version of an object, and reads ranges of exactly that version. */

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ServiceUnavailableError, SourceChangedError, SourceNotFoundError } from '../errors.ts';
import type { Source } from '../messages.ts';
import { classified, httpStatus, isTransient } from './aws.ts';

/** An object as an event or a person names it. */
export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly etag?: string | undefined;
}

/** An object to read from; without an ETag, whatever version is there. */
export type StoredObject = Pick<Source, 'bucket' | 'key' | 'size'> &
  Partial<Pick<Source, 'etag' | 'versionId'>>;

/** Times that a range is asked for again without a byte having come in between. */
const MAX_STALLED_READS = 5;

/**
 * Storage classes that an object must be restored from before it can be read.
 * Source: "Working with archived objects", Amazon S3 user guide.
 */
const ARCHIVED: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Whether S3's `x-amz-restore` header says that there is a copy to read, and not that one is being made. */
function isRestored(restore: string | undefined): boolean {
  return restore?.includes('ongoing-request="false"') ?? false;
}

/** How an object is written in messages. */
export function s3Uri(object: { readonly bucket: string; readonly key: string }): string {
  return `s3://${object.bucket}/${object.key}`;
}

/** A version that is pinned. */
export interface PinnedObject {
  readonly source: Source;
  /** When it was uploaded, in milliseconds since 1970; S3 tells whole seconds. */
  readonly modified: number;
}

/**
 * Pins the version that is named, or else the newest.
 * @throws SourceNotFoundError when it does not exist or may not be read.
 * @throws SourceChangedError when the object is no longer the one with the ETag that is named.
 */
export async function pinSource(s3: S3Client, object: ObjectReference): Promise<PinnedObject> {
  const { bucket, key } = object;
  const head = await s3
    .send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: object.versionId }))
    .catch((error: unknown) => {
      throw classified(explain(error, object), `Reading ${s3Uri(object)}`);
    });
  if (head.StorageClass !== undefined && ARCHIVED.has(head.StorageClass) && !isRestored(head.Restore)) {
    throw new SourceNotFoundError(
      `${s3Uri(object)} is archived in the storage class ${head.StorageClass}, from which it cannot be read. Restore it, or copy it into S3 Standard, and start the execution again.`,
    );
  }
  if (object.versionId !== undefined && head.VersionId !== object.versionId) {
    throw new SourceNotFoundError(
      `${s3Uri(object)} was asked for in version ${object.versionId}, and what answered has ${head.VersionId === undefined ? 'no versions' : `version ${head.VersionId}`}.`,
    );
  }
  const etag = unquote(head.ETag);
  if (object.etag !== undefined && object.etag !== etag) {
    throw new SourceChangedError(
      `${s3Uri(object)} was overwritten since the event: it had the ETag ${object.etag} and has ${etag}. The event of the newer upload loads that one.`,
    );
  }
  return {
    source: {
      bucket,
      key,
      etag,
      size: head.ContentLength ?? 0,
      ...(head.VersionId !== undefined && { versionId: head.VersionId }),
    },
    modified: head.LastModified?.getTime() ?? 0,
  };
}

/**
 * Streams the bytes `start` up to but not including `end`. A connection that breaks, or ends early, is taken up
 * again behind the last byte that came.
 * @throws SourceChangedError when the object is no longer the pinned one.
 * @throws ServiceUnavailableError when S3 stops answering.
 */
export async function* readRange(
  s3: S3Client,
  source: StoredObject,
  start: number,
  end: number,
): AsyncGenerator<Buffer, void> {
  let position = start;
  let stalled = 0;
  while (position < end) {
    const from = position;
    let failure: unknown;
    try {
      for await (const bytes of openRange(s3, source, position, end)) {
        position += bytes.length;
        yield bytes;
      }
    } catch (error) {
      if (!isTransient(error)) throw error;
      failure = error;
    }
    if (position >= end) return;
    stalled = position > from ? 0 : stalled + 1;
    if (stalled > MAX_STALLED_READS) {
      throw new ServiceUnavailableError(
        `${s3Uri(source)} could not be read beyond byte ${position} of ${source.size}.`,
        { cause: failure },
      );
    }
    await sleep(Math.random() * 100 * 2 ** stalled);
  }
}

/** One request for a range. Yields no byte beyond it, and none of another version. */
async function* openRange(
  s3: S3Client,
  source: StoredObject,
  start: number,
  end: number,
): AsyncGenerator<Buffer, void> {
  const response = await s3
    .send(
      new GetObjectCommand({
        Bucket: source.bucket,
        Key: source.key,
        VersionId: source.versionId,
        ...(source.etag !== undefined && { IfMatch: `"${source.etag}"` }),
        Range: `bytes=${start}-${end - 1}`,
      }),
    )
    .catch((error: unknown) => {
      throw explain(error, source);
    });
  // Not every endpoint keeps If-Match.
  if (source.etag !== undefined && unquote(response.ETag) !== source.etag) throw changed(source);
  if (!(response.Body instanceof Readable)) return;
  let missing = end - start;
  for await (const bytes of response.Body) {
    if (missing <= 0) return;
    yield bytes.length <= missing ? bytes : bytes.subarray(0, missing);
    missing -= bytes.length;
  }
}

function unquote(etag: string | undefined): string {
  return (etag ?? '').replace(/^"|"$/g, '');
}

function changed(object: ObjectReference): SourceChangedError {
  return new SourceChangedError(
    `${s3Uri(object)} was overwritten or deleted while it was read: the version with the ETag ${object.etag} is gone. Nothing of another version was read; the event of the newer upload loads that one.`,
  );
}

/** What an error of S3 means for a source. */
function explain(error: unknown, object: ObjectReference): unknown {
  switch (httpStatus(error)) {
    case 404:
    case 405: // a delete marker
      return object.etag === undefined || object.versionId !== undefined
        ? new SourceNotFoundError(
            `There is no ${s3Uri(object)}${object.versionId === undefined ? '' : ` in version ${object.versionId}`}. Check the bucket and the key, which is case-sensitive and not URL-encoded.`,
            { cause: error },
          )
        : changed(object);
    case 403:
      return new SourceNotFoundError(
        `${s3Uri(object)} may not be read: access was denied. Check the bucket's policy and the function's role.`,
        { cause: error },
      );
    case 412:
    case 416:
      return changed(object);
    default:
      return error;
  }
}

/** Pins one version of an object and reads byte ranges of exactly that version. */

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, HeadObjectCommand, InvalidObjectState, type S3Client } from '@aws-sdk/client-s3';
import { ServiceUnavailableError, SourceChangedError, SourceNotFoundError } from '../errors.ts';
import type { Source } from '../messages.ts';
import { classified, httpStatus, isTransient } from './aws.ts';

/** An object as an event or a user names it. */
export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly etag?: string | undefined;
}

/** An object to read from; without an ETag, whichever version is current. */
export type StoredObject = Pick<Source, 'bucket' | 'key' | 'size'> &
  Partial<Pick<Source, 'etag' | 'versionId'>>;

/** Consecutive retries of a range that may return no byte. */
const MAX_STALLED_READS = 5;

/**
 * Storage classes that an object must be restored from before it can be read.
 * Source: "Working with archived objects", Amazon S3 user guide.
 */
const ARCHIVED: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Whether S3's `x-amz-restore` header says that the restored copy is available, not still in progress. */
function isRestored(restore: string | undefined): boolean {
  return restore?.includes('ongoing-request="false"') ?? false;
}

/** The S3 URI of an object, for messages. */
export function s3Uri(object: { readonly bucket: string; readonly key: string }): string {
  return `s3://${object.bucket}/${object.key}`;
}

/** A pinned version of an object. */
export interface PinnedObject {
  readonly source: Source;
  /** When it was uploaded, in milliseconds since 1970; S3 reports whole seconds. */
  readonly modified: number;
}

/**
 * Pins the named version, or else the newest.
 * @throws SourceNotFoundError when it does not exist, is archived, or cannot be accessed.
 * @throws SourceChangedError when the object's ETag is no longer the named one.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function pinSource(s3: S3Client, object: ObjectReference): Promise<PinnedObject> {
  const { bucket, key } = object;
  const head = await s3
    .send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: object.versionId }))
    .catch(async (error: unknown) => {
      throw classified(sourceError(await explained(s3, error, object), object), `Reading ${s3Uri(object)}`);
    });
  const isArchived = ARCHIVED.has(head.StorageClass ?? '') || head.ArchiveStatus !== undefined;
  if (isArchived && !isRestored(head.Restore)) throw sourceArchived(object, head);
  if (object.versionId !== undefined && head.VersionId !== object.versionId) {
    throw new SourceNotFoundError(
      `Version ${object.versionId} of ${s3Uri(object)} was requested, but S3 returned ${head.VersionId === undefined ? 'an object without versions' : `version ${head.VersionId}`}. Check the version ID and the bucket's versioning.`,
    );
  }
  const etag = unquote(head.ETag);
  if (object.etag !== undefined && object.etag !== etag) {
    throw new SourceChangedError(
      `${s3Uri(object)} has been overwritten since the event: its ETag was ${object.etag} and is now ${etag}. The event of the newer upload loads the new version.`,
    );
  }
  const modified = head.LastModified?.getTime() ?? 0;
  return {
    source: {
      bucket,
      key,
      etag,
      size: head.ContentLength ?? 0,
      uploaded: new Date(modified).toISOString(),
      ...(head.VersionId !== undefined && { versionId: head.VersionId }),
    },
    modified,
  };
}

/**
 * Streams the bytes `start` up to but not including `end`. When a connection breaks or ends early, a new request
 * resumes after the last byte received.
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
        `Reading ${s3Uri(source)} stopped at byte ${position} of ${source.size}, and ${MAX_STALLED_READS} retries returned no more. A later attempt may succeed.`,
        { cause: failure },
      );
    }
    await sleep(Math.random() * 100 * 2 ** stalled);
  }
}

/** Sends one request for a range. Yields no byte outside the range and none of another version. */
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
      throw sourceError(error, source);
    });
  // Not every endpoint supports If-Match.
  if (source.etag !== undefined && unquote(response.ETag) !== source.etag) throw sourceChanged(source);
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

function sourceChanged(object: ObjectReference): SourceChangedError {
  return new SourceChangedError(
    `${s3Uri(object)} was overwritten or deleted while it was being read: the version with the ETag ${object.etag} is gone. No other version was read; the event of a newer upload loads that version.`,
  );
}

/** @param where the storage class, and for S3 Intelligent-Tiering the tier, as far as S3 has named them. */
function sourceArchived(
  object: ObjectReference,
  where: { readonly StorageClass?: string | undefined; readonly ArchiveStatus?: string | undefined },
): SourceNotFoundError {
  const storageClass = where.StorageClass === undefined ? '' : ` in the storage class ${where.StorageClass}`;
  const tier = where.ArchiveStatus === undefined ? '' : ` (${where.ArchiveStatus})`;
  return new SourceNotFoundError(
    `${s3Uri(object)} is archived${storageClass}${tier} and cannot be read. Restore it or copy it to S3 Standard, then start the execution again.`,
  );
}

/** The answer to a HEAD request has no body, so S3 is asked again why the request was invalid. */
async function explained(s3: S3Client, error: unknown, object: ObjectReference): Promise<unknown> {
  if (httpStatus(error) !== 400) return error;
  const { bucket, key, versionId } = object;
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    VersionId: versionId,
    Range: 'bytes=0-0',
  });
  return s3.send(command).then(
    () => error,
    (reason: unknown) => reason,
  );
}

/** Translates an error from S3 into the error of the source, if there is one. */
function sourceError(error: unknown, object: ObjectReference): unknown {
  if (error instanceof InvalidObjectState) {
    return sourceArchived(object, { StorageClass: error.StorageClass, ArchiveStatus: error.AccessTier });
  }
  switch (httpStatus(error)) {
    case 400:
      // Of the arguments, only the version ID can be malformed.
      return object.versionId !== undefined && error instanceof Error && error.name === 'InvalidArgument'
        ? new SourceNotFoundError(
            `${JSON.stringify(object.versionId)} is not a version ID of S3, so no version of ${s3Uri(object)} was read. Check the versionId of the execution's input, or leave it out to load the latest version.`,
            { cause: error },
          )
        : error;
    case 404:
    case 405: // a delete marker
      return object.etag === undefined || object.versionId !== undefined
        ? new SourceNotFoundError(
            `There is no ${object.versionId === undefined ? '' : `version ${object.versionId} of `}${s3Uri(object)}. Check the bucket and the key, which is case-sensitive and not URL-encoded.`,
            { cause: error },
          )
        : sourceChanged(object);
    case 403:
      return new SourceNotFoundError(
        `Access to ${s3Uri(object)} was denied. Check the bucket's policy and the function's role.`,
        { cause: error },
      );
    case 412:
    case 416:
      return sourceChanged(object);
    default:
      return error;
  }
}

/**
 * The objects of an index in the reports bucket. Each has the entries of some neighbouring buckets, the same that the
 * keys of a file are grouped into; together they have all buckets. They are written before anything refers to them, under
 * an id that is never used again, and only the index that the ledger names is ever read.
 */

import { hash } from 'node:crypto';
import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { logInfo } from '../runtime/log.ts';
import { listKeys, type ObjectLocation, readObject, writeObject } from '../storage/own-objects.ts';
import { BUCKETS } from '../working/keys.ts';
import { bucketsRange, decodeEntries, joinBuckets, type KeyedEntry, offsetsBytes } from './entries.ts';
import { isReplaced } from './rules.ts';

/** Digits of a bucket in an object's name, so that names sort like buckets. */
const DIGITS = String(BUCKETS).length;

/** Where an index is. */
export interface IndexPlace {
  /** The reports bucket. */
  readonly bucket: string;
  /** The feed's name in the ledger. */
  readonly feed: string;
  /** The index's id in the ledger. */
  readonly id: string;
}

/** An object of an index, and the buckets that it has: `from` up to but not including `to`. */
export interface IndexObject {
  readonly location: ObjectLocation;
  readonly from: number;
  readonly to: number;
  /** Where each of its buckets starts, as {@link bucketsRange} takes it. */
  readonly offsets: Buffer;
}

/** What the keys of all objects of an index start with. The feed's name may be longer than a key, so it is hashed. */
export function indexPrefix({ feed, id }: Omit<IndexPlace, 'bucket'>): string {
  return `${feedPrefix(feed)}${id}/`;
}

/** What the keys of all indexes of a feed start with; the id of the index follows. */
export function feedPrefix(feed: string): string {
  return `indexes/${feedHash(feed)}/`;
}

/** A feed's name as a part of keys. */
export function feedHash(feed: string): string {
  return hash('sha256', feed).slice(0, 32);
}

/**
 * Writes an object of an index.
 * @param from the first bucket.
 * @param buckets that bucket and those that follow it, as `encodeBucket` makes them.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function writeIndexObject(
  s3: S3Client,
  place: IndexPlace,
  from: number,
  buckets: readonly Buffer[],
): Promise<void> {
  const [start, end] = [from, from + buckets.length].map((bucket) => String(bucket).padStart(DIGITS, '0'));
  const key = `${indexPrefix(place)}${start}-${end}`;
  await writeObject(s3, { bucket: place.bucket, key }, joinBuckets(buckets));
}

/** Called with each part of an index that cannot be read, which is then left out. It may throw. */
export type OnLost = (what: string) => Promise<void>;

/**
 * Opens the objects of an index that have some buckets, in ascending order.
 * @throws ServiceUnavailableError when S3 does not answer; and whatever `onLost` throws.
 */
export async function openIndex(
  s3: S3Client,
  place: IndexPlace,
  from: number,
  to: number,
  onLost: OnLost,
): Promise<readonly IndexObject[]> {
  const { bucket } = place;
  const prefix = indexPrefix(place);
  const objects: IndexObject[] = [];
  let next = from;
  const lose = async (end: number): Promise<void> => {
    if (end > next) await onLost(`s3://${bucket}/${prefix} has no object for the buckets ${next} to ${end}`);
  };
  for (const key of await listKeys(s3, bucket, prefix)) {
    const [, start, end] = /(\d+)-(\d+)$/.exec(key) ?? [];
    const range = { from: Number(start), to: Number(end) };
    if (range.to <= next || range.from >= to) continue;
    await lose(range.from);
    next = range.to;
    const location = { bucket, key };
    const offsets = await readPart(s3, location, [0, offsetsBytes(range.to - range.from)], onLost);
    if (offsets !== undefined) objects.push({ location, ...range, offsets });
  }
  await lose(to);
  return objects;
}

/** Reads a part of an object that was just listed, or opened; undefined if it is lost. */
async function readPart(
  s3: S3Client,
  location: ObjectLocation,
  range: readonly [number, number],
  onLost: OnLost,
): Promise<Buffer | undefined> {
  try {
    return await readObject(s3, location, range);
  } catch (error) {
    if (!(await isLost(s3, location, error))) throw error;
  }
  await onLost(`s3://${location.bucket}/${location.key} is missing or damaged`);
  return undefined;
}

/** Whether an object cannot be read because it is missing, or shorter than it was. */
async function isLost(s3: S3Client, { bucket, key }: ObjectLocation, error: unknown): Promise<boolean> {
  // A client for the command line explains S3's error, which is the cause then.
  const { name } = error instanceof Error && error.cause instanceof Error ? error.cause : Object(error);
  if (name === 'NoSuchKey' || name === 'InvalidRange') return true;
  // S3 denies access to a missing object if its bucket may be listed only in part, as by the functions.
  return name === 'AccessDenied' && !(await listKeys(s3, bucket, key)).includes(key);
}

/** The part of an object's buckets that lies from `from` up to but not including `to`, as bytes of the object. */
function partOf({ from, to, offsets }: IndexObject, first: number, end: number): readonly [number, number] {
  return bucketsRange(offsets, Math.max(first, from) - from, Math.max(Math.min(end, to), from) - from);
}

/** Bytes of the entries in the buckets `from` up to but not including `to`. */
export function indexBytes(objects: readonly IndexObject[], from: number, to: number): number {
  return objects.reduce((sum, object) => {
    if (object.to <= from || object.from >= to) return sum;
    const [start, end] = partOf(object, from, to);
    return sum + end - start;
  }, 0);
}

/**
 * Reads the buckets `from` up to but not including `to`.
 * @returns the entries of one of them.
 * @throws ServiceUnavailableError when S3 does not answer; and, like what is returned, whatever `onLost` throws.
 */
export async function readIndex(
  s3: S3Client,
  objects: readonly IndexObject[],
  from: number,
  to: number,
  onLost: OnLost,
): Promise<(bucket: number) => Promise<readonly KeyedEntry[]>> {
  const parts: { readonly object: IndexObject; readonly start: number; readonly bytes: Buffer }[] = [];
  for (const object of objects) {
    if (object.to <= from || object.from >= to) continue;
    const [start, end] = partOf(object, from, to);
    const bytes = start === end ? undefined : await readPart(s3, object.location, [start, end], onLost);
    if (bytes !== undefined) parts.push({ object, start, bytes });
  }
  return async (bucket) => {
    const part = parts.find(({ object }) => object.from <= bucket && bucket < object.to);
    if (part === undefined) return [];
    const [first, end] = partOf(part.object, bucket, bucket + 1);
    try {
      return [...decodeEntries(part.bytes.subarray(first - part.start, end - part.start))];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const { location } = part.object;
      await onLost(`s3://${location.bucket}/${location.key} is damaged`);
      return [];
    }
  };
}

/** Keys that one request may delete; source: DeleteObjects in the S3 API reference. */
const MAX_DELETED = 1_000;

/**
 * Deletes the indexes of a feed that a complete load has replaced, or their samples. A failure must not fail a finished load, and the next
 * one deletes what is left.
 * @param place of the complete load's index.
 * @param prefix of all indexes of the feed, or of all samples.
 */
export async function deleteReplaced(
  s3: S3Client,
  place: Pick<IndexPlace, 'bucket' | 'id'>,
  prefix: string,
): Promise<void> {
  try {
    const keys = await listKeys(s3, place.bucket, prefix);
    const replaced = keys.filter((key) => {
      const [id = ''] = key.slice(prefix.length).split('/');
      return isReplaced(id, place.id);
    });
    for (let first = 0; first < replaced.length; first += MAX_DELETED) {
      const Objects = replaced.slice(first, first + MAX_DELETED).map((Key) => ({ Key }));
      await s3.send(new DeleteObjectsCommand({ Bucket: place.bucket, Delete: { Objects, Quiet: true } }));
    }
  } catch (error) {
    logInfo('old indexes left for the next load to delete', { error: String(error) });
  }
}

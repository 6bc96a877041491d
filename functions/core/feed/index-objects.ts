/**
 * The objects of an index in the reports bucket. Each has the entries of some neighbouring buckets, the same that the
 * keys of a file are grouped into; together they have all buckets. They are written before anything refers to them, under
 * an id that is never used again, and only the index that the ledger names is ever read.
 */

import { hash } from 'node:crypto';
import { DeleteObjectsCommand, NoSuchKey, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { IndexMissingError } from '../errors.ts';
import { logInfo } from '../runtime/log.ts';
import { classified } from '../storage/aws.ts';
import { type ObjectLocation, readObject, writeObject } from '../storage/own-objects.ts';
import { BUCKETS } from '../working/keys.ts';
import { bucketsRange, decodeEntries, encodeBuckets, type KeyedEntry, offsetsBytes } from './entries.ts';
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

/** What the keys of all indexes of a feed start with. */
export function feedPrefix(feed: string): string {
  return `indexes/${hash('sha256', feed).slice(0, 32)}/`;
}

/**
 * Writes an object of an index.
 * @param from the first bucket.
 * @param buckets the entries of that bucket and of those that follow it.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function writeIndexObject(
  s3: S3Client,
  place: IndexPlace,
  from: number,
  buckets: readonly (readonly KeyedEntry[])[],
): Promise<void> {
  const [start, end] = [from, from + buckets.length].map((bucket) => String(bucket).padStart(DIGITS, '0'));
  const key = `${indexPrefix(place)}${start}-${end}`;
  await writeObject(s3, { bucket: place.bucket, key }, encodeBuckets(buckets));
}

/**
 * Opens the objects of an index that have some buckets, in ascending order.
 * @throws IndexMissingError when one of them is missing.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function openIndex(
  s3: S3Client,
  place: IndexPlace,
  from: number,
  to: number,
): Promise<readonly IndexObject[]> {
  const { bucket } = place;
  const objects: IndexObject[] = [];
  let next = 0;
  for (const key of await keysOf(s3, bucket, indexPrefix(place))) {
    const [, start, end] = /(\d+)-(\d+)$/.exec(key) ?? [];
    const range = { from: Number(start), to: Number(end) };
    if (range.from !== next) break;
    next = range.to;
    if (range.to <= from || range.from >= to) continue;
    const location = { bucket, key };
    const offsets = await readPart(s3, location, [0, offsetsBytes(range.to - range.from)]);
    objects.push({ location, ...range, offsets });
  }
  if (next === BUCKETS) return objects;
  throw new IndexMissingError(
    `The index s3://${bucket}/${indexPrefix(place)} has no object for bucket ${next}.`,
  );
}

async function keysOf(s3: S3Client, bucket: string, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  try {
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    }
  } catch (error) {
    throw classified(error, `Listing s3://${bucket}/${prefix}*`);
  }
  return keys;
}

/** Reads a part of an object that was just listed, or opened. */
async function readPart(
  s3: S3Client,
  location: ObjectLocation,
  range: readonly [number, number],
): Promise<Buffer> {
  try {
    return await readObject(s3, location, range);
  } catch (error) {
    const isShort = error instanceof Error && error.name === 'InvalidRange';
    if (!(error instanceof NoSuchKey) && !isShort) throw error;
    throw unusable(location, isShort ? 'damaged' : 'missing');
  }
}

function unusable({ bucket, key }: ObjectLocation, how: 'missing' | 'damaged'): IndexMissingError {
  return new IndexMissingError(`The index's object s3://${bucket}/${key} is ${how}.`);
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
 * The entries in the buckets `from` up to but not including `to`.
 * @throws IndexMissingError when an object is missing or damaged.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function* indexEntries(
  s3: S3Client,
  objects: readonly IndexObject[],
  from: number,
  to: number,
): AsyncGenerator<KeyedEntry, void> {
  for (const object of objects) {
    if (object.to <= from || object.from >= to) continue;
    const [start, end] = partOf(object, from, to);
    if (start === end) continue;
    const bytes = await readPart(s3, object.location, [start, end]);
    try {
      yield* decodeEntries(bytes);
    } catch (error) {
      throw error instanceof RangeError ? unusable(object.location, 'damaged') : error;
    }
  }
}

/** Keys that one request may delete; source: DeleteObjects in the S3 API reference. */
const MAX_DELETED = 1_000;

/**
 * Deletes the indexes of a feed that a complete load has replaced. A failure must not fail a finished load, and the next
 * one deletes what is left.
 * @param place of the complete load's index.
 */
export async function deleteReplacedIndexes(s3: S3Client, place: IndexPlace): Promise<void> {
  const prefix = feedPrefix(place.feed);
  try {
    const keys = await keysOf(s3, place.bucket, prefix);
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

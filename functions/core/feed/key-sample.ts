/**
 * Samples of the keys of indexes, by which it is noticed that feeds of one dataset have keys in common. Every feed samples
 * the keys that come first in the same order. So two exports of the same things are noticed at once, and a single key
 * that two large feeds have in common hardly ever. The samples are in the reports bucket, as hashes, next to the indexes.
 */

import { hash } from 'node:crypto';
import { ListObjectsV2Command, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { HASH_BYTES } from '../dataset/item.ts';
import { classified } from '../storage/aws.ts';
import { readObject, writeObject } from '../storage/own-objects.ts';
import { feedHash, type IndexPlace } from './index-objects.ts';

/** Keys of a sample. */
export const SAMPLE_KEYS = 1_024;

/** Samples of other feeds that one is compared with: 330 KB. */
export const MAX_SAMPLES = 20;

/** Requests in flight at the same time. */
const CONCURRENCY = 10;

/** Characters of an object's key that are shown. */
const MAX_NAME_CHARACTERS = 200;

/** Bytes of the number of hashes in front of a sample. */
const COUNT_BYTES = 2;

interface SampledKey {
  readonly key: string;
  readonly order: number;
}

/** The keys that come first, of all that are added. It holds at most twice as many as a sample has. */
export class KeySample {
  #keys: SampledKey[] = [];
  #last = Number.POSITIVE_INFINITY;

  /** @param key the bytes of an item's key, each as a character. It is added once. */
  add(key: string): void {
    const order = orderOf(key);
    if (order > this.#last) return;
    this.#keys.push({ key, order });
    if (this.#keys.length === 2 * SAMPLE_KEYS) this.#cut();
  }

  /** The hashes of the sampled keys, each byte as a character. */
  hashes(): ReadonlySet<string> {
    this.#cut();
    return new Set(
      this.#keys.map(({ key }) =>
        hash('sha256', Buffer.from(key, 'latin1'), 'buffer').toString('latin1', 0, HASH_BYTES),
      ),
    );
  }

  #cut(): void {
    this.#keys.sort((one, other) => one.order - other.order || (one.key < other.key ? -1 : 1));
    this.#keys = this.#keys.slice(0, SAMPLE_KEYS);
    if (this.#keys.length === SAMPLE_KEYS) this.#last = this.#keys.at(-1)?.order ?? this.#last;
  }
}

/**
 * The position of a key, from 0 to 2^32 - 1: its hash by FNV-1a, which takes a tenth of the time of SHA-256. Keys at the
 * same position are told apart by SHA-256.
 */
function orderOf(key: string): number {
  let order = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) order = Math.imul(order ^ key.charCodeAt(at), 0x01000193);
  return order >>> 0;
}

/** Where a sample is: next to the index with this place. */
export interface SamplePlace extends IndexPlace {
  /** The dataset's name. */
  readonly dataset: string;
}

function datasetPrefix({ dataset }: Pick<SamplePlace, 'dataset'>): string {
  return `indexes/samples/${dataset}/`;
}

/** What the keys of all samples of a feed start with; the id of the index follows. */
export function samplesPrefix(place: Pick<SamplePlace, 'dataset' | 'feed'>): string {
  return `${datasetPrefix(place)}${feedHash(place.feed)}/`;
}

/**
 * Writes a sample of some buckets.
 * @param from the first bucket, which distinguishes the samples of an index.
 * @param object the key of the feed's object.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function writeSample(
  s3: S3Client,
  place: SamplePlace,
  from: number,
  object: string,
  hashes: ReadonlySet<string>,
): Promise<void> {
  const count = Buffer.alloc(COUNT_BYTES);
  count.writeUInt16LE(hashes.size);
  const bytes = Buffer.concat([count, Buffer.from([...hashes].join(''), 'latin1'), Buffer.from(object)]);
  await writeObject(s3, { bucket: place.bucket, key: `${samplesPrefix(place)}${place.id}/${from}` }, bytes);
}

/**
 * Looks for a key of a sample in those of the dataset's other feeds: in {@link MAX_SAMPLES} of them at most, those whose
 * names follow the feed's own.
 * @returns the key of the object of one of these feeds, or its end if it is long; undefined if none has such a key.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function feedSharing(
  s3: S3Client,
  place: SamplePlace,
  hashes: ReadonlySet<string>,
): Promise<string | undefined> {
  const found = await pMap(
    await otherSamples(s3, place),
    async (key) => {
      const bytes = await readObject(s3, { bucket: place.bucket, key }).catch((error: unknown) => {
        // The feed's next load has replaced it.
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      });
      return bytes !== undefined && hasOne(bytes, hashes) ? objectOf(bytes) : undefined;
    },
    { concurrency: CONCURRENCY },
  );
  return found.find((object) => object !== undefined);
}

async function otherSamples(s3: S3Client, place: SamplePlace): Promise<readonly string[]> {
  const [prefix, own] = [datasetPrefix(place), samplesPrefix(place)];
  const list = async (limit: number, StartAfter?: string): Promise<string[]> => {
    const command = new ListObjectsV2Command({
      Bucket: place.bucket,
      Prefix: prefix,
      MaxKeys: limit,
      StartAfter,
    });
    const { Contents = [] } = await s3.send(command).catch((error: unknown) => {
      throw classified(error, `Listing s3://${place.bucket}/${prefix}*`);
    });
    return Contents.map(({ Key = '' }) => Key);
  };
  // Ids begin with a digit.
  const following = await list(MAX_SAMPLES, `${own}~`);
  const left = MAX_SAMPLES - following.length;
  const first = left === 0 ? [] : await list(left);
  return [...following, ...first.filter((key) => key < own)];
}

function hashesEnd(sample: Buffer): number {
  return COUNT_BYTES + HASH_BYTES * sample.readUInt16LE();
}

function hasOne(sample: Buffer, hashes: ReadonlySet<string>): boolean {
  for (let at = COUNT_BYTES; at < hashesEnd(sample); at += HASH_BYTES) {
    if (hashes.has(sample.toString('latin1', at, at + HASH_BYTES))) return true;
  }
  return false;
}

function objectOf(sample: Buffer): string {
  const characters = [...sample.toString('utf8', hashesEnd(sample))];
  return characters.length <= MAX_NAME_CHARACTERS
    ? characters.join('')
    : `…${characters.slice(-MAX_NAME_CHARACTERS).join('')}`;
}

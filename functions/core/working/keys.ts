/**
 * The keys of a chunk's accepted rows, from which duplicates across chunks are found. Each run of rows writes its keys
 * to an object in the reports bucket's working area, grouped into buckets by a hash of the key. FindDuplicates reads a
 * few buckets at a time from all runs and compares their keys. The hash only groups keys: two keys are equal if their
 * bytes are. The values of unique columns are compared in the same way, one column after the other, as digests, whose
 * size does not depend on the cell. For a dataset whose loads follow its files, a hash of the item is beside each key.
 */

import { hash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { type NamedColumn, type StoredItem, uniqueValue } from '../dataset/dataset.ts';
import { HASH_BYTES } from '../dataset/item.ts';
import { keyOf, type TableKey } from '../dataset/shape/table-key.ts';
import type { Encoding, Job } from '../messages.ts';
import { readObject, writeObject } from '../storage/own-objects.ts';
import { writeEarlierDuplicates } from './earlier-duplicates.ts';
import type { RejectLocation } from './rejects.ts';

/** Buckets per run. A file with 16 GB of keys has 16 MB of them in each bucket. */
export const BUCKETS = 1_024;

/** Maximum number of keys in a run: about 30 MB in memory, including the overhead of each key. */
export const MAX_RUN_KEYS = 250_000;

/** Maximum number of unique values in a run, which holds those of all its rows: about 15 MB in memory. */
const MAX_RUN_VALUES = 100_000;

/** Bytes of a run's index, which precedes the keys: where each bucket starts, and where the last one ends. */
export const INDEX_BYTES = 4 * (BUCKETS + 1);

/** Bytes in front of each key: the row and the key's length. */
const ENTRY_BYTES = 6;

/** Bytes of keys that are compared at a time; they take about ten times as much memory. */
export const GROUP_BYTES = 4 * 1024 * 1024;

/** Requests in flight at the same time. */
const CONCURRENCY = 16;

/** Where the keys of a chunk are. */
export interface KeyLocation extends RejectLocation {
  /** The encoding in which the rows were read; other rows are accepted in another encoding. */
  readonly encoding: Encoding;
  /** What is compared: 0 for keys; from 1 on, the dataset's unique columns in their order. */
  readonly comparison: number;
  /**
   * Makes a key's bucket unpredictable, so that no file can be made to fill a single bucket with its keys. The rows may be
   * validated again with another salt, while an invocation that has been given up still writes runs of the first.
   */
  readonly salt: string;
}

/** Where the keys of a job's chunks are. */
export function keyPlace(
  { execution, format: { encoding }, feed }: Pick<Job, 'execution' | 'format' | 'feed'>,
  bucket: string,
): Omit<KeyLocation, 'comparison' | 'chunkStart'> {
  return { bucket, execution, encoding, salt: feed?.salt ?? execution };
}

/** A key and the position of its row in the chunk, from 0. */
export interface KeyEntry {
  readonly key: string;
  readonly row: number;
}

/** A key with the hash of its item, each byte as a character. */
export interface HashedKeyEntry extends KeyEntry {
  readonly hash: string;
}

/** What the keys are written for, besides finding duplicates. */
export interface KeyPurpose {
  /** Of the dataset's table. */
  readonly key: TableKey;
  /** The dataset's unique columns. */
  readonly unique: readonly Pick<NamedColumn, 'path'>[];
  /** Hashes an item, to {@link HASH_BYTES} bytes, each as a character; undefined if the keys are all that is compared. */
  readonly hashOf?: ((item: StoredItem) => string) | undefined;
}

/** Key of the object with a run. */
export function runKey(
  { execution, salt, encoding, comparison, chunkStart }: KeyLocation,
  run: number,
): string {
  return `working/${execution}/keys/${salt}/${encoding}/${comparison}/${chunkStart}-${run}`;
}

/** The keys of a run, each with its last row. */
export class RunKeys {
  /** Position of each key in the arrays. */
  readonly #positions = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #rows: number[] = [];
  /** Bytes and not strings, because what is held for long costs the garbage collector the more, the more objects it has. */
  readonly #hashes: Buffer | undefined;

  /** @param hashed the most keys that are added with a hash; 0 if all are added without. */
  constructor(hashed: number) {
    if (hashed > 0) this.#hashes = Buffer.allocUnsafe(hashed * HASH_BYTES);
  }

  get size(): number {
    return this.#keys.length;
  }

  /**
   * Adds a row.
   * @param hash of the row's item: {@link HASH_BYTES} bytes, each as a character.
   * @returns the row that had the key before.
   */
  add(key: string, row: number, hash = ''): number | undefined {
    const known = this.#positions.get(key);
    const position = known ?? this.#keys.length;
    const earlier = known === undefined ? undefined : this.#rows[known];
    if (known === undefined) {
      this.#positions.set(key, position);
      this.#keys.push(key);
      this.#rows.push(row);
    } else this.#rows[known] = row;
    this.#hashes?.write(hash, position * HASH_BYTES, 'latin1');
    return earlier;
  }

  /** The bytes of the run; parameters as of {@link encodeRun}. */
  encode(salt: string): Buffer {
    return encodeRun(this.#keys, this.#rows, salt, this.#hashes);
  }
}

/** Values of a unique column, in the order of their rows. */
class RunValues {
  readonly values: string[] = [];
  readonly rows: number[] = [];
}

/** Writes the keys and unique values of a chunk's accepted rows, and lists the earlier duplicates within each run. */
export class KeyWriter {
  readonly #s3: S3Client;
  readonly #location: Omit<KeyLocation, 'comparison'>;
  readonly #purpose: KeyPurpose;
  #keys: RunKeys;
  #earlierDuplicates: number[] = [];
  /**
   * Digests of values, and their rows, for each unique column: of all rows, because only the comparison of all keys shows
   * which of two rows with the same value is an earlier duplicate.
   */
  #values: RunValues[];
  #valueCount = 0;
  #runs: number;
  #repeated: number;

  /**
   * @param written what earlier invocations wrote for the chunk.
   */
  constructor(
    s3: S3Client,
    location: Omit<KeyLocation, 'comparison'>,
    purpose: KeyPurpose,
    written: { readonly runs: number; readonly repeated: number },
  ) {
    this.#s3 = s3;
    this.#location = location;
    this.#purpose = purpose;
    this.#keys = this.#noKeys();
    this.#values = purpose.unique.map(() => new RunValues());
    this.#runs = written.runs;
    this.#repeated = written.repeated;
  }

  /**
   * Adds a row; rows come in ascending order.
   * @returns undefined if there is nothing to wait for, as for nearly all rows.
   */
  add(item: StoredItem, row: number): Promise<void> | undefined {
    // A copy, because a concatenated string keeps its parts in memory, and with them a block of the file.
    const key = Buffer.from(keyOf(this.#purpose.key, item)).toString();
    const { hashOf, unique } = this.#purpose;
    const earlier = this.#keys.add(key, row, hashOf?.(item));
    if (earlier !== undefined) this.#earlierDuplicates.push(earlier);
    for (const [index, column] of unique.entries()) {
      const value = uniqueValue(item, column);
      if (value === undefined) continue;
      this.#values[index]?.values.push(hash('sha256', value, 'base64'));
      this.#values[index]?.rows.push(row);
      this.#valueCount += 1;
    }
    const isFull =
      this.#keys.size >= MAX_RUN_KEYS ||
      this.#earlierDuplicates.length >= MAX_RUN_KEYS ||
      this.#valueCount >= MAX_RUN_VALUES;
    return isFull ? this.#write(false) : undefined;
  }

  /**
   * Writes the remaining rows.
   * @param isWholeFile whether the chunk is complete and the only one; the keys of a single run need no comparison.
   * @returns the number of runs of the chunk, and of rows whose key a later row of the same run has.
   */
  async close(isWholeFile: boolean): Promise<{ readonly runs: number; readonly repeated: number }> {
    if (this.#keys.size > 0) await this.#write(isWholeFile && this.#runs === 0);
    return { runs: this.#runs, repeated: this.#repeated };
  }

  /** @param isOnly whether there is no other run to compare this one with; its keys are then not needed, but for an index. */
  async #write(isOnly: boolean): Promise<void> {
    const location = { ...this.#location, comparison: 0 };
    if (this.#earlierDuplicates.length > 0)
      await writeEarlierDuplicates(this.#s3, location, `run-${this.#runs}`, this.#earlierDuplicates);
    const { salt } = location;
    if (!isOnly || this.#purpose.hashOf !== undefined) await this.#writeRun(0, this.#keys.encode(salt));
    for (const [index, { values, rows }] of this.#values.entries())
      await this.#writeRun(index + 1, encodeRun(values, rows, salt));
    this.#repeated += this.#earlierDuplicates.length;
    this.#runs += 1;
    this.#keys = this.#noKeys();
    this.#earlierDuplicates = [];
    this.#values = this.#purpose.unique.map(() => new RunValues());
    this.#valueCount = 0;
  }

  #noKeys(): RunKeys {
    return new RunKeys(this.#purpose.hashOf === undefined ? 0 : MAX_RUN_KEYS);
  }

  async #writeRun(comparison: number, bytes: Buffer): Promise<void> {
    const key = runKey({ ...this.#location, comparison }, this.#runs);
    await writeObject(this.#s3, { bucket: this.#location.bucket, key }, bytes);
  }
}

/**
 * The bytes of a run, which begin with its index.
 * @param keys keys, or values of a unique column.
 * @param rows of each of them.
 * @param salt as {@link KeyLocation.salt}.
 * @param hashes of the items, one after the other.
 */
function encodeRun(keys: readonly string[], rows: readonly number[], salt: string, hashes?: Buffer): Buffer {
  const hashBytes = hashes === undefined ? 0 : HASH_BYTES;
  const bucketOf = new Uint16Array(keys.length);
  const sizes = new Uint32Array(BUCKETS);
  for (const [index, key] of keys.entries()) {
    const bucket = bucketOfKey(key, salt);
    bucketOf[index] = bucket;
    sizes[bucket] = (sizes[bucket] ?? 0) + ENTRY_BYTES + Buffer.byteLength(key) + hashBytes;
  }
  const run = Buffer.allocUnsafe(sizes.reduce((total, size) => total + size, INDEX_BYTES));
  const next = new Uint32Array(BUCKETS);
  let start = INDEX_BYTES;
  for (const [bucket, size] of sizes.entries()) {
    run.writeUInt32LE(start, 4 * bucket);
    next[bucket] = start;
    start += size;
  }
  run.writeUInt32LE(start, 4 * BUCKETS);
  for (const [index, key] of keys.entries()) {
    const bucket = bucketOf[index] ?? 0;
    const position = next[bucket] ?? 0;
    const length = run.write(key, position + ENTRY_BYTES);
    const end = position + ENTRY_BYTES + length;
    run.writeUInt32LE(rows[index] ?? 0, position);
    run.writeUInt16LE(length, position + 4);
    hashes?.copy(run, end, index * HASH_BYTES, (index + 1) * HASH_BYTES);
    next[bucket] = end + hashBytes;
  }
  return run;
}

/** The bucket of a key. */
export function bucketOfKey(key: string, salt: string): number {
  // Hashing a string takes half the time of hashing a buffer.
  return Number.parseInt(hash('sha256', `${salt} ${key}`).slice(0, 4), 16) % BUCKETS;
}

/** A written run and its index. */
export interface KeyRun {
  readonly location: KeyLocation;
  readonly run: number;
  readonly index: Buffer;
}

/**
 * Reads the index of a run.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function openRun(s3: S3Client, location: KeyLocation, run: number): Promise<KeyRun> {
  return {
    location,
    run,
    index: await readObject(s3, { bucket: location.bucket, key: runKey(location, run) }, [0, INDEX_BYTES]),
  };
}

/**
 * Reads the indexes of all runs of some chunks, in the order of the file.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function openRuns(
  s3: S3Client,
  place: Omit<KeyLocation, 'chunkStart'>,
  chunks: readonly { readonly start: number; readonly keyRuns: number }[],
): Promise<readonly KeyRun[]> {
  const wanted = chunks.flatMap(({ start, keyRuns }) => {
    const location = { ...place, chunkStart: start };
    return Array.from({ length: keyRuns }, (_, run) => ({ location, run }));
  });
  return pMap(wanted, ({ location, run }) => openRun(s3, location, run), { concurrency: CONCURRENCY });
}

/** Size in bytes of the buckets `from` up to but not including `to` of some runs. */
export function runBytes(runs: readonly Pick<KeyRun, 'index'>[], from: number, to: number): number {
  return runs.reduce((sum, { index }) => sum + index.readUInt32LE(4 * to) - index.readUInt32LE(4 * from), 0);
}

/**
 * The end, at most `to`, of the group of buckets that starts at `from` and is compared at a time: it has about
 * {@link GROUP_BYTES}, or a single bucket with more.
 * @param bytesOf a bucket.
 */
export function groupEnd(bytesOf: (bucket: number) => number, from: number, to: number): number {
  let bytes = bytesOf(from);
  let end = from + 1;
  for (; end < to; end += 1) {
    bytes += bytesOf(end);
    if (bytes > GROUP_BYTES) return end;
  }
  return end;
}

/**
 * Reads the buckets `from` up to but not including `to` of a run.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function readBuckets(
  s3: S3Client,
  { location, run, index }: KeyRun,
  from: number,
  to: number,
): Promise<Buffer> {
  const [start, end] = [index.readUInt32LE(4 * from), index.readUInt32LE(4 * to)];
  if (start === end) return Buffer.alloc(0);
  return readObject(s3, { bucket: location.bucket, key: runKey(location, run) }, [start, end]);
}

/** One of the buckets that {@link readBuckets} returned, of which `from` is the first. */
export function bucketOf(
  { index }: Pick<KeyRun, 'index'>,
  buckets: Buffer,
  from: number,
  bucket: number,
): Buffer {
  const first = index.readUInt32LE(4 * from);
  return buckets.subarray(
    index.readUInt32LE(4 * bucket) - first,
    index.readUInt32LE(4 * (bucket + 1)) - first,
  );
}

/**
 * Yields the keys in buckets that {@link readBuckets} returned.
 * @param hashBytes {@link HASH_BYTES} if the run has the items' hashes, otherwise 0.
 */
export function* keyEntries(buckets: Buffer, hashBytes: number): Generator<KeyEntry, void> {
  for (let position = 0; position < buckets.length; ) {
    const start = position + ENTRY_BYTES;
    const end = start + buckets.readUInt16LE(position + 4);
    // One character per byte is enough: the key is only compared.
    yield { key: buckets.toString('latin1', start, end), row: buckets.readUInt32LE(position) };
    position = end + hashBytes;
  }
}

/** Yields the keys in buckets that {@link readBuckets} returned, of a run that has the items' hashes. */
export function* hashedKeyEntries(buckets: Buffer): Generator<HashedKeyEntry, void> {
  for (let position = 0; position < buckets.length; ) {
    const start = position + ENTRY_BYTES;
    const end = start + buckets.readUInt16LE(position + 4);
    const next = end + HASH_BYTES;
    yield {
      key: buckets.toString('latin1', start, end),
      row: buckets.readUInt32LE(position),
      hash: buckets.toString('latin1', end, next),
    };
    position = next;
  }
}

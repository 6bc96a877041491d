/**
 * The keys of a chunk's accepted rows, on their way to where rows with the same key in other chunks are found. Each
 * run of rows leaves them in an object in the reports bucket's working area, in buckets by a hash of the key, so that
 * the keys of one bucket can be read from all runs and compared, a few buckets at a time. The hash sorts them and
 * decides nothing: two keys are the same if their bytes are.
 */

import { hash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Encoding } from '../csv/encoding.ts';
import { getOwn, putOwn } from '../storage/own-objects.ts';
import { writeEarlierDuplicates } from './earlier-duplicates.ts';

/** Buckets of a run; with this many, one has 16 MB when the whole file has 16 GB of keys. */
export const BUCKETS = 1_024;

/** Keys that a run may have: with what comes with each of them, some 30 MB. */
const MAX_RUN_KEYS = 250_000;

/** Bytes before the keys: where each bucket starts, and where the last one ends. */
const INDEX_BYTES = 4 * (BUCKETS + 1);

/** Bytes before each key: the row, and the key's length. */
const ENTRY_BYTES = 6;

/** Where the keys of a chunk are. */
export interface KeyPlace {
  readonly bucket: string;
  readonly execution: string;
  /** The encoding that the rows were read in: another one accepts others. */
  readonly encoding: Encoding;
  /** The chunk's first byte. */
  readonly chunkStart: number;
}

/** A key, and the row of the chunk that has it, the first being 0. */
export interface KeyEntry {
  readonly key: string;
  readonly row: number;
}

function runKey({ execution, encoding, chunkStart }: KeyPlace, run: number): string {
  return `working/${execution}/keys/${encoding}/${chunkStart}-${run}`;
}

/** Takes the keys of a chunk's accepted rows, in their order. */
export class KeyWriter {
  readonly #s3: S3Client;
  readonly #place: KeyPlace;
  #rows = new Map<string, number>();
  #losers: number[] = [];
  #runs: number;
  #repeated: number;

  /**
   * @param before what earlier invocations wrote for the chunk.
   */
  constructor(s3: S3Client, place: KeyPlace, before: { readonly runs: number; readonly repeated: number }) {
    this.#s3 = s3;
    this.#place = place;
    this.#runs = before.runs;
    this.#repeated = before.repeated;
  }

  /** @returns undefined where there is nothing to wait for, as for nearly all rows. */
  add(text: string, row: number): Promise<void> | undefined {
    // A copy, because a string that was put together keeps what it is made of in memory: a block of the file.
    const key = Buffer.from(text).toString();
    const loser = this.#rows.get(key);
    if (loser !== undefined) this.#losers.push(loser);
    this.#rows.set(key, row);
    const isFull = this.#rows.size >= MAX_RUN_KEYS || this.#losers.length >= MAX_RUN_KEYS;
    return isFull ? this.#write(false) : undefined;
  }

  /**
   * @param isWholeFile whether the chunk is done, and the only one; then a single run needs no comparing.
   * @returns runs of the chunk, and rows whose key a later row of the same run has.
   */
  async close(isWholeFile: boolean): Promise<{ readonly runs: number; readonly repeated: number }> {
    if (this.#rows.size > 0) await this.#write(isWholeFile && this.#runs === 0);
    return { runs: this.#runs, repeated: this.#repeated };
  }

  /** @param isOnly whether there is no other run to compare this one with. */
  async #write(isOnly: boolean): Promise<void> {
    if (this.#losers.length > 0)
      await writeEarlierDuplicates(this.#s3, this.#place, `run-${this.#runs}`, this.#losers);
    if (!isOnly) {
      const key = runKey(this.#place, this.#runs);
      const { bucket, execution } = this.#place;
      await putOwn(this.#s3, { bucket, key }, encodeRun(this.#rows, execution));
    }
    this.#repeated += this.#losers.length;
    this.#runs += 1;
    this.#rows = new Map();
    this.#losers = [];
  }
}

/** @param salt without which nobody can tell before what bucket a key falls into. */
function encodeRun(rows: ReadonlyMap<string, number>, salt: string): Buffer {
  const bucketOf = new Uint16Array(rows.size);
  const sizes = new Uint32Array(BUCKETS);
  let index = 0;
  for (const key of rows.keys()) {
    // As text, which takes half the time that a buffer takes.
    const bucket = Number.parseInt(hash('sha256', `${salt} ${key}`).slice(0, 4), 16) % BUCKETS;
    bucketOf[index] = bucket;
    sizes[bucket] = (sizes[bucket] ?? 0) + ENTRY_BYTES + Buffer.byteLength(key);
    index += 1;
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
  index = 0;
  for (const [key, row] of rows) {
    const bucket = bucketOf[index] ?? 0;
    const position = next[bucket] ?? 0;
    const length = run.write(key, position + ENTRY_BYTES);
    run.writeUInt32LE(row, position);
    run.writeUInt16LE(length, position + 4);
    next[bucket] = position + ENTRY_BYTES + length;
    index += 1;
  }
  return run;
}

/** A run that was written, and where its buckets are. */
export interface KeyRun {
  readonly place: KeyPlace;
  readonly run: number;
  readonly index: Buffer;
}

/** Opens a run: reads where its buckets are. */
export async function openRun(s3: S3Client, place: KeyPlace, run: number): Promise<KeyRun> {
  return {
    place,
    run,
    index: await getOwn(s3, { bucket: place.bucket, key: runKey(place, run) }, [0, INDEX_BYTES]),
  };
}

/** Bytes that the buckets `from` up to but not including `to` of a run have. */
export function bucketBytes({ index }: KeyRun, from: number, to: number): number {
  return index.readUInt32LE(4 * to) - index.readUInt32LE(4 * from);
}

/** Reads the buckets `from` up to but not including `to` of a run. */
export async function readBuckets(
  s3: S3Client,
  { place, run, index }: KeyRun,
  from: number,
  to: number,
): Promise<Buffer> {
  const [start, end] = [index.readUInt32LE(4 * from), index.readUInt32LE(4 * to)];
  if (start === end) return Buffer.alloc(0);
  return getOwn(s3, { bucket: place.bucket, key: runKey(place, run) }, [start, end]);
}

/** The keys in some buckets. */
export function* keyEntries(buckets: Buffer): Generator<KeyEntry, void> {
  for (let position = 0; position < buckets.length; ) {
    const length = buckets.readUInt16LE(position + 4);
    const start = position + ENTRY_BYTES;
    // A character for each byte: it is compared, and not read.
    yield { row: buckets.readUInt32LE(position), key: buckets.toString('latin1', start, start + length) };
    position = start + length;
  }
}

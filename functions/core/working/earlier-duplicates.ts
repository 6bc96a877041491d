/**
 * The earlier duplicates of a chunk: rows whose key, or whose value in a unique column, a later row of the file has. The
 * steps that find them list them in objects in the reports bucket's working area. Which rows are earlier duplicates
 * depends on the file alone, so a list is correct even if the invocation that wrote it crashed afterwards. A row is in
 * the list of one comparison at most, since it takes part only in those up to the first that leaves it out.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import type { Dataset } from '../dataset/dataset.ts';
import type { KeyLocation } from './keys.ts';
import { ascendingLookup, isListed, readRows, writeRows } from './row-lists.ts';

/** Where the earlier duplicates of a chunk are. */
type ChunkLocation = Omit<KeyLocation, 'comparison' | 'salt'>;

function prefixOf({
  execution,
  encoding,
  comparison,
  chunkStart,
}: ChunkLocation & Pick<KeyLocation, 'comparison'>): string {
  return `working/${execution}/earlier-duplicates/${encoding}/${comparison}/${chunkStart}-`;
}

/** Whether the earlier duplicates of a comparison are rejected, and not just left out. */
export function isRejecting(comparison: number, { duplicates }: Pick<Dataset, 'duplicates'>): boolean {
  return comparison > 0 || duplicates === 'reject';
}

/**
 * Writes a list of earlier duplicates.
 * @param name distinguishes this list from the others of the chunk.
 * @param rows positions of rows in the chunk, from 0.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function writeEarlierDuplicates(
  s3: S3Client,
  location: KeyLocation,
  name: string,
  rows: readonly number[],
): Promise<void> {
  await writeRows(s3, location.bucket, `${prefixOf(location)}${name}`, rows);
}

/** The earlier duplicates of a chunk. */
export interface EarlierDuplicates {
  readonly isEmpty: boolean;
  /** The comparison that leaves a row out; undefined if none does. */
  readonly comparisonOf: (row: number) => number | undefined;
}

/**
 * Reads the earlier duplicates of a chunk, for rows in ascending order. Holds four bytes per row.
 * @param repeated number of them in the whole file, for each comparison that matters.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function earlierDuplicates(
  s3: S3Client,
  location: ChunkLocation,
  repeated: readonly number[],
): Promise<EarlierDuplicates> {
  return lookUp(await readLists(s3, location, repeated), ascendingLookup);
}

/** Rows by the comparison that leaves them out, each list in ascending order. */
type Lists = ReadonlyMap<number, Uint32Array>;

async function readLists(s3: S3Client, location: ChunkLocation, repeated: readonly number[]): Promise<Lists> {
  const lists = new Map<number, Uint32Array>();
  for (const [comparison, rows] of repeated.entries()) {
    if (rows === 0) continue;
    const listed = await readRows(s3, location.bucket, prefixOf({ ...location, comparison }));
    if (listed.length > 0) lists.set(comparison, listed);
  }
  return lists;
}

function lookUp(lists: Lists, lookup: typeof ascendingLookup): EarlierDuplicates {
  const lookups = Array.from(lists, ([comparison, rows]) => ({ comparison, has: lookup(rows) }));
  return {
    isEmpty: lookups.length === 0,
    comparisonOf: (row) => lookups.find(({ has }) => has(row))?.comparison,
  };
}

/** Rows of all chunks that are kept in memory: 16 MB. */
const MAX_KEPT_ROWS = 4_000_000;

/**
 * Reads the earlier duplicates of chunks that are needed again and again: those of a chunk only once, unless they are too
 * many to be kept.
 */
export class EarlierDuplicatesReader {
  readonly #s3: S3Client;
  readonly #repeated: readonly number[];
  readonly #maxRows: number;
  /** By the chunk's first byte. */
  readonly #kept = new Map<number, Lists>();
  #rows = 0;

  /** @param repeated as {@link earlierDuplicates} takes it. */
  constructor(s3: S3Client, repeated: readonly number[], maxRows = MAX_KEPT_ROWS) {
    this.#s3 = s3;
    this.#repeated = repeated;
    this.#maxRows = maxRows;
  }

  /**
   * The earlier duplicates of a chunk, for rows in any order.
   * @param location always of the same execution and encoding.
   * @throws ServiceUnavailableError when S3 does not answer.
   */
  async of(location: ChunkLocation): Promise<EarlierDuplicates> {
    const { chunkStart } = location;
    const kept = this.#kept.get(chunkStart);
    if (kept !== undefined) return lookUp(kept, lookupInAnyOrder);
    const lists = await readLists(this.#s3, location, this.#repeated);
    const rows = Array.from(lists.values()).reduce((sum, { length }) => sum + length, this.#rows);
    if (rows <= this.#maxRows && !this.#kept.has(chunkStart)) {
      this.#kept.set(chunkStart, lists);
      this.#rows = rows;
    }
    return lookUp(lists, lookupInAnyOrder);
  }
}

function lookupInAnyOrder(rows: Uint32Array): (row: number) => boolean {
  return (row) => isListed(rows, row);
}

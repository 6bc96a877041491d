/**
 * The earlier duplicates of a chunk: rows whose key, or whose value in a unique column, a later row of the file has. The
 * steps that find them list them in objects in the reports bucket's working area. Which rows are earlier duplicates
 * depends on the file alone, so a list is correct even if the invocation that wrote it crashed afterwards. A row is in
 * the list of one comparison at most, since it takes part only in those up to the first that leaves it out.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import type { Dataset } from '../dataset/dataset.ts';
import type { KeyLocation } from './keys.ts';
import { ascendingLookup, readRows, writeRows } from './row-lists.ts';

function prefixOf({ execution, encoding, comparison, chunkStart }: KeyLocation): string {
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
  /** The comparison that leaves a row out; undefined if none does. Its calls must come in ascending order. */
  readonly comparisonOf: (row: number) => number | undefined;
}

/**
 * Reads the earlier duplicates of a chunk. Holds four bytes per row.
 * @param repeated number of them in the whole file, for each comparison that matters.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function earlierDuplicates(
  s3: S3Client,
  location: Omit<KeyLocation, 'comparison'>,
  repeated: readonly number[],
): Promise<EarlierDuplicates> {
  const lookups: { readonly comparison: number; readonly has: (row: number) => boolean }[] = [];
  for (const [comparison, rows] of repeated.entries()) {
    const prefix = prefixOf({ ...location, comparison });
    const listed = rows === 0 ? new Uint32Array() : await readRows(s3, location.bucket, prefix);
    if (listed.length > 0) lookups.push({ comparison, has: ascendingLookup(listed) });
  }
  return {
    isEmpty: lookups.length === 0,
    comparisonOf: (row) => lookups.find(({ has }) => has(row))?.comparison,
  };
}

/** Lists of rows of a chunk in the reports bucket's working area: four bytes for each row. */

import type { S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { listKeys, readObject, writeObject } from '../storage/own-objects.ts';

/** Requests in flight at the same time. */
const CONCURRENCY = 16;

/**
 * Writes a list.
 * @param rows positions of rows in the chunk, from 0.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function writeRows(
  s3: S3Client,
  bucket: string,
  key: string,
  rows: readonly number[],
): Promise<void> {
  await writeObject(s3, { bucket, key }, Buffer.from(Uint32Array.from(rows).buffer));
}

/**
 * Reads all lists whose keys start with a prefix.
 * @returns the rows in ascending order; a row that is in several lists is there several times.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function readRows(s3: S3Client, bucket: string, prefix: string): Promise<Uint32Array> {
  const keys = await listKeys(s3, bucket, prefix);
  const read = async (key: string) => {
    const bytes = await readObject(s3, { bucket, key });
    return new Uint32Array(Uint8Array.from(bytes).buffer);
  };
  const parts = await pMap(keys, read, { concurrency: CONCURRENCY });
  const rows = new Uint32Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    rows.set(part, position);
    position += part.length;
  }
  return rows.sort();
}

/** Whether a row is in a list, as {@link readRows} returns it. */
export function isListed(rows: Uint32Array, row: number): boolean {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle] ?? 0) < row) low = middle + 1;
    else high = middle;
  }
  return rows[low] === row;
}

/**
 * Returns a function that says whether a row is in a list, with less work. Its calls must come in ascending order.
 * @param rows as {@link readRows} returns them.
 */
export function ascendingLookup(rows: Uint32Array): (row: number) => boolean {
  let next = 0;
  return (row) => {
    while (next < rows.length && (rows[next] ?? 0) < row) next += 1;
    return rows[next] === row;
  };
}

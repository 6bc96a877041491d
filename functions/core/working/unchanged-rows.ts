/**
 * Rows of a chunk that a load need not write, because the feed has the same items in the table. They depend on the file
 * and on the index that it is compared with, and so on the load: each has lists of its own.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import type { RejectLocation } from './rejects.ts';
import { ascendingLookup, readRows, writeRows } from './row-lists.ts';

/** Where the unchanged rows of a chunk are. */
export interface UnchangedLocation extends RejectLocation {
  /** Id of the load. */
  readonly load: string;
}

function prefixOf({ execution, load, chunkStart }: UnchangedLocation): string {
  return `working/${execution}/unchanged/${load}/${chunkStart}-`;
}

/**
 * Writes a list of unchanged rows.
 * @param name distinguishes this list from the others of the chunk.
 * @param rows positions of rows in the chunk, from 0.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function writeUnchangedRows(
  s3: S3Client,
  location: UnchangedLocation,
  name: string,
  rows: readonly number[],
): Promise<void> {
  await writeRows(s3, location.bucket, `${prefixOf(location)}${name}`, rows);
}

/**
 * Reads the unchanged rows of a chunk. Holds four bytes per row.
 * @returns whether a row is one of them. Its calls must come in ascending order.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function unchangedRows(
  s3: S3Client,
  location: UnchangedLocation,
): Promise<(row: number) => boolean> {
  return ascendingLookup(await readRows(s3, location.bucket, prefixOf(location)));
}

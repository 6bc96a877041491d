/**
 * The earlier duplicates of a chunk: rows whose key a later row of the file has. The steps that find them list them in
 * objects in the reports bucket's working area. Which rows are earlier duplicates depends on the file alone, so a list
 * is correct even if the invocation that wrote it crashed afterwards.
 */

import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { classified } from '../storage/aws.ts';
import { readObject, writeObject } from '../storage/own-objects.ts';
import type { KeyLocation } from './keys.ts';

function prefixOf({ execution, encoding, chunkStart }: KeyLocation): string {
  return `working/${execution}/earlier-duplicates/${encoding}/${chunkStart}-`;
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
  const key = `${prefixOf(location)}${name}`;
  await writeObject(s3, { bucket: location.bucket, key }, Buffer.from(Uint32Array.from(rows).buffer));
}

/**
 * Reads the positions of all earlier duplicates of a chunk, in ascending order. Holds four bytes per row.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function readEarlierDuplicates(s3: S3Client, location: KeyLocation): Promise<Uint32Array> {
  const parts: Uint32Array[] = [];
  try {
    const pages = paginateListObjectsV2(
      { client: s3 },
      { Bucket: location.bucket, Prefix: prefixOf(location) },
    );
    for await (const page of pages) {
      for (const { Key: key = '' } of page.Contents ?? []) {
        const bytes = await readObject(s3, { bucket: location.bucket, key });
        parts.push(new Uint32Array(Uint8Array.from(bytes).buffer));
      }
    }
  } catch (error) {
    throw classified(error, `Reading s3://${location.bucket}/${prefixOf(location)}*`);
  }
  const rows = new Uint32Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    rows.set(part, position);
    position += part.length;
  }
  return rows.sort();
}

/**
 * Returns a function that says whether a row is in a list. Its calls must come in ascending order.
 * @param rows as {@link readEarlierDuplicates} returns them: ascending, repetitions allowed.
 */
export function ascendingLookup(rows: Uint32Array): (row: number) => boolean {
  let next = 0;
  return (row) => {
    while (next < rows.length && (rows[next] ?? 0) < row) next += 1;
    return rows[next] === row;
  };
}

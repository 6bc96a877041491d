/**
 * The rows of a chunk that lose: whose key a later row of the file has. They are listed in objects in the reports
 * bucket's working area, by whoever finds them. That a row loses is a fact about the file, so what an invocation wrote
 * which crashed later is as true as what its retry writes.
 */

import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { classified } from '../storage/aws.ts';
import { getOwn, putOwn } from '../storage/own-objects.ts';
import type { KeyPlace } from './keys.ts';

function prefixOf({ execution, encoding, chunkStart }: KeyPlace): string {
  return `working/${execution}/losers/${encoding}/${chunkStart}-`;
}

/**
 * Lists some rows of a chunk.
 * @param name tells this list from the others of the chunk.
 */
export async function writeEarlierDuplicates(
  s3: S3Client,
  place: KeyPlace,
  name: string,
  rows: readonly number[],
): Promise<void> {
  const key = `${prefixOf(place)}${name}`;
  await putOwn(s3, { bucket: place.bucket, key }, Buffer.from(Uint32Array.from(rows).buffer));
}

/** All rows of a chunk that lose, ascending. It holds four bytes for each of them. */
export async function readEarlierDuplicates(s3: S3Client, place: KeyPlace): Promise<Uint32Array> {
  const parts: Uint32Array[] = [];
  try {
    const pages = paginateListObjectsV2({ client: s3 }, { Bucket: place.bucket, Prefix: prefixOf(place) });
    for await (const page of pages) {
      for (const { Key: key = '' } of page.Contents ?? []) {
        const bytes = await getOwn(s3, { bucket: place.bucket, key });
        parts.push(new Uint32Array(Uint8Array.from(bytes).buffer));
      }
    }
  } catch (error) {
    throw classified(error, `Reading s3://${place.bucket}/${prefixOf(place)}*`);
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
 * Tells of the rows of a chunk, asked in ascending order, whether they lose.
 * @param losers as {@link readEarlierDuplicates} gives them; one may stand there twice.
 */
export function losing(losers: Uint32Array): (row: number) => boolean {
  let next = 0;
  return (row) => {
    while (next < losers.length && (losers[next] ?? 0) < row) next += 1;
    return losers[next] === row;
  };
}

/**
 * Keys that a load deletes, because its file lacks them. CompareIndex lists them in the reports bucket's working area, in
 * an object for each group of buckets that has any, and RemoveMissing reads one after the other.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { listKeys, readObject, writeObject } from '../storage/own-objects.ts';

/** Where the keys of a load are. */
export interface RemovedLocation {
  readonly bucket: string;
  readonly execution: string;
  /** Id of the load. */
  readonly load: string;
}

const keys = z.array(z.string());

function prefixOf({ execution, load }: RemovedLocation): string {
  return `working/${execution}/removed/${load}/`;
}

/**
 * Writes a list of keys.
 * @param name distinguishes this list from the others of the load, whatever invocation writes it.
 * @param removed as `keyOf` makes them, their bytes as characters.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function writeRemovedKeys(
  s3: S3Client,
  location: RemovedLocation,
  name: string,
  removed: readonly string[],
): Promise<void> {
  const texts = removed.map((key) => Buffer.from(key, 'latin1').toString());
  const place = { bucket: location.bucket, key: `${prefixOf(location)}${name}` };
  await writeObject(s3, place, JSON.stringify(texts));
}

/**
 * The names of the objects that list the keys, always in the same order.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export function removedLists(s3: S3Client, location: RemovedLocation): Promise<readonly string[]> {
  return listKeys(s3, location.bucket, prefixOf(location));
}

/**
 * Reads a list, which holds the keys of a few megabytes of entries.
 * @param key as {@link removedLists} returns it.
 * @returns keys as `keyOf` makes them.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function readRemovedKeys(s3: S3Client, bucket: string, key: string): Promise<readonly string[]> {
  return keys.parse(JSON.parse((await readObject(s3, { bucket, key })).toString()));
}

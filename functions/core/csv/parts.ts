/**
 * Files that cannot be read from the middle, because they are compressed or in an encoding other than UTF-8, are
 * rewritten once into the reports bucket's working area, in parts of whole records. Each part is a chunk.
 */

import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Chunk } from '../messages.ts';
import { logInfo } from '../runtime/log.ts';

/** Where the parts of a decompressed file are stored. */
export interface PartsLocation {
  readonly bucket: string;
  readonly execution: string;
}

/** Key of the part that begins at byte `start` of the decompressed file. */
export function partKey({ execution }: PartsLocation, start: number): string {
  return `working/${execution}/decompressed/${start}.csv`;
}

/** Deletes the parts. A failure must not fail a finished load, so the lifecycle rule deletes what is left. */
export async function removeParts(
  s3: S3Client,
  location: PartsLocation,
  chunks: readonly Chunk[],
): Promise<void> {
  if (chunks.length === 0) return;
  // One request takes 1,000 keys, and a file has fewer chunks.
  const Objects = chunks.map(({ start }) => ({ Key: partKey(location, start) }));
  const failures = await s3
    .send(new DeleteObjectsCommand({ Bucket: location.bucket, Delete: { Objects, Quiet: true } }))
    .then(
      (answer) => answer.Errors?.length ?? 0,
      () => Objects.length,
    );
  if (failures > 0) logInfo('parts left for the lifecycle rule to delete', { parts: failures });
}

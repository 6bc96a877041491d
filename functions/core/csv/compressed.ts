/**
 * Files packed with gzip. They cannot be read from the middle, so they are unpacked once, in parts of whole records,
 * into the reports bucket's working area; each part is a chunk.
 */

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { DecompressionError } from '../errors.ts';
import type { Chunk } from '../messages.ts';
import { logInfo } from '../runtime/log.ts';
import type { ReadBytes } from './records.ts';

/** The first bytes of a gzip file; source: RFC 1952, 2.3.1. */
const MAGIC = Buffer.from([0x1f, 0x8b]);

/** Bytes that are unpacked at a time. */
const PIECE_BYTES = 64 * 1024;

export function isGzip(bytes: Buffer): boolean {
  return bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * Unpacks a file.
 * @throws DecompressionError when it is damaged, ends early, or goes on where unpacking ends.
 */
export async function* unpacked(read: ReadBytes, size: number, place: string): AsyncGenerator<Buffer, void> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  // An error of either stream ends both, and so comes out of the loop.
  pipeline(Readable.from(read(0, size)), gunzip, () => undefined);
  try {
    yield* gunzip;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new DecompressionError(
        `${place} cannot be unpacked: ${error.message}. Pack the file again and upload it.`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
  // Node.js takes zero bytes behind a member for the end of the file, whatever comes behind them.
  const end = gunzip.bytesWritten;
  for await (const bytes of read(end, size)) {
    if (bytes.every((byte) => byte === 0)) continue;
    throw new DecompressionError(
      `${place} cannot be unpacked: behind byte ${end} there is padding, and then more. Pack the file again and upload it.`,
    );
  }
}

/**
 * Passes bytes on, up to the most that a file may have when it is unpacked.
 * @throws DecompressionError when there are more.
 */
export async function* bounded(
  bytes: AsyncIterable<Buffer>,
  maxBytes: number,
  place: string,
): AsyncGenerator<Buffer, void> {
  let position = 0;
  for await (const piece of bytes) {
    position += piece.length;
    if (position > maxBytes) {
      throw new DecompressionError(
        `${place} has more than the ${maxBytes} bytes that a file may have when it is unpacked; raise maxDecompressedGigabytes, or split it.`,
      );
    }
    yield piece;
  }
}

/** Where a file is unpacked to. */
export interface PartsPlace {
  readonly bucket: string;
  readonly execution: string;
}

/** Key of the part that begins at a byte of the unpacked file. */
export function partKey({ execution }: PartsPlace, start: number): string {
  return `working/${execution}/unpacked/${start}.csv`;
}

/** Removes the parts. What cannot be removed is left to the bucket's lifecycle rule: the rows are loaded. */
export async function removeParts(s3: S3Client, place: PartsPlace, chunks: readonly Chunk[]): Promise<void> {
  if (chunks.length === 0) return;
  // One request takes 1,000 keys, as many as there are chunks at the most.
  const Objects = chunks.map(({ start }) => ({ Key: partKey(place, start) }));
  const failures = await s3
    .send(new DeleteObjectsCommand({ Bucket: place.bucket, Delete: { Objects, Quiet: true } }))
    .then(
      (answer) => answer.Errors?.length ?? 0,
      () => Objects.length,
    );
  if (failures > 0) logInfo('parts were left to the lifecycle rule', { parts: failures });
}

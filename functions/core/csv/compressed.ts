/**
 * Files compressed with gzip. They cannot be read from the middle, so they are decompressed once into the reports
 * bucket's working area, in parts of whole records. Each part is a chunk.
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

/** Bytes that are decompressed at a time. */
const PIECE_BYTES = 64 * 1024;

export function isGzip(bytes: Buffer): boolean {
  return bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * Decompresses a file.
 * @param name the file's name for messages.
 * @throws DecompressionError when the file is damaged, is truncated, or has data after zero padding.
 */
export async function* decompress(read: ReadBytes, size: number, name: string): AsyncGenerator<Buffer, void> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  // An error in either stream destroys both, so the loop throws it.
  pipeline(Readable.from(read(0, size)), gunzip, () => undefined);
  try {
    yield* gunzip;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new DecompressionError(
        `${name} cannot be decompressed: ${error.message}. Compress the file again and upload it.`,
        { cause: error },
      );
    }
    throw error;
  }
  // Node.js takes zero bytes after a gzip member as the end of the file, whatever follows them.
  const end = gunzip.bytesWritten;
  for await (const bytes of read(end, size)) {
    if (bytes.every((byte) => byte === 0)) continue;
    throw new DecompressionError(
      `${name} cannot be decompressed: more data follows the zero padding after byte ${end}. Compress the file again and upload it.`,
    );
  }
}

/**
 * Passes bytes through, up to the maximum size of a decompressed file.
 * @param name the file's name for messages.
 * @throws DecompressionError when there are more bytes.
 */
export async function* limitBytes(
  bytes: AsyncIterable<Buffer>,
  maxBytes: number,
  name: string,
): AsyncGenerator<Buffer, void> {
  let position = 0;
  for await (const piece of bytes) {
    position += piece.length;
    if (position > maxBytes) {
      throw new DecompressionError(
        `${name} decompresses to more than the ${maxBytes} bytes allowed. Raise maxDecompressedGigabytes or split the file.`,
      );
    }
    yield piece;
  }
}

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
  // One request takes 1,000 keys, and a file has at most 1,000 chunks.
  const Objects = chunks.map(({ start }) => ({ Key: partKey(location, start) }));
  const failures = await s3
    .send(new DeleteObjectsCommand({ Bucket: location.bucket, Delete: { Objects, Quiet: true } }))
    .then(
      (answer) => answer.Errors?.length ?? 0,
      () => Objects.length,
    );
  if (failures > 0) logInfo('parts left for the lifecycle rule to delete', { parts: failures });
}

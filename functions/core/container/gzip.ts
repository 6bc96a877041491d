/** Files compressed with gzip: one member or several. */

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { StoredFile } from '../storage/stored-file.ts';
import { damaged, isZlibError, PIECE_BYTES } from './damage.ts';

/** The first bytes of a member; source: RFC 1952, 2.3.1. */
const MAGIC = Buffer.from([0x1f, 0x8b]);

/** What zlib says of a member without {@link MAGIC}. */
const NO_MAGIC = 'incorrect header check';

export function isGzip(first: Buffer): boolean {
  return first.subarray(0, MAGIC.length).equals(MAGIC);
}

/** @throws DecompressionError when the file is damaged, is truncated, or has data after its last member. */
export async function* gunzip({ read, size, name }: StoredFile): AsyncGenerator<Buffer, void> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  // An error in either stream destroys both, so the loop throws it.
  pipeline(Readable.from(read(0, size)), gunzip, () => undefined);
  try {
    yield* gunzip;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    // The first member has the right first bytes, so this is about what follows a member.
    const problem =
      error.message === NO_MAGIC ? 'more data follows the compressed data, and is not gzip' : error.message;
    throw damaged(name, problem, error);
  }
  // Node.js takes zero bytes after a gzip member as the end of the file, whatever follows them.
  const end = gunzip.bytesWritten;
  for await (const bytes of read(end, size)) {
    if (bytes.every((byte) => byte === 0)) continue;
    throw damaged(name, `more data follows the zero padding after byte ${end}`);
  }
}

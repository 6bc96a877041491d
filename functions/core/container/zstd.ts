/** Files compressed with zstd: one frame or several. */

import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import type { StoredFile } from '../storage/stored-file.ts';
import { damaged, isZlibError, PIECE_BYTES } from './damage.ts';

/**
 * The first bytes of a frame, and those of a frame that a decompressor skips: the lowest of the latter's 16.
 * Source: RFC 8878, 3.1.
 */
const [FRAME, SKIPPED] = [0xfd2fb528, 0x184d2a50];

export function isZstd(first: Buffer): boolean {
  if (first.length < 4) return false;
  const magic = first.readUInt32LE();
  return magic === FRAME || (magic & 0xfffffff0) === SKIPPED;
}

/** @throws DecompressionError when the file is damaged, is truncated, or has data after its last frame. */
export async function* unzstd({ read, size, name }: StoredFile): AsyncGenerator<Buffer, void> {
  // Node.js stops at the end of a frame, whatever follows it.
  for (let position = 0; position < size; ) {
    const frame = createZstdDecompress({ chunkSize: PIECE_BYTES });
    // An error in either stream destroys both, so the loop throws it.
    pipeline(Readable.from(read(position, size)), frame, () => undefined);
    try {
      yield* frame;
    } catch (error) {
      if (!isZlibError(error)) throw error;
      const isFrame = error.code !== 'ZSTD_error_prefix_unknown';
      const problem = isFrame ? error.message : `more data follows byte ${position}, and is not zstd`;
      throw damaged(name, problem, error);
    }
    position += frame.bytesWritten;
  }
}

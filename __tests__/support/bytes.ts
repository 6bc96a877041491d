import type { ReadBytes } from '../../functions/core/storage/stored-file.ts';

/** Reads parts of some bytes, in pieces of `size`, as a stream would. */
export function reader(bytes: Uint8Array, size = 65_536): ReadBytes {
  return async function* (start, end) {
    for (let at = start; at < end; at += size) {
      yield Buffer.from(bytes.subarray(at, Math.min(at + size, end, bytes.length)));
    }
  };
}

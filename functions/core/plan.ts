/** Cuts a file into chunks of whole records, in one streaming scan with bounded memory. */

import { Framer } from './framing.ts';
import { type Chunk, MAX_CHUNKS } from './messages.ts';

/** Bytes that a chunk has at least, unless it is the last: enough to make an invocation worth its start. */
const MIN_CHUNK_BYTES = 8 * 1024 * 1024;

/** Bytes that each chunk of a file of `size` bytes has at least, so that there are at most {@link MAX_CHUNKS}. */
export function chunkBytes(size: number): number {
  return Math.max(MIN_CHUNK_BYTES, Math.ceil(size / MAX_CHUNKS));
}

/**
 * Cuts a stream between records, as soon as a chunk has `target` bytes.
 * @param start byte of the file at which the stream begins; a record begins there.
 * @returns chunks that cover the stream without a gap; none when there is no record in it.
 */
export async function planByScan(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  delimiter: string,
  start: number,
  target: number,
): Promise<Chunk[]> {
  const framer = new Framer(delimiter);
  const chunks: Chunk[] = [];
  let chunkStart = start;
  let end = start;
  let hasRecords = false;
  const take = ({ offset, frames }: ReturnType<Framer['push']>): void => {
    hasRecords ||= frames.length > 0;
    for (const frame of frames) {
      const recordStart = start + offset + frame.start;
      if (recordStart - chunkStart >= target) {
        chunks.push({ start: chunkStart, end: recordStart });
        chunkStart = recordStart;
      }
    }
  };
  for await (const bytes of stream) {
    end += bytes.length;
    take(framer.push(bytes));
  }
  take(framer.end());
  if (hasRecords) chunks.push({ start: chunkStart, end });
  return chunks;
}

/** Reads the text of a file, whether it is packed or not. */

import type { S3Client } from '@aws-sdk/client-s3';
import type { Chunk, Format, Source } from './messages.ts';
import { partKey, unpacked } from './packed.ts';
import { type ReadBytes, readWindows } from './records.ts';
import { locate, readRange } from './source.ts';

/** The text from its first byte on; no more of it is read than is taken. */
export function readText(s3: S3Client, source: Source, packing: Format['packing']): AsyncIterable<Buffer> {
  const read: ReadBytes = (start, end) => readRange(s3, source, start, end);
  return packing === 'none'
    ? readWindows(read, 0, source.size)
    : unpacked(read(0, source.size), locate(source));
}

/** Reads the text of a chunk, and what stands behind it. */
export function chunkReader(
  s3: S3Client,
  work: {
    readonly source: Source;
    readonly format: Format;
    readonly chunk: Chunk;
    readonly execution: string;
  },
  reportsBucket: string,
): ReadBytes {
  const { source, format, chunk, execution } = work;
  if (format.packing === 'none') return (start, end) => readRange(s3, source, start, end);
  return (start, end) => {
    // The next part begins where this one ends, and is longer than what is ever read of it.
    const partStart = start < chunk.end ? chunk.start : chunk.end;
    const key = partKey({ bucket: reportsBucket, execution }, partStart);
    return readRange(
      s3,
      { bucket: reportsBucket, key, size: end - partStart },
      start - partStart,
      end - partStart,
    );
  };
}

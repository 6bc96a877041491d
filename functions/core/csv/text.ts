/** Reads the text of a file, whether it is packed or not, in UTF-8 or windows-1252. */

import type { S3Client } from '@aws-sdk/client-s3';
import { type Chunk, type Format, isPlain, type Source } from '../messages.ts';
import { readRange, s3Uri } from '../storage/source.ts';
import { isGzip, partKey, unpacked } from './compressed.ts';
import { DETECTION_BYTES, detectEncoding, type Encoding, withoutUtf16 } from './encoding.ts';
import { type ReadBytes, readWindows } from './records.ts';

/** A file to read from, wherever it is kept. */
export interface StoredFile {
  readonly read: ReadBytes;
  /** Bytes. */
  readonly size: number;
  /** What messages call it. */
  readonly place: string;
}

/** One version of an object as a file. */
export function objectFile(s3: S3Client, source: Source): StoredFile {
  return {
    read: (start, end) => readRange(s3, source, start, end),
    size: source.size,
    place: s3Uri(source),
  };
}

/** How the bytes of a file become text. */
export type Coding = Pick<Format, 'compression' | 'encoding'>;

/**
 * Tells by its first bytes how a file is packed, and by its first characters how they are encoded.
 * @param otherwise the encoding if they do not tell.
 */
export async function detectCoding({ read, size, place }: StoredFile, otherwise: Encoding): Promise<Coding> {
  const first = async (text: AsyncIterable<Buffer>): Promise<Buffer> => {
    let bytes = Buffer.alloc(0);
    for await (const piece of text) {
      bytes = Buffer.concat([bytes, piece]);
      if (bytes.length >= DETECTION_BYTES) break;
    }
    return bytes;
  };
  const bytes = await first(read(0, Math.min(size, DETECTION_BYTES)));
  if (!isGzip(bytes)) return { compression: 'none', encoding: detectEncoding(bytes, otherwise) };
  const inner = await first(unpacked(read, size, place));
  return { compression: 'gzip', encoding: detectEncoding(inner, otherwise) };
}

/** The text from its first byte on; no more of it is read than is taken. */
export function readText(
  { read, size, place }: StoredFile,
  { compression, encoding }: Coding,
): AsyncIterable<Buffer> {
  return withoutUtf16(
    compression === 'none' ? readWindows(read, 0, size) : unpacked(read, size, place),
    encoding,
  );
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
  if (isPlain(format)) return (start, end) => readRange(s3, source, start, end);
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

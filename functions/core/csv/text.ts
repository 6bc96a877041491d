/** Reads the text of a file, compressed or not, as UTF-8 or windows-1252. */

import type { S3Client } from '@aws-sdk/client-s3';
import type { ChunkJob, Encoding, Format, Source } from '../messages.ts';
import { readRange, s3Uri } from '../storage/source.ts';
import { decompress, isGzip, partKey } from './compressed.ts';
import { DETECTION_BYTES, detectEncoding, isRewritten, toUtf8 } from './encoding.ts';
import { type ReadBytes, type RecordBatch, readRecords, readWindows } from './records.ts';

/** A file to read from: an S3 object or a local file. */
export interface StoredFile {
  readonly read: ReadBytes;
  /** Bytes. */
  readonly size: number;
  /** The file's name for messages: an S3 URI or a path. */
  readonly name: string;
}

/** One version of an S3 object as a file. */
export function objectFile(s3: S3Client, source: Source): StoredFile {
  return {
    read: (start, end) => readRange(s3, source, start, end),
    size: source.size,
    name: s3Uri(source),
  };
}

/** How the bytes of a file are turned into text. */
export type Coding = Pick<Format, 'compression' | 'encoding'>;

/**
 * Whether a file can be read as it is. A compressed file, or one in an encoding other than UTF-8 and windows-1252, is first rewritten into the reports bucket's working
 * area, one object per chunk.
 */
export function isPlain({ compression, encoding }: Coding): boolean {
  return compression === 'none' && !isRewritten(encoding);
}

/**
 * Detects the compression and the encoding of a file from its first bytes.
 * @param fallback the encoding if the first bytes do not show it.
 * @throws DecompressionError when the file is compressed and the part that is read is damaged.
 */
export async function detectCoding({ read, size, name }: StoredFile, fallback: Encoding): Promise<Coding> {
  const first = async (text: AsyncIterable<Buffer>): Promise<Buffer> => {
    let bytes = Buffer.alloc(0);
    for await (const piece of text) {
      bytes = Buffer.concat([bytes, piece]);
      if (bytes.length >= DETECTION_BYTES) break;
    }
    return bytes;
  };
  const bytes = await first(read(0, Math.min(size, DETECTION_BYTES)));
  if (!isGzip(bytes)) return { compression: 'none', encoding: detectEncoding(bytes, fallback) };
  const inner = await first(decompress(read, size, name));
  return { compression: 'gzip', encoding: detectEncoding(inner, fallback) };
}

/** Reads the text from its first byte, only as far as the caller consumes it. */
export function readText(
  { read, size, name }: StoredFile,
  { compression, encoding }: Coding,
): AsyncIterable<Buffer> {
  return toUtf8(compression === 'none' ? readWindows(read, 0, size) : decompress(read, size, name), encoding);
}

/**
 * Reads the records of a chunk.
 * @param start byte at which the first of them begins.
 */
export function readChunk(
  s3: S3Client,
  job: ChunkJob,
  reportsBucket: string,
  start: number,
): AsyncGenerator<RecordBatch, void> {
  const { chunk, format } = job;
  // A part consists of whole records, so its end is like that of a file.
  const size = isPlain(format) ? format.size : chunk.end;
  const part = { start, end: chunk.end, size };
  return readRecords(chunkReader(s3, job, reportsBucket), part, format);
}

/** Reads the text of a chunk, and of a file that is read as it is also what follows the chunk. */
function chunkReader(
  s3: S3Client,
  { source, format, chunk, execution }: ChunkJob,
  reportsBucket: string,
): ReadBytes {
  if (isPlain(format)) return (start, end) => readRange(s3, source, start, end);
  const key = partKey({ bucket: reportsBucket, execution }, chunk.start);
  const part = { bucket: reportsBucket, key, size: chunk.end - chunk.start };
  return (start, end) => readRange(s3, part, start - chunk.start, end - chunk.start);
}

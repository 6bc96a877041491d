/** Reads the text of a file, compressed or not, as UTF-8 or windows-1252. */

import type { S3Client } from '@aws-sdk/client-s3';
import { compressionOf, decompress } from '../container/containers.ts';
import { refuseOtherFiles, SIGNATURE_BYTES } from '../container/signatures.ts';
import { NotCsvError } from '../errors.ts';
import type { Encoding, Source } from '../messages.ts';
import { readRange, s3Uri } from '../storage/source.ts';
import type { StoredFile } from '../storage/stored-file.ts';
import { type Coding, detectEncoding, toUtf8 } from './encoding.ts';
import { readWindows } from './records.ts';

/** One version of an S3 object as a file. */
export function objectFile(s3: S3Client, source: Source): StoredFile {
  return {
    read: (start, end) => readRange(s3, source, start, end),
    size: source.size,
    name: s3Uri(source),
  };
}

/**
 * Detects the compression and the encoding of a file from its first bytes.
 * @param fallback the encoding if the first bytes do not show it.
 * @throws DecompressionError when the file is compressed and the part that is read is damaged.
 * @throws NotCsvError when the first bytes are those of another kind of file.
 */
export async function detectCoding(file: StoredFile, fallback: Encoding): Promise<Coding> {
  const { read, size, name } = file;
  const bytes = await firstBytes(read(0, Math.min(size, SIGNATURE_BYTES)));
  refuseOtherFiles(bytes, name);
  const compression = compressionOf(bytes);
  const text = compression === 'none' ? bytes : await firstBytes(decompress(file, compression));
  refuseOtherFiles(text, name);
  if (compression !== 'none' && compressionOf(text) !== 'none') {
    throw new NotCsvError(`${name} is compressed twice. Compress the CSV file once.`);
  }
  return { compression, encoding: detectEncoding(text, fallback) };
}

/** Bytes from which a file is recognized. */
export async function firstBytes(text: AsyncIterable<Buffer>): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const piece of text) {
    bytes = Buffer.concat([bytes, piece]);
    if (bytes.length >= SIGNATURE_BYTES) break;
  }
  return bytes.subarray(0, SIGNATURE_BYTES);
}

/** Reads the text from its first byte, only as far as the caller consumes it. */
export function readText(file: StoredFile, { compression, encoding }: Coding): AsyncIterable<Buffer> {
  const bytes = compression === 'none' ? readWindows(file.read, 0, file.size) : decompress(file, compression);
  return toUtf8(bytes, encoding);
}

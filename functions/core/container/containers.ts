/**
 * What a CSV file may be packed in: each container with the suffixes of such files, the bytes that it begins with, and
 * how its text is read. The suffixes decide which files start the pipeline; the first bytes decide how a file is read.
 */

import { DecompressionError } from '../errors.ts';
import type { Compression } from '../messages.ts';
import type { StoredFile } from '../storage/stored-file.ts';
import { gunzip, isGzip } from './gzip.ts';
import { isZip, unzip } from './zip.ts';
import { isZstd, unzstd } from './zstd.ts';

interface Container {
  /** In lower case. */
  readonly suffixes: readonly string[];
  /** Whether a file with these first bytes is one. */
  readonly matches: (first: Buffer) => boolean;
  /**
   * The text in the container, from its first byte.
   * @throws DecompressionError when the container is damaged.
   */
  readonly decompress: (file: StoredFile) => AsyncGenerator<Buffer, void>;
}

const CONTAINERS: Readonly<Record<Exclude<Compression, 'none'>, Container>> = {
  gzip: { suffixes: ['.csv.gz'], matches: isGzip, decompress: gunzip },
  // Programs name the archive of orders.csv either orders.zip or orders.csv.zip.
  zip: { suffixes: ['.zip'], matches: isZip, decompress: unzip },
  zstd: { suffixes: ['.csv.zst'], matches: isZstd, decompress: unzstd },
};

const COMPRESSED = ['gzip', 'zip', 'zstd'] as const satisfies (keyof typeof CONTAINERS)[];

/** Suffixes of the files that start the pipeline; the trigger's event pattern matches them in upper and lower case. */
export const CSV_SUFFIXES: readonly string[] = [
  '.csv',
  ...Object.values(CONTAINERS).flatMap(({ suffixes }) => suffixes),
];

/** Whether a file with that name starts the pipeline. */
export function isCsvName(name: string): boolean {
  return CSV_SUFFIXES.some((suffix) => name.toLowerCase().endsWith(suffix));
}

/** How a file with these first bytes is compressed. */
export function compressionOf(first: Buffer): Compression {
  return COMPRESSED.find((name) => CONTAINERS[name].matches(first)) ?? 'none';
}

/**
 * Decompresses a file.
 * @throws DecompressionError when the file is damaged, is truncated, or has data after its end.
 * @throws NotCsvError when the file is a zip archive that Office programs made.
 */
export function decompress(
  file: StoredFile,
  compression: Exclude<Compression, 'none'>,
): AsyncGenerator<Buffer, void> {
  return CONTAINERS[compression].decompress(file);
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

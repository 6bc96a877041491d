/**
 * Zip archives with one file in them. Their directory, which is at the end, says where the file is; archives are read
 * by ranges, so they need not be in memory.
 */

import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { DecompressionError, NotCsvError } from '../errors.ts';
import type { ReadBytes, StoredFile } from '../storage/stored-file.ts';
import { damaged, isZlibError, PIECE_BYTES } from './damage.ts';

/** The first bytes of an archive with files, and of one without; source: APPNOTE.TXT of PKWARE, 4.3. */
const SIGNATURES = ['PK\x03\x04', 'PK\x05\x06'];

/** Compression methods; source: APPNOTE.TXT, 4.4.5. */
const [STORED, DEFLATED] = [0, 8];

/** What is wrong if the directory cannot be read, whichever part of it. */
const BROKEN_DIRECTORY =
  'the directory at its end cannot be read, because the file is truncated or damaged, or more data follows it';

/** Entries that are looked at: more than macOS adds to one file. */
const MAX_ENTRIES = 100;

/** What programs add to an archive: folders, and what macOS notes about files. */
const NO_FILE = /\/$|^__MACOSX\/|(?:^|\/)\.DS_Store$/;

/** An entry of each file of Excel and other Office programs. */
const OFFICE_FILE = '[Content_Types].xml';

/** First bytes of most Office files, and of few other archives; source: Microsoft's System.IO.Packaging. */
const OFFICE_START = 'PK\x03\x04\x14\0\x06\0';

export function isZip(first: Buffer): boolean {
  return SIGNATURES.includes(first.toString('latin1', 0, 4));
}

/**
 * @throws DecompressionError when the archive is damaged, is truncated, is encrypted, has data after its end, or does
 * not hold exactly one file.
 * @throws NotCsvError when the archive is an Office file.
 */
export async function* unzip({ read, size, name }: StoredFile): AsyncGenerator<Buffer, void> {
  const reader = new RangeReader(read, size);
  let entry: Entry;
  let start: number;
  try {
    const archive = await fromRandomAccessReaderPromise(reader, size, {
      autoClose: false,
      decodeStrings: false,
    });
    if (archive.entryCount > MAX_ENTRIES) throw notOneFile(name, archive.entryCount);
    const entries: Entry[] = [];
    for await (const each of archive.eachEntry()) entries.push(each);
    entry = onlyFile(entries, name);
    start = (await archive.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart;
  } catch (error) {
    if (error instanceof DecompressionError || error instanceof NotCsvError) throw error;
    if (reader.failure === undefined && (await startsAsOffice(read, size))) throw officeFile(name);
    // What is not an error of reading the archive is one of the archive.
    throw reader.failure ?? damaged(name, BROKEN_DIRECTORY, error);
  }
  yield* contents(read(start, start + entry.compressedSize), entry, name);
}

async function startsAsOffice(read: ReadBytes, size: number): Promise<boolean> {
  const pieces: Buffer[] = [];
  for await (const piece of read(0, Math.min(size, OFFICE_START.length))) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1') === OFFICE_START;
}

function onlyFile(entries: readonly Entry[], name: string): Entry {
  const names = entries.map(({ fileNameRaw }) => fileNameRaw.toString('latin1'));
  if (names.includes(OFFICE_FILE)) throw officeFile(name);
  const files = entries.filter((_, index) => !NO_FILE.test(names[index] ?? ''));
  const [file] = files;
  if (file === undefined || files.length > 1) throw notOneFile(name, files.length);
  if (file.isEncrypted()) {
    throw new DecompressionError(`${name} is encrypted. Compress the CSV file without a password.`);
  }
  if (file.compressionMethod !== STORED && file.compressionMethod !== DEFLATED) {
    throw new DecompressionError(
      `The file in ${name} is compressed with method ${file.compressionMethod}, which is not supported. Compress it with Deflate, the usual method.`,
    );
  }
  return file;
}

function officeFile(name: string): NotCsvError {
  return new NotCsvError(
    `${name} is an Excel workbook (.xlsx) or another Office file, not CSV. Save it as CSV UTF-8 in the program that made it, and upload that.`,
  );
}

function notOneFile(name: string, count: number): DecompressionError {
  return new DecompressionError(
    `${name} has ${count === 0 ? 'no file' : `${count} files`} in it. A zip file must have exactly one CSV file in it; upload several CSV files one by one.`,
  );
}

/** The decompressed bytes of an entry, which its directory says the number and the checksum of. */
async function* contents(
  bytes: AsyncIterable<Buffer>,
  entry: Entry,
  name: string,
): AsyncGenerator<Buffer, void> {
  const inflate =
    entry.compressionMethod === DEFLATED ? createInflateRaw({ chunkSize: PIECE_BYTES }) : undefined;
  // An error in either stream destroys both, so the loop throws it.
  if (inflate !== undefined) pipeline(Readable.from(bytes), inflate, () => undefined);
  const pieces: AsyncIterable<Buffer> = inflate ?? bytes;
  let size = 0;
  let checksum = 0;
  try {
    for await (const piece of pieces) {
      size += piece.length;
      checksum = crc32(piece, checksum);
      if (size > entry.uncompressedSize) break;
      yield piece;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw damaged(name, error.message, error);
  }
  if (size !== entry.uncompressedSize) {
    throw damaged(name, `its directory says that it has ${entry.uncompressedSize} bytes, which is not true`);
  }
  if (checksum !== entry.crc32) throw damaged(name, 'its checksum is wrong');
  if (inflate !== undefined && inflate.bytesWritten !== entry.compressedSize) {
    throw damaged(name, 'more data follows the compressed data');
  }
}

/** Reads the directory of an archive in blocks, so that each of its entries does not take a request. */
class RangeReader extends RandomAccessReader {
  /** Why reading failed. */
  failure: unknown;
  readonly #read: ReadBytes;
  readonly #size: number;
  #block = Buffer.alloc(0);
  #start = 0;

  constructor(read: ReadBytes, size: number) {
    super();
    this.#read = read;
    this.#size = size;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#bytes(position, length).then(
      (bytes) => callback(null, bytes.copy(buffer, offset)),
      (error: unknown) => {
        this.failure = error;
        callback(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  async #bytes(position: number, length: number): Promise<Buffer> {
    const from = position - this.#start;
    if (from >= 0 && from + length <= this.#block.length) return this.#block.subarray(from, from + length);
    const end = Math.min(this.#size, position + Math.max(length, PIECE_BYTES));
    const pieces: Buffer[] = [];
    for await (const piece of this.#read(position, Math.max(position, end))) pieces.push(piece);
    this.#block = Buffer.concat(pieces);
    this.#start = position;
    return this.#block.subarray(0, length);
  }
}

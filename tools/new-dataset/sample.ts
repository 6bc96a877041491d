/** Reads the beginning of a file that a dataset is guessed from, by the code that the pipeline reads files with. */

import { open } from 'node:fs/promises';
import { type Encoding, isUtf16 } from '../../functions/core/csv/encoding.ts';
import { Framer } from '../../functions/core/csv/framing.ts';
import type { Header } from '../../functions/core/csv/header.ts';
import { type CsvRecord, toRecords } from '../../functions/core/csv/records.ts';
import { type Coding, detectCoding, readText, type StoredFile } from '../../functions/core/csv/text.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { readableSize } from '../../report/terminal/named-file.ts';
import { guessHeader } from './guess-delimiter.ts';

/** How much of a file is looked at: whichever comes first. */
export interface Limits {
  readonly rows: number;
  /** Of the file without gzip, and in UTF-8 where it is in UTF-16. */
  readonly bytes: number;
}

/** So many that a rare cell is met, and so few that the cells of a column fit into memory. */
export const LIMITS: Limits = { rows: 100_000, bytes: 64 * 2 ** 20 };

/** Bytes in which the delimiter is looked for: some records, even if they are as long as they may be. */
const HEAD_BYTES = 2 ** 20;

/** Bytes that are read at a time. */
const PIECE_BYTES = 64 * 1024;

/** Some records that follow each other. */
export interface SampleBatch {
  readonly records: readonly CsvRecord[];
  /** Whether the file has more that is not looked at; true for the last batch alone. */
  readonly isCut: boolean;
}

/** The header of a file, and what stands behind it up to a limit. */
export class Sample {
  readonly header: Header;
  /** UTF-16, or that of the header. */
  readonly encoding: Encoding;
  readonly #file: StoredFile;
  readonly #coding: Coding;
  readonly #limits: Limits;

  private constructor(file: StoredFile, coding: Coding, header: Header, limits: Limits) {
    this.header = header;
    this.encoding = isUtf16(coding.encoding) ? coding.encoding : header.encoding;
    this.#file = file;
    this.#coding = coding;
    this.#limits = limits;
  }

  /**
   * @throws UsageError when the file cannot be read, or is empty.
   * @throws HeaderError, DecompressionError as the pipeline does.
   */
  static async open(path: string, limits: Limits = LIMITS): Promise<Sample> {
    const file: StoredFile = { read: pieces(path), size: await readableSize(path), place: path };
    const coding = await detectCoding(file, 'utf-8');
    const { bytes, isWhole } = await head(readText(file, coding));
    if (bytes.toString().trim() === '') throw new UsageError(`${path} is empty.`);
    const encodings: readonly Encoding[] =
      coding.encoding === 'utf-8' ? ['utf-8', 'windows-1252'] : ['utf-8'];
    return new Sample(file, coding, await guessHeader(bytes, isWhole, encodings, path), limits);
  }

  /**
   * Reads the records behind the header.
   * @throws DecompressionError, NotCsvError as the pipeline does.
   */
  async *records(encoding: Encoding): AsyncGenerator<SampleBatch, void> {
    const { delimiter, end: start } = this.header;
    const { rows, bytes } = this.#limits;
    const framer = new Framer(delimiter);
    let position = 0;
    let left = rows;
    const take = (framed: ReturnType<Framer['push']>): SampleBatch => {
      const frames = framed.frames.slice(0, left);
      const isCut = frames.length < framed.frames.length;
      left -= frames.length;
      return { records: toRecords({ ...framed, frames }, { delimiter, encoding }, start), isCut };
    };
    for await (const piece of readText(this.#file, this.#coding)) {
      const from = Math.max(0, start - position);
      const to = bytes - position;
      position += piece.length;
      if (from < piece.length) {
        const batch = take(framer.push(piece.subarray(from, to)));
        const isCut = batch.isCut || to < piece.length;
        yield { ...batch, isCut };
        if (isCut) return;
      }
    }
    yield take(framer.end());
  }
}

function pieces(path: string): StoredFile['read'] {
  return async function* read(start, end) {
    const handle = await open(path);
    try {
      for (let at = start; at < end; ) {
        const bytes = Buffer.alloc(Math.min(PIECE_BYTES, end - at));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield bytes.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  };
}

async function head(text: AsyncIterable<Buffer>): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const read: Buffer[] = [];
  let size = 0;
  for await (const piece of text) {
    read.push(piece);
    size += piece.length;
    if (size >= HEAD_BYTES) return { bytes: Buffer.concat(read), isWhole: false };
  }
  return { bytes: Buffer.concat(read), isWhole: true };
}

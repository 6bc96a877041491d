/** Reads the beginning of a sample, with the code that the pipeline reads files with. */

import { isUtf8 } from 'node:buffer';
import { refuseDocuments } from '../../functions/core/container/signatures.ts';
import { type Coding, isRewritten } from '../../functions/core/csv/encoding.ts';
import { Framer, type Frames } from '../../functions/core/csv/framing.ts';
import type { Header } from '../../functions/core/csv/header.ts';
import { type CsvRecord, recordReader } from '../../functions/core/csv/records.ts';
import { detectCoding, readText } from '../../functions/core/csv/text.ts';
import type { Quoting } from '../../functions/core/dataset/file-format/quoting.ts';
import type { Encoding } from '../../functions/core/messages.ts';
import type { StoredFile } from '../../functions/core/storage/stored-file.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { readableSize } from '../../report/terminal/named-file.ts';
import { fileBytes } from '../file-bytes.ts';
import { type GuessedHeader, guessHeader } from './guess-delimiter.ts';
import { type Likeness, looksLike } from './looks-like.ts';
import { refuseOtherText } from './other-text.ts';

/** How much of a file is read, up to the limit that is reached first. */
export interface Limits {
  readonly rows: number;
  /** Bytes after decompression, and after conversion from UTF-16 to UTF-8. */
  readonly bytes: number;
}

/** Large enough to find rare cells, and small enough for the cells of a column to fit into memory. */
export const LIMITS: Limits = { rows: 100_000, bytes: 64 * 2 ** 20 };

/** Bytes from which the delimiter is guessed: several records, even of the maximum length. */
const HEAD_BYTES = 2 ** 20;

/** Consecutive records. */
export interface SampleBatch {
  readonly records: readonly CsvRecord[];
  /** Whether reading stops here at a limit; only the last batch can be cut. */
  readonly isCut: boolean;
}

/** The header of a file, and the records after it up to a limit. */
export class Sample {
  readonly header: Header;
  readonly place: Omit<GuessedHeader, 'header'>;
  /** UTF-16, what the text looks like, or the encoding of the header. */
  readonly encoding: Encoding;
  /** What the text looks like; undefined if its encoding is certain. */
  readonly likeness: Likeness | undefined;
  readonly quoting: Quoting;
  /** Whether its beginning has a double quote. */
  readonly hasQuotes: boolean;
  readonly #file: StoredFile;
  readonly #coding: Coding;
  readonly #limits: Limits;

  private constructor(
    file: StoredFile,
    coding: Coding,
    { header, ...place }: GuessedHeader,
    likeness: Likeness | undefined,
    { quoting, hasQuotes }: Pick<Sample, 'quoting' | 'hasQuotes'>,
    limits: Limits,
  ) {
    this.header = header;
    this.place = place;
    this.encoding = isRewritten(coding.encoding) ? coding.encoding : header.encoding;
    this.likeness = likeness;
    this.quoting = quoting;
    this.hasQuotes = hasQuotes;
    this.#file = file;
    this.#coding = coding;
    this.#limits = limits;
  }

  /**
   * @throws UsageError if the file cannot be read or is empty
   * @throws HeaderError, NotCsvError, DecompressionError as the pipeline does
   */
  static async open(path: string, limits: Limits = LIMITS, quoting: Quoting = {}): Promise<Sample> {
    const size = await readableSize(path);
    const file: StoredFile = { read: (start, end) => fileBytes(path, start, end), size, name: path };
    let coding = await detectCoding(file, 'utf-8');
    let { bytes, isWhole } = await head(readText(file, coding));
    if (bytes.toString().trim() === '') throw new UsageError(`${path} is empty.`);
    refuseDocuments(bytes, path);
    refuseOtherText(bytes, path);
    const likeness = coding.encoding === 'utf-8' ? await likenessOf(bytes) : undefined;
    if (likeness !== undefined && isRewritten(likeness.encoding)) {
      coding = { ...coding, encoding: likeness.encoding };
      ({ bytes, isWhole } = await head(readText(file, coding)));
    }
    const encodings: readonly Encoding[] =
      coding.encoding === 'utf-8' ? ['utf-8', 'windows-1252'] : ['utf-8'];
    const guess = await guessHeader(bytes, isWhole, { encodings, quoting }, path);
    return new Sample(file, coding, guess, likeness, { quoting, hasQuotes: bytes.includes('"') }, limits);
  }

  /** The names of the columns, as many as a row has cells, but for an empty last one. */
  get names(): readonly string[] {
    return this.header.fields.slice(0, this.header.width);
  }

  /**
   * Reads the records after the header.
   * @throws DecompressionError, NotCsvError as the pipeline does
   */
  async *records(encoding: Encoding): AsyncGenerator<SampleBatch, void> {
    const { delimiter, end: start } = this.header;
    const { rows, bytes } = this.#limits;
    const dialect = { ...this.quoting, delimiter, encoding };
    const framer = new Framer(dialect);
    const toRecords = recordReader(dialect, start);
    let position = 0;
    let remaining = rows;
    const take = (framed: Frames): SampleBatch => {
      const frames = framed.frames.slice(0, remaining);
      const isCut = frames.length < framed.frames.length;
      remaining -= frames.length;
      return { records: toRecords({ ...framed, frames }), isCut };
    };
    for await (const piece of readText(this.#file, this.#coding)) {
      const from = Math.max(0, start - position);
      const to = bytes - position;
      position += piece.length;
      if (from < piece.length) {
        for (const framed of framer.push(piece.subarray(from, to))) {
          const batch = take(framed);
          yield batch;
          if (batch.isCut) return;
        }
        if (to < piece.length) {
          yield { records: [], isCut: true };
          return;
        }
      }
    }
    for (const framed of framer.end()) yield take(framed);
  }
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

/** What text looks like that is not UTF-8; undefined if most of it is. */
async function likenessOf(bytes: Buffer): Promise<Likeness | undefined> {
  const lines = bytes
    .toString('latin1')
    .split(/[\r\n]/)
    .filter((line) => NON_ASCII.test(line));
  const valid = lines.filter((line) => isUtf8(Buffer.from(line, 'latin1')));
  if (lines.length === 0 || 2 * valid.length >= lines.length) return undefined;
  const likeness = await looksLike(Buffer.from(lines.join('\n'), 'latin1'));
  // Few letters do not tell these apart from what is most common.
  const isLatin = likeness !== undefined && LATIN.includes(likeness.encoding);
  return isLatin && !likeness.isSure ? { encoding: 'windows-1252', isSure: false } : likeness;
}

/** Encodings that have most of their letters in common with windows-1252. */
const LATIN: readonly string[] = ['windows-1250', 'iso-8859-2', 'windows-1254', 'windows-1257'];

const NON_ASCII = /[^\0-\x7f]/;

/**
 * Reads records: {@link Framer} cuts the bytes into whole records, which are then split into fields. The report uses
 * csv-parse, because it also splits records with invalid quoting.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { isBlank } from '../dataset/row-kinds.ts';
import type { Encoding } from '../messages.ts';
import type { ReadBytes } from '../storage/stored-file.ts';
import { type Dialect, fieldSplitter } from './dialect.ts';
import { firstInvalid1252, recordToUtf8 } from './encoding.ts';
import { type Frame, type FrameFault, Framer, type Frames } from './framing.ts';
import { MAX_SCANNED_BYTES } from './record-scan.ts';

/** How a record breaks the rules of the format. */
export type RecordFault = FrameFault | 'invalid_encoding' | 'nul_byte';

/** One record of a file. */
export interface CsvRecord {
  /** Byte of the file at which the record starts. */
  readonly start: number;
  /** Byte of the file after the record, without its line break. */
  readonly end: number;
  /** Physical lines in front of the record, counted from where reading started. */
  readonly line: number;
  /** The record's bytes in the file, without the line break. */
  readonly raw: Buffer;
  /**
   * Absent when a fault makes the field boundaries uncertain. A record that is read from a file is split when they are
   * first asked for, so they are not part of a copy like `{ ...record }`.
   */
  readonly fields?: readonly string[] | undefined;
  readonly fault?: RecordFault | undefined;
  /** With `unclosed_quote`, the byte of the file that holds the quote. */
  readonly quote?: number | undefined;
}

/**
 * Whether a record holds nothing, as {@link isBlank} says of its fields. Those of nearly all records are not needed for
 * that: what starts with a letter or a digit, unless that is the delimiter, holds something.
 */
export function isBlankRecord(record: CsvRecord, { delimiter }: Pick<Dialect, 'delimiter'>): boolean {
  const first = String.fromCharCode(record.raw[0] ?? 0);
  return (!LETTER_OR_DIGIT.test(first) || first === delimiter) && isBlank(record.fields);
}

const LETTER_OR_DIGIT = /[0-9A-Za-z]/;

/**
 * Parses consecutive whole records into fields.
 * @param encoding `latin1` for fields with one character per byte.
 */
export function parseFields(
  bytes: Buffer,
  dialect: Omit<Dialect, 'encoding'> & { readonly encoding: Encoding | 'latin1' },
): string[][] {
  const { delimiter, encoding, quote = '"', ltrim = false } = dialect;
  const isLatin1 = encoding === 'latin1';
  return parse(isLatin1 ? bytes : recordToUtf8(bytes, encoding), {
    encoding: isLatin1 ? 'latin1' : 'utf8',
    delimiter: isLatin1 ? Buffer.from(delimiter).toString('latin1') : delimiter,
    quote,
    escape: dialect.escape ?? quote,
    ltrim,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
}

/** Consecutive records, and how far reading has come. */
export interface RecordBatch {
  readonly records: readonly CsvRecord[];
  /** Byte of the next record. */
  readonly at: number;
  /** Physical lines up to `at`, counted from where reading started. */
  readonly lines: number;
  /** Whether all bytes are ASCII. */
  readonly isAscii: boolean;
}

/** Bytes that are read at a time when the total needed is unknown. */
const WINDOW_BYTES = 64 * 1024;

/** Reads part of a file in windows, each only when it is needed. */
export async function* readWindows(
  read: ReadBytes,
  start: number,
  end: number,
): AsyncGenerator<Buffer, void> {
  for (let from = start; from < end; from += WINDOW_BYTES)
    yield* read(from, Math.min(from + WINDOW_BYTES, end));
}

/**
 * Reads the records that start in part of a file. Reads past `end` only to find where the last record ends, and then at
 * most {@link MAX_SCANNED_BYTES}. The last batch's `at` is where that record ends, which is `end` if the part ends with a
 * record.
 * @param start byte at which a record begins.
 * @param size of the file in bytes. If it is unknown, `size` and `end` are infinite, and `read` ends by itself.
 * @throws NotCsvError if a record does not end.
 */
export async function* readRecords(
  read: ReadBytes,
  { start, end, size }: { readonly start: number; readonly end: number; readonly size: number },
  dialect: Dialect,
): AsyncGenerator<RecordBatch, void> {
  const framer = new Framer(dialect, start, end - start);
  const toBatch = recordReader(dialect, start);
  const batch = (framed: Frames): RecordBatch => ({
    records: toBatch(framed),
    at: start + framer.position,
    lines: framer.lines,
    isAscii: isAscii(framed.bytes),
  });
  for await (const bytes of read(start, end)) {
    for (const framed of framer.push(bytes)) yield batch(framed);
  }
  const limit = Math.min(size, end + MAX_SCANNED_BYTES + 2 * WINDOW_BYTES);
  if (start + framer.position >= end) return;
  for await (const bytes of readWindows(read, end, limit)) {
    for (const framed of framer.push(bytes)) yield batch(framed);
    if (start + framer.position >= end) return;
  }
  for (const framed of framer.end()) yield batch(framed);
}

/**
 * Makes a function that turns what was framed into records.
 * @param streamStart byte of the file where the framer started.
 */
export function recordReader(dialect: Dialect, streamStart: number): (framed: Frames) => CsvRecord[] {
  const { encoding } = dialect;
  const split = fieldSplitter(dialect);
  return ({ bytes, offset, frames }) => {
    // The whole block is nearly always valid, so it is checked and converted to a string once. Converting each record
    // took a tenth of the time that reading and checking a row takes.
    const isValid = textFault(bytes, encoding) === undefined;
    const block = {
      bytes,
      text: bytes.toString('latin1'),
      start: streamStart + offset,
      isValid,
      encoding,
      split,
    };
    return frames.map((frame) => new FramedRecord(frame, block));
  };
}

/** A block of records. */
interface Block {
  readonly bytes: Buffer;
  /** Each byte as a character. */
  readonly text: string;
  /** Byte of the file at which the block starts. */
  readonly start: number;
  /** Whether all of it is text in its encoding. */
  readonly isValid: boolean;
  readonly encoding: Encoding;
  readonly split: (record: string) => string[];
}

/** A record that is split into fields once they are needed: a load that skips it needs none. */
class FramedRecord implements CsvRecord {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly raw: Buffer;
  readonly fault: RecordFault | undefined;
  readonly quote: number | undefined;
  readonly #block: Block;
  #fields: readonly string[] | undefined;

  constructor({ start, end, line, fault, quote }: Frame, block: Block) {
    this.start = block.start + start;
    this.end = block.start + end;
    this.line = line;
    this.raw = block.bytes.subarray(start, end);
    this.fault = fault ?? (block.isValid ? undefined : textFault(this.raw, block.encoding));
    this.quote = quote === undefined ? undefined : block.start + quote;
    this.#block = block;
  }

  get fields(): readonly string[] | undefined {
    if (this.fault === undefined || this.fault === 'bare_quote') this.#fields ??= this.#split();
    return this.#fields;
  }

  #split(): string[] {
    const { text, start, encoding, split } = this.#block;
    const record = text.slice(this.start - start, this.end - start);
    return split(NON_ASCII.test(record) ? recordToUtf8(this.raw, encoding).toString() : record);
  }
}

const NON_ASCII = /[^\0-\x7f]/;

/** Why bytes are not text: they are invalid in their encoding, or contain a NUL as damaged and binary files do. */
function textFault(bytes: Buffer, encoding: Encoding): 'invalid_encoding' | 'nul_byte' | undefined {
  if (bytes.includes(0)) return 'nul_byte';
  const isText = encoding === 'windows-1252' ? firstInvalid1252(bytes) === -1 : isUtf8(bytes);
  return isText ? undefined : 'invalid_encoding';
}

/**
 * Reads records: {@link Framer} cuts the bytes into whole records, which are then split into fields. The report uses
 * csv-parse, because it also splits records with invalid quoting.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import type { Encoding } from '../messages.ts';
import type { ReadBytes } from '../storage/stored-file.ts';
import { type Dialect, fieldSplitter } from './dialect.ts';
import { firstInvalid1252, recordToUtf8 } from './encoding.ts';
import { type FrameFault, Framer, type Frames } from './framing.ts';
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
  /** Absent when a fault makes the field boundaries uncertain. */
  readonly fields?: readonly string[];
  readonly fault?: RecordFault;
  /** With `unclosed_quote`, the byte of the file that holds the quote. */
  readonly quote?: number;
}

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
 * Makes a function that splits framed records into fields.
 * @param streamStart byte of the file where the framer started.
 */
export function recordReader(dialect: Dialect, streamStart: number): (framed: Frames) => CsvRecord[] {
  const split = fieldSplitter(dialect);
  return (framed) => toRecords(framed, dialect.encoding, split, streamStart);
}

function toRecords(
  { bytes, offset, frames }: Frames,
  encoding: Encoding,
  split: (record: string) => string[],
  streamStart: number,
): CsvRecord[] {
  const position = streamStart + offset;
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined) return [];

  // The whole block is nearly always valid, so it is checked and converted to a string once. Converting each record
  // took a tenth of the time that reading and checking a row takes.
  const block = bytes.subarray(first.start, last.end);
  const isValid = textFault(block, encoding) === undefined;
  const text = block.toString('latin1');
  return frames.map((frame) => {
    const { start, end, line } = frame;
    const raw = bytes.subarray(start, end);
    const fault = frame.fault ?? (isValid ? undefined : textFault(raw, encoding));
    const located = { start: position + start, end: position + end, line, raw };
    if (fault !== undefined && fault !== 'bare_quote') {
      return { ...located, fault, ...(frame.quote !== undefined && { quote: position + frame.quote }) };
    }
    const recordText = text.slice(start - first.start, end - first.start);
    const fields = split(NON_ASCII.test(recordText) ? recordToUtf8(raw, encoding).toString() : recordText);
    return fault === undefined ? { ...located, fields } : { ...located, fields, fault };
  });
}

const NON_ASCII = /[^\0-\x7f]/;

/** Why bytes are not text: they are invalid in their encoding, or contain a NUL as damaged and binary files do. */
function textFault(bytes: Buffer, encoding: Encoding): 'invalid_encoding' | 'nul_byte' | undefined {
  if (bytes.includes(0)) return 'nul_byte';
  const isText = encoding === 'windows-1252' ? firstInvalid1252(bytes) === -1 : isUtf8(bytes);
  return isText ? undefined : 'invalid_encoding';
}

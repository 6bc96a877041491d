/**
 * Reads records: {@link Framer} cuts the bytes into whole records, which are then split into fields. The report uses
 * csv-parse, because it also splits records with invalid quoting.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import type { Encoding } from '../messages.ts';
import { firstInvalid1252, recordToUtf8 } from './encoding.ts';
import { type FrameFault, Framer, type Frames, MAX_RECORD_BYTES } from './framing.ts';

/** How a record breaks the rules of the format. */
export type RecordFault = FrameFault | 'invalid_encoding' | 'nul_byte';

/** How the bytes of a record become fields. */
export interface Dialect {
  readonly delimiter: string;
  readonly encoding: Encoding;
}

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
}

/**
 * Parses consecutive whole records into fields.
 * @param encoding `latin1` for fields with one character per byte.
 */
export function parseFields(
  bytes: Buffer,
  { delimiter, encoding }: { readonly delimiter: string; readonly encoding: Encoding | 'latin1' },
): string[][] {
  const isLatin1 = encoding === 'latin1';
  return parse(isLatin1 ? bytes : recordToUtf8(bytes, encoding), {
    encoding: isLatin1 ? 'latin1' : 'utf8',
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
}

/**
 * Splits a record whose quoting the framer has found to be valid. Parsing its bytes again with csv-parse took a quarter
 * of the time that reading and checking a row takes. A test compares the fields with those of csv-parse.
 */
export function splitFields(record: string, delimiter: string): string[] {
  if (!record.includes('"')) return record.split(delimiter);
  const fields: string[] = [];
  for (let from = 0; ; ) {
    let end = record.indexOf(delimiter, from);
    if (record[from] === '"') {
      let close = record.indexOf('"', from + 1);
      while (close !== -1 && record[close + 1] === '"') close = record.indexOf('"', close + 2);
      if (close === -1) throw new Error('The framer accepted a record with an unclosed quote.');
      fields.push(record.slice(from + 1, close).replaceAll('""', '"'));
      end = close + 1 < record.length ? close + 1 : -1;
    } else {
      fields.push(record.slice(from, end === -1 ? undefined : end));
    }
    if (end === -1) return fields;
    from = end + 1;
  }
}

/** Reads the bytes `start` up to but not including `end` of a file. */
export type ReadBytes = (start: number, end: number) => AsyncIterable<Buffer>;

/** Consecutive records, and how far reading has come. */
export interface RecordBatch {
  readonly records: readonly CsvRecord[];
  /** Byte of the next record; undefined within a line that is too long, where reading cannot resume. */
  readonly at: number | undefined;
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
 * most the maximum size of a record. The last batch's `at` is where that record ends, which is `end` if the part ends
 * with a record.
 * @param start byte at which a record begins.
 * @param size of the file in bytes. If it is unknown, `size` and `end` are infinite, and `read` ends by itself.
 */
export async function* readRecords(
  read: ReadBytes,
  { start, end, size }: { readonly start: number; readonly end: number; readonly size: number },
  dialect: Dialect,
): AsyncGenerator<RecordBatch, void> {
  const framer = new Framer(dialect.delimiter, end - start);
  const batch = (framed: Frames): RecordBatch => ({
    records: toRecords(framed, dialect, start),
    at: framer.atBoundary ? start + framer.position : undefined,
    lines: framer.lines,
    isAscii: isAscii(framed.bytes),
  });
  for await (const bytes of read(start, end)) yield batch(framer.push(bytes));

  // A last line that is too long may have no line break; it then ends with the file.
  const isOpen = (): boolean => start + framer.position < end || (end === size && !framer.atBoundary);
  const limit = Math.min(size, end + MAX_RECORD_BYTES + WINDOW_BYTES);
  if (isOpen()) {
    for await (const bytes of readWindows(read, end, limit)) {
      yield batch(framer.push(bytes));
      if (!isOpen()) return;
    }
    if (limit === size) yield batch(framer.end());
  }
}

/** Splits framed records into fields. */
export function toRecords(
  { bytes, offset, frames }: Frames,
  dialect: Dialect,
  streamStart: number,
): CsvRecord[] {
  const position = streamStart + offset;
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined) return [];

  // The whole block is nearly always valid, so it is checked and converted to a string once. Converting each record
  // took a tenth of the time that reading and checking a row takes.
  const block = bytes.subarray(first.start, last.end);
  const isValid = textFault(block, dialect.encoding) === undefined;
  const text = block.toString('latin1');
  return frames.map((frame) => {
    const { start, end, line } = frame;
    const raw = bytes.subarray(start, end);
    const fault = frame.fault ?? (isValid ? undefined : textFault(raw, dialect.encoding));
    const located = { start: position + start, end: position + end, line, raw };
    if (fault !== undefined && fault !== 'bare_quote') return { ...located, fault };
    const recordText = text.slice(start - first.start, end - first.start);
    const fields = splitFields(
      NON_ASCII.test(recordText) ? recordToUtf8(raw, dialect.encoding).toString() : recordText,
      dialect.delimiter,
    );
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

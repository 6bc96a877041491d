/**
 * Reads records: {@link Framer} cuts the bytes into whole records, which are then taken apart into fields. Of records
 * whose quoting is not sound csv-parse makes what it can, for the header and the report.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { type Encoding, firstNot1252, recordToUtf8 } from './encoding.ts';
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
  /** Byte of the file at which the record starts, and the one behind its end; without the line break. */
  readonly start: number;
  readonly end: number;
  /** Physical lines before the record, counted from where reading started. */
  readonly line: number;
  /** The record as it stands in the file, without its line break. */
  readonly raw: Buffer;
  /** Absent when a fault leaves it open where they begin and end. */
  readonly fields?: readonly string[];
  readonly fault?: RecordFault;
}

/**
 * Parses whole records, one after the other in `bytes`, into their fields.
 * @param encoding `latin1` for fields with a character for each byte.
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
 * Takes a record apart whose quoting the framer has found to be sound. To let csv-parse go through its bytes once more
 * took a quarter of the time in which a row is read and checked; that it finds the same fields is tested.
 */
export function splitFields(record: string, delimiter: string): string[] {
  if (!record.includes('"')) return record.split(delimiter);
  const fields: string[] = [];
  for (let from = 0; ; ) {
    let end = record.indexOf(delimiter, from);
    if (record[from] === '"') {
      let close = record.indexOf('"', from + 1);
      while (close !== -1 && record[close + 1] === '"') close = record.indexOf('"', close + 2);
      if (close === -1) throw new Error('A record was framed whose quote is not closed.');
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

/** Some records that follow each other, and where reading stands behind them. */
export interface RecordBatch {
  readonly records: readonly CsvRecord[];
  /** Byte of the next record; undefined within a line that is too long, where reading cannot be taken up again. */
  readonly at: number | undefined;
  /** Physical lines up to there, counted from where reading started. */
  readonly lines: number;
  /** Whether all of it is plain ASCII. */
  readonly isAscii: boolean;
}

/** Bytes that are read at a time where it is not known how many are needed. */
const WINDOW_BYTES = 64 * 1024;

/** Reads a part of a file in windows, and none of them before it is needed. */
export async function* readWindows(
  read: ReadBytes,
  start: number,
  end: number,
): AsyncGenerator<Buffer, void> {
  for (let from = start; from < end; from += WINDOW_BYTES)
    yield* read(from, Math.min(from + WINDOW_BYTES, end));
}

/**
 * Reads the records that start in a part of a file. Reads on behind its end only when what is in it leaves open where
 * its last record ends, and then no more than a record may have. The last batch's `at` is where that record ends: the
 * part's end, if a record ends there.
 * @param start byte at which a record begins.
 * @param size bytes of the file. Where they are not known, it and `end` are infinite, and `read` ends by itself.
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

  // A last line that is too long may have no line break: it ends with the file.
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

/** Takes framed records apart into fields. */
export function toRecords(
  { bytes, offset, frames }: Frames,
  dialect: Dialect,
  streamStart: number,
): CsvRecord[] {
  const position = streamStart + offset;
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined) return [];

  // Nearly always the whole block is sound, and one look at it is enough. So is one string of it: to make one of
  // each record's bytes took a tenth of the time in which a row is read and checked.
  const block = bytes.subarray(first.start, last.end);
  const isValid = textFault(block, dialect.encoding) === undefined;
  const text = block.toString('latin1');
  return frames.map((frame) => {
    const { start, end, line } = frame;
    const raw = bytes.subarray(start, end);
    const fault = frame.fault ?? (isValid ? undefined : textFault(raw, dialect.encoding));
    const place = { start: position + start, end: position + end, line, raw };
    if (fault !== undefined && fault !== 'bare_quote') return { ...place, fault };
    const ofRecord = text.slice(start - first.start, end - first.start);
    const fields = splitFields(
      NOT_ASCII.test(ofRecord) ? recordToUtf8(raw, dialect.encoding).toString() : ofRecord,
      dialect.delimiter,
    );
    return fault === undefined ? { ...place, fields } : { ...place, fields, fault };
  });
}

const NOT_ASCII = /[^\0-\x7f]/;

/** What makes some bytes no text: their encoding does not have them, or there is a NUL, as in broken or binary files. */
function textFault(bytes: Buffer, encoding: Encoding): 'invalid_encoding' | 'nul_byte' | undefined {
  if (bytes.includes(0)) return 'nul_byte';
  const isText = encoding === 'windows-1252' ? firstNot1252(bytes) === -1 : isUtf8(bytes);
  return isText ? undefined : 'invalid_encoding';
}

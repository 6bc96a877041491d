/** What must hold for any file, no matter how damaged it is. */

import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { isAscii, isUtf8 } from 'node:buffer';
import { compressionOf } from '../../../functions/core/container/containers.ts';
import { syntaxOf } from '../../../functions/core/csv/dialect.ts';
import { isUtf16 } from '../../../functions/core/csv/encoding.ts';
import type { Dataset } from '../../../functions/core/dataset/dataset.ts';
import type { Format } from '../../../functions/core/messages.ts';
import { type Reading, type ReadOptions, readFile } from './read-file.ts';

/** Errors that may refuse a file as a whole. */
const REFUSALS = new Set(['HeaderError', 'NotCsvError', 'DecompressionError']);

/** Maximum size in bytes of a file whose records are found a second time; none of its records is too long. */
const MAX_FRAMED_TWICE_BYTES = 100_000;

/** The reason why a file is refused as a whole. */
export interface Refusal {
  readonly name: string;
  readonly message: string;
}

/** @throws Error when reading fails with anything but an intended refusal. */
export async function readOrRefuse(
  bytes: Buffer,
  dataset: Dataset,
  options: ReadOptions,
): Promise<Reading | Refusal> {
  try {
    return await readFile(bytes, dataset, options);
  } catch (error) {
    if (!(error instanceof Error) || !REFUSALS.has(error.name)) throw error;
    return { name: error.name, message: error.message };
  }
}

export function isRefusal(outcome: Reading | Refusal): outcome is Refusal {
  return 'message' in outcome;
}

/**
 * Reads a file at once and with the given options. Verifies that both give the same result and that no record is lost.
 * @returns the result with the given options.
 * @throws AssertionError that says what does not hold.
 */
export async function verifyReading(
  bytes: Buffer,
  dataset: Dataset,
  options: ReadOptions,
): Promise<Reading | Refusal> {
  const whole = await readOrRefuse(bytes, dataset, { pieceBytes: 1024 * 1024 });
  const inParts = await readOrRefuse(bytes, dataset, options);
  const isCompressed = compressionOf(bytes) !== 'none';
  deepStrictEqual(
    comparable(inParts, isCompressed),
    comparable(whole, isCompressed),
    'reading in parts gives another result',
  );
  if (isRefusal(whole) || isRefusal(inParts)) return inParts;
  ok(inParts.isProven, 'a chunk does not end where the next one starts');
  strictEqual(whole.records.length, whole.items.length + whole.rejects.length + whole.blank + whole.footer);
  verifyPositions(whole);
  if (whole.text.length <= MAX_FRAMED_TWICE_BYTES) {
    verifyRecords(whole);
  }
  verifyText(whole, bytes, dataset);
  return inParts;
}

function comparable(outcome: Reading | Refusal, isCompressed: boolean): unknown {
  // The header of a compressed file may be refused before the damage is found.
  if (isRefusal(outcome)) {
    // A header that is too long and has an unclosed quote may be refused for either.
    const isEither = /^The header of the file (?:is longer than|has a quoted field that)/.test(
      outcome.message,
    );
    if (isCompressed) return 'refused';
    return isEither ? outcome.name : outcome;
  }
  const { text, format, records, items, rejects, blank, footer, lines } = outcome;
  return { text, format, records, items, rejects, blank, footer, lines };
}

/** Every byte after the header is part of a record, a line break, a comment, or a record that is too long. */
function verifyPositions({ text: file, format, records, lines }: Reading): void {
  const text = withoutEndOfFile(file);
  const { comments } = bytePatterns(format);
  const noRecord = new RegExp(`^(?:[\\r\\n]${comments && `|${comments}[^\\r\\n]*(?=[\\r\\n]|$)`})*$`);
  let at = format.headerEnd;
  let line = 1 + lineBreaks(text.subarray(0, at));
  let isInTooLong = false;
  const skip = (to: number): void => {
    ok(to >= at, `the record at byte ${to} overlaps with the previous one`);
    const between = text.toString('latin1', at, to);
    ok(isInTooLong || noRecord.test(between), `bytes ${at} to ${to} belong to no record`);
    line += lineBreaks(text.subarray(at, to));
  };
  for (const [index, record] of records.entries()) {
    skip(record.start);
    ok(index === 0 || record.start > at, `no line break precedes the record at byte ${record.start}`);
    ok(record.end > record.start && record.end <= text.length, 'a record is empty or ends after the file');
    strictEqual(record.line, line, `the record at byte ${record.start} has the wrong line`);
    ok(
      record.raw.equals(text.subarray(record.start, record.end)),
      'a record differs from its bytes in the file',
    );
    line += lineBreaks(record.raw);
    at = record.end;
    isInTooLong = record.fault === 'record_too_long';
  }
  skip(text.length);
  const isOpen = text.length > 0 && !/[\r\n]$/.test(text.toString('latin1', text.length - 1));
  strictEqual(lines, line - 1 + (isOpen ? 1 : 0), 'the number of physical lines is wrong');
}

function lineBreaks(bytes: Buffer): number {
  return bytes.toString('latin1').match(/\r\n|\r|\n/g)?.length ?? 0;
}

/**
 * Compares the records with the rules, by regular expressions: a record without a fault consists of valid fields, and
 * one with a fault ends with a line, behind all the valid quoted fields that it starts with.
 */
function verifyRecords({ text, format, records, blank }: Reading): void {
  const bytes = withoutEndOfFile(text).toString('latin1');
  const { relaxQuotes, ltrim } = syntaxOf(format);
  const { delimiter, quote, escapes, blanks } = bytePatterns(format);
  const edge = `(?=${delimiter}|[\\r\\n]|$)`;
  const cell =
    escapes === quote
      ? `[^${quote}]*(?:${quote}${quote}[^${quote}]*)*`
      : `[^${quote}${escapes}]*(?:${escapes}(?:[${quote}${escapes}]|(?![${quote}${escapes}]))[^${quote}${escapes}]*)*`;
  const quoted = `${ltrim ? blanks : ''}${quote}${cell}${quote}${edge}`;
  const unquoted = `(?!${relaxQuotes && !ltrim ? '' : blanks}${quote})(?:(?!${delimiter})[^\\r\\n])*`;
  const fields = `(?:(?:${quoted}|${unquoted})(?:${delimiter}|(?![^\\r\\n])))*`;
  const isBlank = new RegExp(`^(?:${delimiter}|[ \\t])*$`);
  ok(
    blank >= records.filter(({ raw }) => isBlank.test(raw.toString('latin1'))).length,
    'a row of delimiters is not counted as blank',
  );
  const endsWithDelimiter = new RegExp(`${delimiter}$`);
  const valid = new RegExp(fields, 'y');
  for (const { start, end, fault } of records) {
    valid.lastIndex = start;
    const found = start + (valid.exec(bytes)?.[0].length ?? 0);
    const isValid =
      found > start && isLineEnd(bytes, found) && !endsWithDelimiter.test(bytes.slice(start, found));
    ok(isLineEnd(bytes, end), `the record at byte ${start} does not end with a line`);
    if (fault === undefined || fault === 'bare_quote') {
      strictEqual(end, found, `the record at byte ${start} does not consist of valid fields`);
    } else if (fault.endsWith('_quote')) {
      ok(end > found || !isValid, `the record at byte ${start} is valid`);
      ok(end >= found - 1, `the record at byte ${start} ends within a valid field`);
    }
  }
}

/** Regular expressions for the dialect's characters, with a character for each byte; empty for those that it lacks. */
function bytePatterns(format: Format) {
  const { delimiter, quote, escape: escapes, comments } = syntaxOf(format);
  const pattern = (bytes: Iterable<number>): string =>
    Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  const blanks = [0x20, 0x09].filter((byte) => byte !== delimiter[0]);
  return {
    delimiter: pattern(delimiter),
    quote: pattern([quote]),
    escapes: pattern([escapes]),
    comments: pattern(comments),
    blanks: `[${pattern(blanks)}]*`,
  };
}

/** The end-of-file byte of DOS is no part of a record. */
function withoutEndOfFile(text: Buffer): Buffer {
  return text.at(-1) === 0x1a ? text.subarray(0, -1) : text;
}

function isLineEnd(bytes: string, at: number): boolean {
  return at === bytes.length || bytes[at] === '\n' || bytes[at] === '\r';
}

/** Items contain no replacement character that is not in the file, and no UTF-8 row is read as windows-1252. */
function verifyText({ text, format, records, items }: Reading, bytes: Buffer, dataset: Dataset): void {
  let replaced = 0;
  for (const { pk, sk, ...attributes } of items) {
    for (const value of Object.values(attributes)) {
      if (typeof value !== 'string') continue;
      ok(value.isWellFormed(), 'half a surrogate is in an item');
      replaced += value.split('\uFFFD').length - 1;
    }
  }
  if (replaced > 0 && compressionOf(bytes) === 'none') {
    const original = isUtf16(format.encoding)
      ? units(bytes, format.encoding === 'utf-16be')
      : bytes.toString('latin1');
    const own = original.split(isUtf16(format.encoding) ? '\uFFFD' : '\xEF\xBF\xBD').length - 1;
    ok(replaced <= own, 'a replacement character is in an item and not in the file');
  }
  const isFallback = format.encoding === 'windows-1252' && dataset.encodings.includes('utf-8');
  if (isFallback && isAscii(text.subarray(0, format.headerEnd))) {
    const nonAscii = records.filter(({ raw, fault }) => !isAscii(raw) && fault !== 'record_too_long');
    ok(
      nonAscii.every(({ raw }) => !isUtf8(raw)),
      'a row in UTF-8 is read as windows-1252',
    );
  }
}

function units(bytes: Buffer, isBigEndian: boolean): string {
  const even = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  return (isBigEndian ? even.swap16() : even).toString('utf16le');
}

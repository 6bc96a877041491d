/** Checks records against a dataset. */

import { isAscii, isUtf8 } from 'node:buffer';
import { NumberValue } from '../dataset/columns.ts';
import type { Dataset, Rejection, StoredItem } from '../dataset/dataset.ts';
import type { RejectCode } from '../dataset/reject-codes.ts';
import type { Format } from '../messages.ts';
import { firstNot1252 } from './encoding.ts';
import { MAX_RECORD_BYTES, openQuote } from './framing.ts';
import type { CsvRecord, RecordFault } from './records.ts';

export type Checked<Item = StoredItem> = { readonly item: Item } | { readonly rejection: Rejection };

/**
 * Bytes that an item may have.
 * Source: 400 KB an item, "Service, account, and table quotas", DynamoDB developer guide.
 */
const MAX_ITEM_BYTES = 400 * 1024;

/** What is said of a record with a fault, and its code. */
export const FAULTS: Readonly<Record<RecordFault, { readonly code: RejectCode; readonly reason: string }>> = {
  bare_quote: {
    code: 'stray_quote',
    reason:
      'has a quote in a field that is not quoted; put the field in quotes, and write the quote in it twice',
  },
  stray_quote: {
    code: 'stray_quote',
    reason: 'has text behind the closing quote of a field; a quote in a quoted field is written twice',
  },
  unclosed_quote: {
    code: 'unclosed_quote',
    reason: 'opens a quote that is not closed where its field ends',
  },
  record_too_long: {
    code: 'record_too_long',
    reason: `is longer than an item of DynamoDB can be, ${MAX_RECORD_BYTES} bytes`,
  },
  invalid_encoding: { code: 'invalid_encoding', reason: 'is not sound text' },
  nul_byte: { code: 'nul_byte', reason: 'holds a NUL byte, as only damaged files do' },
};

/** Makes a record an item, or says why not. */
export function check<Item extends StoredItem>(
  record: CsvRecord,
  format: Pick<Format, 'columns' | 'width' | 'delimiter' | 'encoding'>,
  dataset: Dataset<Item>,
): Checked<Item> {
  const { fields, fault } = record;
  if (fields === undefined || fault !== undefined) return faulty(record, format);
  if (isMixture(record.raw, format, dataset)) {
    return rejected(null, 'invalid_encoding', 'is in UTF-8, where the rest of the file is in WINDOWS-1252');
  }
  const { columns, width } = format;
  if (fields.length !== width) {
    const code = fields.length < width ? 'too_few_fields' : 'too_many_fields';
    return rejected(null, code, `has ${fields.length} fields where the header has ${width}`);
  }
  const made = dataset.toItem(columns.map((position) => fields[position]));
  if (isRejection(made)) return { rejection: made };
  const size = itemSize(made);
  if (size > MAX_ITEM_BYTES) {
    return rejected(
      null,
      'item_too_large',
      `makes an item of ${size} bytes; DynamoDB takes ${MAX_ITEM_BYTES}`,
    );
  }
  return { item: made };
}

/**
 * Whether a record is in UTF-8, in a file that was taken for windows-1252 because something in it was not: to read it
 * as that would mangle it. Text that is meant to be in windows-1252 is hardly ever sound UTF-8.
 */
function isMixture(raw: Buffer, { encoding }: Pick<Format, 'encoding'>, { encodings }: Dataset): boolean {
  return encoding === 'windows-1252' && encodings[0] === 'utf-8' && !isAscii(raw) && isUtf8(raw);
}

function isRejection(made: object): made is Rejection {
  return !('pk' in made);
}

/** Says what is wrong with a record whose bytes are. */
function faulty(
  { fault = 'stray_quote', raw, start }: CsvRecord,
  { delimiter, encoding }: Pick<Format, 'delimiter' | 'encoding'>,
): { readonly rejection: Rejection } {
  const { code, reason } = FAULTS[fault];
  switch (code) {
    case 'invalid_encoding':
      return rejected(
        null,
        code,
        `is not ${encoding.toUpperCase()} at byte ${invalidByte(raw, start, encoding)}`,
      );
    case 'unclosed_quote':
      return rejected(null, code, `${reason}: the one at byte ${start + openQuote(raw, delimiter)}`);
    default:
      return rejected(null, code, reason);
  }
}

/** Where a record's first byte is that its encoding does not have. */
function invalidByte(raw: Buffer, start: number, encoding: Format['encoding']): string {
  switch (encoding) {
    case 'utf-8':
      return String(start + firstInvalidByte(raw));
    case 'windows-1252':
      return String(start + firstNot1252(raw));
    default:
      // The place in a file that was rewritten would tell nobody anything; in the row, a unit had two bytes.
      return `${raw.toString('utf8', 0, firstInvalidByte(raw)).length * 2} of the row`;
  }
}

function rejected(
  column: string | null,
  code: RejectCode,
  reason: string,
): { readonly rejection: Rejection } {
  return { rejection: { column, code, reason } };
}

/**
 * Bytes of an item as DynamoDB counts them, numbers at their most.
 * Source: "DynamoDB item sizes and formats", DynamoDB developer guide.
 */
function itemSize(item: Readonly<Record<string, unknown>>): number {
  let size = 0;
  for (const name in item) {
    const { [name]: value } = item;
    if (value !== undefined) size += Buffer.byteLength(name) + valueSize(value);
  }
  return size;
}

/** Bytes of any value that a dataset of one's own may make. */
function valueSize(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberValue) return 21;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.reduce<number>((size, one) => size + 1 + valueSize(one), 3);
  if (typeof value === 'object' && value !== null)
    return 3 + Object.keys(value).length + itemSize({ ...value });
  return 1;
}

/** Position of the first byte that is not part of a UTF-8 character. */
function firstInvalidByte(bytes: Buffer): number {
  // The decoder puts U+FFFD where the first bad byte is; what stands before it is as long as its encoding.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  for (let from = 0, position = 0; ; ) {
    const at = text.indexOf('\uFFFD', from);
    if (at === -1) return 0;
    position += Buffer.byteLength(text.slice(from, at));
    // A file may hold U+FFFD itself, written as EF BF BD.
    if (bytes.toString('latin1', position, position + 3) !== '\xEF\xBF\xBD') return position;
    from = at + 1;
    position += 3;
  }
}

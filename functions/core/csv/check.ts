/** Checks records against a dataset. */

import { isAscii, isUtf8 } from 'node:buffer';
import { NumberValue } from '../dataset/columns.ts';
import type { Dataset, Rejection, StoredItem } from '../dataset/dataset.ts';
import type { RejectCode } from '../dataset/reject-codes.ts';
import { isBlank, isHeader } from '../dataset/row-kinds.ts';
import { isRejection } from '../dataset/shape/row-fault.ts';
import type { Format } from '../messages.ts';
import { firstInvalid1252, isUtf16 } from './encoding.ts';
import { MAX_RECORD_BYTES } from './framing.ts';
import type { CsvRecord, RecordFault } from './records.ts';

export type Checked<Item = StoredItem> = { readonly item: Item } | { readonly rejection: Rejection };

/**
 * Maximum size of an item in bytes.
 * Source: 400 KB per item, "Service, account, and table quotas", DynamoDB developer guide.
 */
const MAX_ITEM_BYTES = 400 * 1024;

/** The reject code and the reason for each fault. */
export const FAULTS: Readonly<Record<RecordFault, { readonly code: RejectCode; readonly reason: string }>> = {
  bare_quote: {
    code: 'stray_quote',
    reason:
      'has a quote in an unquoted field; enclose the field in quotes and double every quote inside it, or declare relaxQuotes',
  },
  spaced_quote: {
    code: 'stray_quote',
    reason: 'has blanks in front of a quoted field; remove them, or declare ltrim',
  },
  stray_quote: {
    code: 'stray_quote',
    reason:
      'has text after the closing quote of a field; double every quote inside a quoted field, or declare how it is escaped',
  },
  unclosed_quote: {
    code: 'unclosed_quote',
    reason: 'has a quoted field that is not properly closed',
  },
  record_too_long: {
    code: 'record_too_long',
    reason: `is longer than ${MAX_RECORD_BYTES} bytes, the size limit of a DynamoDB item`,
  },
  invalid_encoding: {
    code: 'invalid_encoding',
    reason: 'has bytes that are not valid in its encoding; declare the encoding of the files with encodings',
  },
  nul_byte: { code: 'nul_byte', reason: 'contains a NUL byte, which means that the file is damaged' },
};

/** Turns a record that is not blank into an item, or returns the reason why it is rejected. */
export function check<Item extends StoredItem>(
  record: CsvRecord,
  format: Pick<Format, 'columns' | 'width' | 'isPadded' | 'encoding'>,
  dataset: Dataset<Item>,
): Checked<Item> {
  const { fields, fault } = record;
  if (isHeader(fields, format.columns, dataset)) {
    return reject(
      null,
      'repeated_header',
      'repeats the header, as in a file to which another one was appended',
    );
  }
  if (fields === undefined || fault !== undefined) return faultRejection(record, format);
  if (isMixture(record.raw, format, dataset)) {
    return reject(null, 'invalid_encoding', 'is UTF-8, but the rest of the file is WINDOWS-1252');
  }
  const { columns, width, isPadded } = format;
  const isTooLong =
    fields.length > width || (isPadded && fields.length === width && !isBlank(fields.slice(-1)));
  if (fields.length < width || isTooLong) {
    const code = isTooLong ? 'too_many_fields' : 'too_few_fields';
    const expected = isPadded ? `${width - 1}, followed by an empty one in the other rows` : width;
    const hint = footerHint(code, fields, width, dataset);
    return reject(null, code, `has ${fields.length} fields, but the header has ${expected}${hint}`);
  }
  const made = dataset.toItem(columns.map((position) => fields[position]));
  if (isRejection(made)) {
    const { code, reason } = made;
    return { rejection: { ...made, reason: reason + footerHint(code, fields, width, dataset) } };
  }
  const size = itemSize(made) + dataset.load.addedBytes;
  if (size > MAX_ITEM_BYTES) {
    return reject(
      null,
      'item_too_large',
      `makes an item of ${size} bytes; DynamoDB accepts at most ${MAX_ITEM_BYTES}`,
    );
  }
  return { item: made };
}

/** What to add to the reason of a row that lacks at least half of its cells, as totals do. */
function footerHint(
  code: RejectCode,
  fields: readonly string[],
  width: number,
  { footer }: Pick<Dataset, 'footer'>,
): string {
  if (footer !== undefined || (code !== 'empty' && code !== 'too_few_fields')) return '';
  const filled = fields.filter((field) => !isBlank([field])).length;
  return 2 * filled > width ? '' : '; if it is a footer, such as a total, declare footer in the dataset';
}

/**
 * Whether a record is UTF-8 in a file that is read as windows-1252 only because another record is not UTF-8. Decoding
 * it as windows-1252 would mangle it. Real windows-1252 text is hardly ever valid UTF-8.
 */
function isMixture(raw: Buffer, { encoding }: Pick<Format, 'encoding'>, { encodings }: Dataset): boolean {
  return encoding === 'windows-1252' && encodings[0] === 'utf-8' && !isAscii(raw) && isUtf8(raw);
}

/** The rejection of a record with a fault in its bytes. */
function faultRejection(
  { fault = 'stray_quote', raw, start, quote = start }: CsvRecord,
  { encoding }: Pick<Format, 'encoding'>,
): { readonly rejection: Rejection } {
  const { code, reason } = FAULTS[fault];
  switch (code) {
    case 'invalid_encoding':
      return reject(
        null,
        code,
        `is not valid ${encoding.toUpperCase()} at ${invalidPlace(raw, start, encoding)}; if the files have another encoding, declare it with encodings`,
      );
    case 'unclosed_quote':
      return reject(null, code, `${reason}: it opens at byte ${quote}`);
    default:
      return reject(null, code, reason);
  }
}

/** Where a record is invalid in its encoding, for a message. */
function invalidPlace(raw: Buffer, start: number, encoding: Format['encoding']): string {
  if (encoding === 'utf-8') return `byte ${start + firstInvalidByte(raw)}`;
  if (encoding === 'windows-1252') return `byte ${start + firstInvalid1252(raw)}`;
  // The file was rewritten, so only the position within the row means anything.
  const text = raw.toString('utf8', 0, firstInvalidByte(raw));
  // Two bytes per unit of UTF-16.
  return isUtf16(encoding)
    ? `byte ${text.length * 2} of the row`
    : `character ${[...text].length + 1} of the row`;
}

function reject(column: string | null, code: RejectCode, reason: string): { readonly rejection: Rejection } {
  return { rejection: { column, code, reason } };
}

/**
 * Size of an item in bytes as DynamoDB counts it, with every number at its maximum size.
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

/** Size in bytes of any value that a dataset can produce. */
function valueSize(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberValue) return 21;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Set) return [...value].reduce<number>((size, one) => size + valueSize(one), 0);
  if (Array.isArray(value)) return value.reduce<number>((size, one) => size + 1 + valueSize(one), 3);
  if (typeof value === 'object' && value !== null)
    return 3 + Object.keys(value).length + itemSize({ ...value });
  return 1;
}

/** Position of the first byte that is not part of a UTF-8 character. */
function firstInvalidByte(bytes: Buffer): number {
  // The decoder puts U+FFFD in place of the first invalid byte; the text in front of it keeps its length in bytes.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  for (let from = 0, position = 0; ; ) {
    const at = text.indexOf('\uFFFD', from);
    if (at === -1) return 0;
    position += Buffer.byteLength(text.slice(from, at));
    // The file may contain U+FFFD itself, encoded as EF BF BD.
    if (bytes.toString('latin1', position, position + 3) !== '\xEF\xBF\xBD') return position;
    from = at + 1;
    position += 3;
  }
}

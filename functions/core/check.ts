/** Checks records against the row contract. */

import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { type CellCode, cellCode } from './cells.ts';
import { type Item, rowSchema, toItem } from './contract.ts';
import { MAX_RECORD_BYTES, openQuote } from './framing.ts';
import type { Format } from './messages.ts';
import type { CsvRecord, RecordFault } from './records.ts';

/** Why a row is rejected; the report's `_code` column. */
export type RejectCode =
  | Exclude<RecordFault, 'bare_quote'>
  | 'too_few_fields'
  | 'too_many_fields'
  | CellCode
  | 'item_too_large';

/** A row that is not loaded. Neither `column` nor `reason` holds anything of the row itself. */
export interface Rejection {
  /** The contract's name of the column, or null when it is the whole row. */
  readonly column: string | null;
  readonly code: RejectCode;
  readonly reason: string;
}

export type Checked = { readonly item: Item } | { readonly rejection: Rejection };

/** Columns of the contract, in its order. */
export const columnNames: readonly string[] = Object.keys(rowSchema.shape);

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

/**
 * Makes a record an item, or says why not.
 */
export function check(
  record: CsvRecord,
  { columns, width, delimiter, encoding }: Pick<Format, 'columns' | 'width' | 'delimiter' | 'encoding'>,
): Checked {
  const { fields, fault } = record;
  if (fields === undefined || fault !== undefined) {
    const { code, reason } = FAULTS[fault ?? 'stray_quote'];
    switch (code) {
      case 'invalid_encoding':
        // The place in a file that was rewritten would tell nobody anything.
        return encoding === 'utf-8'
          ? rejected(null, code, `is not UTF-8 at byte ${record.start + firstInvalidByte(record.raw)}`)
          : rejected(null, code, `is not ${encoding.toUpperCase()}: it holds half a character`);
      case 'unclosed_quote':
        return rejected(
          null,
          code,
          `${reason}: the one at byte ${record.start + openQuote(record.raw, delimiter)}`,
        );
      default:
        return rejected(null, code, reason);
    }
  }
  if (fields.length !== width) {
    const code = fields.length < width ? 'too_few_fields' : 'too_many_fields';
    return rejected(null, code, `has ${fields.length} fields where the header has ${width}`);
  }
  // Entries become properties of the object's own, whatever a column is called.
  const cells = Object.fromEntries(columnNames.map((name, index) => [name, fields[columns[index] ?? -1]]));
  const result = rowSchema.safeParse(cells);
  if (!result.success) {
    const [issue] = result.error.issues;
    return issue === undefined
      ? rejected(null, 'invalid', 'is not valid')
      : rejected(String(issue.path[0] ?? ''), cellCode(issue), issue.message);
  }
  const item = toItem(result.data);
  const size = itemSize(item);
  if (size > MAX_ITEM_BYTES) {
    return rejected(
      null,
      'item_too_large',
      `makes an item of ${size} bytes; DynamoDB takes ${MAX_ITEM_BYTES}`,
    );
  }
  return { item };
}

function rejected(column: string | null, code: RejectCode, reason: string): Checked {
  return { rejection: { column, code, reason } };
}

/**
 * Bytes of an item as DynamoDB counts them, numbers at their most.
 * Source: "DynamoDB item sizes and formats", DynamoDB developer guide.
 */
function itemSize(item: Readonly<Record<string, unknown>>): number {
  return Object.entries(item).reduce(
    (size, [name, value]) => size + Buffer.byteLength(name) + valueSize(value),
    0,
  );
}

/** Bytes of any value that a contract of one's own may make. */
function valueSize(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberValue) return 21;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Set || Array.isArray(value))
    return [...value].reduce((size, one) => size + 1 + valueSize(one), 3);
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

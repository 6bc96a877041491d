/** The rows of a report: each rejected row as it is in the file, followed by columns that say what is wrong with it. */

import * as z from 'zod/mini';
import type { Rejection } from '../dataset/dataset.ts';
import { rejectCode } from '../dataset/reject-codes.ts';
import { recordToUtf8 } from './encoding.ts';
import { type Dialect, parseFields } from './records.ts';

/** The schema of a rejected row between its validation and the report. */
export const reject = z.object({
  code: rejectCode,
  column: z.nullable(z.string()),
  reason: z.string(),
  detail: z.exactOptional(z.string()),
  /** Physical lines in front of the row, counted from the chunk's start. */
  line: z.number(),
  /** The row's bytes in the file, in base64 because they may not be text. */
  raw: z.string(),
  /** Set when the row's quotes make its field boundaries uncertain. */
  isBroken: z.exactOptional(z.boolean()),
  /** The invalid cell, quoted and shortened. */
  value: z.exactOptional(z.string()),
} satisfies Record<keyof Rejection, z.ZodMiniType> & z.core.$ZodLooseShape);

/** A rejected row. */
export type Reject = Readonly<z.output<typeof reject>>;

/** Columns that the report appends to those of the file. */
export const REPORT_COLUMNS: readonly string[] = ['_line', '_column', '_code', '_reason'];

/** Characters of a cell that a reason shows. */
export const MAX_VALUE_CHARACTERS = 64;

/** Whether a header is that of a report that was corrected and uploaded again. */
export function isReport(header: readonly string[]): boolean {
  return REPORT_COLUMNS.every((name, index) => header.at(index - REPORT_COLUMNS.length) === name);
}

/** The format of the file that is reported on. */
export interface ReportFormat extends Dialect {
  readonly header: readonly string[];
  /** Whether the dataset declares this delimiter. If not, the report needs a first line that names it. */
  readonly isOwnDelimiter: boolean;
}

/** The report's header. */
export function reportHeader({ header, delimiter, isOwnDelimiter }: ReportFormat): Buffer {
  const names = isReport(header) ? header : [...header, ...REPORT_COLUMNS];
  const separator = isOwnDelimiter ? '' : `sep=${delimiter}\n`;
  return Buffer.from(`${separator}${names.map((name) => quote(name, delimiter)).join(delimiter)}\n`);
}

/** A row of the report, in UTF-8. Omits the report columns of an earlier report that was uploaded again. */
export function reportRow(reject: Reject, { header, delimiter, encoding }: ReportFormat): Buffer {
  const dropped = isReport(header) ? REPORT_COLUMNS.length : 0;
  const added = [String(reject.line), reject.column ?? '', reject.code, fullReason(reject)];
  const tail = added.map((field) => delimiter + quote(escapeFormula(field), delimiter)).join('');
  const raw = recordToUtf8(Buffer.from(reject.raw, 'base64'), encoding);
  const row = align(raw, reject, { width: header.length - dropped, dropped, delimiter });
  return Buffer.concat([row, Buffer.from(`${tail}\n`)]);
}

/** The reason, followed by what the user's own code says of the row, and by the cell that it is about. */
export function fullReason({ reason, detail, value }: Pick<Reject, 'reason' | 'detail' | 'value'>): string {
  return [reason, detail, value].filter((part) => part !== undefined).join(': ');
}

/** A cell as a reason quotes it: shortened, in quotes, with control characters escaped. */
export function quotedValue(cell: string): string {
  const start = shorten(cell);
  return JSON.stringify(start) + (start === cell ? '' : '…');
}

/** The first {@link MAX_VALUE_CHARACTERS} characters of a cell. */
export function shorten(cell: string): string {
  // A character has at most two UTF-16 units.
  return [...cell.slice(0, 2 * MAX_VALUE_CHARACTERS)].slice(0, MAX_VALUE_CHARACTERS).join('');
}

/** Keeps a spreadsheet from running a report column as a formula. The file's own fields are not changed. */
function escapeFormula(field: string): string {
  return /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
}

/**
 * Gives a row as many fields as the header, so that the report's columns line up. A row that has them already is
 * returned unchanged. A short row is padded; the surplus fields of a long one are joined into its last field. A row
 * with broken quoting is split at every delimiter, and its quotes are kept as text.
 * @param dropped fields at the end of the row to omit.
 */
function align(
  raw: Buffer,
  { isBroken, code, column }: Reject,
  {
    width,
    dropped,
    delimiter,
  }: { readonly width: number; readonly dropped: number; readonly delimiter: string },
): Buffer {
  // A reject names a column only if the row has as many fields as the header.
  if (column !== null && dropped === 0) return raw;
  // One character per byte, so that bytes that are not text are preserved.
  const bytes = raw.toString('latin1');
  const all = isBroken
    ? bytes.split(delimiter)
    : (parseFields(raw, { delimiter, encoding: 'latin1' })[0] ?? []);
  // A short row may end in front of the report's columns or within them.
  const fields = all.slice(0, Math.max(Math.min(all.length, width), all.length - dropped));
  // A stray quote in an unquoted field leaves the fields certain, but not every program can read such a row.
  if (isBroken !== true && code !== 'stray_quote' && fields.length === width && dropped === 0) return raw;
  const kept = Array.from({ length: width }, (_, index) =>
    index === width - 1 ? fields.slice(index).join(delimiter) : (fields[index] ?? ''),
  );
  return Buffer.from(kept.map((field) => quote(field, delimiter)).join(delimiter), 'latin1');
}

/** A field as CSV, quoted if necessary. */
function quote(field: string, delimiter: string): string {
  return field.includes(delimiter) || /["\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** The rows of a report: a rejected row as it stood, and what is wrong with it in columns behind. */

import type { Reject } from '../work/rejects.ts';
import { recordToUtf8 } from './encoding.ts';
import { type Dialect, parseFields } from './records.ts';

/** Columns that the report adds to those of the file. */
export const REPORT_COLUMNS: readonly string[] = ['_line', '_column', '_code', '_reason'];

/** Characters of a cell that are shown. */
export const MAX_VALUE = 64;

/** Whether a header is that of a report, which was mended and uploaded again. */
export function isReport(header: readonly string[]): boolean {
  return REPORT_COLUMNS.every((name, index) => header.at(index - REPORT_COLUMNS.length) === name);
}

/** How the rows of the file that is reported on are written. */
export interface ReportFormat extends Dialect {
  readonly header: readonly string[];
  /** Whether the dataset's files have that delimiter, and one with another needs a first line that names it. */
  readonly isOwnDelimiter: boolean;
}

/** The report's header. */
export function reportHeader({ header, delimiter, isOwnDelimiter }: ReportFormat): Buffer {
  const names = isReport(header) ? header : [...header, ...REPORT_COLUMNS];
  const separator = isOwnDelimiter ? '' : `sep=${delimiter}\n`;
  return Buffer.from(`${separator}${names.map((name) => quote(name, delimiter)).join(delimiter)}\n`);
}

/** A row of the report, in UTF-8. What a report that was uploaded again said of it before is left out. */
export function reportRow(reject: Reject, { header, delimiter, encoding }: ReportFormat): Buffer {
  const dropped = isReport(header) ? REPORT_COLUMNS.length : 0;
  const added = [String(reject.line), reject.column ?? '', reject.code, explained(reject)];
  const tail = added.map((field) => delimiter + quote(neutral(field), delimiter)).join('');
  const raw = recordToUtf8(Buffer.from(reject.raw, 'base64'), encoding);
  const row = align(raw, reject, { width: header.length - dropped, dropped, delimiter });
  return Buffer.concat([row, Buffer.from(`${tail}\n`)]);
}

/** The reason, and the cell that it is about. */
export function explained({ reason, value }: Pick<Reject, 'reason' | 'value'>): string {
  return value === undefined ? reason : `${reason}: ${value}`;
}

/** A cell as a reason quotes it: in quotes, control characters escaped, shortened. */
export function quotedValue(cell: string): string {
  const start = shortened(cell);
  return JSON.stringify(start) + (start === cell ? '' : '…');
}

/** The first {@link MAX_VALUE} characters. */
export function shortened(cell: string): string {
  // A character has two units at the most.
  return [...cell.slice(0, 2 * MAX_VALUE)].slice(0, MAX_VALUE).join('');
}

/** Keeps a spreadsheet from running a field as a formula. The file's own fields stay as they were. */
function neutral(field: string): string {
  return /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
}

/**
 * The row as it stands, if it has as many fields as the header. If not, its fields are padded, or the surplus kept
 * together in the last one, so that the columns behind it stay in their place; a row whose quoting is broken is
 * taken apart at its delimiters, quotes and all.
 * @param dropped fields at the row's end that are left out.
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
  // Only in a row with the header's number of fields is one of them at fault.
  if (column !== null && dropped === 0) return raw;
  // Each byte as one character, so that what is no text stays what it is.
  const bytes = raw.toString('latin1');
  const all = isBroken
    ? bytes.split(delimiter)
    : (parseFields(raw, { delimiter, encoding: 'latin1' })[0] ?? []);
  // A row that is too short ends before the columns of the report, or in them.
  const fields = all.slice(0, Math.max(Math.min(all.length, width), all.length - dropped));
  // A quote in a field that is not quoted makes no other field doubtful, but not every program reads it.
  if (isBroken !== true && code !== 'stray_quote' && fields.length === width && dropped === 0) return raw;
  const kept = Array.from({ length: width }, (_, index) =>
    index === width - 1 ? fields.slice(index).join(delimiter) : (fields[index] ?? ''),
  );
  return Buffer.from(kept.map((field) => quote(field, delimiter)).join(delimiter), 'latin1');
}

/** A field as CSV: quoted where it has to be. */
function quote(field: string, delimiter: string): string {
  return field.includes(delimiter) || /["\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

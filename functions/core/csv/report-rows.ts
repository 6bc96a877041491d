/** The rows of a report: each rejected row as it is in the file, followed by columns that say what is wrong with it. */

import * as z from 'zod/mini';
import type { Rejection } from '../dataset/dataset.ts';
import { rejectCode } from '../dataset/reject-codes.ts';
import { bytewise, type Delimited, type Dialect, fieldSplitter, written } from './dialect.ts';
import { recordToUtf8 } from './encoding.ts';
import {
  cellsDigest,
  isReport,
  ownColumns,
  REPORT_WIDTH,
  type ReportSource,
  reportColumns,
  sourceCell,
} from './report-columns.ts';

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

/** Characters of a cell that a reason shows. */
export const MAX_VALUE_CHARACTERS = 64;

/** The file that is reported on. */
export interface ReportFormat extends Dialect, Omit<ReportSource, 'encoding'> {
  readonly header: readonly string[];
  /** Whether the dataset declares this delimiter. If not, the report needs a first line that names it. */
  readonly isOwnDelimiter: boolean;
  /** Whether the file's other rows are loaded. */
  readonly isLoaded: boolean;
}

/** The report's header. */
export function reportHeader(format: ReportFormat): Buffer {
  const { header, delimiter, isOwnDelimiter } = format;
  const names = [...ownColumns(header), ...reportColumns(format)];
  const separator = isOwnDelimiter ? '' : `sep=${delimiter}\n`;
  return Buffer.from(`${separator}${names.map((name) => written(name, format)).join(delimiter)}\n`);
}

/** A row of the report, in UTF-8. Omits the report columns of an earlier report that was uploaded again. */
export function reportRow(reject: Reject, format: ReportFormat): Buffer {
  const { encoding, header } = format;
  const dialect = bytewise(format);
  const raw = recordToUtf8(Buffer.from(reject.raw, 'base64'), encoding);
  const { cells, isReshaped } = reportedCells(raw, reject, format);
  // A stray quote in an unquoted field leaves the fields certain, but not every program can read such a row.
  const isChanged =
    reject.isBroken === true || reject.code === 'stray_quote' || isReshaped || isReport(header);
  const row = isChanged
    ? Buffer.from(cells.map((cell) => written(cell, dialect)).join(dialect.delimiter), 'latin1')
    : raw;
  const added = [
    String(reject.line),
    reject.column ?? '',
    reject.code,
    fullReason(reject),
    sourceCell(format, cellsDigest(cells)),
  ];
  const tail = added.map((field) => format.delimiter + written(escapeFormula(field), format)).join('');
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

/** Keeps a spreadsheet from running a field of a report as a formula. A file's own fields are not changed. */
export function escapeFormula(field: string): string {
  return /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
}

/**
 * The cells of a row as a report lists them: as many as the file has columns, so that the report's columns line up. A
 * short row is padded; the surplus fields of a long one are joined into its last cell. A row with broken quoting is
 * split at every delimiter, and its quotes are kept as text. The report columns of an earlier report are omitted.
 * @param raw the record in UTF-8.
 * @returns cells with one character per byte, so that bytes that are not text are preserved; and whether the row has
 * another number of fields.
 */
export function reportedCells(
  raw: Buffer,
  { isBroken }: Pick<Reject, 'isBroken'>,
  { header, ...format }: Delimited & Pick<ReportFormat, 'header'>,
): { readonly cells: readonly string[]; readonly isReshaped: boolean } {
  const dropped = isReport(header) ? REPORT_WIDTH : 0;
  const width = header.length - dropped;
  const bytes = raw.toString('latin1');
  const dialect = bytewise(format);
  const all = isBroken ? bytes.split(dialect.delimiter) : fieldSplitter(dialect)(bytes);
  // A short row may end in front of the report's columns or within them.
  const fields = all.slice(0, Math.max(Math.min(all.length, width), all.length - dropped));
  const cells = Array.from({ length: width }, (_, index) =>
    index === width - 1 ? fields.slice(index).join(dialect.delimiter) : (fields[index] ?? ''),
  );
  return { cells, isReshaped: fields.length !== width };
}

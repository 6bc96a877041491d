/**
 * The columns that a report appends to those of the file. The last one says where a row is from, in a form that a
 * spreadsheet leaves as it is; its name says whether the file's other rows were loaded.
 */

import { createHash } from 'node:crypto';
import { HeaderError } from '../errors.ts';

/** The columns that say where a row is, and what is wrong with it. */
const REASON_COLUMNS = ['_line', '_column', '_code', '_reason'] as const;

/** The last column if the other rows of the file were loaded: a corrected report completes the load. */
const LOADED = '_source_loaded';

/** The last column if nothing of the file was loaded: even when corrected, the report is only a part of the file. */
const REFUSED = '_source_refused';

/** Number of columns that a report appends. */
export const REPORT_WIDTH = REASON_COLUMNS.length + 1;

/** Hexadecimal digits of a digest of a row's cells. */
const DIGEST_LENGTH = 16;

/** The columns that a report appends. */
export function reportColumns({ isLoaded }: { readonly isLoaded: boolean }): readonly string[] {
  return [...REASON_COLUMNS, isLoaded ? LOADED : REFUSED];
}

/** Whether a header is that of a report. */
export function isReport(header: readonly string[]): boolean {
  const last = header.slice(-REPORT_WIDTH).join();
  return [true, false].some((isLoaded) => last === reportColumns({ isLoaded }).join());
}

/** The columns of a header that are not a report's. */
export function ownColumns(header: readonly string[]): readonly string[] {
  return isReport(header) ? header.slice(0, -REPORT_WIDTH) : header;
}

/**
 * Refuses a report unless its header says that the file's other rows were loaded, and those then stay in the table.
 * @param file the report's name for messages.
 * @param replaces whether a load deletes what the file lacks.
 * @throws HeaderError that says what to do with the report.
 */
export function refuseReport(header: readonly string[], file: string, replaces: boolean): void {
  const names = new Set(header.map((name) => name.trim().toLowerCase()));
  if (!REASON_COLUMNS.every((name) => names.has(name))) return;
  if (replaces) {
    throw new HeaderError(
      `${file} is the report of another file, with some of its rows, and the dataset's mode is "replace": the keys of all other rows would be removed from the table. Put the corrected rows back into that file with "npx csv-pipeline merge FILE rejected.csv --out fixed.csv", and upload fixed.csv.`,
    );
  }
  if (names.has(LOADED)) return;
  throw new HeaderError(
    `${file} has no column ${LOADED}, so it is the report of a file from which nothing was loaded, and the file's other rows would be missing. Put the corrected rows back into that file with "npx csv-pipeline merge FILE rejected.csv --out fixed.csv", and upload fixed.csv.`,
  );
}

/** The file that a row of a report is from. */
export interface ReportSource {
  /** Name of the file's dataset. */
  readonly dataset: string;
  readonly encoding: string;
  readonly etag: string;
  /** In bytes. */
  readonly size: number;
}

/** What a row of a report says of its origin. */
export interface RowSource {
  readonly source: ReportSource;
  /** The {@link cellsDigest} of the row as the report first lists it. */
  readonly digest: string;
}

/** The cell of the last column. */
export function sourceCell({ dataset, encoding, etag, size }: ReportSource, digest: string): string {
  return [dataset, encoding, etag, size, digest].join('/');
}

/** Reads what {@link sourceCell} wrote; undefined if it is anything else. */
export function parseSourceCell(cell: string): RowSource | undefined {
  const [dataset, encoding, etag, size, digest, more] = cell.split('/');
  if (digest?.length !== DIGEST_LENGTH || more !== undefined || !/^\d{1,15}$/.test(size ?? ''))
    return undefined;
  if (dataset === undefined || encoding === undefined || etag === undefined) return undefined;
  return { source: { dataset, encoding, etag, size: Number(size) }, digest };
}

/**
 * A digest of a row's cells, which shows whether they were changed. Line breaks in a cell count as equal, because
 * spreadsheets change them.
 * @param cells with one character per byte of their UTF-8.
 */
export function cellsDigest(cells: readonly string[]): string {
  const text = JSON.stringify(cells.map((cell) => cell.replaceAll(/\r\n?/g, '\n')));
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, DIGEST_LENGTH);
}

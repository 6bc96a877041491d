/** Reads a corrected report: in order, and single rows again by their place. */

import { type FileHandle, open } from 'node:fs/promises';
import { datasetNamed, datasetNames } from '../../datasets/index.ts';
import { bytewise, type Dialect, fieldSplitter } from '../../functions/core/csv/dialect.ts';
import { MAX_RECORD_BYTES } from '../../functions/core/csv/framing.ts';
import { type CsvRecord, readRecords } from '../../functions/core/csv/records.ts';
import {
  cellsDigest,
  parseSourceCell,
  REPORT_WIDTH,
  type RowSource,
} from '../../functions/core/csv/report-columns.ts';
import type { Quoting } from '../../functions/core/dataset/file-format/quoting.ts';
import { MergeError } from '../../report/terminal/errors.ts';
import { readableSize } from '../../report/terminal/named-file.ts';
import { fileBytes } from '../file-bytes.ts';

/** The start of a cell of the last column: dataset, encoding, ETag, size. */
const SOURCE_CELL = /([a-z][a-z0-9-]{0,31})\/[\w-]{1,32}\/[\w-]{1,64}\/\d{1,15}\//;

/** The report's columns as a spreadsheet saves them: with any delimiter, and in quotes or not. */
const COLUMNS = /"?_line"?(.)"?_column"?\1"?_code"?\1"?_reason"?\1"?_source_(?:loaded|refused)"?/;

/** Bytes that are read at a time when rows are read again. */
const WINDOW_BYTES = 64 * 1024;

const BOM = Buffer.from('\uFEFF');

/** A row of a report. */
export interface ReportRow extends RowSource {
  /** The line of the row in the file that the report is about. */
  readonly line: number;
  /** The file's own cells, with one character per byte of their UTF-8. */
  readonly cells: readonly string[];
  /** Whether a cell is not as the report first listed it. */
  readonly isChanged: boolean;
  /** Where the row is in the report, for messages. */
  readonly place: string;
  /** The row's bytes in the report: from `start` up to but not including `end`. */
  readonly start: number;
  readonly end: number;
}

/** A report of rejected rows or duplicates on this machine. */
export class ReportFile {
  readonly path: string;
  /** The names of the file's own columns. */
  readonly columns: readonly string[];
  /** Rows that are too long to be read. They are left out. */
  tooLong = 0;
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #dialect: Dialect;
  readonly #split: (row: string) => string[];
  /** Fields in the report's header. */
  readonly #width: number;
  /** Bytes that were read last, for rows that follow each other. */
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  private constructor(
    path: string,
    handle: FileHandle,
    { size, dialect, header }: { size: number; dialect: Dialect; header: readonly string[] },
  ) {
    this.path = path;
    this.#handle = handle;
    this.#size = size;
    this.#dialect = dialect;
    this.#split = fieldSplitter(bytewise(dialect));
    this.#width = header.length;
    this.columns = header.slice(0, header.indexOf('_line'));
  }

  /**
   * Opens a report, and reads its header.
   * @throws UsageError when the file cannot be read.
   * @throws MergeError when it is not a report.
   */
  static async open(path: string): Promise<ReportFile> {
    const size = await readableSize(path);
    const handle = await open(path);
    const start = await bytesAt(handle, 0, MAX_RECORD_BYTES);
    const [, delimiter] = COLUMNS.exec(start.toString('latin1')) ?? [];
    if (delimiter === undefined) {
      await handle.close();
      throw new MergeError(
        `${path} is not a report of rejected rows in UTF-8: its header must end with _line, _column, _code, _reason and _source_refused or _source_loaded. In a spreadsheet, save it as "CSV UTF-8", with all its columns.`,
      );
    }
    const dialect = { ...quotingOf(start), delimiter, encoding: 'utf-8' } as const;
    for await (const { fields = [] } of records(path, size, dialect)) {
      // A first line such as `sep=;` is not the header.
      if (!fields.includes('_line')) continue;
      return new ReportFile(path, handle, { size, dialect, header: fields });
    }
    throw new MergeError(`The header of ${path} is not valid CSV. Restore it from the report.`);
  }

  /**
   * The rows in their order in the report.
   * @throws MergeError when a row cannot be read.
   */
  async *rows(): AsyncGenerator<ReportRow, void> {
    let isHeader = true;
    for await (const record of records(this.path, this.#size, this.#dialect)) {
      if (isHeader) {
        isHeader = record.fields?.includes('_line') !== true;
        continue;
      }
      const place = `line ${record.line + 1} of ${this.path}`;
      if (record.fault === 'record_too_long') {
        this.tooLong += 1;
        continue;
      }
      if (record.fault === 'stray_quote' || record.fault === 'unclosed_quote') {
        throw new MergeError(
          `The quotes in ${place} are not valid. Enclose a cell that contains a quote in quotes, and double every quote inside it.`,
        );
      }
      const row = this.#row(record.raw, { start: record.start, end: record.end, place });
      if (row === undefined) continue;
      if (row.isChanged && record.fault === 'invalid_encoding') {
        throw new MergeError(`The row in ${place} is not UTF-8. Save the report as "CSV UTF-8".`);
      }
      yield row;
    }
  }

  /** A row that was read before. */
  async row({ start, end }: Pick<ReportRow, 'start' | 'end'>): Promise<ReportRow> {
    if (start < this.#windowStart || end > this.#windowStart + this.#window.length) {
      this.#window = await bytesAt(this.#handle, start, Math.max(WINDOW_BYTES, end - start));
      this.#windowStart = start;
    }
    const raw = this.#window.subarray(start - this.#windowStart, end - this.#windowStart);
    const row = this.#row(raw, { start, end, place: `a row of ${this.path}` });
    if (row === undefined)
      throw new MergeError(`${this.path} was changed while it was read. Run the command again.`);
    return row;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** Reads a row; undefined if it is blank, as rows that a spreadsheet adds. */
  #row(raw: Buffer, at: Pick<ReportRow, 'start' | 'end' | 'place'>): ReportRow | undefined {
    const fields = this.#split(raw.toString('latin1'));
    if (fields.every((field) => field.trim() === '')) return undefined;
    if (fields.length !== this.#width) {
      throw new MergeError(
        `The row in ${at.place} has ${fields.length} fields, but the report's header has ${this.#width}. Enclose a cell that contains the delimiter in quotes.`,
      );
    }
    const cells = fields.slice(0, this.columns.length);
    const added = fields.slice(this.columns.length, this.columns.length + REPORT_WIDTH);
    const line = Number(/^\s*(\d{1,15})\s*$/.exec(added[0] ?? '')?.[1] ?? Number.NaN);
    const from = parseSourceCell(added[REPORT_WIDTH - 1]?.trim() ?? '');
    if (Number.isNaN(line) || from === undefined) {
      throw new MergeError(
        `The row in ${at.place} does not say where it belongs: ${Number.isNaN(line) ? '_line' : 'its last column'} is not as it was in the report. Restore the report's columns; rows cannot be added.`,
      );
    }
    return { ...from, ...at, line, cells, isChanged: cellsDigest(cells) !== from.digest };
  }
}

/** How the files of the report's dataset use quotes: the last column of each row names the dataset. */
function quotingOf(start: Buffer): Quoting {
  const [, name = ''] = SOURCE_CELL.exec(start.toString('latin1')) ?? [];
  return datasetNames.includes(name) ? datasetNamed(name).quoting : {};
}

/** The records of a report, its header included. */
async function* records(path: string, size: number, dialect: Dialect): AsyncGenerator<CsvRecord, void> {
  const handle = await open(path);
  const hasBom = (await bytesAt(handle, 0, BOM.length).finally(() => handle.close())).equals(BOM);
  const part = { start: hasBom ? BOM.length : 0, end: size, size };
  const read = (start: number, end: number) => fileBytes(path, start, end);
  for await (const batch of readRecords(read, part, dialect)) yield* batch.records;
}

/** Up to `length` bytes of a file. */
async function bytesAt(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}

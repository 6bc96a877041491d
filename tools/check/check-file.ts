/**
 * The dry run: reads a file with the functions' own code, and says what would happen to it. It writes nothing and starts
 * nothing.
 */

import { stat } from 'node:fs/promises';
import { CSV_SUFFIXES, isCsvName, limitBytes } from '../../functions/core/container/containers.ts';
import { detectFormat } from '../../functions/core/csv/detect.ts';
import { isPlain } from '../../functions/core/csv/encoding.ts';
import { type RecordBatch, readRecords } from '../../functions/core/csv/records.ts';
import { readText } from '../../functions/core/csv/text.ts';
import { type Dataset, ofUpload } from '../../functions/core/dataset/dataset.ts';
import { verifyFooter } from '../../functions/core/dataset/file-format/footer.ts';
import { verifyMaxRows, verifyRowCount, whatIsAllowed } from '../../functions/core/dataset/tolerance.ts';
import {
  DecompressionError,
  HeaderError,
  NotCsvError,
  RowCountError,
  ValidationError,
} from '../../functions/core/errors.ts';
import type { Format } from '../../functions/core/messages.ts';
import { isWindows1252 } from '../../functions/core/steps/judge.ts';
import type { StoredFile } from '../../functions/core/storage/stored-file.ts';
import { detectedOf, type Summary } from '../../functions/core/working/summary.ts';
import { fileBytes, skipBytes } from '../file-bytes.ts';
import { type AcceptedRows, CheckedRows, type RowFindings } from './checked-rows.ts';
import { MAX_KEYS } from './last-lines.ts';

/** The result of a dry run, which `--check --json` prints. */
export interface CheckResult extends RowFindings {
  readonly file: string;
  readonly dataset: string;
  /** Whether the file would be loaded. */
  readonly accepted: boolean;
  /** Name of the error that the execution would end with; null if the file would be loaded. */
  readonly error: string | null;
  /** Message of that error. */
  readonly cause: string | null;
  readonly warnings: readonly string[];
  /** Null if the header does not match the dataset. */
  readonly detected: Summary['detected'] | null;
}

export interface CheckOptions {
  readonly dataset: Dataset;
  /** Bytes that a compressed file may have after decompression. */
  readonly maxDecompressedBytes: number;
  /** Rows that a file may have; any number by default. */
  readonly maxRows?: number;
  /** Distinct keys up to which duplicates are counted. */
  readonly maxKeys?: number;
  readonly accepted?: AcceptedRows;
  /** Called with the bytes and rows read so far. */
  readonly onProgress?: (bytes: number, rows: number) => void;
}

/** Reads a file, and says what the pipeline would do with it. */
export async function checkFile(path: string, options: CheckOptions): Promise<CheckResult> {
  const { size } = await stat(path);
  // A load would make items of the upload's time, and not of now.
  const upload = { key: path, uploaded: new Date().toISOString() };
  return new DryRun(path, size, { ...options, dataset: ofUpload(options.dataset, upload) }).run();
}

class DryRun {
  readonly #options: CheckOptions;
  readonly #file: StoredFile;
  /** Bytes of the file that have been read. */
  #position = 0;
  #format: Format | undefined;
  #rows: CheckedRows | undefined;

  constructor(path: string, size: number, options: CheckOptions) {
    this.#options = options;
    this.#file = { read: (start, end) => this.#read(path, start, end), size, name: path };
  }

  async run(): Promise<CheckResult> {
    const { dataset } = this.#options;
    let failure: Error | undefined;
    try {
      await this.#check();
    } catch (error) {
      if (!isFileError(error)) throw error;
      failure = error;
    }
    const findings = this.#rows?.findings() ?? NO_ROWS;
    return {
      file: this.#file.name,
      dataset: dataset.name,
      accepted: failure === undefined,
      error: failure?.name ?? null,
      cause: failure?.message ?? null,
      warnings: [...(this.#format?.warnings ?? []), ...warningsAbout(this.#file.name, findings, dataset)],
      detected: this.#format === undefined ? null : detectedOf(this.#format, dataset),
      ...findings,
    };
  }

  /** @throws the error that the execution would end with, if the file would not be loaded */
  async #check(): Promise<void> {
    const { dataset, maxRows = Number.POSITIVE_INFINITY } = this.#options;
    const { format, header } = await detectFormat(this.#file, dataset);
    let used = format;
    let rows = await this.#checkRows(used, header.fields);
    if (await isWindows1252(this.#file, format, [rows.text], dataset)) {
      used = { ...format, encoding: 'windows-1252' };
      rows = await this.#checkRows(used, header.fields);
    }
    verifyFooter(this.#file.name, rows.findings().counts.footer);
    verifyRowCount(this.#file.name, rows.counts.read, dataset);
    verifyMaxRows(this.#file.name, rows.counts.read, maxRows);
    for (const index of dataset.unique.keys())
      for await (const batch of this.#records(used)) rows.compareValues(batch, index + 1);
    const { counts } = rows;
    if (counts.accepted) return;
    throw new ValidationError(
      `${counts.rejected} of ${counts.read} rows are rejected and ${whatIsAllowed(dataset.tolerance)}.`,
    );
  }

  async #checkRows(format: Format, header: readonly string[]): Promise<CheckedRows> {
    const { dataset, maxKeys = MAX_KEYS, accepted, onProgress } = this.#options;
    const rows = new CheckedRows(format, header, dataset, maxKeys, accepted);
    this.#format = format;
    this.#rows = rows;
    for await (const batch of this.#records(format)) {
      rows.add(batch);
      onProgress?.(this.#position, rows.counts.read);
    }
    return rows;
  }

  #records(format: Format): AsyncGenerator<RecordBatch, void> {
    const { read, size, name } = this.#file;
    const start = format.headerEnd;
    if (isPlain(format)) return readRecords(read, { start, end: size, size }, format);
    const text = limitBytes(readText(this.#file, format), this.#options.maxDecompressedBytes, name);
    const end = Number.POSITIVE_INFINITY;
    return readRecords(() => skipBytes(text, start), { start, end, size: end }, format);
  }

  async *#read(path: string, start: number, end: number): AsyncGenerator<Buffer, void> {
    this.#position = start;
    for await (const bytes of fileBytes(path, start, end)) {
      this.#position += bytes.length;
      yield bytes;
    }
  }
}

/** The findings if reading fails before the first row. */
const NO_ROWS: RowFindings = {
  columns: [],
  counts: { read: 0, rejected: 0, duplicates: 0, blank: 0, footer: 0 },
  uncompared: [],
  rejects: [],
  rejected: [],
};

/** Whether the error is about the file, and not about reading it. */
function isFileError(
  error: unknown,
): error is HeaderError | DecompressionError | NotCsvError | RowCountError | ValidationError {
  return [HeaderError, DecompressionError, NotCsvError, RowCountError, ValidationError].some(
    (type) => error instanceof type,
  );
}

function warningsAbout(file: string, { counts, uncompared }: RowFindings, { duplicates }: Dataset): string[] {
  const warnings: string[] = [];
  if (!isCsvName(file)) {
    warnings.push(
      `A file with this name does not start the pipeline. Its name must end in ${CSV_SUFFIXES.slice(0, -1).join(', ')} or ${CSV_SUFFIXES.at(-1)}.`,
    );
  }
  if (counts.duplicates === null && duplicates === 'reject') {
    warnings.push(
      'The file has too many keys for the dry run to find duplicates, which the dataset rejects.',
    );
  }
  for (const column of uncompared) {
    warnings.push(
      `The file has too many rows for the dry run to compare the values of ${column}, which the dataset declares unique.`,
    );
  }
  return warnings;
}

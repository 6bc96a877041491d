/** Puts the corrected rows of a report back into the file that the report is about. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, rmSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { datasetNamed, datasetNames } from '../../datasets/index.ts';
import { decompress } from '../../functions/core/container/containers.ts';
import { detectFormat } from '../../functions/core/csv/detect.ts';
import { written } from '../../functions/core/csv/dialect.ts';
import { isPlain, recordToUtf8 } from '../../functions/core/csv/encoding.ts';
import { countLineBreaks } from '../../functions/core/csv/framing.ts';
import { paddedHeader } from '../../functions/core/csv/header/row-width.ts';
import { type CsvRecord, readRecords } from '../../functions/core/csv/records.ts';
import { cellsDigest, isReport, ownColumns, REPORT_WIDTH } from '../../functions/core/csv/report-columns.ts';
import { reportedCells } from '../../functions/core/csv/report-rows.ts';
import { readText } from '../../functions/core/csv/text.ts';
import { DecompressionError, HeaderError, NotCsvError } from '../../functions/core/errors.ts';
import type { Format } from '../../functions/core/messages.ts';
import { isQuoteFault } from '../../functions/core/steps/validate.ts';
import type { StoredFile } from '../../functions/core/storage/stored-file.ts';
import { MergeError, UsageError } from '../../report/terminal/errors.ts';
import { checkWritable, readableSize } from '../../report/terminal/named-file.ts';
import { fileBytes, skipBytes } from '../file-bytes.ts';
import { COMPRESSORS } from './compressors.ts';
import { Corrections } from './corrections.ts';
import { encoderOf } from './encoder.ts';
import { type Replacement, replaceLines } from './replace-lines.ts';
import type { ReportRow } from './report-file.ts';

/** Signals that end the program. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The exit code of a program that a signal ended, less the signal's number; source: POSIX shells. */
const SIGNAL_EXIT_CODE = 128;

/** What spreadsheets put in place of bytes that are not text: U+FFFD, with one character per byte of its UTF-8. */
const REPLACEMENT = Buffer.from('\uFFFD').toString('latin1');

/** The result of a merge, which `--json` prints. */
export interface Merged {
  readonly file: string;
  /** The file that was written. */
  readonly out: string;
  readonly dataset: string;
  /** Rows of the file that were replaced. */
  readonly replaced: number;
  /** Rows of the report that are not corrected. They stay as they are in the file. */
  readonly unchanged: number;
  /** Rows of the report that are too long to be corrected in it. They stay as they are in the file. */
  readonly tooLong: number;
}

/**
 * Writes a copy of a file in which the corrected rows of its reports are in their places. All other bytes of its text
 * are the same, and so are its encoding and its compression.
 * @throws UsageError when a file cannot be read, or `out` cannot be written or exists.
 * @throws MergeError when the reports are not the file's, or a row of them cannot be put back.
 */
export async function mergeReports(path: string, reports: readonly string[], out: string): Promise<Merged> {
  const size = await readableSize(path);
  refuseExisting(out);
  await checkWritable(out, path);
  const corrections = await Corrections.read(reports);
  try {
    return await new Merge(
      { read: (start, end) => fileBytes(path, start, end), size, name: path },
      corrections,
    ).write(out);
  } catch (error) {
    if (error instanceof HeaderError || error instanceof NotCsvError || error instanceof DecompressionError) {
      throw new MergeError(error.message, { cause: error });
    }
    throw error;
  } finally {
    await corrections.close();
  }
}

class Merge {
  readonly #file: StoredFile;
  readonly #corrections: Corrections;
  /** For each correction, the number of lines of the row in the file; 0 if the row is not changed. */
  readonly #lines: Uint32Array;
  /** The cells of the file's own report columns, if the file is a report itself. */
  readonly #tails = new Map<number, readonly string[]>();

  constructor(file: StoredFile, corrections: Corrections) {
    this.#file = file;
    this.#corrections = corrections;
    this.#lines = new Uint32Array(corrections.length);
  }

  async write(out: string): Promise<Merged> {
    const { source, reports } = this.#corrections;
    if (!datasetNames.includes(source.dataset)) {
      throw new MergeError(
        `The report is about a file of the dataset "${source.dataset}", which datasets/index.ts does not list. List it there.`,
      );
    }
    await this.#checkSource();
    const dataset = datasetNamed(source.dataset);
    const { format: detected, header } = await detectFormat(this.#file, dataset);
    const encoding = [detected.encoding, ...dataset.encodings].find((each) => each === source.encoding);
    if (encoding === undefined) {
      throw new MergeError(
        `${this.#file.name} was read as ${source.encoding}, which the dataset "${source.dataset}" no longer declares. Declare it again.`,
      );
    }
    const format = { ...detected, encoding };
    // As in the report.
    const names = paddedHeader(header.fields, format.width);
    for (const { path, columns } of reports) {
      const own = ownColumns(names);
      const isSame =
        columns.length === own.length && columns.every((name, index) => name.trim() === own[index]?.trim());
      if (!isSame) {
        throw new MergeError(
          `The columns of ${path} are not those of ${this.#file.name}. Restore their names and their order.`,
        );
      }
    }
    const replaced = await this.#locate(format, names);
    await this.#writeTo(out, format);
    return {
      file: this.#file.name,
      out,
      dataset: source.dataset,
      replaced,
      unchanged: this.#corrections.length - replaced,
      tooLong: reports.reduce((sum, { tooLong }) => sum + tooLong, 0),
    };
  }

  /**
   * Refuses a file that is not the one that the report is about. The ETag of an object that was uploaded in one part is
   * its MD5; that of an upload in several parts cannot be computed from the file, so that only its size is compared, and
   * later every row that the report lists.
   */
  async #checkSource(): Promise<void> {
    const { read, size, name } = this.#file;
    const { etag, size: expected } = this.#corrections.source;
    let what = `it has ${size} bytes, and that file ${expected}`;
    if (size === expected) {
      if (!/^[\da-f]{32}$/.test(etag)) return;
      const hash = createHash('md5');
      for await (const bytes of read(0, size)) hash.update(bytes);
      const md5 = hash.digest('hex');
      if (md5 === etag) return;
      what = `its MD5 is ${md5}, and the ETag of that file is ${etag}, which is its MD5 unless its bucket encrypts with a KMS key`;
    }
    throw new MergeError(
      `The report is about another file than ${name}, or another version of it: ${what}. Name the file that was uploaded, or correct the rows in the file itself.`,
    );
  }

  /** Finds the rows in the file. @returns the number of rows that are to be replaced. */
  async #locate(format: Format, header: readonly string[]): Promise<number> {
    const { name } = this.#file;
    let next = 0;
    let replaced = 0;
    const refuseUpTo = (end: number): void => {
      const line = this.#corrections.line(next);
      if (line !== undefined && line < end) {
        throw new MergeError(
          `The report lists a row on line ${line}, but no row of ${name} starts there. Restore _line as in the report.`,
        );
      }
    };
    for await (const record of this.#records(format)) {
      const line = format.headerLines + record.line + 1;
      refuseUpTo(line);
      if (this.#corrections.line(next) !== line) continue;
      const row = await this.#corrections.row(next);
      this.#check(row, record, format, header);
      if (row.isChanged) {
        replaced += 1;
        this.#lines[next] = 1 + countLineBreaks(record.raw, 0, record.raw.length);
        if (isReport(header)) this.#tails.set(next, tailOf(record, header.length));
      }
      next += 1;
    }
    refuseUpTo(Number.POSITIVE_INFINITY);
    return replaced;
  }

  async *#records(format: Format): AsyncGenerator<CsvRecord, void> {
    const start = format.headerEnd;
    const end = isPlain(format) ? format.size : Number.POSITIVE_INFINITY;
    const text = () => skipBytes(readText(this.#file, format), start);
    const batches = readRecords(isPlain(format) ? this.#file.read : text, { start, end, size: end }, format);
    for await (const { records } of batches) yield* records;
  }

  /** Refuses a row that is not the one on its line, or that cannot be replaced. */
  #check(row: ReportRow, record: CsvRecord, format: Format, header: readonly string[]): void {
    const { name } = this.#file;
    const raw = recordToUtf8(record.raw, format.encoding);
    const { cells } = reportedCells(raw, { isBroken: isQuoteFault(record) }, { ...format, header });
    if (cellsDigest(cells) !== row.digest) {
      throw new MergeError(
        `The row that the report lists on line ${row.line} is not the one on that line of ${name}. Restore _line and the last column as in the report.`,
      );
    }
    if (!row.isChanged) return;
    if (record.fault === 'invalid_encoding' && row.cells.some((cell) => cell.includes(REPLACEMENT))) {
      throw new MergeError(
        `The row on line ${row.line} has U+FFFD in place of bytes that are not text. Replace it with the right characters.`,
      );
    }
    if (record.fault === 'record_too_long') {
      throw new MergeError(
        `The row on line ${row.line} of ${name} is too long for the report, which has only its beginning. Correct it in ${name} itself, and delete it from the report.`,
      );
    }
  }

  /** Writes the merged file under another name first, so that `out` is never half written. */
  async #writeTo(out: string, format: Format): Promise<void> {
    const temporary = `${out}.${process.pid}.tmp`;
    const encode = encoderOf(format.encoding);
    const { compression } = format;
    const { read, size } = this.#file;
    // The text as it is in the file, and not in UTF-8.
    const text = compression === 'none' ? read(0, size) : decompress(this.#file, compression);
    const lines = replaceLines(
      text,
      this.#replacements(format, encode),
      (each) => encode(each) ?? Buffer.alloc(0),
    );
    const stream = createWriteStream(temporary, { flags: 'wx' });
    // Ctrl-C ends the program at once, and would leave the file.
    const stop = (signal: NodeJS.Signals): void => {
      rmSync(temporary, { force: true });
      process.exit(SIGNAL_EXIT_CODE + osConstants.signals[signal]);
    };
    for (const signal of SIGNALS) process.once(signal, stop);
    try {
      await once(stream, 'open');
      await pipeline(lines, COMPRESSORS[compression](), stream);
      refuseExisting(out);
      await rename(temporary, out);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    } finally {
      for (const signal of SIGNALS) process.off(signal, stop);
    }
  }

  async *#replacements(
    format: Format,
    encode: (text: string) => Buffer | undefined,
  ): AsyncGenerator<Replacement, undefined> {
    for (const [index, lines] of this.#lines.entries()) {
      if (lines === 0) continue;
      const { line, cells } = await this.#corrections.row(index);
      const own = cells.map((cell) => Buffer.from(cell, 'latin1').toString());
      const row = [...own, ...(this.#tails.get(index) ?? [])];
      const bytes = encode(row.map((cell) => written(cell, format)).join(format.delimiter));
      if (bytes === undefined) {
        throw new MergeError(
          `The corrected row on line ${line} has a character that ${format.encoding}, the encoding of ${this.#file.name}, does not have. Replace it.`,
        );
      }
      yield { line, lines, bytes };
    }
    return undefined;
  }
}

/** The cells of a report's own columns in a row of a report. */
function tailOf({ fields }: CsvRecord, width: number): readonly string[] {
  return fields?.length === width
    ? fields.slice(-REPORT_WIDTH)
    : Array.from({ length: REPORT_WIDTH }, () => '');
}

function refuseExisting(out: string): void {
  if (existsSync(out)) {
    throw new UsageError(`${out} already exists, and is not overwritten. Choose another name with --out.`);
  }
}

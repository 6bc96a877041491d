/** The rows of reports in the order of their lines. */

import type { ReportSource } from '../../functions/core/csv/report-columns.ts';
import { MergeError } from '../../report/terminal/errors.ts';
import { ReportFile, type ReportRow } from './report-file.ts';

/**
 * An index of the rows of reports, which may be in any order. It holds a few numbers for each row, and reads the row
 * itself again when it is needed.
 */
export class Corrections {
  readonly reports: readonly ReportFile[];
  /** The file that the rows are from. */
  readonly source: ReportSource;
  readonly #lines: readonly number[];
  readonly #reports: readonly number[];
  readonly #starts: readonly number[];
  readonly #ends: readonly number[];
  /** Positions in the lists above, in the order of the lines. */
  readonly #order: Uint32Array;

  private constructor(
    reports: readonly ReportFile[],
    source: ReportSource,
    columns: Readonly<Record<'lines' | 'reports' | 'starts' | 'ends', readonly number[]>>,
  ) {
    this.reports = reports;
    this.source = source;
    this.#lines = columns.lines;
    this.#reports = columns.reports;
    this.#starts = columns.starts;
    this.#ends = columns.ends;
    this.#order = Uint32Array.from(columns.lines.keys()).sort(
      (one, other) => (columns.lines[one] ?? 0) - (columns.lines[other] ?? 0),
    );
  }

  /**
   * Reads reports.
   * @throws UsageError when a file cannot be read.
   * @throws MergeError when a file is not a report, a row cannot be read, rows are from different files, or a row
   * appears twice.
   */
  static async read(paths: readonly string[]): Promise<Corrections> {
    const reports: ReportFile[] = [];
    const columns = { lines: [], reports: [], starts: [], ends: [] } as Record<
      'lines' | 'reports' | 'starts' | 'ends',
      number[]
    >;
    let first: ReportRow | undefined;
    try {
      for (const path of paths) reports.push(await ReportFile.open(path));
      for (const [index, report] of reports.entries()) {
        for await (const row of report.rows()) {
          first ??= row;
          if (!isSame(row.source, first.source)) {
            throw new MergeError(
              `The row in ${row.place} is from another file than the row in ${first.place}. Merge the reports of one file only.`,
            );
          }
          columns.lines.push(row.line);
          columns.reports.push(index);
          columns.starts.push(row.start);
          columns.ends.push(row.end);
        }
      }
      if (first === undefined)
        throw new MergeError(`${paths.join(', ')} has no rows. There is nothing to merge.`);
      const corrections = new Corrections(reports, first.source, columns);
      corrections.#refuseRepeated();
      return corrections;
    } catch (error) {
      await closeAll(reports);
      throw error;
    }
  }

  get length(): number {
    return this.#order.length;
  }

  /** The line of a row. @param index from 0, in the order of the lines. */
  line(index: number): number | undefined {
    return this.#lines[this.#order[index] ?? -1];
  }

  /** The row with that index. */
  row(index: number): Promise<ReportRow> {
    const at = this.#order[index] ?? -1;
    const [report, start, end] = [this.reports[this.#reports[at] ?? -1], this.#starts[at], this.#ends[at]];
    if (report === undefined || start === undefined || end === undefined) {
      throw new RangeError(`There is no row ${index}.`);
    }
    return report.row({ start, end });
  }

  close(): Promise<void> {
    return closeAll(this.reports);
  }

  #refuseRepeated(): void {
    for (let index = 1; index < this.length; index += 1) {
      const line = this.line(index);
      if (line !== this.line(index - 1)) continue;
      throw new MergeError(
        `The row on line ${line} appears more than once in ${this.reports.map(({ path }) => path).join(', ')}. Keep one.`,
      );
    }
  }
}

async function closeAll(reports: readonly ReportFile[]): Promise<void> {
  await Promise.all(reports.map((report) => report.close()));
}

function isSame(one: ReportSource, other: ReportSource): boolean {
  return (
    one.etag === other.etag &&
    one.size === other.size &&
    one.dataset === other.dataset &&
    one.encoding === other.encoding
  );
}

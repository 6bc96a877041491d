/** Checks the rows of a file, in memory that does not grow with the file. */

import { type Checked, check } from '../../functions/core/csv/check.ts';
import type { CsvRecord, RecordBatch } from '../../functions/core/csv/records.ts';
import type { Reject } from '../../functions/core/csv/report-rows.ts';
import { fullReason } from '../../functions/core/csv/report-rows.ts';
import { CellFault, storedValue } from '../../functions/core/dataset/columns/column.ts';
import {
  type Dataset,
  type Rejection,
  type StoredItem,
  uniqueValue,
} from '../../functions/core/dataset/dataset.ts';
import { isFooter } from '../../functions/core/dataset/file-format/footer.ts';
import { isDeletion } from '../../functions/core/dataset/load.ts';
import { isBlank } from '../../functions/core/dataset/row-kinds.ts';
import { valueAt } from '../../functions/core/dataset/shape/paths.ts';
import { keyOf } from '../../functions/core/dataset/shape/table-key.ts';
import type { Format, TextKind, Verdict } from '../../functions/core/messages.ts';
import { finalCounts } from '../../functions/core/steps/judge.ts';
import { RejectCounts } from '../../functions/core/steps/report-rejects.ts';
import { faultyValue, textWith } from '../../functions/core/steps/validate.ts';
import { duplicateRejection } from '../../functions/core/working/duplicate-rows.ts';
import { isRejecting } from '../../functions/core/working/earlier-duplicates.ts';
import type { RejectCount } from '../../functions/core/working/summary.ts';
import { MAX_SHOWN_ROWS, type RejectedRow } from '../../report/rejected-rows.ts';
import { LastLines } from './last-lines.ts';
import { type ColumnProfile, ColumnProfiler } from './profile.ts';

/** What the rows are like, up to where reading stopped if the file cannot be read to its end. */
export interface RowFindings {
  /** The dataset's columns, in its order. */
  readonly columns: readonly ColumnProfile[];
  readonly counts: {
    readonly read: number;
    readonly rejected: number;
    /** Rows that are not loaded because a later row has the same key; null if there are too many keys to compare. */
    readonly duplicates: number | null;
    /** Rows in which every cell is blank; not part of `read`. */
    readonly blank: number;
    /** Rows of the footer; not part of `read`. */
    readonly footer: number;
  };
  /** Unique columns that have too many values to compare, or too many keys to know which rows have them. */
  readonly uncompared: readonly string[];
  /** Most frequent first. */
  readonly rejects: readonly RejectCount[];
  /** The first rejected rows, at most {@link MAX_SHOWN_ROWS}. */
  readonly rejected: readonly RejectedRow[];
}

/** Takes the rows that are accepted. A row is known by the physical line on which it starts. */
export interface AcceptedRows {
  /** Called before the first row, and again if the rows are read once more, in another encoding. */
  readonly begin: () => void;
  /** Of rows with the same key, only the last one is loaded. */
  readonly add: (item: StoredItem, row: { readonly line: number; readonly bytes: number }) => void;
  /** The row on that line is not accepted after all, because a later one has the same value of a unique column. */
  readonly leaveOut: (line: number) => void;
}

/** Checks rows as validation does, and collects what is found. */
export class CheckedRows {
  /** The kind of text in the rows so far. */
  text: TextKind = 'ascii';
  #read = 0;
  #blank = 0;
  #footer = 0;
  /** Byte at which the footer begins. */
  #dataEnd = Number.POSITIVE_INFINITY;
  #rejected = 0;
  /** As in the verdict. */
  readonly #repeated: number[];
  readonly #columns: readonly ColumnProfiler[];
  /** For each comparison: of the keys, then of each unique column's values. */
  readonly #lastLines: readonly LastLines[];
  readonly #rejects = new RejectCounts();
  readonly #firstRejected: RejectedRow[] = [];
  readonly #format: Format;
  readonly #dataset: Dataset;
  readonly #accepted: AcceptedRows | undefined;

  /** @param maxKeys distinct keys up to which duplicates are counted */
  constructor(
    format: Format,
    header: readonly string[],
    dataset: Dataset,
    maxKeys: number,
    accepted?: AcceptedRows,
  ) {
    this.#format = format;
    this.#dataset = dataset;
    this.#accepted = accepted;
    accepted?.begin();
    this.#lastLines = ['keys', ...dataset.unique].map(() => new LastLines(maxKeys));
    this.#repeated = this.#lastLines.map(() => 0);
    this.#columns = dataset.columns.map(
      ({ name }, index) => new ColumnProfiler(name, header[format.columns[index] ?? -1]?.trim() ?? null),
    );
  }

  add(batch: RecordBatch): void {
    for (const record of batch.records) {
      if (!batch.isAscii) this.text = textWith(this.text, record);
      if (isBlank(record.fields)) {
        this.#blank += 1;
        continue;
      }
      if (this.#footer > 0 || isFooter(record.fields, this.#dataset.footer)) {
        if (this.#footer === 0) this.#dataEnd = record.start;
        this.#footer += 1;
        continue;
      }
      this.#read += 1;
      const checked = check(record, this.#format, this.#dataset);
      this.#profile(record, checked);
      const line = this.#format.headerLines + record.line + 1;
      if ('item' in checked) {
        this.#compare(checked.item, line, 0);
        this.#accepted?.add(checked.item, { line, bytes: record.raw.length });
        continue;
      }
      this.#rejected += 1;
      const { rejection } = checked;
      this.#list(line, { ...rejection, ...faultyValue(record, rejection, this.#format, this.#dataset) });
    }
  }

  /**
   * Compares the values of a unique column. Each column needs all rows of the file again, since only then it is known
   * which of them the earlier comparisons leave out.
   * @param comparison 1 for the first unique column.
   */
  compareValues(batch: RecordBatch, comparison: number): void {
    for (const record of batch.records) {
      if (record.start >= this.#dataEnd) continue;
      const checked = check(record, this.#format, this.#dataset);
      if (!('item' in checked)) continue;
      const line = this.#format.headerLines + record.line + 1;
      const isIn = this.#lastLines.slice(0, comparison).every((lines, earlier) => {
        const key = this.#compared(checked.item, earlier);
        return key === undefined || lines.isLast(key, line);
      });
      if (isIn) this.#compare(checked.item, line, comparison);
    }
  }

  /** The counts as in the verdict, as far as keys could be compared. */
  get counts(): Pick<Verdict, 'read' | 'rejected' | 'duplicates' | 'accepted'> {
    const rows = { read: this.#read, rejected: this.#rejected, repeated: this.#repeated };
    return { read: this.#read, ...finalCounts(rows, this.#dataset) };
  }

  findings(): RowFindings {
    const { read, rejected, duplicates } = this.counts;
    return {
      columns: this.#columns.map((column) => column.profile()),
      counts: {
        read,
        rejected,
        duplicates: this.#lastLines[0]?.isFull ? null : duplicates,
        blank: this.#blank,
        footer: this.#footer,
      },
      uncompared: this.#dataset.unique
        .filter((_, index) => this.#lastLines.slice(0, index + 2).some(({ isFull }) => isFull))
        .map(({ name }) => name),
      rejects: this.#rejects.list(),
      rejected: this.#firstRejected,
    };
  }

  /** Leaves out rows whose cells cannot be assigned to columns. */
  #profile({ fields, fault }: CsvRecord, checked: Checked): void {
    const { columns, width } = this.#format;
    if (fields?.length !== width || fault !== undefined) return;
    const isDeleting = 'item' in checked && isDeletion(this.#dataset.load, checked.item);
    const isStored = 'item' in checked && !isDeleting;
    for (const [index, column] of this.#dataset.columns.entries()) {
      const position = columns[index] ?? -1;
      if (position === -1) continue;
      const value = isStored ? valueAt(checked.item, column.path) : storedValue(column, fields[position]);
      // A row that deletes may have anything outside its key.
      if (isDeleting && value instanceof CellFault) continue;
      this.#columns[index]?.add(value);
    }
  }

  /** Counts the earlier row as a duplicate if it has the same key, or the same value of a unique column. */
  #compare(item: StoredItem, line: number, comparison: number): void {
    const key = this.#compared(item, comparison);
    const earlierLine = key === undefined ? undefined : this.#lastLines[comparison]?.replace(key, line);
    if (earlierLine === undefined) return;
    if (comparison > 0) this.#accepted?.leaveOut(earlierLine);
    this.#repeated[comparison] = (this.#repeated[comparison] ?? 0) + 1;
    if (isRejecting(comparison, this.#dataset))
      this.#list(earlierLine, duplicateRejection(item, comparison, this.#dataset));
  }

  /** What a comparison compares; undefined for an empty cell. */
  #compared(item: StoredItem, comparison: number): string | undefined {
    const column = this.#dataset.unique[comparison - 1];
    return column === undefined ? keyOf(this.#dataset.key, item) : uniqueValue(item, column);
  }

  #list(line: number, rejection: Rejection & Pick<Reject, 'value'>): void {
    this.#rejects.add(rejection);
    const { column, code } = rejection;
    const index = this.#firstRejected.findLastIndex((row) => row.line < line) + 1;
    if (index === MAX_SHOWN_ROWS) return;
    this.#firstRejected.splice(index, 0, {
      line,
      column: column ?? '',
      code,
      reason: fullReason(rejection),
    });
    if (this.#firstRejected.length > MAX_SHOWN_ROWS) this.#firstRejected.pop();
  }
}

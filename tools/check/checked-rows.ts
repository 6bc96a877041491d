/** What is found in the rows of a file, in memory that does not grow with it. */

import { type Checked, check } from '../../functions/core/csv/check.ts';
import type { CsvRecord, RecordBatch } from '../../functions/core/csv/records.ts';
import { explained } from '../../functions/core/csv/report-rows.ts';
import {
  type Dataset,
  keyOf,
  type Rejection,
  type StoredItem,
  storedValue,
} from '../../functions/core/dataset/dataset.ts';
import type { Format, TextKind, Verdict } from '../../functions/core/messages.ts';
import { finalCounts } from '../../functions/core/steps/judge.ts';
import { RejectCounts } from '../../functions/core/steps/report-rejects.ts';
import { faultyValue, textWith } from '../../functions/core/steps/validate.ts';
import { duplicateRejection } from '../../functions/core/work/duplicate-rows.ts';
import type { Reject } from '../../functions/core/work/rejects.ts';
import type { RejectCount } from '../../functions/core/work/summary.ts';
import { type RejectedRow, SHOWN } from '../../report/rejected-rows.ts';
import { LastLines } from './last-lines.ts';
import { type ColumnProfile, ColumnProfiler } from './profile.ts';

/** What was found, up to where reading ended if the file cannot be read to its end. */
export interface RowFindings {
  /** Of the dataset, in its order. */
  readonly columns: readonly ColumnProfile[];
  readonly counts: {
    readonly read: number;
    readonly rejected: number;
    /** Rows that are left out, as a later one has the same key; null when there are too many keys to tell. */
    readonly duplicates: number | null;
  };
  /** The most frequent first. */
  readonly rejects: readonly RejectCount[];
  /** The first rejected rows, at most {@link SHOWN}. */
  readonly rejected: readonly RejectedRow[];
}

/** Checks rows as validation does, and counts what they are like. */
export class CheckedRows {
  /** What stands in the rows so far. */
  text: TextKind = 'ascii';
  #read = 0;
  #broken = 0;
  #repeated = 0;
  readonly #columns: readonly ColumnProfiler[];
  readonly #lastLines: LastLines;
  readonly #rejects = new RejectCounts();
  readonly #first: RejectedRow[] = [];
  readonly #format: Format;
  readonly #dataset: Dataset;

  /** @param maxKeys up to which it is told which rows have the same key. */
  constructor(format: Format, header: readonly string[], dataset: Dataset, maxKeys: number) {
    this.#format = format;
    this.#dataset = dataset;
    this.#lastLines = new LastLines(maxKeys);
    this.#columns = dataset.columns.map(
      ({ name }, index) => new ColumnProfiler(name, header[format.columns[index] ?? -1]?.trim() ?? null),
    );
  }

  add(batch: RecordBatch): void {
    for (const record of batch.records) {
      this.#read += 1;
      if (!batch.isAscii) this.text = textWith(this.text, record);
      const checked = check(record, this.#format, this.#dataset);
      this.#profile(record, checked);
      const line = this.#format.headerLines + record.line + 1;
      if ('item' in checked) {
        this.#compareKey(checked.item, line);
        continue;
      }
      this.#broken += 1;
      const { rejection } = checked;
      this.#list(line, { ...rejection, ...faultyValue(record, rejection, this.#format, this.#dataset) });
    }
  }

  /** The counts as the verdict has them, as far as keys could be compared. */
  get counts(): Pick<Verdict, 'read' | 'rejected' | 'duplicates' | 'accepted'> {
    const rows = { read: this.#read, rejected: this.#broken, repeated: this.#repeated };
    return { read: this.#read, ...finalCounts(rows, this.#dataset) };
  }

  findings(): RowFindings {
    const { read, rejected, duplicates } = this.counts;
    return {
      columns: this.#columns.map((column) => column.profile()),
      counts: { read, rejected, duplicates: this.#lastLines.isFull ? null : duplicates },
      rejects: this.#rejects.list(),
      rejected: this.#first,
    };
  }

  /** Leaves out rows in which it is open which cell belongs to which column. */
  #profile({ fields, fault }: CsvRecord, checked: Checked): void {
    const { columns, width } = this.#format;
    if (fields?.length !== width || fault !== undefined) return;
    for (const [index, column] of this.#dataset.columns.entries()) {
      const position = columns[index] ?? -1;
      if (position === -1) continue;
      const value = 'item' in checked ? checked.item[column.name] : storedValue(column, fields[position]);
      this.#columns[index]?.add(value);
    }
  }

  /** Looks whether an earlier row has the key: that one loses. */
  #compareKey(item: StoredItem, line: number): void {
    const loser = this.#lastLines.replace(keyOf(item), line);
    if (loser === undefined) return;
    this.#repeated += 1;
    if (this.#dataset.duplicates === 'reject') this.#list(loser, duplicateRejection(item));
  }

  #list(line: number, rejection: Rejection & Pick<Reject, 'value'>): void {
    this.#rejects.add(rejection);
    const { column, code } = rejection;
    const place = this.#first.findLastIndex((row) => row.line < line) + 1;
    if (place === SHOWN) return;
    this.#first.splice(place, 0, { line, column: column ?? '', code, reason: explained(rejection) });
    if (this.#first.length > SHOWN) this.#first.pop();
  }
}

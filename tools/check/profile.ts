/** Profiles the cells of a column, in memory that does not grow with the file. */

import { hash } from 'node:crypto';
import { MAX_VALUE_CHARACTERS, shorten } from '../../functions/core/csv/report-rows.ts';
import { CellFault, NumberValue, type Storable } from '../../functions/core/dataset/columns.ts';
import { compareNumbers } from '../../functions/core/dataset/numbers.ts';
import { keyText } from '../../functions/core/dataset/shape/table-key.ts';

/** Distinct values that are counted. */
const MAX_DISTINCT = 1_000;

/** A column's cells, in the rows with the header's number of fields. */
export interface ColumnProfile {
  /** Name in the dataset. */
  readonly name: string;
  /** Name in the file's header; null if the file does not have the column. */
  readonly header: string | null;
  /** Cells with a value. */
  readonly filled: number;
  /** Empty cells that the column accepts. */
  readonly empty: number;
  /** Cells that the column rejects. */
  readonly rejected: number;
  /** Distinct values that were counted; null if values cannot be compared. */
  readonly distinct: number | null;
  /** Whether there are more distinct values than were counted. */
  readonly moreDistinct: boolean;
  /** As shortened text; null if there is no value, or values cannot be compared. */
  readonly smallest: string | null;
  readonly largest: string | null;
}

/** A value that can be compared with others of its kind. */
type Ordered = string | number | bigint | boolean | NumberValue;

/** Profiles the values of one column. */
export class ColumnProfiler {
  readonly #name: string;
  readonly #header: string | null;
  readonly #distinct = new Set<string>();
  #moreDistinct = false;
  #isComparable = true;
  #filled = 0;
  #empty = 0;
  #rejected = 0;
  #smallest: Ordered | undefined;
  #largest: Ordered | undefined;

  constructor(name: string, header: string | null) {
    this.#name = name;
    this.#header = header;
  }

  /** @param value the stored value of a cell, or why it is rejected */
  add(value: Storable | undefined | CellFault): void {
    if (value instanceof CellFault) {
      this.#rejected += 1;
      return;
    }
    if (value === undefined || value === null || value === '') {
      this.#empty += 1;
      return;
    }
    this.#filled += 1;
    if (!isOrdered(value)) {
      this.#isComparable = false;
      return;
    }
    this.#count(keyText(value));
    if (this.#smallest === undefined || compare(value, this.#smallest) < 0) this.#smallest = value;
    if (this.#largest === undefined || compare(value, this.#largest) > 0) this.#largest = value;
  }

  profile(): ColumnProfile {
    return {
      name: this.#name,
      header: this.#header,
      filled: this.#filled,
      empty: this.#empty,
      rejected: this.#rejected,
      distinct: this.#isComparable ? this.#distinct.size : null,
      moreDistinct: this.#moreDistinct,
      smallest: this.#isComparable ? shown(this.#smallest) : null,
      largest: this.#isComparable ? shown(this.#largest) : null,
    };
  }

  #count(text: string): void {
    if (this.#moreDistinct) return;
    // Long text is not kept, because a cell can be as large as an item.
    const key =
      text.length <= MAX_VALUE_CHARACTERS ? text : hash('sha256', text, 'buffer').toString('latin1');
    if (this.#distinct.has(key)) return;
    if (this.#distinct.size === MAX_DISTINCT) this.#moreDistinct = true;
    else this.#distinct.add(key);
  }
}

function isOrdered(value: Storable): value is Ordered {
  return typeof value !== 'object' || value instanceof NumberValue;
}

function shown(value: Ordered | undefined): string | null {
  if (value === undefined) return null;
  const text = keyText(value);
  const start = shorten(text);
  return start === text ? text : `${start}…`;
}

/** Negative if the first value sorts first. Numbers sort before text. */
function compare(one: Ordered, other: Ordered): number {
  const [isText, isOtherText] = [isWord(one), isWord(other)];
  if (isText !== isOtherText) return isText ? 1 : -1;
  return isText ? compareText(keyText(one), keyText(other)) : compareNumbers(keyText(one), keyText(other));
}

function isWord(value: Ordered): boolean {
  return typeof value === 'string' || typeof value === 'boolean';
}

/** Compares by code point, as DynamoDB does; JavaScript compares UTF-16 code units. */
function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const difference = codePointRank(one.charCodeAt(index)) - codePointRank(other.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Ranks surrogates, which encode code points above U+FFFF, after all other code units. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

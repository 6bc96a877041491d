/** Guesses what kind of column a dataset needs, from its cells. What is not beyond doubt is text. */

import type { BooleanWords, Column, Storable } from '../../functions/core/dataset/columns.ts';
import * as columns from '../../functions/core/dataset/columns.ts';
import { normalisedName } from '../../functions/core/dataset/names.ts';
import { MAX_DIGITS } from '../../functions/core/dataset/numbers.ts';
import type { Break } from './candidates.ts';
import { DateEvidence, type DateForm } from './guess-date.ts';
import { NumberEvidence, type NumberForm } from './guess-number.ts';

/** A kind of column, and what it is told about its cells. */
export type ColumnForm =
  | { readonly kind: 'text'; readonly options?: never }
  | { readonly kind: 'boolean'; readonly words: BooleanWords; readonly options?: never }
  | NumberForm
  | DateForm;

export interface ColumnGuess {
  readonly form: ColumnForm;
  /** What it is based on, in one line and without any cell. */
  readonly reason: string;
}

/** Words for true and for false. Not 1 and 0, which may be numbers. */
const BOOLEAN_WORDS: readonly (readonly [yes: string, no: string])[] = [
  ['true', 'false'],
  ['yes', 'no'],
  ['y', 'n'],
  ['ja', 'nein'],
  ['oui', 'non'],
  ['si', 'no'],
  ['sí', 'no'],
  ['on', 'off'],
];

/** Different values that are counted: more are no list that anyone would write down. */
const MAX_DISTINCT = 20;

/** Cells for each of the different values from which on they look like a list. */
const CELLS_OF_A_LIST = 10;

/** Cells that have to be of a kind before it is worth telling which one is not. */
const CELLS_BEFORE_BREAK = 5;

/** Takes the cells of a column, one after the other. */
export class ColumnEvidence {
  filled = 0;
  empty = 0;
  /** Of the longest cell, in bytes. */
  longest = 0;
  readonly #numbers = new NumberEvidence();
  readonly #dates = new DateEvidence();
  readonly #distinct = new Set<string>();

  /** Different cells; undefined if there are more than {@link MAX_DISTINCT}. */
  get distinct(): number | undefined {
    return this.#distinct.size > MAX_DISTINCT ? undefined : this.#distinct.size;
  }

  /** @param line physical line of the file, the first being 1. */
  add(cell: string, line: number): void {
    const trimmed = cell.trim();
    if (trimmed === '') {
      this.empty += 1;
      return;
    }
    this.filled += 1;
    this.longest = Math.max(this.longest, Buffer.byteLength(trimmed));
    if (this.#distinct.size <= MAX_DISTINCT) this.#distinct.add(trimmed);
    this.#numbers.add(trimmed, line);
    this.#dates.add(trimmed, line);
  }

  /** @param commas whether other columns of the file have a comma for a decimal point. */
  guess(commas: boolean): ColumnGuess {
    return this.#boolean() ?? this.#number(commas) ?? this.#date() ?? text(this.#whyText());
  }

  #boolean(): ColumnGuess | undefined {
    const words = new Set([...this.#distinct].map(normalisedName));
    if (words.size !== 2 || this.distinct === undefined) return undefined;
    const pair = BOOLEAN_WORDS.find((each) => each.every((word) => words.has(word)));
    if (pair === undefined) return undefined;
    const [yes, no] = pair;
    return {
      form: { kind: 'boolean', words: { true: [yes], false: [no] } },
      reason: `${yes} and ${no} alone`,
    };
  }

  #number(commas: boolean): ColumnGuess | undefined {
    const guess = this.#numbers.broken === undefined ? this.#numbers.guess() : undefined;
    if (guess === undefined) return undefined;
    if (guess === 'phone') {
      return text('text, since all begin with a plus sign, as phone numbers do; integer() would drop it');
    }
    if (guess === 'ambiguous') {
      return text(
        "text, since no cell proves what the characters between the digits are: decimal({ point: ',' }) reads 1,234 as a little more than one, integer({ grouping: ',' }) as more than a thousand",
      );
    }
    if (guess === 'codes') {
      return text('text, since numbers such as 12E3 may be codes; decimal() would read them');
    }
    const { form, isPointProven, isBinary } = guess;
    if (form.kind === 'integer') {
      const hint =
        isBinary && this.distinct === 2
          ? "; 0 and 1 alone, so it may be boolean({ true: ['1'], false: ['0'] })"
          : '';
      return { form, reason: `whole numbers${hint}` };
    }
    if (isPointProven) return { form, reason: 'decimal numbers' };
    if (commas) {
      return text(
        "text, since the file has decimal commas elsewhere, and 1.234 may be more than a thousand: integer({ grouping: '.' }) or decimal()",
      );
    }
    return {
      form,
      reason:
        "decimal numbers, the point taken for a decimal point; if 1.234 is more than a thousand, it is integer({ grouping: '.' })",
    };
  }

  #date(): ColumnGuess | undefined {
    const guess = this.#dates.broken === undefined ? this.#dates.guess() : undefined;
    if (guess === undefined) return undefined;
    const { form, otherwise, hasOrder } = guess;
    const { kind, options } = form;
    if (otherwise !== undefined) {
      return text(
        `text, since the order of day and month is ambiguous: ${kind}({ format: '${options.format}' }) or '${otherwise}'`,
      );
    }
    const proof = hasOrder ? ', the order proven by a part over 12' : '';
    return { form, reason: `${kind === 'date' ? 'days' : 'times'} written ${options.format}${proof}` };
  }

  #whyText(): string {
    if (this.filled === 0) return 'text, since nothing is known';
    const { leadingZeros, hasTooManyDigits } = this.#numbers;
    if (leadingZeros > 0) {
      const have = leadingZeros === 1 ? 'has' : 'have';
      return `text, since ${counted(leadingZeros, 'cell')} ${have} a zero before other digits, which a number would lose`;
    }
    if (hasTooManyDigits) return `text, since a number keeps no more than ${MAX_DIGITS} digits`;
    const { distinct } = this;
    if (distinct !== undefined && this.filled >= CELLS_OF_A_LIST * distinct) {
      return `text; ${counted(distinct, 'distinct value')}: oneOf(…) would refuse any other`;
    }
    return this.#afterBreak() ?? 'text';
  }

  /** Which cell is not what those before it are; perhaps a mistake in the file. */
  #afterBreak(): string | undefined {
    const says = (what: string, { cells, line }: Break) =>
      `text, since line ${line} is not ${what} as the ${counted(cells, 'cell')} before are`;
    const isWorthIt = (broken: Break | undefined): broken is Break =>
      broken !== undefined && broken.cells >= CELLS_BEFORE_BREAK;
    const number = this.#numbers.guess();
    if (isWorthIt(this.#numbers.broken) && typeof number === 'object') {
      const what = number.form.kind === 'integer' ? 'a whole number' : 'a decimal number';
      return says(what, this.#numbers.broken);
    }
    const date = this.#dates.guess();
    if (isWorthIt(this.#dates.broken) && date !== undefined) {
      const { kind, options } = date.form;
      return says(`a ${kind === 'date' ? 'day' : 'time'} written ${options.format}`, this.#dates.broken);
    }
    return undefined;
  }
}

function text(reason: string): ColumnGuess {
  return { form: { kind: 'text' }, reason };
}

/** Such as `1 row` and `1,000 rows`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

/** The column itself, as far as its cells are concerned. */
export function columnOf(form: ColumnForm): Column<Storable> {
  switch (form.kind) {
    case 'text':
      return columns.text();
    case 'boolean':
      return columns.boolean(form.words);
    case 'integer':
      return columns.integer(form.options);
    case 'decimal':
      return columns.decimal(form.options);
    case 'date':
      return columns.date(form.options);
    case 'dateTime':
      return columns.dateTime(form.options);
  }
}

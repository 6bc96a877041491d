/** Guesses the kind of a column from its cells. A column whose kind is in doubt is text. */

import type { BooleanWords, Column, Storable } from '../../../functions/core/dataset/columns.ts';
import * as columns from '../../../functions/core/dataset/columns.ts';
import { normalisedName } from '../../../functions/core/dataset/names.ts';
import { MAX_DIGITS } from '../../../functions/core/dataset/numbers.ts';
import type { Break } from './candidates.ts';
import { DateEvidence, type DateForm } from './guess-date.ts';
import { NumberEvidence, type NumberForm } from './guess-number.ts';

/** The kind of a column, and its options. */
export type ColumnForm =
  | { readonly kind: 'text'; readonly options?: never }
  | { readonly kind: 'boolean'; readonly words: BooleanWords; readonly options?: never }
  | NumberForm
  | DateForm;

interface KindGuess {
  readonly form: ColumnForm;
  /** Why, in one line and without the content of any cell. */
  readonly reason: string;
}

export interface ColumnGuess extends KindGuess {
  /** Cells that are treated as empty. */
  readonly nulls: readonly string[];
  /** Number of those cells. */
  readonly marked: number;
  /** What a person has to know about the column; it follows the column's name in a sentence. */
  readonly warning?: string;
}

/** Words for true and false. 1 and 0 are not among them, because they may be numbers. */
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

/** Cells that stand for nothing among numbers, dates or yes and no. */
const MARKERS: ReadonlySet<string> = new Set([
  ...['-', '--', '---', '–', '—', '?', '.', '..', '...', '…'],
  ...['NA', 'na', '<NA>', 'N/A', 'n/a', 'N.A.', 'n.a.', 'N/D', 'n/d', 'N.D.', 'n.d.', 'k.A.', 'k. A.'],
  ...['NaN', 'nan', '-nan', '1.#IND', '1.#QNAN', '-1.#IND', 'nil', 'Nil', 'missing', 'Missing'],
  ...['unknown', 'Unknown', 'TBD', 'tbd', '#N/A', '#VALUE!', '#REF!', '#DIV/0!', '#NAME?', '#NUM!', '#NULL!'],
  ...['NULL', 'Null', 'null', '(null)', 'None', 'none', String.raw`\N`],
  ...['0000-00-00', '0000-00-00 00:00:00'],
]);

/** Those that stand for nothing among words, too. */
const SURE_MARKERS: readonly string[] = ['#N/A', 'N/A', 'n/a', '<NA>', 'NULL', '(null)', String.raw`\N`];

/** A country's code; source: ISO 3166-1, where SI is Slovenia and NO is Norway. */
const COUNTRY_CODE = /^[A-Z]{2}$/;

/** Distinct values that are counted. Longer lists are unlikely to be written as oneOf(…). */
const MAX_DISTINCT = 20;

/** Cells per distinct value from which a column looks like a list of allowed values. */
const MIN_CELLS_PER_VALUE = 10;

/** Cells of one kind that must precede a cell of another kind for it to be reported. */
const MIN_CELLS_BEFORE_BREAK = 5;

/** Takes the cells of a column, one at a time. */
export class ColumnEvidence {
  filled = 0;
  empty = 0;
  /** Length of the longest cell, in bytes. */
  longest = 0;
  #withBlanks = 0;
  /** Whether a cell starts with a minus sign. */
  hasMinus = false;
  readonly #numbers = new NumberEvidence();
  readonly #dates = new DateEvidence();
  readonly #distinct = new Set<string>();
  /** Number of cells with each marker. */
  readonly #markers = new Map<string, number>();

  get rows(): number {
    return this.filled + this.empty;
  }

  /** Whether most cells are several words. */
  get isProse(): boolean {
    return 2 * this.#withBlanks > this.filled;
  }

  /** Number of distinct cells; undefined if there are more than {@link MAX_DISTINCT}. */
  get distinct(): number | undefined {
    const size = this.#distinct.size + this.#markers.size;
    return size > MAX_DISTINCT ? undefined : size;
  }

  /** @param line physical line in the file, from 1 */
  add(cell: string, line: number): void {
    const trimmed = cell.trim();
    if (trimmed === '') {
      this.empty += 1;
      return;
    }
    this.filled += 1;
    this.longest = Math.max(this.longest, Buffer.byteLength(trimmed));
    if (/\s/.test(trimmed)) this.#withBlanks += 1;
    if (MARKERS.has(trimmed)) {
      this.#markers.set(trimmed, (this.#markers.get(trimmed) ?? 0) + 1);
      return;
    }
    this.hasMinus ||= trimmed.startsWith('-');
    if (this.#distinct.size <= MAX_DISTINCT) this.#distinct.add(trimmed);
    this.#numbers.add(trimmed, line);
    this.#dates.add(trimmed, line);
  }

  /** @param hasCommas whether a column of the file has decimal commas */
  guess(hasCommas: boolean): ColumnGuess {
    const guess = this.#boolean() ?? this.#number(hasCommas) ?? this.#date() ?? text(this.#whyText());
    const isWords = guess.form.kind === 'text' && this.#distinct.size > 0;
    const nulls = [...this.#markers.keys()].filter((marker) => !isWords || SURE_MARKERS.includes(marker));
    const marked = nulls.reduce((sum, marker) => sum + (this.#markers.get(marker) ?? 0), 0);
    const { shortened } = this.#numbers;
    if (shortened === 0 || guess.form.kind !== 'text') return { ...guess, nulls, marked };
    const warning = `has ${counted(shortened, 'number')} such as 4.00638E+12, as a spreadsheet shows numbers of more than 11 digits: the other digits are lost in the file. Export it again with that column as text.`;
    return { ...guess, nulls, marked, warning };
  }

  #boolean(): KindGuess | undefined {
    const words = new Set([...this.#distinct].map(normalisedName));
    if (words.size !== 2 || this.#distinct.size > MAX_DISTINCT) return undefined;
    const pair = BOOLEAN_WORDS.find((each) => each.every((word) => words.has(word)));
    if (pair === undefined) return undefined;
    const [yes, no] = pair;
    if (yes === 'si' && [...this.#distinct].every((word) => COUNTRY_CODE.test(word))) {
      return text(
        "text, because SI and NO may be countries; if not: boolean({ true: ['si'], false: ['no'] })",
      );
    }
    return {
      form: { kind: 'boolean', words: { true: [yes], false: [no] } },
      reason: `only ${yes} and ${no}`,
    };
  }

  #number(hasCommas: boolean): KindGuess | undefined {
    const guess = this.#numbers.broken === undefined ? this.#numbers.guess() : undefined;
    if (guess === undefined) return undefined;
    if (guess === 'phone') {
      return text('text, because they look like phone numbers with a plus sign; integer() would drop it');
    }
    if (guess === 'shortened') {
      return text('text, because numbers such as 4.00638E+12 are what a spreadsheet leaves of longer ones');
    }
    if (guess === 'ambiguous') {
      return text(
        "text, because the separators between digits are ambiguous: decimal({ point: ',' }) reads 1,234 as just over one, integer({ grouping: ',' }) as over a thousand",
      );
    }
    if (guess === 'codes') {
      return text('text, because values such as 12E3 may be codes; decimal() reads them as numbers');
    }
    const { form, isPointProven, isBinary } = guess;
    if (form.kind === 'integer') {
      const hint =
        isBinary && this.#distinct.size === 2
          ? "; only 0 and 1, so it may be boolean({ true: ['1'], false: ['0'] })"
          : '';
      return { form, reason: `whole numbers${hint}` };
    }
    if (isPointProven) return { form, reason: 'decimal numbers' };
    if (hasCommas) {
      return text(
        "text, because the file has decimal commas elsewhere, so 1.234 may be over a thousand: integer({ grouping: '.' }) or decimal()",
      );
    }
    return {
      form,
      reason:
        "decimal numbers, if the point is a decimal point; if 1.234 is over a thousand, use integer({ grouping: '.' })",
    };
  }

  #date(): KindGuess | undefined {
    const guess = this.#dates.broken === undefined ? this.#dates.guess() : undefined;
    if (guess === undefined) return undefined;
    const { form, otherwise, hasOrder } = guess;
    const { kind, options } = form;
    if (otherwise !== undefined) {
      return text(
        `text, because the order of day and month is ambiguous: ${kind}({ format: '${options.format}' }) or '${otherwise}'`,
      );
    }
    const proof = hasOrder ? ', as a part over 12 shows' : '';
    return { form, reason: `${kind === 'date' ? 'days' : 'times'} written ${options.format}${proof}` };
  }

  #whyText(): string {
    if (this.filled === 0) return 'text, because there are no values';
    const { leadingZeros, hasTooManyDigits } = this.#numbers;
    if (leadingZeros > 0) {
      const have = leadingZeros === 1 ? 'has' : 'have';
      return `text, because ${counted(leadingZeros, 'cell')} ${have} leading zeros, which a number would lose`;
    }
    if (hasTooManyDigits) return `text, because a number keeps no more than ${MAX_DIGITS} digits`;
    const { distinct } = this;
    if (distinct !== undefined && this.filled >= MIN_CELLS_PER_VALUE * distinct) {
      return `text with ${counted(distinct, 'distinct value')}; oneOf(…) would reject any other`;
    }
    return this.#afterBreak() ?? 'text';
  }

  /** The first cell of another kind, which may be a mistake in the file. */
  #afterBreak(): string | undefined {
    const reason = (what: string, { cells, line }: Break) =>
      `text, because line ${line} is not ${what}, unlike the ${counted(cells, 'cell')} before it`;
    const isReported = (broken: Break | undefined): broken is Break =>
      broken !== undefined && broken.cells >= MIN_CELLS_BEFORE_BREAK;
    const number = this.#numbers.guess();
    if (isReported(this.#numbers.broken) && typeof number === 'object') {
      const what = number.form.kind === 'integer' ? 'a whole number' : 'a decimal number';
      return reason(what, this.#numbers.broken);
    }
    const date = this.#dates.guess();
    if (isReported(this.#dates.broken) && date !== undefined) {
      const { kind, options } = date.form;
      return reason(`a ${kind === 'date' ? 'day' : 'time'} written ${options.format}`, this.#dates.broken);
    }
    return undefined;
  }
}

function text(reason: string): KindGuess {
  return { form: { kind: 'text' }, reason };
}

/** For example `1 row` and `1,000 rows`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

/** The column that reads the cells. */
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
    case 'date': {
      const { fraction: _none, ...options } = form.options;
      return columns.date(options);
    }
    case 'dateTime':
      return columns.dateTime(form.options);
  }
}

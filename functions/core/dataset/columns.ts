/**
 * Kinds of columns for a dataset: what a header may call it, what becomes of an empty cell, and how the text of a cell
 * becomes the value that is stored. No reason carries the cell itself, since reasons end in the execution's history.
 */

import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import type { z } from 'zod';
import { dateReader, type Moment } from './dates.ts';
import { MAX_DIGITS, type NumberFormat, normalise, numberReader } from './numbers.ts';
import type { RejectCode } from './reject-codes.ts';

export { NumberValue };

/** Why a cell is refused. */
export class CellFault {
  readonly code: RejectCode;
  /** What comes after the column's name in a sentence; nothing of the cell. */
  readonly reason: string;

  constructor(code: RejectCode, reason: string) {
    this.code = code;
    this.reason = reason;
  }
}

/** What DynamoDB can store. */
export type Storable =
  | string
  | number
  | bigint
  | boolean
  | null
  | NumberValue
  | Uint8Array
  | readonly Storable[]
  | { readonly [name: string]: Storable };

/** What an empty cell becomes: the row is rejected, the attribute left out, or stored as null or as empty text. */
export type Empty = 'reject' | 'omit' | 'null' | 'text';

export interface ColumnOptions {
  /** What else a header may call the column. */
  readonly aliases?: readonly string[];
  /** Whether a file must have the column; it must, unless this is false. A column that is not there is empty. */
  readonly required?: boolean;
  /** `reject` unless declared; `omit` for a column that need not be there. */
  readonly empty?: Empty;
}

/** What an empty cell becomes under these options. */
type EmptyOf<Options> = Options extends { readonly empty: infer Declared extends Empty }
  ? Declared
  : Options extends { readonly required: false }
    ? 'omit'
    : 'reject';

/**
 * @typeParam Value that is stored for a cell which is not empty.
 * @typeParam WhenEmpty what is stored for one that is.
 */
export interface Column<Value, WhenEmpty extends Empty = Empty> {
  readonly aliases: readonly string[];
  readonly required: boolean;
  readonly empty: WhenEmpty;
  /** Reads a cell that is trimmed and not empty. */
  readonly read: (cell: string) => Value | CellFault;
}

function column<Value, const Options extends ColumnOptions>(
  options: Options | undefined,
  read: Column<Value>['read'],
): Column<Value, EmptyOf<Options>> {
  const { aliases = [], required = true, empty = required ? 'reject' : 'omit' } = options ?? {};
  // The same rule as EmptyOf's, which the compiler cannot follow.
  return { aliases, required, empty: empty as EmptyOf<Options>, read };
}

/** Text as it stands, without the blanks around it; leading zeros stay. */
export function text<const Options extends ColumnOptions>(options?: Options) {
  return column<string, Options>(options, (cell) => cell);
}

/** A decimal number with an optional sign, fraction and exponent, stored with all its digits. */
export function decimal<const Options extends ColumnOptions & NumberFormat>(options?: Options) {
  const { point = '.', grouping } = options ?? {};
  const read = numberReader({ point, ...(grouping && { grouping }) });
  const example = grouping === undefined ? `-12${point}50` : `-1${grouping}234${point}50`;
  const fault = new CellFault(
    'not_a_decimal',
    `is not a decimal number such as ${example}; no ${grouping === undefined ? 'separators, ' : ''}currency signs or ${grouping === ' ' ? 'units' : 'blanks'}`,
  );
  return column<NumberValue, Options>(options, (cell) => {
    const number = read(cell);
    if (number === undefined) return fault;
    const stored = normalise(number);
    return stored === undefined ? OUT_OF_RANGE : NumberValue.from(stored);
  });
}

const OUT_OF_RANGE = new CellFault(
  'number_out_of_range',
  `has more than ${MAX_DIGITS} significant digits or is beyond DynamoDB's range`,
);

/** A whole number, stored with all its digits. A code with leading zeros is {@link text}. */
export function integer<const Options extends ColumnOptions & Pick<NumberFormat, 'grouping'>>(
  options?: Options,
) {
  const grouping = options?.grouping;
  const read = numberReader({ point: grouping === '.' ? ',' : '.', ...(grouping && { grouping }) });
  const fault = new CellFault('not_an_integer', `is not a whole number such as -1${grouping ?? ''}234`);
  return column<bigint, Options>(options, (cell) => {
    const number = read(cell);
    if (number === undefined || !/^[+-]?\d+$/.test(number)) return fault;
    const value = BigInt(number.replace('+', ''));
    return normalise(number) === undefined ? OUT_OF_RANGE : value;
  });
}

export interface BooleanWords {
  /** Words for true and for false, in any case. */
  readonly true: readonly string[];
  readonly false: readonly string[];
}

/** A truth value, written as one of the words that are declared. */
export function boolean<const Options extends ColumnOptions>(words: BooleanWords, options?: Options) {
  const byWord = new Map<string, boolean>();
  for (const word of words.true) byWord.set(folded(word), true);
  for (const word of words.false) {
    if (byWord.has(folded(word)))
      throw new RangeError(`${JSON.stringify(word)} cannot be both true and false.`);
    byWord.set(folded(word), false);
  }
  const fault = new CellFault('not_a_boolean', `is none of ${listed([...words.true, ...words.false])}`);
  return column<boolean, Options>(options, (cell) => byWord.get(folded(cell)) ?? fault);
}

/** One of some values, as they are written here. */
export function oneOf<const Value extends string, const Options extends ColumnOptions>(
  values: readonly Value[],
  options?: Options,
) {
  const byText = new Map<string, Value>(values.map((value) => [value, value]));
  const fault = new CellFault('not_in_list', `is none of ${listed(values)}`);
  return column<Value, Options>(options, (cell) => byText.get(cell) ?? fault);
}

export interface DateFormat {
  /** As {@link dateReader} has it, such as `DD.MM.YYYY`; `YYYY-MM-DD` unless declared. */
  readonly format?: string;
}

/** A day, stored as `YYYY-MM-DD`. */
export function date<const Options extends ColumnOptions & DateFormat>(options?: Options) {
  return column<string, Options>(
    options,
    momentReader(options?.format ?? 'YYYY-MM-DD', ({ day }) => day),
  );
}

/**
 * A day and a time, stored as `YYYY-MM-DDTHH:mm:ss`: in UTC with a `Z` behind it where the format has an offset, and
 * otherwise as it stands, without a time zone. Where the format has no time it is midnight.
 */
export function dateTime<const Options extends ColumnOptions & DateFormat>(options?: Options) {
  return column<string, Options>(
    options,
    momentReader(
      options?.format ?? 'YYYY-MM-DDTHH:mm:ss',
      ({ day, time, isUtc }) => `${day}T${time}${isUtc ? 'Z' : ''}`,
    ),
  );
}

function momentReader(format: string, store: (moment: Moment) => string): Column<string>['read'] {
  const read = dateReader(format);
  const fault = new CellFault('not_a_date', `is not a date that exists, written ${format}`);
  return (cell) => {
    const moment = read(cell);
    return moment === undefined ? fault : store(moment);
  };
}

export interface CustomOptions extends ColumnOptions {
  /** What is wrong with a cell that the schema refuses, in words that come after the column's name. */
  readonly reason?: string;
}

/**
 * What a zod schema of your own makes of the cell. Neither its messages nor its errors are passed on: they may hold
 * the cell.
 */
export function custom<Value extends Storable, const Options extends CustomOptions>(
  schema: z.ZodType<Value, string>,
  options?: Options,
) {
  const fault = new CellFault('invalid', options?.reason ?? 'breaks a rule of the dataset');
  return column<Value, Options>(options, (cell) => {
    try {
      const result = schema.safeParse(cell);
      return result.success ? storable(result.data, fault) : fault;
    } catch {
      return fault;
    }
  });
}

/** Levels to which lists and maps may be nested; source: "Service, account, and table quotas", DynamoDB developer guide. */
const MAX_LEVELS = 32;

/** The value, if DynamoDB takes it. */
function storable<Value extends Storable>(value: Value, fault: CellFault): Value | CellFault {
  const problem = problemOf(value, MAX_LEVELS);
  if (problem === undefined) return value;
  return problem === 'number' ? OUT_OF_RANGE : fault;
}

function problemOf(value: unknown, levels: number): 'number' | 'other' | undefined {
  if (typeof value === 'number') {
    // The SDK refuses whole numbers beyond these, since they are not exact.
    const isExact = Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
    return isExact && normalise(String(value)) !== undefined ? undefined : 'number';
  }
  if (typeof value === 'bigint' || value instanceof NumberValue) {
    const text = typeof value === 'bigint' ? String(value) : value.value;
    return normalise(text) === undefined ? 'number' : undefined;
  }
  if (value === null || ['string', 'boolean'].includes(typeof value) || value instanceof Uint8Array)
    return undefined;
  if (typeof value !== 'object' || levels === 0) return 'other';
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return 'other';
  for (const inner of Object.values(value)) {
    const problem = problemOf(inner, levels - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Text as words are compared. */
function folded(word: string): string {
  return word.normalize('NFKC').trim().toUpperCase().toLowerCase();
}

/** Words that are listed in a reason; so many that nobody would read more. */
const MAX_LISTED = 20;

function listed(words: readonly string[]): string {
  const more = words.length - MAX_LISTED;
  return words.slice(0, MAX_LISTED).join(', ') + (more > 0 ? ` and ${more} others` : '');
}

/**
 * The kinds of columns that a dataset can have. A kind declares its options in one schema, from which their type and
 * their check follow, and turns the text of a cell into the value that is stored. A column whose options are wrong
 * carries its problems; the dataset reports them. No reason carries the cell itself, since reasons end in the
 * execution's history.
 */

import type { z as fullZod } from 'zod';
import * as z from 'zod/mini';
import { dateReader, type Moment } from './dates.ts';
import { normalisedName } from './names.ts';
import { GROUPINGS, MAX_DIGITS, normalise, numberReader, POINTS } from './numbers.ts';
import { choiceOf, mustBe, optionsOf, type Problem, problemsOf } from './options.ts';
import type { RejectCode } from './reject-codes.ts';
import { NumberValue, type Storable, storageProblem } from './storable.ts';

export { NumberValue, type Storable };

/** Why a cell is refused. */
export class CellFault {
  readonly code: RejectCode;
  /** What a sentence says about the cell after the column's name, without any of the cell's text. */
  readonly reason: string;

  constructor(code: RejectCode, reason: string) {
    this.code = code;
    this.reason = reason;
  }
}

const string = z.string({ error: mustBe('a string') });
const strings = z.readonly(z.array(string, { error: mustBe('an array of strings') }));

/** The options that every kind of column has. */
const COMMON = {
  /** Other names that a header may have for the column. */
  aliases: z.exactOptional(strings),
  /** Whether a file must have the column; true by default. All cells of a missing column are empty. */
  required: z.exactOptional(z.boolean({ error: mustBe('true or false') })),
  /**
   * What to do with an empty cell: `reject` the row, `omit` the attribute, or store it as `null` or as empty `text`.
   * By default `reject`, and `omit` for a column that is not required.
   */
  empty: z.exactOptional(choiceOf(['reject', 'omit', 'null', 'text'])),
};

const columnOptions = optionsOf(COMMON);
export type ColumnOptions = z.input<typeof columnOptions>;

export type Empty = NonNullable<ColumnOptions['empty']>;

/** What becomes of an empty cell under these options. */
type EmptyOf<Options> = Options extends { readonly empty: infer Declared extends Empty }
  ? Declared
  : Options extends { readonly required: false }
    ? 'omit'
    : 'reject';

/** The options, none of which is unknown; the compiler looks for others only in types that are not parameters. */
type Known<Options, Allowed> = Options & {
  readonly [Name in Exclude<keyof Options, keyof Allowed> &
    string]: `${Name} is not an option of this column`;
};

/**
 * @typeParam Value that is stored for a cell which is not empty.
 * @typeParam WhenEmpty what is stored for one that is.
 */
export interface Column<Value, WhenEmpty extends Empty = Empty> {
  readonly aliases: readonly string[];
  readonly required: boolean;
  readonly empty: WhenEmpty;
  /** What is wrong with its options. A column with a problem cannot be read. */
  readonly problems: readonly Problem[];
  /** Reads a cell that is trimmed and not empty. */
  readonly read: (cell: string) => Value | CellFault;
}

/**
 * Checks a column's options, and makes the column.
 * @param makeReader throws a RangeError where options contradict each other; its message follows the column's name.
 */
function column<Value, Options, Checked extends ColumnOptions>(
  schema: z.ZodMiniType<Checked>,
  options: unknown,
  makeReader: (options: Checked) => Column<Value>['read'],
): Column<Value, EmptyOf<Options>> {
  const { data: checked, error: refusal } = schema.safeParse(options ?? {});
  const problems = problemsOf(refusal);
  let read: Column<Value>['read'] = () => {
    throw new RangeError('A column whose options are invalid cannot be read.');
  };
  try {
    if (checked !== undefined) read = makeReader(checked);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.push({ path: [], message: error.message });
  }
  const {
    aliases = [],
    required = true,
    empty = required ? 'reject' : 'omit',
  }: ColumnOptions = checked ?? {};
  // The same rule as EmptyOf's, which the compiler cannot follow.
  return { aliases, required, empty: empty as EmptyOf<Options>, problems, read };
}

/** Text as it is, without the blanks around it; leading zeros are kept. */
export function text<const Options extends ColumnOptions>(options?: Known<Options, ColumnOptions>) {
  return column<string, Options, ColumnOptions>(columnOptions, options, () => (cell) => cell);
}

const integerOptions = optionsOf({
  ...COMMON,
  /** What separates groups of three digits; nothing by default. */
  grouping: z.exactOptional(choiceOf(GROUPINGS)),
});
type IntegerOptions = z.input<typeof integerOptions>;

const decimalOptions = optionsOf({
  ...integerOptions.shape,
  /** The decimal point; `.` by default. */
  point: z.exactOptional(choiceOf(POINTS)),
});
type DecimalOptions = z.input<typeof decimalOptions>;

/** A decimal number with an optional sign, fraction and exponent, stored with all its digits. */
export function decimal<const Options extends DecimalOptions>(options?: Known<Options, DecimalOptions>) {
  return column<NumberValue, Options, DecimalOptions>(decimalOptions, options, (format) => {
    const { point = '.', grouping } = format;
    const read = numberReader(format);
    const example = grouping === undefined ? `-12${point}50` : `-1${grouping}234${point}50`;
    const fault = new CellFault(
      'not_a_decimal',
      `is not a decimal number such as ${example}; no ${grouping === undefined ? 'separators, ' : ''}currency signs or ${grouping === ' ' ? 'units' : 'blanks'}`,
    );
    return (cell) => {
      const number = read(cell);
      if (number === undefined) return fault;
      const stored = normalise(number);
      return stored === undefined ? OUT_OF_RANGE : NumberValue.from(stored);
    };
  });
}

const OUT_OF_RANGE = new CellFault(
  'number_out_of_range',
  `has more than ${MAX_DIGITS} significant digits or is beyond DynamoDB's range`,
);

/** A whole number, stored with all its digits. For a code with leading zeros, use {@link text}. */
export function integer<const Options extends IntegerOptions>(options?: Known<Options, IntegerOptions>) {
  return column<bigint, Options, IntegerOptions>(integerOptions, options, (format) => {
    const { grouping } = format;
    const read = numberReader({ ...format, point: grouping === '.' ? ',' : '.' });
    const fault = new CellFault('not_an_integer', `is not a whole number such as -1${grouping ?? ''}234`);
    return (cell) => {
      const number = read(cell);
      if (number === undefined || !/^[+-]?\d+$/.test(number)) return fault;
      const value = BigInt(number.replace('+', ''));
      return normalise(number) === undefined ? OUT_OF_RANGE : value;
    };
  });
}

const booleanWords = optionsOf({
  /** Words for true, in any case. */
  true: strings,
  /** Words for false, in any case. */
  false: strings,
});
export type BooleanWords = z.input<typeof booleanWords>;

const booleanOptions = optionsOf({ ...COMMON, words: booleanWords });

/** True or false, written as one of the declared words. */
export function boolean<const Options extends ColumnOptions>(
  words: BooleanWords,
  options?: Known<Options, ColumnOptions>,
) {
  return column<boolean, Options, z.output<typeof booleanOptions>>(
    booleanOptions,
    { ...options, words },
    ({ words }) => {
      const byWord = new Map(words.true.map((word) => [normalisedName(word), true]));
      for (const word of words.false) {
        if (byWord.get(normalisedName(word)))
          throw new RangeError(`cannot have ${JSON.stringify(word)} for both true and false`);
        byWord.set(normalisedName(word), false);
      }
      const fault = new CellFault(
        'not_a_boolean',
        `is not one of ${listed([...words.true, ...words.false])}`,
      );
      return (cell) => byWord.get(normalisedName(cell)) ?? fault;
    },
  );
}

const listOptions = optionsOf({ ...COMMON, values: strings });

/** One of the given values, in the same case. */
export function oneOf<const Value extends string, const Options extends ColumnOptions>(
  values: readonly Value[],
  options?: Known<Options, ColumnOptions>,
) {
  return column<Value, Options, z.output<typeof listOptions>>(listOptions, { ...options, values }, () => {
    const byText = new Map<string, Value>(values.map((value) => [value, value]));
    const fault = new CellFault('not_in_list', `is not one of ${listed(values)}`);
    return (cell) => byText.get(cell) ?? fault;
  });
}

const dateOptions = optionsOf({
  ...COMMON,
  /** What {@link dateReader} reads, such as `DD.MM.YYYY`; `YYYY-MM-DD` by default, with `THH:mm:ss` for a time. */
  format: z.exactOptional(string),
});
type DateOptions = z.input<typeof dateOptions>;

/** A day, stored as `YYYY-MM-DD`. */
export function date<const Options extends DateOptions>(options?: Known<Options, DateOptions>) {
  return column<string, Options, DateOptions>(dateOptions, options, ({ format = 'YYYY-MM-DD' }) =>
    momentReader(format, ({ day }) => day),
  );
}

/**
 * A day and a time, stored as `YYYY-MM-DDTHH:mm:ss`: in UTC and followed by a `Z` where the format has an offset, and
 * otherwise as it stands, without a time zone. Where the format has no time, the time is midnight.
 */
export function dateTime<const Options extends DateOptions>(options?: Known<Options, DateOptions>) {
  return column<string, Options, DateOptions>(dateOptions, options, ({ format = 'YYYY-MM-DDTHH:mm:ss' }) =>
    momentReader(format, ({ day, time, isUtc }) => `${day}T${time}${isUtc ? 'Z' : ''}`),
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

const customOptions = optionsOf({
  ...COMMON,
  /** What is wrong with a cell that the schema refuses; it follows the column's name in a sentence. */
  reason: z.exactOptional(string),
});
type CustomOptions = z.input<typeof customOptions>;

/**
 * What a zod schema of your own makes of the cell. Neither its messages nor its errors are passed on: they may contain
 * the cell.
 */
export function custom<Value extends Storable, const Options extends CustomOptions>(
  schema: fullZod.ZodType<Value, string>,
  options?: Known<Options, CustomOptions>,
) {
  return column<Value, Options, CustomOptions>(customOptions, options, ({ reason }) => {
    const fault = new CellFault('invalid', reason ?? 'breaks a rule of the dataset');
    return (cell) => {
      try {
        const { success, data } = schema.safeParse(cell);
        if (!success) return fault;
        const problem = storageProblem(data);
        if (problem === undefined) return data;
        return problem === 'number' ? OUT_OF_RANGE : fault;
      } catch {
        return fault;
      }
    };
  });
}

/** The most words that a reason lists. */
const MAX_LISTED = 20;

function listed(words: readonly string[]): string {
  const more = words.length - MAX_LISTED;
  return words.slice(0, MAX_LISTED).join(', ') + (more > 0 ? ` and ${more} others` : '');
}

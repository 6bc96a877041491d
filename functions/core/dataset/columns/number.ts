/** Columns of numbers. */

import * as z from 'zod/mini';
import {
  compareNumbers,
  GROUPS,
  MAX_DIGITS,
  NEGATIVES,
  type NumberFormat,
  normalise,
  numberReader,
  POINTS,
} from '../numbers.ts';
import { choiceOf, mustBe, optionsOf } from '../options.ts';
import { NumberValue } from '../storable.ts';
import { boundsCheck } from './bounds.ts';
import { CellFault, COMMON, column, type Known } from './column.ts';

const isMark = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 10 && !/^\.?$|^\s|\s$|[\d+\-(),%]/.test(value);

const currency = z.custom<string | readonly string[]>(
  (value) => (Array.isArray(value) ? value : [value]).every(isMark),
  { error: mustBe('a currency sign or code such as "€", or an array of them') },
);

const grouping = z.custom<string>(
  (value) => typeof value === 'string' && /^[^\p{L}\p{N}\p{C}+\-\u2212()%]$/u.test(value),
  { error: mustBe('one character, such as "." or " "') },
);

const isTrue = z.boolean({ error: mustBe('true or false') });

const integerOptions = optionsOf({
  ...COMMON,
  /** The character between groups of digits, such as `,`; nothing by default. */
  grouping: z.exactOptional(grouping),
  /** `thousands` by default; `indian` is 12,34,567. */
  groups: z.exactOptional(choiceOf(GROUPS)),
  /** Signs or codes such as `€` or `['$', 'USD']` that are left out, in front of a number or after it. */
  currency: z.exactOptional(currency),
  /** How a negative number may be written beside -12: `parentheses` is (12), `trailing` is 12-. */
  negative: z.exactOptional(choiceOf(NEGATIVES)),
  /** Whether the minus may be U+2212, and digits and signs may be full-width ones, as East Asian programs write them. */
  unicode: z.exactOptional(isTrue),
  min: z.exactOptional(z.int({ error: mustBe('a whole number') })),
  max: z.exactOptional(z.int({ error: mustBe('a whole number') })),
});
type IntegerOptions = z.input<typeof integerOptions>;

const decimalOptions = optionsOf({
  ...integerOptions.shape,
  /** The decimal point; `.` by default. */
  point: z.exactOptional(choiceOf(POINTS)),
  /** Whether each number is followed by a percent sign: 12.5% is stored as 0.125. */
  percent: z.exactOptional(isTrue),
  min: z.exactOptional(z.number({ error: mustBe('a number') })),
  max: z.exactOptional(z.number({ error: mustBe('a number') })),
});
type DecimalOptions = z.input<typeof decimalOptions>;

export const OUT_OF_RANGE = new CellFault(
  'number_out_of_range',
  `has more than ${MAX_DIGITS} significant digits or is beyond DynamoDB's range`,
);

/** A decimal number with an optional sign, fraction and exponent, stored with all its digits. */
export function decimal<const Options extends DecimalOptions>(options?: Known<Options, DecimalOptions>) {
  return column<NumberValue, Options, DecimalOptions>('decimal', decimalOptions, options, (checked) => {
    const { point = '.', grouping, percent } = checked;
    const format = formatOf(checked);
    const read = numberReader(format);
    const check = boundsCheck(
      { min: textOf('min', checked.min), max: textOf('max', checked.max) },
      compareNumbers,
    );
    const number = grouping === undefined ? `-12${point}50` : `-1${grouping}234${point}50`;
    const fault = faultOf('not_a_decimal', `a decimal number such as ${number}${percent ? '%' : ''}`, format);
    return (cell) => {
      const number = read(cell);
      if (number === undefined) return fault(cell);
      const stored = normalise(number);
      return stored === undefined ? OUT_OF_RANGE : (check(stored) ?? NumberValue.from(stored));
    };
  });
}

/** A whole number, stored with all its digits. For a code with leading zeros, use {@link text}. */
export function integer<const Options extends IntegerOptions>(options?: Known<Options, IntegerOptions>) {
  return column<bigint, Options, IntegerOptions>('integer', integerOptions, options, (checked) => {
    const { grouping, min, max } = checked;
    const format: NumberFormat = { ...formatOf(checked), point: grouping === '.' ? ',' : '.' };
    const read = numberReader(format);
    const check = boundsCheck(
      { min: min === undefined ? undefined : BigInt(min), max: max === undefined ? undefined : BigInt(max) },
      (one, other) => (one < other ? -1 : one > other ? 1 : 0),
    );
    const fault = faultOf('not_an_integer', `a whole number such as -1${grouping ?? ''}234`, format);
    return (cell) => {
      const number = read(cell);
      if (number === undefined || !/^[+-]?\d+$/.test(number)) return fault(cell);
      // The range first: reading the digits of a BigInt takes the square of their number.
      if (normalise(number) === undefined) return OUT_OF_RANGE;
      const value = BigInt(number.replace('+', ''));
      return check(value) ?? value;
    };
  });
}

function formatOf({ currency, ...format }: DecimalOptions): NumberFormat {
  return { ...format, currency: typeof currency === 'string' ? [currency] : (currency ?? []) };
}

/** A bound as text that has all digits of a stored number. */
function textOf(name: string, bound: number | undefined): string | undefined {
  const text = bound === undefined ? undefined : normalise(String(bound));
  if (bound !== undefined && text === undefined)
    throw new RangeError(`has a ${name} beyond DynamoDB's range`);
  return text;
}

/** Characters of a cell that are searched for what an option would accept. */
const MAX_SEARCHED = 64;

/** What a cell has that an option of the column would accept. Says nothing else of the cell. */
function faultOf(
  code: 'not_a_decimal' | 'not_an_integer',
  what: string,
  { grouping, percent = false, negative, unicode = false }: NumberFormat,
): (cell: string) => CellFault {
  const reason = (why: string) => new CellFault(code, `is not ${what}; ${why}`);
  const isPercent = reason('it has a percent sign, which the option percent accepts');
  const isNoPercent = reason('it has no percent sign');
  const isEnclosed = reason("it is in parentheses, which the option negative: 'parentheses' accepts");
  const isTrailing = reason("its sign is at the end, which the option negative: 'trailing' accepts");
  const isUnicode = reason('it has a minus or digits beyond ASCII, which the option unicode accepts');
  const isMoney = reason('it has a currency sign or code that is not declared; see the option currency');
  const isGrouped = reason('it has a separator that is not declared; see the options point and grouping');
  const other =
    code === 'not_an_integer'
      ? new CellFault(code, `is not ${what}`)
      : reason(
          `no ${grouping === undefined ? 'separators, ' : ''}currency signs or ${grouping === ' ' ? 'units' : 'blanks'}`,
        );
  return (cell) => {
    if (cell.length > MAX_SEARCHED || !/\p{Nd}/u.test(cell)) return other;
    if (!unicode && /[\u2212\uFF05-\uFF19]/.test(cell)) return isUnicode;
    if (percent !== /[%\uFF05]$/.test(cell)) return percent ? isNoPercent : isPercent;
    if (negative !== 'parentheses' && /^\(.*\)$/.test(cell)) return isEnclosed;
    if (negative !== 'trailing' && /[-\u2212]$/.test(cell)) return isTrailing;
    if (/\p{Sc}|^[A-Z]{3} ?\d|\d ?[A-Z]{3}$/u.test(cell)) return isMoney;
    return /^[+-]?\d+[^\d\p{L}]\d[^\p{L}\p{C}]*$/u.test(cell) ? isGrouped : other;
  };
}

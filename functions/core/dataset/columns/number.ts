/** Columns of numbers. */

import * as z from 'zod/mini';
import { GROUPINGS, MAX_DIGITS, normalise, numberReader, POINTS } from '../numbers.ts';
import { choiceOf, optionsOf } from '../options.ts';
import { NumberValue } from '../storable.ts';
import { CellFault, COMMON, column, type Known } from './column.ts';

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

export const OUT_OF_RANGE = new CellFault(
  'number_out_of_range',
  `has more than ${MAX_DIGITS} significant digits or is beyond DynamoDB's range`,
);

/** A decimal number with an optional sign, fraction and exponent, stored with all its digits. */
export function decimal<const Options extends DecimalOptions>(options?: Known<Options, DecimalOptions>) {
  return column<NumberValue, Options, DecimalOptions>('decimal', decimalOptions, options, (format) => {
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

/** A whole number, stored with all its digits. For a code with leading zeros, use {@link text}. */
export function integer<const Options extends IntegerOptions>(options?: Known<Options, IntegerOptions>) {
  return column<bigint, Options, IntegerOptions>('integer', integerOptions, options, (format) => {
    const { grouping } = format;
    const read = numberReader({ ...format, point: grouping === '.' ? ',' : '.' });
    const fault = new CellFault('not_an_integer', `is not a whole number such as -1${grouping ?? ''}234`);
    return (cell) => {
      const number = read(cell);
      if (number === undefined || !/^[+-]?\d+$/.test(number)) return fault;
      // The range first: reading the digits of a BigInt takes the square of their number.
      return normalise(number) === undefined ? OUT_OF_RANGE : BigInt(number.replace('+', ''));
    };
  });
}

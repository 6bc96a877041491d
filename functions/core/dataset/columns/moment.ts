/** Columns of days, months and times. */

import * as z from 'zod/mini';
import { type DateFormat, dateReader, type Moment } from '../dates.ts';
import { mustBe, optionsOf } from '../options.ts';
import { boundsCheck } from './bounds.ts';
import { CellFault, COMMON, type Column, column, type Known, string } from './column.ts';

const dateOptions = optionsOf({
  ...COMMON,
  /** As {@link DateFormat} describes it, such as `DD.MM.YYYY`; that in which the column is stored by default. */
  format: z.exactOptional(string),
  /** For two-digit years: those from here on are in the 1900s, those below in the 2000s. */
  pivot: z.exactOptional(wholeNumber(0, 100)),
  /** The first and the last moment that are accepted, as they are stored; `2024-12-31` includes all of that day. */
  min: z.exactOptional(string),
  max: z.exactOptional(string),
});
type DateOptions = z.input<typeof dateOptions>;

const dateTimeOptions = optionsOf({
  ...dateOptions.shape,
  /** Digits after the second that are stored, so that all moments have the same width; 3 by default. */
  fraction: z.exactOptional(wholeNumber(0, 9)),
});
type DateTimeOptions = z.input<typeof dateTimeOptions>;

function wholeNumber(min: number, max: number) {
  const error = mustBe(`a whole number from ${min} to ${max}`);
  return z.int({ error }).check(z.refine((value) => value >= min && value <= max, { error }));
}

/** A day, stored as `YYYY-MM-DD`. */
export function date<const Options extends DateOptions>(options?: Known<Options, DateOptions>) {
  return column<string, Options, DateOptions>('moment', dateOptions, options, (checked) =>
    momentReader({ format: 'YYYY-MM-DD', ...checked }, checked, ({ day }) => day),
  );
}

/** A month, stored as `YYYY-MM`. */
export function month<const Options extends DateOptions>(options?: Known<Options, DateOptions>) {
  return column<string, Options, DateOptions>('moment', dateOptions, options, (checked) =>
    momentReader({ format: 'YYYY-MM', ...checked, isMonth: true }, checked, ({ day }) => day.slice(0, -3)),
  );
}

/**
 * A day and a time, stored as `YYYY-MM-DDTHH:mm:ss.SSS`: in UTC and followed by a `Z` where the format has an offset or
 * is Unix time, and otherwise as it stands, without a time zone. Where the format has no time, the time is midnight.
 */
export function dateTime<const Options extends DateTimeOptions>(options?: Known<Options, DateTimeOptions>) {
  return column<string, Options, DateTimeOptions>('moment', dateTimeOptions, options, (checked) => {
    const { fraction: digits = 3, ...others } = checked;
    const tooExact = new CellFault(
      'too_exact',
      `has more than ${digits} digits after the second that are not zero; fraction: 9 keeps nanoseconds`,
    );
    return momentReader(
      { format: 'YYYY-MM-DDTHH:mm:ss', ...others },
      checked,
      ({ day, time, fraction, isUtc }) => {
        if (/[1-9]/.test(fraction.slice(digits))) return tooExact;
        const point = digits === 0 ? '' : '.';
        return `${day}T${time}${point}${fraction.slice(0, digits).padEnd(digits, '0')}${isUtc ? 'Z' : ''}`;
      },
    );
  });
}

function momentReader(
  dateFormat: DateFormat,
  { min, max }: Pick<DateOptions, 'min' | 'max'>,
  store: (moment: Moment) => string | CellFault,
): Column<string>['read'] {
  const read = dateReader(dateFormat);
  const fault = new CellFault('not_a_date', `is not a valid date in the format ${dateFormat.format}`);
  for (const [name, bound] of Object.entries({ min, max })) {
    if (bound !== undefined && !BOUND.test(bound))
      throw new RangeError(`has a ${name} that is not written as the column is stored, such as 2024-12-31`);
  }
  const check = boundsCheck({ min, max }, (value, bound) => {
    const start = value.slice(0, bound.length);
    return start < bound ? -1 : start > bound ? 1 : 0;
  });
  return (cell) => {
    const moment = read(cell);
    if (moment === undefined) return fault;
    const stored = store(moment);
    return stored instanceof CellFault ? stored : (check(stored) ?? stored);
  };
}

/** The start of a stored moment. */
const BOUND = /^\d{4}-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d)?)?)?$/;

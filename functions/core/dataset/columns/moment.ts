/** Columns of days and times. */

import * as z from 'zod/mini';
import { dateReader, type Moment } from '../dates.ts';
import { optionsOf } from '../options.ts';
import { CellFault, COMMON, type Column, column, type Known, string } from './column.ts';

const dateOptions = optionsOf({
  ...COMMON,
  /** What {@link dateReader} reads, such as `DD.MM.YYYY`; `YYYY-MM-DD` by default, with `THH:mm:ss` for a time. */
  format: z.exactOptional(string),
});
type DateOptions = z.input<typeof dateOptions>;

/** A day, stored as `YYYY-MM-DD`. */
export function date<const Options extends DateOptions>(options?: Known<Options, DateOptions>) {
  return column<string, Options, DateOptions>('text', dateOptions, options, ({ format = 'YYYY-MM-DD' }) =>
    momentReader(format, ({ day }) => day),
  );
}

/**
 * A day and a time, stored as `YYYY-MM-DDTHH:mm:ss`: in UTC and followed by a `Z` where the format has an offset, and
 * otherwise as it stands, without a time zone. Where the format has no time, the time is midnight.
 */
export function dateTime<const Options extends DateOptions>(options?: Known<Options, DateOptions>) {
  return column<string, Options, DateOptions>(
    'text',
    dateOptions,
    options,
    ({ format = 'YYYY-MM-DDTHH:mm:ss' }) =>
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

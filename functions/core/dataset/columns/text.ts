/** Columns whose cells are stored as the text that they are. */

import * as z from 'zod/mini';
import { mustBe, optionsOf } from '../options.ts';
import { outOfBounds } from './bounds.ts';
import { CellFault, COMMON, type ColumnOptions, column, columnOptions, type Known } from './column.ts';

export const maxLength = z.exactOptional(
  z.int({ error: mustBe('a whole number, 1 or more') }).check(z.minimum(1, 'must be 1 or more')),
);

const textOptions = optionsOf({
  ...COMMON,
  /** Characters that a cell may have at most; as many as DynamoDB stores by default. */
  maxLength,
});
type TextOptions = z.input<typeof textOptions>;

/** Text as it is, without the blanks around it; leading zeros are kept. */
export function text<const Options extends TextOptions>(options?: Known<Options, TextOptions>) {
  return column<string, Options, TextOptions>('text', textOptions, options, (checked) => {
    const check = lengthCheck(checked.maxLength);
    return (cell) => check(cell) ?? cell;
  });
}

/** Makes a check of the number of characters, which may each have two UTF-16 units. */
export function lengthCheck(max = Number.POSITIVE_INFINITY): (cell: string) => CellFault | undefined {
  const fault = outOfBounds(`has more than ${max} characters`);
  return (cell) => {
    if (cell.length <= max) return undefined;
    return cell.length > 2 * max || [...cell].length > max ? fault : undefined;
  };
}

/** A UUID, stored in lower case. */
export function uuid<const Options extends ColumnOptions>(options?: Known<Options, ColumnOptions>) {
  const fault = new CellFault('not_a_uuid', 'is not a UUID such as 123e4567-e89b-12d3-a456-426614174000');
  return column<string, Options, ColumnOptions>('text', columnOptions, options, () => (cell) => {
    const lower = cell.length === UUID_CHARACTERS ? cell.toLowerCase() : '';
    return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(lower) ? lower : fault;
  });
}

/** Source: RFC 9562, section 4. */
const UUID_CHARACTERS = 36;

/** Characters of an email address; source: RFC 5321, section 4.5.3.1.3, without the angle brackets. */
const EMAIL_CHARACTERS = 254;

/** An email address as browsers accept it, and with a domain that has a point; stored as it is written. */
export function email<const Options extends ColumnOptions>(options?: Known<Options, ColumnOptions>) {
  const fault = new CellFault('not_an_email', 'is not an email address such as ada@example.com');
  return column<string, Options, ColumnOptions>('text', columnOptions, options, () => (cell) => {
    return cell.length <= EMAIL_CHARACTERS && z.regexes.email.test(cell) ? cell : fault;
  });
}

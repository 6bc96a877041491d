/** Columns whose cells are stored as the text that they are. */

import { type ColumnOptions, column, columnOptions, type Known } from './column.ts';

/** Text as it is, without the blanks around it; leading zeros are kept. */
export function text<const Options extends ColumnOptions>(options?: Known<Options, ColumnOptions>) {
  return column<string, Options, ColumnOptions>('text', columnOptions, options, () => (cell) => cell);
}

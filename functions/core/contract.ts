/**
 * The row contract: which columns a file must have, what their cells may hold, and the item that a row becomes.
 * This is the file to edit for your own CSV. Columns are named in lower case; a file may write them in any case and
 * order, and have others beside them.
 */

import { z } from 'zod';
import { decimal, isoDate, keyText, text } from './cells.ts';

/** The columns of a row. */
export const rowSchema = z.object({
  id: keyText('ROW#'),
  name: text(),
  amount: decimal(),
  date: isoDate(),
});

/** A row that passed. */
export type Row = z.output<typeof rowSchema>;

/** The item that is written for a row; `pk` is the table's key. */
export function toItem(row: Row) {
  return { pk: `ROW#${row.id}`, id: row.id, name: row.name, amount: row.amount, date: row.date };
}

/** What {@link toItem} makes. */
export type Item = ReturnType<typeof toItem>;

/** Rows that hold no data. */

import type { Dataset } from './dataset.ts';
import { namesBySpelling, normalisedName } from './names.ts';

/** A character that can be seen. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;

/** Whether a row holds nothing: no field, or none with anything but blanks. It is counted, but is not a record. */
export function isBlank(fields: readonly string[] | undefined): boolean {
  return fields?.every((field) => !VISIBLE.test(field)) ?? false;
}

/** The spellings of each dataset's columns. */
const spellings = new WeakMap<Dataset['columns'], ReadonlyMap<string, string>>();

/**
 * Whether a row is a header: the cell of each column of the dataset is the name of a column, as where files were
 * joined.
 * @param columns as in the file's format.
 */
export function isHeader(
  fields: readonly string[] | undefined,
  columns: readonly number[],
  dataset: Pick<Dataset, 'columns'>,
): boolean {
  if (fields === undefined) return false;
  let names = spellings.get(dataset.columns);
  if (names === undefined) {
    names = namesBySpelling(dataset.columns);
    spellings.set(dataset.columns, names);
  }
  for (const position of columns) {
    if (position === -1) continue;
    // The byte order mark of a joined file makes the quotes of its first name part of the cell.
    const name = fields[position]?.replace(/^\uFEFF"([^"]*)"$/, '$1');
    if (name === undefined || !names.has(normalisedName(name))) return false;
  }
  return true;
}

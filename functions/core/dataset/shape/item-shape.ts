/** How the item of a row is put together, where it is not just a key and the columns by their names. */

import type { StoredItem } from '../item.ts';
import type { Storable } from '../storable.ts';
import { type Path, setAt } from './paths.ts';
import type { RowFault } from './row-fault.ts';

/** The values of a row by the names of their columns; those that are left out are undefined. */
export type RowValues = Readonly<Record<string, Storable | undefined>>;

/** Attributes that an item gets besides its key and its columns. */
export interface Addition {
  /** The attributes, unless only the row shows them. */
  readonly attributes: readonly string[];
  /** The columns on which they depend; a file that lacks one of them does not change them. */
  readonly columns: readonly string[];
  readonly add: (item: Record<string, Storable | undefined>, values: RowValues) => RowFault | undefined;
}

/** What the items of a dataset consist of. */
interface Shape {
  readonly columns: readonly { readonly name: string; readonly path: Path }[];
  readonly additions: readonly Addition[];
}

/** Whether the items are as {@link shapedItem} makes them, and not the values of a row with its key. */
export function isShaped({ columns, additions }: Shape): boolean {
  return additions.length > 0 || columns.some(({ name, path }) => path.length > 1 || path[0] !== name);
}

/**
 * The item of a row.
 * @param key its attributes.
 */
export function shapedItem(
  { columns, additions }: Shape,
  key: StoredItem,
  values: RowValues,
): StoredItem | RowFault {
  const item = { ...key };
  for (const { name, path } of columns) {
    const { [name]: value } = values;
    if (value !== undefined) setAt(item, path, value);
  }
  for (const { add } of additions) {
    const fault = add(item, values);
    if (fault !== undefined) return fault;
  }
  return item;
}

/** How the item of a row is put together, where it is not just a key and the columns by their names. */

import type { StoredItem } from '../item.ts';
import type { Storable } from '../storable.ts';
import { type Path, setAt } from './paths.ts';
import type { RowFault } from './row-fault.ts';

/** The values of a row by the names of their columns; those that are left out are undefined. */
export type RowValues = Readonly<Record<string, Storable | undefined>>;

/** What is known of an upload while its rows become items. */
export interface Upload {
  /** Of the object in the source bucket. */
  readonly key: string;
  /** Of the object; undefined in a bucket without versions. */
  readonly version: string | undefined;
  /** When it was uploaded, such as `2026-11-29T12:00:00.000Z`: the same each time the upload is loaded. */
  readonly time: string;
}

/** Attributes that an item gets besides its key and its columns. */
export interface Addition {
  /** The attributes, unless only the row shows them. */
  readonly attributes: readonly string[];
  /** The columns on which they depend; a file that lacks one of them does not change them. */
  readonly columns: readonly string[];
  /** Whether it depends on the upload. */
  readonly needsUpload: boolean;
  readonly add: (
    item: Record<string, Storable | undefined>,
    values: RowValues,
    upload: Upload | undefined,
  ) => RowFault | undefined;
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
 * @param upload unless nothing of the item depends on it.
 */
export function shapedItem(
  { columns, additions }: Shape,
  key: StoredItem,
  values: RowValues,
  upload: Upload | undefined,
): StoredItem | RowFault {
  const item = { ...key };
  for (const { name, path } of columns) {
    const { [name]: value } = values;
    if (value !== undefined) setAt(item, path, value);
  }
  for (const { add } of additions) {
    const fault = add(item, values, upload);
    if (fault !== undefined) return fault;
  }
  return item;
}

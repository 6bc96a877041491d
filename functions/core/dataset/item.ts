/** The item that a row becomes, by the dataset's columns. */

import type { Column, Storable } from './columns.ts';

export type Columns = Readonly<Record<string, Column<Storable>>>;

/** What is stored for an empty cell. */
type Stored<C> =
  C extends Column<infer Value, infer WhenEmpty>
    ? Value | (WhenEmpty extends 'null' ? null : WhenEmpty extends 'text' ? '' : never)
    : never;

type OmittedColumn<C extends Columns> = {
  [Name in keyof C]: C[Name] extends Column<Storable, infer WhenEmpty>
    ? 'omit' extends WhenEmpty
      ? Name
      : never
    : never;
}[keyof C];

/** The item of a row: its key, and an attribute for each column. */
export type ItemOfColumns<C extends Columns, Sort> = { readonly pk: string } & ([Sort] extends [string]
  ? { readonly sk: string }
  : unknown) & {
    readonly [Name in Exclude<keyof C, OmittedColumn<C>>]: Stored<C[Name]>;
  } & { readonly [Name in OmittedColumn<C>]?: Stored<C[Name]> };

/** Bytes of the hash of an item: enough that two items of a key never have the same one by chance. */
export const HASH_BYTES = 16;

/** What the items of all datasets have in common. */
export interface StoredItem {
  readonly pk: string;
  readonly sk?: string;
  readonly [name: string]: Storable | undefined;
}

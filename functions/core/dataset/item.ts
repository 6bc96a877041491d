/** The item that a row becomes, by the dataset's columns. */

import type { Column } from './columns/column.ts';
import type { DEFAULT_NAMES } from './shape/table-key.ts';
import type { NumberValue, Storable } from './storable.ts';

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

/** The value of a key's attribute: of one number, or of bytes, alone; otherwise text. */
type KeyValue<C extends Columns, Template> = Template extends `{${infer Name extends keyof C & string}}`
  ? C[Name] extends Column<infer Value extends bigint | NumberValue | Uint8Array>
    ? Value
    : string
  : string;

/** The attribute of a key, by what is declared: its template alone, or with its name. */
type KeyAttributeOf<C extends Columns, Declared, Default extends string> = [Declared] extends [string]
  ? { readonly [Name in Default]: string }
  : [Declared] extends [Readonly<Record<string, string>>]
    ? { readonly [Name in keyof Declared & string]: KeyValue<C, Declared[Name]> }
    : unknown;

/** The item of a row: its key, and an attribute for each column. */
export type ItemOfColumns<C extends Columns, Key, Sort> = KeyAttributeOf<
  C,
  Key,
  (typeof DEFAULT_NAMES)['key']
> &
  KeyAttributeOf<C, Sort, (typeof DEFAULT_NAMES)['sort']> & {
    readonly [Name in Exclude<keyof C, OmittedColumn<C>>]: Stored<C[Name]>;
  } & { readonly [Name in OmittedColumn<C>]?: Stored<C[Name]> };

/** Bytes of the hash of an item: enough that two items of a key never have the same one by chance. */
export const HASH_BYTES = 16;

/** What the items of all datasets have in common. */
export interface StoredItem {
  readonly [name: string]: Storable | undefined;
}

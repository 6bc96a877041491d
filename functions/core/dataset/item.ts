/** The item that a row becomes, by the dataset's columns. */

import type { Column, Empty } from './columns/column.ts';
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

type UnionToIntersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (
  member: infer Members,
) => void
  ? Members
  : never;

/** Columns that have an attribute of their own. */
type Moved<C extends Columns> = {
  [Name in keyof C]: C[Name] extends Column<Storable, Empty, string> ? Name : never;
}[keyof C];

/** A value at a path, which may be left out. */
type At<Path extends string, Value, MayLack> = Path extends `${infer Map}.${infer Rest}`
  ? Field<Map, At<Rest, Value, MayLack>, MayLack>
  : Field<Path, Value, MayLack>;
type Field<Name extends string, Value, MayLack> = MayLack extends true
  ? { readonly [Key in Name]?: Value }
  : { readonly [Key in Name]: Value };

/** What each of these columns makes of an item. */
type MovedOf<C extends Columns, Name extends keyof C> = Name extends unknown
  ? At<NonNullable<C[Name]['attribute']>, Stored<C[Name]>, Name extends OmittedColumn<C> ? true : false>
  : never;

/** The values of a row by the names of its columns. */
export type RowOf<C extends Columns> = {
  readonly [Name in Exclude<keyof C, OmittedColumn<C>>]: Stored<C[Name]>;
} & { readonly [Name in OmittedColumn<C>]?: Stored<C[Name]> };

/** The item of a row: its key, and an attribute for each column. */
export type ItemOfColumns<C extends Columns, Key, Sort> = KeyAttributeOf<
  C,
  Key,
  (typeof DEFAULT_NAMES)['key']
> &
  KeyAttributeOf<C, Sort, (typeof DEFAULT_NAMES)['sort']> & {
    readonly [Name in Exclude<keyof C, OmittedColumn<C> | Moved<C>>]: Stored<C[Name]>;
  } & { readonly [Name in Exclude<OmittedColumn<C>, Moved<C>>]?: Stored<C[Name]> } & UnionToIntersection<
    MovedOf<C, Moved<C>>
  >;

/** The attributes of the keys of indexes. */
type IndexAttributes<C extends Columns, Indexes> = {
  readonly [Name in keyof Indexes & string]: Indexes[Name] extends { readonly key: infer Key }
    ? KeyAttributeOf<C, Key, `${Name}_pk`> &
        (Indexes[Name] extends { readonly sort: infer Sort }
          ? KeyAttributeOf<C, Sort, `${Name}_sk`>
          : unknown)
    : never;
}[keyof Indexes & string];

/** The item of a row, with everything that its dataset declares. */
export type ItemOfDefinition<
  C extends Columns,
  Key,
  Sort,
  Added,
  Ttl extends string,
  Indexes,
> = ItemOfColumns<C, Key, Sort> &
  Added & { readonly [Name in Ttl]?: number } & UnionToIntersection<IndexAttributes<C, Indexes>>;

/** Bytes of the hash of an item: enough that two items of a key never have the same one by chance. */
export const HASH_BYTES = 16;

/** What the items of all datasets have in common. */
export interface StoredItem {
  readonly [name: string]: Storable | undefined;
}

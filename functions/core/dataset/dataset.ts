/** A dataset: what a kind of CSV file holds, and the item that each of its rows becomes. */

import { CellFault, type Column, type Empty, NumberValue, type Storable } from './columns.ts';
import type { RejectCode } from './reject-codes.ts';

/** Encodings that a dataset's files may have beside UTF-16, which is told by its first bytes. */
export type DeclaredEncoding = 'utf-8' | 'windows-1252';

/** The encodings in the order in which they are tried: in windows-1252 nearly everything is text. */
export type DeclaredEncodings =
  | readonly ['utf-8']
  | readonly ['windows-1252']
  | readonly ['utf-8', 'windows-1252'];

/** Rejected rows up to which the others are loaded: so many, or this share of all rows, 0.01 being one in a hundred. */
export type Tolerance =
  | { readonly rows: number; readonly share?: never }
  | { readonly share: number; readonly rows?: never };

export type DuplicatePolicy = 'last-wins' | 'reject';

type Columns = Readonly<Record<string, Column<Storable>>>;

/** Columns whose text can be part of a key: they are never empty. */
type KeyColumn<C extends Columns> = {
  [Name in keyof C & string]: C[Name] extends Column<string | bigint | boolean | NumberValue, 'reject'>
    ? Name
    : never;
}[keyof C & string];

/** Names in braces in a template. */
type NamesIn<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** The template itself, if it names one column or more and each may be part of a key; or else what it could be. */
type KeyTemplate<C extends Columns, Template extends string> = [NamesIn<Template>] extends [never]
  ? `{${KeyColumn<C>}}`
  : NamesIn<Template> extends KeyColumn<C>
    ? Template
    : `{${KeyColumn<C>}}`;

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

/** The item that the loader writes, as far as every dataset's has it. */
export interface StoredItem {
  readonly pk: string;
  readonly sk?: string;
  readonly [name: string]: Storable | undefined;
}

/** A dataset as it is written down. */
export interface Definition<C extends Columns, Key extends string, Sort extends string | undefined> {
  /** Lower case, digits, hyphens; part of the name of its table. */
  readonly name: string;
  readonly columns: C;
  /** The table's key `pk`: text with columns in braces, such as `ORDER#{order_id}`. */
  readonly key: Key & KeyTemplate<C, Key>;
  /** The table's sort key `sk`, alike; without it the table has none. */
  readonly sort?: Sort extends string ? Sort & KeyTemplate<C, Sort> : undefined;
  /**
   * What becomes of rows whose key a later row of the file has: they are left out, counted and listed (`last-wins`,
   * unless declared), or rejected.
   */
  readonly duplicates?: DuplicatePolicy;
  /** No rejected row is tolerated unless declared. */
  readonly tolerance?: Tolerance;
  /**
   * Encodings that its files may have; UTF-8 alone unless declared. With `['utf-8', 'windows-1252']` a file without a
   * single character that only UTF-8 explains, and with bytes that UTF-8 does not, is read as windows-1252.
   */
  readonly encodings?: DeclaredEncodings;
  /** What stands between fields; unless declared it is found out of comma, semicolon, tab and bar. */
  readonly delimiter?: string;
}

/** A row that is not loaded. Neither `column` nor `reason` holds anything of the row itself. */
export interface Rejection {
  /** The dataset's name of the column, or null when it is the whole row. */
  readonly column: string | null;
  readonly code: RejectCode;
  readonly reason: string;
}

export type NamedColumn = Column<Storable> & { readonly name: string };

export interface Dataset<Item extends StoredItem = StoredItem> {
  readonly name: string;
  readonly columns: readonly NamedColumn[];
  readonly hasSortKey: boolean;
  readonly duplicates: DuplicatePolicy;
  readonly tolerance: Tolerance;
  readonly encodings: readonly [DeclaredEncoding, ...DeclaredEncoding[]];
  readonly delimiters: readonly string[];
  /**
   * Makes the item of a row.
   * @param cells for each column, in their order; undefined for one that the file does not have.
   */
  readonly toItem: (cells: readonly (string | undefined)[]) => Item | Rejection;
}

/** The item of a dataset's rows. */
export type ItemOf<D> = D extends Dataset<infer Item> ? Item : never;

/** What may stand between fields, the likeliest first. */
const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];

/**
 * Bytes that a key may have.
 * Source: 2,048 for a partition key, 1,024 for a sort key, "Service, account, and table quotas", DynamoDB developer guide.
 */
const MAX_KEY_BYTES = { pk: 2_048, sk: 1_024 } as const;

/**
 * Checks a dataset's definition and makes a {@link Dataset} of it.
 * @throws RangeError that names the dataset, and what of it contradicts itself.
 */
export function dataset<
  const C extends Columns,
  const Key extends string,
  const Sort extends string | undefined = undefined,
>(definition: Definition<C, Key, Sort>): Dataset<ItemOfColumns<C, Sort>> {
  const { name, key, sort, duplicates = 'last-wins', delimiter } = definition;
  const { tolerance = { rows: 0 }, encodings = ['utf-8'] } = definition;
  const columns = Object.entries<Column<Storable>>(definition.columns).map(([columnName, column]) => ({
    ...column,
    name: columnName,
  }));
  const problems = [
    ...nameProblems(name, columns),
    ...columns.flatMap(columnProblems),
    ...keyProblems('key', key, columns),
    ...(sort === undefined ? [] : keyProblems('sort', sort, columns)),
    ...toleranceProblems(tolerance),
    ...(delimiter === undefined || /^[\t\x20-\x7e]$/.test(delimiter)
      ? []
      : ['delimiter must be one character of ASCII']),
    ...(delimiter === '"' ? ['delimiter cannot be the quote'] : []),
  ];
  if (problems.length > 0) {
    throw new RangeError(`The dataset ${JSON.stringify(name)} is not sound: ${problems.join('; ')}.`);
  }
  const partitionKey = keyMaker('pk', key);
  const sortKey = sort === undefined ? undefined : keyMaker('sk', sort);
  const blank = blankItem(columns, sort !== undefined);
  return {
    name,
    columns,
    hasSortKey: sort !== undefined,
    duplicates,
    tolerance,
    encodings,
    delimiters: delimiter === undefined ? DELIMITERS : [delimiter],
    toItem: (cells) => {
      const item = { ...blank };
      let position = 0;
      let isWhole = true;
      for (const column of columns) {
        const value = storedValue(column, cells[position]);
        if (value instanceof CellFault)
          return { column: column.name, code: value.code, reason: value.reason };
        item[column.name] = value;
        isWhole &&= value !== undefined;
        position += 1;
      }
      const pk = partitionKey(item);
      if (typeof pk !== 'string') return pk;
      item.pk = pk;
      if (sortKey !== undefined) {
        const sk = sortKey(item);
        if (typeof sk !== 'string') return sk;
        item.sk = sk;
      }
      // Put together column by column as ItemOfColumns has it, which the compiler cannot follow.
      return (isWhole ? item : withoutOmitted(item)) as ItemOfColumns<C, Sort>;
    },
  };
}

/**
 * What is stored for a cell.
 * @returns undefined when the attribute is left out
 */
export function storedValue(column: NamedColumn, cell: string | undefined): Storable | undefined | CellFault {
  const trimmed = cell?.trim() ?? '';
  return trimmed === '' ? WHEN_EMPTY[column.empty] : column.read(trimmed);
}

const WHEN_EMPTY: Readonly<Record<Empty, CellFault | undefined | null | ''>> = {
  reject: new CellFault('empty', 'is empty'),
  omit: undefined,
  null: null,
  text: '',
};

/** An item's key as one text; a NUL is in no cell. */
export function keyOf({ pk, sk }: Readonly<Record<string, unknown>>): string {
  return `${pk}\0${sk ?? ''}`;
}

/** A name as names are compared. */
export function normalisedName(name: string): string {
  // To upper case first, which takes the German sharp s apart.
  return name.normalize('NFKC').trim().toUpperCase().toLowerCase();
}

/**
 * An item without values. Copies of it have one shape in memory, where an item that grows name by name becomes a hash
 * table: that took a third of all memory that loading a row allocates.
 */
function blankItem(
  columns: readonly NamedColumn[],
  hasSortKey: boolean,
): Record<string, Storable | undefined> {
  const names = ['pk', ...(hasSortKey ? ['sk'] : []), ...columns.map(({ name }) => name)];
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** The item with none but the attributes that it has. */
function withoutOmitted(item: Record<string, Storable | undefined>): Record<string, Storable | undefined> {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}

/** Makes what puts a key together. */
function keyMaker(attribute: 'pk' | 'sk', template: string) {
  // An odd part is a column's name.
  const parts = template.split(/\{([^{}]*)\}/);
  const named = parts.filter((_, index) => index % 2 === 1);
  const column = named.length === 1 ? (named[0] ?? null) : null;
  const most = MAX_KEY_BYTES[attribute];
  return (item: Readonly<Record<string, Storable | undefined>>): string | Rejection => {
    let made = '';
    let isName = false;
    for (const part of parts) {
      made += isName ? keyText(item[part]) : part;
      isName = !isName;
    }
    const bytes = Buffer.byteLength(made);
    if (bytes === 0) return { column, code: 'empty', reason: 'makes an empty key' };
    if (bytes <= most) return made;
    return { column, code: 'too_long', reason: `makes a key of ${bytes} bytes; DynamoDB takes ${most}` };
  };
}

function keyText(value: Storable | undefined): string {
  return value instanceof NumberValue ? value.value : String(value);
}

function nameProblems(dataset: string, columns: readonly NamedColumn[]): string[] {
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(dataset)) {
    problems.push('its name must be 1 to 32 of a-z, 0-9 and -, starting with a letter');
  }
  const owners = new Map<string, string>();
  for (const { name, aliases } of columns) {
    for (const spelling of new Set([name, ...aliases].map(normalisedName))) {
      const owner = owners.get(spelling);
      if (owner !== undefined) problems.push(`"${spelling}" names both ${owner} and ${name}`);
      owners.set(spelling, name);
    }
  }
  return problems;
}

function columnProblems({ name, required, empty }: NamedColumn): string[] {
  const problems: string[] = [];
  if (['pk', 'sk', '__proto__'].includes(name) || name === '' || /[{}]/.test(name)) {
    problems.push(
      `no column can be called ${JSON.stringify(name)}; give it another name and this as an alias`,
    );
  }
  if (!required && empty === 'reject') {
    problems.push(`${name} need not be there and so may be empty, but empty cells are rejected`);
  }
  return problems;
}

function keyProblems(field: string, template: string, columns: readonly NamedColumn[]): string[] {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  if (names.length === 0) return [`${field} must name a column in braces, or every row has the same one`];
  if (template.includes('}{'))
    return [`${field} needs something between two columns, or 1 and 23 are as good as 12 and 3`];
  return names.flatMap((name) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (column === undefined) return [`${field} names ${name}, which is no column`];
    return column.empty === 'reject' ? [] : [`${field} names ${name}, which may be empty`];
  });
}

function toleranceProblems({ rows, share }: Tolerance): string[] {
  if (rows !== undefined && !(Number.isSafeInteger(rows) && rows >= 0)) {
    return ['tolerance.rows must be a whole number, 0 or more'];
  }
  return share !== undefined && !(share >= 0 && share <= 1) ? ['tolerance.share must be from 0 to 1'] : [];
}

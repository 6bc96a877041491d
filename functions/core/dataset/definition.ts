/** The definition of a dataset, and the problems that it can have. */

import * as z from 'zod/mini';
import { type Column, string, strings } from './columns/column.ts';
import { type DeclaredEncodings, encodingsProblem } from './file-format/encodings.ts';
import { footerOption, footerProblems } from './file-format/footer.ts';
import { type HeaderPlace, headerOption } from './file-format/header-place.ts';
import { delimiterOption, QUOTING, type Quoting } from './file-format/quoting.ts';
import type { Columns, ItemOfDefinition, RowOf } from './item.ts';
import {
  columnsIn,
  type DeclaredKey,
  declaredKey,
  isColumnItself,
  keyAttribute,
  keyProblems,
  type ValidKey,
} from './key.ts';
import { claimsOfLoad, type LoadOptions, loadOption, loadProblems } from './load.ts';
import { didYouMean, normalisedName } from './names.ts';
import { choiceOf, mustBe, optionsOf, type Problem, problemsOf, rowCount, shareOf } from './options.ts';
import { type Constants, claimsOfConstants, constantsOption, constantsProblems } from './shape/constants.ts';
import { type Derive, type Derived, deriveProblems } from './shape/derive.ts';
import {
  claimsOfIndexes,
  type DeclaredIndexes,
  indexesOf,
  indexesOption,
  indexesProblems,
} from './shape/indexes.ts';
import type { Upload } from './shape/item-shape.ts';
import { attributeProblems, type Claim, collisions, pathOf } from './shape/paths.ts';
import { attributesOf, type TableKey } from './shape/table-key.ts';
import { claimsOfTtl, ttlOption, ttlProblems } from './shape/ttl.ts';
import type { NumberValue, Storable } from './storable.ts';

/** Rejected rows up to which the other rows are loaded: their number, or their share of all rows, 0.01 being 1 %. */
export type Tolerance =
  | { readonly rows: number; readonly share?: never }
  | { readonly share: number; readonly rows?: never };

/** From `min` to `max` rows; at least one of them is set. */
type RowRange =
  | { readonly min: number; readonly max?: number }
  | { readonly min?: number; readonly max: number };

/** Columns whose values can be compared. */
type ComparableColumn<C extends Columns> = {
  [Name in keyof C & string]: C[Name] extends Column<string | bigint | boolean | NumberValue> ? Name : never;
}[keyof C & string];

/** Indexes whose keys are valid. */
type ValidIndexes<C extends Columns, Indexes extends DeclaredIndexes> = {
  readonly [Name in keyof Indexes]: {
    readonly key: ValidKey<C, Indexes[Name]['key'], 'key'>;
    readonly sort?: Indexes[Name]['sort'] extends infer Sort extends DeclaredKey
      ? ValidKey<C, Sort, 'sort'>
      : undefined;
  };
};

/** Columns of text. */
type TextColumn<C extends Columns> = {
  [Name in keyof C & string]: C[Name] extends Column<string> ? Name : never;
}[keyof C & string];

const encodings = z.custom<DeclaredEncodings>((value) => encodingsProblem(value) === undefined, {
  error: ({ input }) => encodingsProblem(input),
});

const duplicates = choiceOf(['last-wins', 'reject']);

export type DuplicatePolicy = z.output<typeof duplicates>;

/** A dataset as its file defines it. */
export interface Definition<
  C extends Columns,
  Key extends DeclaredKey,
  Sort extends DeclaredKey | undefined,
  Added extends Constants = Constants,
  Ttl extends string = string,
  Indexes extends DeclaredIndexes = DeclaredIndexes,
  Made extends Derived = Derived,
> extends Quoting {
  /** Lower case, digits, hyphens; part of the name of its table. */
  readonly name: string;
  readonly columns: C;
  /**
   * The table's partition key `pk`: text with columns in braces, such as `ORDER#{order_id}`. An object gives it another
   * name, such as `{ orderId: '{order_id}' }`; there, a number or bytes alone are stored as what they are.
   */
  readonly key: ValidKey<C, Key, 'key'>;
  /**
   * The table's sort key `sk`, written like `key`; without it the table has no sort key. Text sorts as text, so a whole
   * number in it needs a width to which it is padded, such as `{line:6}`; numbers with a fraction cannot be part of it.
   */
  readonly sort?: Sort extends DeclaredKey ? ValidKey<C, Sort, 'sort'> : undefined;
  /**
   * What to do with rows whose key a later row of the file has: leave them out, count and list them (`last-wins`, the
   * default), or reject them.
   */
  readonly duplicates?: DuplicatePolicy;
  /**
   * Columns in which no two rows of a file may have the same value; an empty cell has none. All rows but the last one
   * with a value are rejected. Rows that are left out because a later row has the same key do not count.
   */
  readonly unique?: readonly ComparableColumn<C>[];
  /**
   * Checks a row across its columns: returns why it is rejected, or undefined. It is called more than once for each row,
   * in any order, so what it returns may depend on nothing but the item.
   */
  readonly check?: (item: ItemOfDefinition<C, Key, Sort, Added, Ttl, Indexes>) => string | undefined;
  /** Number of rows, counting rejected ones and duplicates, that a file must have to be loaded; any by default. */
  readonly expect?: { readonly rows: RowRange };
  /** By default no rejected row is tolerated. */
  readonly tolerance?: Tolerance;
  /**
   * The encoding of its files; UTF-8 by default. A byte order mark of UTF-8 or UTF-16 takes precedence. With
   * `['utf-8', 'windows-1252']` a file that is not valid UTF-8, and in which nothing is a character of UTF-8 alone, is
   * read as windows-1252.
   */
  readonly encodings?: DeclaredEncodings;
  /**
   * Cells that are treated as empty, in the same case, such as `['NA', '-']`; none by default. A column's own `nulls`
   * replace them.
   */
  readonly nulls?: readonly string[];
  /**
   * Where the header is; by default in the first line that is not blank. `{ skip: 3 }` skips the first 3 lines.
   * `{ find: true }` takes the first of 100 lines that has all required columns. With `false` the files have no header:
   * their columns are those of the dataset, in that order.
   */
  readonly header?: HeaderPlace;
  /**
   * Matches the first filled cell of the row with which the footer begins, such as `/^Total\b/`. That row and those
   * after it are left out and counted; at most 1,000 rows may follow it.
   */
  readonly footer?: RegExp;
  /**
   * What to do with a row whose key the table already has: replace the item (`upsert`, the default), set the columns
   * that the file has (`merge`), or leave it, and count the row as existing (`insert`). With `changesOnly` or
   * `replace`, rows that have not changed are not written; with `replace`, keys that the file lacks are deleted. With
   * `newest`, a row does not change an item of a newer upload. With `operation`, rows with certain values in a column
   * delete the item of their key.
   */
  readonly load?: LoadOptions<TextColumn<C>>;
  /**
   * Returns further attributes of the item of a row. It gets the row's values by the names of their columns and, unless
   * a load skips rows that have not changed, what is known of the upload. It is called more than once for each row, in
   * any order, so what it returns may depend on nothing else.
   */
  readonly derive?: (row: RowOf<C>, upload: Upload) => Made;
  /** Attributes that every item has besides its columns, such as `{ entity: 'ORDER' }`. */
  readonly constants?: Added;
  /**
   * The attribute that says when an item expires, in seconds since 1970: `days` after the date or the time in the column
   * `from`, or after the upload.
   */
  readonly ttl?: { readonly attribute: Ttl; readonly from?: TextColumn<C>; readonly days: number };
  /**
   * Global secondary indexes by their names, with keys that are written like `key` and `sort`; the attributes are the
   * name with `_pk` and `_sk`, unless an object names them. An index has all attributes, unless `projection` says `keys`
   * or lists those that it has besides.
   */
  readonly indexes?: Indexes & ValidIndexes<C, Indexes>;
  /** What separates the fields; by default whichever of comma, semicolon, tab and bar fits the header. */
  readonly delimiter?: string;
}

function isSynchronous(value: unknown): boolean {
  return typeof value === 'function' && value.constructor.name !== 'AsyncFunction';
}

const toleranceShape = {
  rows: rowCount,
  share: shareOf,
} satisfies Record<keyof Tolerance, z.ZodMiniType>;

const definition = optionsOf({
  name: string.check(
    z.regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 characters of a-z, 0-9 and -, starting with a letter'),
  ),
  columns: z.custom<Columns>((value) => typeof value === 'object' && value !== null, {
    error: mustBe('an object of columns'),
  }),
  key: declaredKey,
  sort: z.optional(declaredKey),
  duplicates: z.exactOptional(duplicates),
  unique: z.exactOptional(z.readonly(z.array(string, { error: mustBe('an array of columns') }))),
  check: z.exactOptional(
    z.custom<(item: never) => unknown>(isSynchronous, { error: mustBe('a function that is not async') }),
  ),
  derive: z.exactOptional(z.custom<Derive>(isSynchronous, { error: mustBe('a function that is not async') })),
  expect: z.exactOptional(
    optionsOf({
      rows: optionsOf({ min: rowCount, max: rowCount }).check(
        z.refine(({ min, max }) => min !== undefined || max !== undefined, 'must have min or max'),
        z.refine(({ min = 0, max = min }) => min <= max, 'must not have a min above its max'),
      ),
    }),
  ),
  tolerance: z.exactOptional(
    optionsOf(toleranceShape).check(
      z.refine((tolerance) => Object.keys(tolerance).length === 1, 'must have either rows or share'),
    ),
  ),
  encodings: z.exactOptional(encodings),
  nulls: z.exactOptional(strings),
  header: headerOption,
  footer: footerOption,
  load: loadOption,
  constants: constantsOption,
  ttl: ttlOption,
  indexes: indexesOption,
  delimiter: delimiterOption,
  ...QUOTING,
} satisfies Record<keyof Definition<Columns, string, string>, z.ZodMiniType>);

/** A definition that is valid, or what is wrong with it: the columns' options come before what contradicts itself. */
export function checkDefinition(value: unknown): {
  readonly valid?: z.output<typeof definition>;
  readonly problems: readonly Problem[];
} {
  const { data, error } = definition.safeParse(value);
  if (data === undefined) return { problems: problemsOf(error) };
  const ofColumns = Object.entries(data.columns).flatMap(([name, column]) => columnProblems(name, column));
  if (ofColumns.length > 0) return { problems: ofColumns };
  const problems = [
    ...spellingProblems(data.columns),
    ...constantsProblems(data.constants),
    ...deriveProblems(data.derive, data.load),
    ...ttlProblems(data.ttl, data.columns, data.load?.feed !== undefined),
    ...indexesProblems(data.indexes, data.columns),
    ...collisions(claimsOf(data)),
    ...keyProblems('key', data.key, data.columns),
    ...(data.sort === undefined ? [] : keyProblems('sort', data.sort, data.columns)),
    ...uniqueProblems(data.unique ?? [], data.columns),
    ...footerProblems(data.footer),
    ...loadProblems(data.load, data.columns, keyColumns(data)),
  ];
  return problems.length === 0 ? { valid: data, problems } : { problems };
}

/** Names of the columns that the templates of a key and a sort key have. */
export function keyColumns({
  key,
  sort = '',
}: {
  readonly key: DeclaredKey;
  readonly sort?: DeclaredKey | undefined;
}): string[] {
  return [key, sort]
    .flatMap((declared) => (typeof declared === 'string' ? [declared] : Object.values(declared)))
    .flatMap(columnsIn)
    .map(({ name }) => name);
}

/** The key of a dataset's table. */
export function tableKeyOf({
  key,
  sort,
  columns,
}: Pick<z.output<typeof definition>, 'key' | 'columns'> & {
  readonly sort?: DeclaredKey | undefined;
}): TableKey {
  const partition = keyAttribute('key', key, columns);
  return sort === undefined ? [partition] : [partition, keyAttribute('sort', sort, columns)];
}

/** Everything that a dataset stores, and where. */
export function claimsOf({
  key,
  sort,
  columns,
  constants,
  ttl,
  indexes,
  load,
}: Omit<z.output<typeof definition>, 'derive'>): Claim[] {
  const tableKey = tableKeyOf({ key, sort, columns });
  const attributes = attributesOf(tableKey);
  const ofKey = attributes.map(({ name }, index): Claim => {
    return { what: index === 0 ? 'the key' : 'the sort key', path: [name] };
  });
  const ofColumns = Object.entries(columns).map(([name, column]): Claim => {
    return { what: `the column ${name}`, path: pathOf(name, column) };
  });
  // The attribute of a key may be the column that alone makes the key.
  const others = ofColumns.filter(
    ({ path: [name, ...inner] }) =>
      inner.length > 0 || !attributes.some((each) => each.name === name && isColumnItself(each, columns)),
  );
  return [
    ...ofKey,
    ...others,
    ...claimsOfConstants(constants),
    ...claimsOfTtl(ttl),
    ...claimsOfIndexes(tableKey, indexesOf(indexes, columns), columns),
    ...claimsOfLoad(load),
  ];
}

function columnProblems(name: string, column: Column<Storable>): Problem[] {
  if (!Array.isArray(Object(column).problems))
    return [{ path: [name], message: 'must be a column, such as text()' }];
  const { required, empty } = column;
  const problems = column.problems.map(({ path, message }): Problem => ({ path: [name, ...path], message }));
  if (['__proto__', ''].includes(name) || /[{}]/.test(name)) {
    const message = `has a column called ${JSON.stringify(name)}, which is not allowed; rename it, and make this an alias`;
    problems.push({ path: [], message });
  }
  problems.push(...attributeProblems(name, column));
  if (!required && empty === 'reject') {
    problems.push({ path: [name], message: 'is not required and so may be empty, but rejects empty cells' });
  }
  return problems;
}

function spellingProblems(columns: Columns): Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, { aliases }] of Object.entries(columns)) {
    for (const spelling of new Set([name, ...aliases].map(normalisedName))) {
      const owner = owners.get(spelling);
      if (owner !== undefined) {
        problems.push({ path: [], message: `has two columns called "${spelling}": ${owner} and ${name}` });
      }
      owners.set(spelling, name);
    }
  }
  return problems;
}

function uniqueProblems(unique: readonly string[], columns: Columns): Problem[] {
  const path = ['unique'];
  return unique.flatMap((name, index) => {
    if (!Object.hasOwn(columns, name)) {
      const message = `names ${name}, which is not a column${didYouMean(name, Object.keys(columns))}`;
      return [{ path, message }];
    }
    return unique.indexOf(name) === index ? [] : [{ path, message: `names ${name} twice` }];
  });
}

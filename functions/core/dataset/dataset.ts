/** A dataset: what a kind of CSV file holds, and the item that each of its rows becomes. */

import { ConfigurationError } from '../errors.ts';
import { CellFault, type Column, readCell, storedValue } from './columns/column.ts';
import {
  checkDefinition,
  type Definition,
  type DuplicatePolicy,
  keyColumns,
  type Tolerance,
} from './definition.ts';
import { encodingNames } from './file-format/encodings.ts';
import type { HeaderPlace } from './file-format/header-place.ts';
import { type Quoting, quotingOf } from './file-format/quoting.ts';
import type { Columns, ItemOfColumns, StoredItem } from './item.ts';
import { keyMaker, keyText } from './key.ts';
import { isDeletion, type Load, loadOf } from './load.ts';
import { clauses, type Problem } from './options.ts';
import type { RejectCode } from './reject-codes.ts';
import { checkRow } from './row-check.ts';
import type { Storable } from './storable.ts';

export type { StoredItem, Tolerance };

/** A row that is not loaded. Only `detail` may contain anything of the row itself. */
export interface Rejection {
  /** The dataset's name of the column, or null when it is the whole row. */
  readonly column: string | null;
  readonly code: RejectCode;
  readonly reason: string;
  /** What the user's own code says of the row. The list of rejected rows shows it after the reason; nothing else does. */
  readonly detail?: string;
}

/** Whether a row became a rejection instead of an item. */
export function isRejection(made: object): made is Rejection {
  return !('pk' in made);
}

export type NamedColumn = Column<Storable> & { readonly name: string };

export interface Dataset<Item extends StoredItem = StoredItem> {
  readonly name: string;
  /** What is wrong with the definition, in one sentence. A dataset that has a problem cannot be used. */
  readonly problem?: string;
  readonly columns: readonly NamedColumn[];
  readonly hasSortKey: boolean;
  /** How the keys of its items are made. */
  readonly keyTemplates: readonly string[];
  readonly duplicates: DuplicatePolicy;
  readonly load: Load;
  /** Columns in which no two rows have the same value. */
  readonly unique: readonly string[];
  /** Number of rows, without a bound if it has none. */
  readonly expectedRows: { readonly min?: number | undefined; readonly max?: number | undefined };
  readonly tolerance: Tolerance;
  /** In the order in which they are tried, as `TextDecoder` names them. */
  readonly encodings: readonly [string, ...string[]];
  readonly delimiters: readonly string[];
  readonly quoting: Quoting;
  readonly header: HeaderPlace;
  /** Matches the first filled cell of the row with which the footer begins. */
  readonly footer?: RegExp;
  /**
   * Makes the item of a row.
   * @param cells for each column, in their order; undefined for one that the file does not have.
   */
  readonly toItem: (cells: readonly (string | undefined)[]) => Item | Rejection;
}

/** The item of a dataset's rows. */
export type ItemOf<D> = D extends Dataset<infer Item> ? Item : never;

/** What may separate fields, the likeliest first. */
export const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];

/**
 * Checks a dataset's definition and makes a {@link Dataset} of it. It never throws, so that one invalid dataset does
 * not keep the program from using the others: the dataset has a `problem` instead.
 */
export function dataset<
  const C extends Columns,
  const Key extends string,
  const Sort extends string | undefined = undefined,
>(definition: Definition<C, Key, Sort>): Dataset<ItemOfColumns<C, Sort>> {
  const { valid, problems } = checkDefinition(definition);
  if (valid === undefined) return invalidDataset(definition.name, problems);
  const { name, key, sort, delimiter } = valid;
  const { duplicates = 'last-wins', tolerance = { rows: 0 }, encodings = ['utf-8'], check } = definition;
  const nulls = new Set(valid.nulls);
  const columns = Object.entries(valid.columns).map(([columnName, column]) => ({
    ...column,
    nulls: column.nulls ?? nulls,
    name: columnName,
  }));
  const partitionKey = keyMaker('pk', key);
  const sortKey = sort === undefined ? undefined : keyMaker('sk', sort);
  const load = loadOf(valid.load, valid.columns);
  const keys = keyColumns(valid);
  const operation = columns.findIndex((column) => column.name === load.operation?.column);
  const { [operation]: operationColumn } = columns;
  const isDeleting = (cells: readonly (string | undefined)[]) =>
    operationColumn !== undefined &&
    isDeletion(load, { [operationColumn.name]: readCell(operationColumn, cells[operation]) });
  // The other cells of a row that deletes an item may be empty.
  const columnsOfDeletion = new Set([...keys, load.operation?.column]);
  const blank = blankItem(columns, sort !== undefined);
  const makeItem = (cells: readonly (string | undefined)[]): ItemOfColumns<C, Sort> | Rejection => {
    const item = { ...blank };
    const isDeleted = isDeleting(cells);
    let isWhole = !isDeleted;
    let position = -1;
    for (const column of columns) {
      position += 1;
      if (isDeleted && !columnsOfDeletion.has(column.name)) continue;
      const value = storedValue(column, cells[position]);
      if (value instanceof CellFault) {
        const { code, reason, detail } = value;
        return { column: column.name, code, reason, ...(detail !== undefined && { detail }) };
      }
      item[column.name] = value;
      isWhole &&= value !== undefined;
    }
    const pk = partitionKey(item);
    if (typeof pk !== 'string') return pk;
    item.pk = pk;
    if (sortKey !== undefined) {
      const sk = sortKey(item);
      if (typeof sk !== 'string') return sk;
      item.sk = sk;
    }
    if (isDeleted) for (const column of keys) item[column] = undefined;
    // Put together column by column as ItemOfColumns describes, which the compiler cannot follow.
    return (isWhole ? item : withoutOmitted(item)) as ItemOfColumns<C, Sort>;
  };
  return {
    name,
    columns,
    hasSortKey: sort !== undefined,
    keyTemplates: sort === undefined ? [key] : [key, sort],
    duplicates,
    load,
    unique: valid.unique ?? [],
    expectedRows: valid.expect?.rows ?? {},
    tolerance,
    encodings: encodingNames(encodings),
    delimiters: delimiter === undefined ? DELIMITERS : [delimiter],
    quoting: quotingOf(valid),
    header: valid.header ?? { skip: 0 },
    ...(valid.footer !== undefined && { footer: valid.footer }),
    toItem:
      check === undefined
        ? makeItem
        : (cells) => {
            // The check gets an item of its own, so that nothing it does can change what is stored.
            const item = makeItem(cells);
            return isRejection(item) || isDeletion(load, item)
              ? item
              : (checkRow(check, item) ?? makeItem(cells));
          },
  };
}

/** Replaces a dataset whose definition is invalid. */
function invalidDataset(name: string, problems: readonly Problem[]): Dataset<never> {
  const problem = `The dataset ${JSON.stringify(name)} is invalid: ${clauses(problems)}.`;
  return {
    name,
    problem,
    columns: [],
    hasSortKey: false,
    keyTemplates: [],
    duplicates: 'last-wins',
    load: loadOf(),
    unique: [],
    expectedRows: {},
    tolerance: { rows: 0 },
    encodings: ['utf-8'],
    delimiters: [],
    quoting: {},
    header: { skip: 0 },
    toItem: () => {
      throw new ConfigurationError(problem);
    },
  };
}

/** An item's key as one string; no cell contains a NUL. */
export function keyOf(item: { readonly pk?: string | undefined; readonly sk?: string | undefined }): string {
  return `${item.pk}\0${item.sk ?? ''}`;
}

/** Whether the item of a key, as {@link keyOf} makes it, has a sort key. */
export function hasSort(key: string): boolean {
  return !key.endsWith('\0');
}

/** A value of a unique column as one string; undefined for an empty cell, which has none. */
export function uniqueValue(item: StoredItem, column: string): string | undefined {
  const { [column]: value } = item;
  return value === undefined || value === null || value === '' ? undefined : keyText(value);
}

/**
 * An item without values. Its copies share one shape in memory; an item that grows name by name becomes a hash table,
 * which took a third of all the memory that loading a row allocates.
 */
function blankItem(
  columns: readonly NamedColumn[],
  hasSortKey: boolean,
): Record<string, Storable | undefined> {
  const names = ['pk', ...(hasSortKey ? ['sk'] : []), ...columns.map(({ name }) => name)];
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** The item without the attributes that are left out. */
function withoutOmitted(item: Record<string, Storable | undefined>): Record<string, Storable | undefined> {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}

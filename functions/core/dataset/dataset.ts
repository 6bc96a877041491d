/** A dataset: what a kind of CSV file holds, and the item that each of its rows becomes. */

import { ConfigurationError } from '../errors.ts';
import { CellFault, type Column, readCell, storedValue } from './columns/column.ts';
import {
  checkDefinition,
  claimsOf,
  type Definition,
  type DuplicatePolicy,
  keyColumns,
  type Tolerance,
  tableKeyOf,
} from './definition.ts';
import { encodingNames } from './file-format/encodings.ts';
import type { HeaderPlace } from './file-format/header-place.ts';
import { type Quoting, quotingOf } from './file-format/quoting.ts';
import type { Columns, ItemOfDefinition, StoredItem } from './item.ts';
import { type DeclaredKey, keyMaker } from './key.ts';
import { isDeletion, type Load, loadOf } from './load.ts';
import { clauses, type Problem } from './options.ts';
import { checkRow } from './row-check.ts';
import { type Constants, constantsAddition } from './shape/constants.ts';
import { type Derived, deriveAddition } from './shape/derive.ts';
import { type DeclaredIndexes, indexAdditions, indexesOf, type TableIndex } from './shape/indexes.ts';
import { type Addition, isShaped, shapedItem, type Upload } from './shape/item-shape.ts';
import { type Path, pathOf, valueAt } from './shape/paths.ts';
import { isRejection, type Rejection, RowFault } from './shape/row-fault.ts';
import { attributesOf, DEFAULT_NAMES, keyText, type TableKey } from './shape/table-key.ts';
import { ttlAddition } from './shape/ttl.ts';
import type { Storable } from './storable.ts';

export type { Rejection, StoredItem, Tolerance };

export type NamedColumn = Column<Storable> & {
  readonly name: string;
  /** Where its value is stored. */
  readonly path: Path;
};

export interface Dataset<Item extends StoredItem = StoredItem> {
  readonly name: string;
  /** What is wrong with the definition, in one sentence. A dataset that has a problem cannot be used. */
  readonly problem?: string;
  readonly columns: readonly NamedColumn[];
  /** What its items have besides their keys and columns. */
  readonly additions: readonly Addition[];
  /** The key of its table. */
  readonly key: TableKey;
  readonly indexes: readonly TableIndex[];
  /** The attribute that says when an item expires, if there is one. */
  readonly ttl: string | undefined;
  readonly duplicates: DuplicatePolicy;
  readonly load: Load;
  /** Columns in which no two rows have the same value. */
  readonly unique: readonly Pick<NamedColumn, 'name' | 'path'>[];
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
  readonly toItem: (cells: readonly (string | undefined)[]) => Item | RowFault;
  /** The dataset for the rows of one upload; undefined if its items do not depend on the upload. */
  readonly forUpload?: (upload: Upload) => Dataset<Item>;
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
  const Key extends DeclaredKey,
  const Sort extends DeclaredKey | undefined = undefined,
  const Added extends Constants = Record<never, never>,
  const Ttl extends string = never,
  const Indexes extends DeclaredIndexes = Record<never, never>,
  Made extends Derived = Record<never, never>,
>(
  definition: Definition<C, Key, Sort, Added, Ttl, Indexes, Made>,
): Dataset<ItemOfDefinition<C, Key, Sort, Added, Ttl, Indexes> & Made> {
  type Item = ItemOfDefinition<C, Key, Sort, Added, Ttl, Indexes> & Made;
  const { valid, problems } = checkDefinition(definition);
  if (valid === undefined) return invalidDataset(definition.name, problems);
  const { name, delimiter } = valid;
  const { duplicates = 'last-wins', tolerance = { rows: 0 }, encodings = ['utf-8'], check } = definition;
  const nulls = new Set(valid.nulls);
  const columns = Object.entries(valid.columns).map(([columnName, column]) => ({
    ...column,
    nulls: column.nulls ?? nulls,
    name: columnName,
    path: pathOf(columnName, column),
  }));
  const key = tableKeyOf(valid);
  const [partition, sort] = key;
  const partitionKey = keyMaker('key', partition);
  const sortKey = sort === undefined ? undefined : keyMaker('sort', sort);
  const load = loadOf(valid.load, valid.columns);
  const keys = keyColumns(valid);
  const operation = columns.findIndex((column) => column.name === load.operation?.column);
  const { [operation]: operationColumn } = columns;
  const isDeleting = (cells: readonly (string | undefined)[]) =>
    operationColumn !== undefined &&
    isDeletion(load, { [operationColumn.name]: readCell(operationColumn, cells[operation]) });
  // The other cells of a row that deletes an item may be empty.
  const columnsOfDeletion = new Set([...keys, load.operation?.column]);
  const indexes = indexesOf(valid.indexes, valid.columns);
  const additions = [
    ...constantsAddition(valid.constants),
    ...ttlAddition(valid.ttl),
    ...indexAdditions(key, indexes, valid.columns),
    ...deriveAddition(valid.derive, load, new Set(claimsOf(valid).map(({ path }) => path[0]))),
  ];
  const shape = { columns, additions };
  const hasShape = isShaped(shape);
  const names = new Set([...(hasShape ? [] : attributesOf(key)), ...columns].map(({ name: each }) => each));
  const blank = blankItem([...names]);
  const onlyInKey = keys.filter((column) => !attributesOf(key).some(({ name: each }) => each === column));
  const makeItem = (cells: readonly (string | undefined)[], upload?: Upload): Item | RowFault => {
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
        return new RowFault(column.name, code, reason, detail);
      }
      item[column.name] = value;
      isWhole &&= value !== undefined;
    }
    const partitionValue = partitionKey(item);
    if (partitionValue instanceof RowFault) return partitionValue;
    const sortValue = sortKey?.(item);
    if (sortValue instanceof RowFault) return sortValue;
    if (hasShape && !isDeleted) {
      const ofKey = { [partition.name]: partitionValue, ...(sort && { [sort.name]: sortValue }) };
      return shapedItem(shape, ofKey, item, upload) as Item | RowFault;
    }
    item[partition.name] = partitionValue;
    if (sort !== undefined) item[sort.name] = sortValue;
    if (isDeleted) for (const column of onlyInKey) item[column] = undefined;
    // Put together column by column as ItemOfDefinition describes, which the compiler cannot follow.
    return (isWhole ? item : withoutOmitted(item)) as Item;
  };
  const toItem =
    (upload?: Upload): Dataset<Item>['toItem'] =>
    (cells) => {
      const item = makeItem(cells, upload);
      if (check === undefined || isRejection(item) || isDeletion(load, item)) return item;
      // The check gets an item of its own, so that nothing it does can change what is stored.
      return checkRow(check, item) ?? makeItem(cells, upload);
    };
  const made: Dataset<Item> = {
    name,
    columns,
    additions,
    key,
    indexes,
    ttl: valid.ttl?.attribute,
    duplicates,
    load,
    unique: (valid.unique ?? []).flatMap((each) => columns.find((column) => column.name === each) ?? []),
    expectedRows: valid.expect?.rows ?? {},
    tolerance,
    encodings: encodingNames(encodings),
    delimiters: delimiter === undefined ? DELIMITERS : [delimiter],
    quoting: quotingOf(valid),
    header: valid.header ?? { skip: 0 },
    ...(valid.footer !== undefined && { footer: valid.footer }),
    toItem: toItem(),
  };
  if (!additions.some(({ needsUpload }) => needsUpload)) return made;
  return { ...made, forUpload: (upload) => ({ ...made, toItem: toItem(upload) }) };
}

/** The dataset for the rows of an upload. */
export function ofUpload<D extends Dataset>(
  dataset: D,
  { key, versionId: version, uploaded: time }: UploadedObject,
): D | Dataset {
  return dataset.forUpload?.({ key, version, time }) ?? dataset;
}

/** What is known of an object that was uploaded. */
interface UploadedObject {
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly uploaded: string;
}

/** Replaces a dataset whose definition is invalid. */
function invalidDataset(name: string, problems: readonly Problem[]): Dataset<never> {
  const problem = `The dataset ${JSON.stringify(name)} is invalid: ${clauses(problems)}.`;
  return {
    name,
    problem,
    columns: [],
    additions: [],
    indexes: [],
    ttl: undefined,
    key: [{ name: DEFAULT_NAMES.key, type: 'S', template: '' }],
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

/** A value of a unique column as one string; undefined for an empty cell, which has none. */
export function uniqueValue(item: StoredItem, { path }: Pick<NamedColumn, 'path'>): string | undefined {
  const value = valueAt(item, path);
  return value === undefined || value === null || value === '' ? undefined : keyText(value);
}

/**
 * An item without values. Its copies share one shape in memory; an item that grows name by name becomes a hash table,
 * which took a third of all the memory that loading a row allocates.
 */
function blankItem(names: readonly string[]): Record<string, Storable | undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** The item without the attributes that are left out. */
function withoutOmitted(item: Record<string, Storable | undefined>): Record<string, Storable | undefined> {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}

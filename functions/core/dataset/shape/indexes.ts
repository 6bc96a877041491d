/** The secondary indexes of a dataset's table, and the attributes that they need. */

import * as z from 'zod/mini';
import type { Columns } from '../item.ts';
import {
  columnsIn,
  type DeclaredKey,
  declaredKey,
  isColumnItself,
  keyAttribute,
  keyMaker,
  keyProblems,
} from '../key.ts';
import { mustBe, optionsOf, type Problem } from '../options.ts';
import type { Addition } from './item-shape.ts';
import type { Claim } from './paths.ts';
import { RowFault } from './row-fault.ts';
import { attributesOf, type KeyAttribute, type TableKey } from './table-key.ts';

/** What an index has of an item: everything, its keys alone, or these attributes besides. */
export type Projection = 'all' | 'keys' | readonly string[];

/** An index as it is declared. */
export interface DeclaredIndex {
  readonly key: DeclaredKey;
  readonly sort?: DeclaredKey | undefined;
  readonly projection?: Projection | undefined;
}

/** The indexes by their names. */
export type DeclaredIndexes = Readonly<Record<string, DeclaredIndex>>;

/** A global secondary index. */
export interface TableIndex {
  readonly name: string;
  readonly key: TableKey;
  readonly projection: Projection;
}

/** Indexes that a table may have by default; source: "Service, account, and table quotas", DynamoDB developer guide. */
const MAX_INDEXES = 20;

/** What the name of an index must be; source: "Naming rules", DynamoDB developer guide. */
const NAME = /^[\w.-]{3,250}$/;

const projection = z.custom<Projection>(
  (value) =>
    value === 'all' ||
    value === 'keys' ||
    (Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string')),
  { error: mustBe('"all", "keys" or an array of attributes') },
);

const indexSchema = optionsOf({
  key: declaredKey,
  sort: z.exactOptional(declaredKey),
  projection: z.exactOptional(projection),
} satisfies Record<keyof DeclaredIndex, z.ZodMiniType>);

/** Schema of the option. */
export const indexesOption = z.exactOptional(
  z.record(z.string(), indexSchema, { error: mustBe('an object of indexes') }),
);

/** What is wrong with indexes. */
export function indexesProblems(indexes: DeclaredIndexes = {}, columns: Columns): Problem[] {
  const all = Object.entries(indexes);
  if (all.length > MAX_INDEXES) {
    const message = `has ${all.length} indexes; DynamoDB accepts ${MAX_INDEXES}`;
    return [{ path: ['indexes'], message }];
  }
  return all.flatMap(([name, { key, sort }]) => {
    const message = 'must have a name of 3 to 250 letters, digits, _, - and .';
    if (!NAME.test(name)) return [{ path: ['indexes', name], message }];
    return [
      ...keyProblems('key', key, columns),
      ...(sort === undefined ? [] : keyProblems('sort', sort, columns)),
    ].map((problem) => ({ ...problem, path: ['indexes', name, ...problem.path] }));
  });
}

/** The indexes with the attributes of their keys: by default, the name of the index with `_pk` and `_sk`. */
export function indexesOf(indexes: DeclaredIndexes = {}, columns: Columns): TableIndex[] {
  return Object.entries(indexes).map(([name, { key, sort, projection: projected = 'all' }]) => {
    const partition = keyAttribute('key', key, columns, `${name}_pk`);
    return {
      name,
      key: sort === undefined ? [partition] : [partition, keyAttribute('sort', sort, columns, `${name}_sk`)],
      projection: projected,
    };
  });
}

/** The attributes of the indexes that neither the table's key nor a column has, and are not the same as an earlier one. */
function ownAttributes(key: TableKey, indexes: readonly TableIndex[], columns: Columns) {
  const known = attributesOf(key).map((attribute) => JSON.stringify(attribute));
  return indexes
    .flatMap((index) => attributesOf(index.key).map((attribute) => ({ index: index.name, attribute })))
    .filter(({ attribute }) => {
      const text = JSON.stringify(attribute);
      if (known.includes(text) || isColumnItself(attribute, columns)) return false;
      known.push(text);
      return true;
    });
}

export function claimsOfIndexes(key: TableKey, indexes: readonly TableIndex[], columns: Columns): Claim[] {
  return ownAttributes(key, indexes, columns).map(({ index, attribute }) => {
    return { path: [attribute.name], what: `a key of the index ${index}` };
  });
}

/** Sets the attributes of the indexes, and rejects rows with keys that DynamoDB would not accept. */
export function indexAdditions(key: TableKey, indexes: readonly TableIndex[], columns: Columns): Addition[] {
  const own = new Set(ownAttributes(key, indexes, columns).map(({ attribute }) => attribute));
  return indexes.flatMap(({ name, key: [partition, sort] }) => [
    additionOf(name, 'key', partition, own.has(partition)),
    ...(sort === undefined ? [] : [additionOf(name, 'sort', sort, own.has(sort))]),
  ]);
}

function additionOf(index: string, field: 'key' | 'sort', attribute: KeyAttribute, isOwn: boolean): Addition {
  const make = keyMaker(field, attribute);
  return {
    attributes: isOwn ? [attribute.name] : [],
    columns: columnsIn(attribute.template).map(({ name }) => name),
    needsUpload: false,
    add: (item, values) => {
      const value = make(values);
      if (value instanceof RowFault) {
        return new RowFault(value.column, value.code, `${value.reason}, in the index ${index}`);
      }
      if (isOwn) item[attribute.name] = value;
      return undefined;
    },
  };
}

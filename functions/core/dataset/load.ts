/** How the rows of a dataset are written to its table, and what may become of them there. */

import * as z from 'zod/mini';
import { readCell, string, strings } from './columns/column.ts';
import type { Columns } from './item.ts';
import { didYouMean } from './names.ts';
import { choiceOf, mustBe, optionsOf, type Problem, rowCount, shareOf } from './options.ts';
import type { Claim } from './shape/paths.ts';

/** What may become of a row that is neither rejected nor an earlier duplicate. */
export const WRITE_OUTCOMES = ['loaded', 'unchanged', 'existing', 'stale', 'deleted'] as const;

export type WriteOutcome = (typeof WRITE_OUTCOMES)[number];

/** Numbers of rows by outcome. Those that the dataset's load cannot have are absent. */
export type WriteCounts = { readonly loaded: number } & Readonly<
  Partial<Record<Exclude<WriteOutcome, 'loaded'>, number>>
>;

/**
 * What a load with an index does with keys: with those of the rows that it writes, which it adds or changes, and with
 * those that the feed has in the table and its file lacks.
 */
export const KEY_OUTCOMES = ['added', 'changed', 'removed', 'kept'] as const;

export type KeyOutcome = (typeof KEY_OUTCOMES)[number];

/** Numbers of such keys; null if nobody knows them, because a part of the index was missing. */
export type KeyCounts = Readonly<Partial<Record<KeyOutcome, number | null>>>;

/**
 * The most keys that a load may remove: a share, from 0 to 1, of those that the feed's last complete load left in the
 * table, and a number.
 */
export interface RemovalLimits {
  readonly share: number;
  readonly rows?: number | undefined;
}

/** The limits of a dataset that declares none. */
const DEFAULT_LIMITS: RemovalLimits = { share: 0.2 };

/** The total of some counts. */
export function sumOfWrites(counts: readonly WriteCounts[]): WriteCounts {
  const total: { -readonly [Outcome in keyof WriteCounts]: WriteCounts[Outcome] } = { loaded: 0 };
  for (const each of counts) {
    for (const outcome of WRITE_OUTCOMES) {
      const rows = each[outcome];
      if (rows !== undefined) total[outcome] = (total[outcome] ?? 0) + rows;
    }
  }
  return total;
}

/** No rows, with each count that a load can have. */
export function noWrites({ outcomes }: Pick<Load, 'outcomes'>): WriteCounts {
  return { loaded: 0, ...Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) };
}

/** The attribute of an inserted item that names the upload which inserted it. */
export const UPLOAD_ATTRIBUTE = '_upload';

/** Characters of its value. */
export const UPLOAD_NAME_LENGTH = 22;

/** Characters of the value of an attribute that says when an item was uploaded. */
export const UPLOAD_TIME_LENGTH = 29;

/**
 * Columns up to which a row can be merged: an update of all of them is an expression of less than 4 KB; source:
 * "Expression parameters", "Service, account, and table quotas", DynamoDB developer guide.
 */
const MAX_MERGED_COLUMNS = 500;

/** Bytes that the name of an attribute may have; source: "Naming rules", DynamoDB developer guide. */
const MAX_NAME_BYTES = 255;

/**
 * What a row does whose key the table already has.
 * @typeParam Column that may say so in each row.
 */
export type LoadOptions<Column extends string = string> =
  | {
      /** It leaves the item. */
      readonly mode: 'insert';
      readonly newest?: never;
      readonly operation?: never;
      readonly changesOnly?: never;
      readonly feed?: never;
      readonly maxRemoved?: never;
      readonly listChanges?: never;
    }
  | {
      /** It replaces the item, which is the default, or sets the columns that its file has and leaves other attributes. */
      readonly mode?: 'upsert' | 'merge';
      /** It does so only if no newer upload has written the item, which this attribute shows. */
      readonly newest?: { readonly attribute: string };
      readonly operation?: never;
      readonly changesOnly?: false;
      readonly feed?: never;
      readonly maxRemoved?: never;
      readonly listChanges?: never;
    }
  | {
      readonly mode?: 'upsert' | 'merge';
      /** A row with one of these values in this column deletes the item of its key. The column is not stored. */
      readonly operation: { readonly column: Column; readonly delete: readonly [string, ...string[]] };
      /** A deleted item has no time. */
      readonly newest?: never;
      readonly changesOnly?: false;
      readonly feed?: never;
      readonly maxRemoved?: never;
      readonly listChanges?: never;
    }
  | {
      readonly mode?: 'upsert';
      readonly newest?: never;
      readonly operation?: never;
      /** It is not written if the feed's last load has written, or left, the same item. */
      readonly changesOnly: true;
      /**
       * The uploads that follow each other: `object`, those of one key of the bucket; `dataset`, those of all keys of the
       * dataset, of which the newest upload counts.
       */
      readonly feed: 'object' | 'dataset';
      readonly maxRemoved?: never;
      /** Whether the keys that a load adds, changes or removes are listed in `changes.csv`, beside the report. */
      readonly listChanges?: boolean;
    }
  | {
      /**
       * It is written as with `changesOnly`, and keys that the file lacks are deleted, so that the table has what the
       * file has.
       */
      readonly mode: 'replace';
      /** As with `changesOnly`. */
      readonly feed: 'object' | 'dataset';
      /**
       * The most keys that a load may remove, as a share of those that the feed's last complete load left in the table,
       * as a number, or both; `{ share: 0.2 }` by default. A load that would remove more fails, and so does one that
       * would remove all.
       */
      readonly maxRemoved?:
        | { readonly share: number; readonly rows?: number }
        | { readonly share?: number; readonly rows: number };
      /** As with `changesOnly`. */
      readonly listChanges?: boolean;
      readonly newest?: never;
      readonly operation?: never;
      readonly changesOnly?: never;
    };

const loadSchema = optionsOf({
  mode: z.exactOptional(choiceOf(['upsert', 'insert', 'merge', 'replace'])),
  newest: z.exactOptional(
    optionsOf({
      attribute: string.check(
        z.refine(
          (name) => name !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES,
          `must be 1 to ${MAX_NAME_BYTES} bytes long`,
        ),
      ),
    }),
  ),
  operation: z.exactOptional(
    optionsOf({ column: string, delete: strings.check(z.minLength(1, 'must have at least one value')) }),
  ),
  changesOnly: z.exactOptional(z.boolean({ error: mustBe('true or false') })),
  feed: z.exactOptional(choiceOf(['object', 'dataset'])),
  maxRemoved: z.exactOptional(
    optionsOf({ share: shareOf, rows: rowCount }).check(
      z.refine((limits) => Object.keys(limits).length > 0, 'must have share, rows, or both'),
    ),
  ),
  listChanges: z.exactOptional(z.boolean({ error: mustBe('true or false') })),
} satisfies Record<keyof LoadOptions, z.ZodMiniType>);

/** The option, as far as a schema can check it. */
type DeclaredLoad = z.output<typeof loadSchema>;

/** Schema of the option. */
export const loadOption = z.exactOptional(loadSchema);

/**
 * What is wrong with the option, given the dataset's columns.
 * @param keys the columns of the key.
 */
export function loadProblems(load: DeclaredLoad = {}, columns: Columns, keys: readonly string[]): Problem[] {
  const { mode, newest, operation } = load;
  const problems = feedProblems(load);
  if (mode === 'insert') {
    if (newest !== undefined) {
      const message = 'has no effect on an insert, which never replaces an item; remove one of the two';
      problems.push({ path: ['load', 'newest'], message });
    }
    if (operation !== undefined) {
      const message = 'contradicts an insert, which never deletes an item; remove one of the two';
      problems.push({ path: ['load', 'operation'], message });
    }
  }
  if (operation !== undefined) {
    if (newest !== undefined) {
      const message = 'contradicts newest, since a deleted item has no time; remove one of the two';
      problems.push({ path: ['load', 'operation'], message });
    }
    problems.push(...operationProblems(operation, columns, keys));
  }
  const { length } = Object.keys(columns);
  if (mode === 'merge' && length > MAX_MERGED_COLUMNS) {
    const message = `cannot be "merge" in a dataset of ${length} columns; DynamoDB sets at most ${MAX_MERGED_COLUMNS} at once`;
    problems.push({ path: ['load', 'mode'], message });
  }
  const nested =
    mode === 'merge' ? Object.entries(columns).filter(([, { attribute }]) => attribute?.includes('.')) : [];
  for (const [name, { attribute }] of nested) {
    const message = `is "merge", which cannot set ${attribute} of the column ${name}, because an item may lack the map around it; choose an attribute without a dot`;
    problems.push({ path: ['load', 'mode'], message });
  }
  return problems;
}

/** The attributes that a load needs for itself. */
export function claimsOfLoad({ mode, newest }: DeclaredLoad = {}): Claim[] {
  return [
    ...(mode === 'insert' ? [{ path: [UPLOAD_ATTRIBUTE], what: 'the name of the upload' } as const] : []),
    ...(newest === undefined ? [] : [{ path: [newest.attribute], what: 'load.newest' } as const]),
  ];
}

type DeclaredOperation = NonNullable<DeclaredLoad['operation']>;

function operationProblems(
  operation: DeclaredOperation,
  columns: Columns,
  keys: readonly string[],
): Problem[] {
  const name = operation.column;
  const path = ['load', 'operation'];
  if (!Object.hasOwn(columns, name)) {
    const message = `names ${name}, which is not a column${didYouMean(name, Object.keys(columns))}`;
    return [{ path: [...path, 'column'], message }];
  }
  if (keys.includes(name)) {
    const message = `names ${name}, which is part of the key, so that a row deletes nothing; take it out of the key`;
    return [{ path: [...path, 'column'], message }];
  }
  if (columns[name]?.attribute !== undefined) {
    const message = `names ${name}, which is not stored; remove the attribute of the column`;
    return [{ path: [...path, 'column'], message }];
  }
  return operation.delete.flatMap((value) => {
    const stored = storedFor(columns, name, value);
    if (typeof stored === 'string' && stored !== '') return [];
    const message = `names ${JSON.stringify(value)}, which is not text that the column ${name} can have`;
    return [{ path: [...path, 'delete'], message }];
  });
}

/** What a column stores for a cell. */
function storedFor(columns: Columns, name: string, cell: string): unknown {
  const { [name]: column } = columns;
  return column === undefined ? undefined : readCell(column, cell);
}

/** Which rows delete the item of their key. */
export interface Operation {
  /** It is not stored. */
  readonly column: string;
  /** Its values in such rows. */
  readonly deletes: ReadonlySet<unknown>;
}

function operationOf(operation: DeclaredOperation | undefined, columns: Columns): Operation | undefined {
  if (operation === undefined) return undefined;
  const { column } = operation;
  return { column, deletes: new Set(operation.delete.map((value) => storedFor(columns, column, value))) };
}

/** Whether the row of an item, which has no other columns then, deletes the item of its key. */
export function isDeletion(
  { operation }: Pick<Load, 'operation'>,
  item: { readonly [name: string]: unknown },
): boolean {
  return operation?.deletes.has(item[operation.column]) ?? false;
}

/** What is wrong with the options of a load that follows its feed. */
function feedProblems({
  mode = 'upsert',
  newest,
  operation,
  changesOnly = false,
  feed,
  maxRemoved,
  listChanges = false,
}: DeclaredLoad): Problem[] {
  const problem = (option: string, message: string): Problem[] => [{ path: ['load', option], message }];
  const replaces = mode === 'replace';
  if (maxRemoved !== undefined && !replaces) {
    return problem('maxRemoved', 'has no effect without mode: "replace"; remove it, or add that');
  }
  if (!changesOnly && !replaces) {
    const message =
      'has no effect without changesOnly: true or mode: "replace"; remove it, or add one of these';
    if (feed !== undefined) return problem('feed', message);
    return listChanges ? problem('listChanges', message) : [];
  }
  if (changesOnly && mode !== 'upsert') {
    const message = replaces
      ? 'is what "replace" does anyway; remove it'
      : `works with the mode "upsert" alone, not with "${mode}"; remove one of the two`;
    return problem('changesOnly', message);
  }
  const option = replaces ? 'mode' : 'changesOnly';
  const what = replaces ? 'is "replace", which ' : '';
  if (newest !== undefined || operation !== undefined) {
    const other = newest === undefined ? 'operation' : 'newest';
    const message = `${what}contradicts ${other}, since the feed then does not show what the table has; remove one of the two`;
    return problem(option, message);
  }
  if (feed !== undefined) return [];
  const message = `${what}needs to know which uploads follow each other: add feed: 'object' if a file comes under the same name each time, or feed: 'dataset' if its name changes and each file of the dataset replaces the one before`;
  return problem(option, message);
}

/** What follows from the option. */
export interface Load {
  readonly mode: 'upsert' | 'insert' | 'merge' | 'replace';
  /** The attribute that says when an item was uploaded, if a row must not replace one that was uploaded later. */
  readonly newest: string | undefined;
  readonly operation: Operation | undefined;
  /** The uploads that follow each other, if what they have loaded is kept in an index. */
  readonly feed: 'object' | 'dataset' | undefined;
  /** The most keys that a load may remove; undefined if loads remove none. */
  readonly maxRemoved: RemovalLimits | undefined;
  /** Whether the keys that it changes are listed. */
  readonly listsChanges: boolean;
  /** Whether what a file has changed is undone by loading the one before it. */
  readonly canUndo: boolean;
  /** The actions of DynamoDB that it needs. */
  readonly actions: readonly string[];
  readonly outcomes: readonly WriteOutcome[];
  /** None if it has no index. */
  readonly keyOutcomes: readonly KeyOutcome[];
  /** Bytes of the attributes that it adds to each item. */
  readonly addedBytes: number;
}

/** What its metrics count besides rejected rows and duplicates. */
export function outcomesOf({
  outcomes,
  keyOutcomes,
}: Pick<Load, 'outcomes' | 'keyOutcomes'>): readonly (WriteOutcome | KeyOutcome)[] {
  return [...outcomes, ...keyOutcomes];
}

/** What follows from the option, given the dataset's columns. */
export function loadOf(
  { mode = 'upsert', feed, ...options }: DeclaredLoad = {},
  columns: Columns = {},
): Load {
  const newest = options.newest?.attribute;
  const operation = operationOf(options.operation, columns);
  if (mode === 'insert') {
    return {
      mode,
      newest,
      operation,
      feed,
      maxRemoved: undefined,
      listsChanges: false,
      canUndo: false,
      actions: ['PutItem'],
      outcomes: ['loaded', 'existing'],
      keyOutcomes: [],
      addedBytes: UPLOAD_ATTRIBUTE.length + UPLOAD_NAME_LENGTH,
    };
  }
  const isAlways = newest === undefined;
  const put = isAlways ? 'BatchWriteItem' : 'PutItem';
  const merge = operation === undefined ? ['UpdateItem'] : ['UpdateItem', 'DeleteItem'];
  return {
    mode,
    newest,
    operation,
    feed,
    maxRemoved: mode === 'replace' ? limitsOf(options.maxRemoved) : undefined,
    listsChanges: options.listChanges ?? false,
    canUndo: mode !== 'merge' && isAlways && operation === undefined,
    actions: mode === 'merge' ? merge : [put],
    outcomes: [
      'loaded',
      ...(feed === undefined ? [] : (['unchanged'] as const)),
      ...(isAlways ? [] : (['stale'] as const)),
      ...(operation === undefined ? [] : (['deleted'] as const)),
    ],
    keyOutcomes: keyOutcomes(mode, feed),
    addedBytes: isAlways ? 0 : Buffer.byteLength(newest) + UPLOAD_TIME_LENGTH,
  };
}

function keyOutcomes(mode: Load['mode'], feed: Load['feed']): readonly KeyOutcome[] {
  if (feed === undefined) return [];
  return mode === 'replace' ? KEY_OUTCOMES : ['added', 'changed', 'kept'];
}

function limitsOf(declared: DeclaredLoad['maxRemoved']): RemovalLimits {
  return declared === undefined ? DEFAULT_LIMITS : { share: 1, ...declared };
}

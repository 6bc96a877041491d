/** How the rows of a dataset are written to its table, and what may become of them there. */

import * as z from 'zod/mini';
import type { Columns } from './item.ts';
import { choiceOf, mustBe, optionsOf, type Problem } from './options.ts';

/** What may become of a row that is neither rejected nor an earlier duplicate. */
export const WRITE_OUTCOMES = ['loaded', 'existing', 'stale'] as const;

export type WriteOutcome = (typeof WRITE_OUTCOMES)[number];

/** Numbers of rows by outcome. Those that the dataset's load cannot have are absent. */
export type WriteCounts = { readonly loaded: number } & Readonly<
  Partial<Record<Exclude<WriteOutcome, 'loaded'>, number>>
>;

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

/** What a row does whose key the table already has. */
export type LoadOptions =
  | {
      /** It leaves the item. */
      readonly mode: 'insert';
      readonly newest?: never;
    }
  | {
      /** It replaces the item, which is the default, or sets the columns that its file has and leaves other attributes. */
      readonly mode?: 'upsert' | 'merge';
      /** It does so only if no newer upload has written the item, which this attribute shows. */
      readonly newest?: { readonly attribute: string };
    };

const loadSchema = optionsOf({
  mode: z.exactOptional(choiceOf(['upsert', 'insert', 'merge'])),
  newest: z.exactOptional(
    optionsOf({
      attribute: z
        .string({ error: mustBe('a string') })
        .check(
          z.refine(
            (name) => name !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES,
            `must be 1 to ${MAX_NAME_BYTES} bytes long`,
          ),
        ),
    }),
  ),
} satisfies Record<keyof LoadOptions, z.ZodMiniType>);

/** The option, as far as a schema can check it. */
type DeclaredLoad = z.output<typeof loadSchema>;

/** Schema of the option. */
export const loadOption = z.exactOptional(loadSchema);

/** What is wrong with the option, given the dataset's columns. */
export function loadProblems({ mode, newest }: DeclaredLoad = {}, columns: Columns): Problem[] {
  const problems: Problem[] = [];
  if (mode === 'insert') {
    if (Object.hasOwn(columns, UPLOAD_ATTRIBUTE)) {
      const message = `needs the attribute ${UPLOAD_ATTRIBUTE} for itself, which is also a column; rename the column, and make this an alias`;
      problems.push({ path: ['load'], message });
    }
    if (newest !== undefined) {
      const message = 'has no effect on an insert, which never replaces an item; remove one of the two';
      problems.push({ path: ['load', 'newest'], message });
    }
  }
  const { length } = Object.keys(columns);
  if (mode === 'merge' && length > MAX_MERGED_COLUMNS) {
    const message = `cannot be "merge" in a dataset of ${length} columns; DynamoDB sets at most ${MAX_MERGED_COLUMNS} at once`;
    problems.push({ path: ['load', 'mode'], message });
  }
  const attribute = newest?.attribute ?? '';
  if (attribute === 'pk' || attribute === 'sk' || Object.hasOwn(columns, attribute)) {
    const message = `names ${attribute}, which is a ${Object.hasOwn(columns, attribute) ? 'column' : 'key'}; choose another attribute`;
    problems.push({ path: ['load', 'newest', 'attribute'], message });
  }
  return problems;
}

/** What follows from the option. */
export interface Load {
  readonly mode: 'upsert' | 'insert' | 'merge';
  /** The attribute that says when an item was uploaded, if a row must not replace one that was uploaded later. */
  readonly newest: string | undefined;
  /** The actions of DynamoDB that it needs. */
  readonly actions: readonly string[];
  readonly outcomes: readonly WriteOutcome[];
  /** Bytes of the attributes that it adds to each item. */
  readonly addedBytes: number;
}

/** What follows from the option. */
export function loadOf({ mode = 'upsert', ...options }: DeclaredLoad = {}): Load {
  const newest = options.newest?.attribute;
  if (mode === 'insert') {
    return {
      mode,
      newest,
      actions: ['PutItem'],
      outcomes: ['loaded', 'existing'],
      addedBytes: UPLOAD_ATTRIBUTE.length + UPLOAD_NAME_LENGTH,
    };
  }
  const isAlways = newest === undefined;
  const put = isAlways ? 'BatchWriteItem' : 'PutItem';
  return {
    mode,
    newest,
    actions: [mode === 'merge' ? 'UpdateItem' : put],
    outcomes: isAlways ? ['loaded'] : ['loaded', 'stale'],
    addedBytes: isAlways ? 0 : Buffer.byteLength(newest) + UPLOAD_TIME_LENGTH,
  };
}

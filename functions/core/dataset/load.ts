/** How the rows of a dataset are written to its table, and what may become of them there. */

import * as z from 'zod/mini';
import type { Columns } from './item.ts';
import { choiceOf, optionsOf, type Problem } from './options.ts';

/** What may become of a row that is neither rejected nor an earlier duplicate. */
export const WRITE_OUTCOMES = ['loaded', 'existing'] as const;

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

/** What a row does whose key the table already has: it replaces the item, or leaves it. */
export interface LoadOptions {
  readonly mode: 'upsert' | 'insert';
}

/** Schema of the option. */
export const loadOption = z.exactOptional(
  optionsOf({ mode: choiceOf(['upsert', 'insert']) } satisfies Record<keyof LoadOptions, z.ZodMiniType>),
);

/** What is wrong with the option, given the dataset's columns. */
export function loadProblems(load: LoadOptions | undefined, columns: Columns): Problem[] {
  if (load?.mode !== 'insert' || !Object.hasOwn(columns, UPLOAD_ATTRIBUTE)) return [];
  const message = `needs the attribute ${UPLOAD_ATTRIBUTE} for itself, which is also a column; rename the column, and make this an alias`;
  return [{ path: ['load'], message }];
}

/** What follows from the option. */
export interface Load {
  readonly mode: LoadOptions['mode'];
  /** The actions of DynamoDB that it needs. */
  readonly actions: readonly string[];
  readonly outcomes: readonly WriteOutcome[];
  /** Bytes of the attributes that it adds to each item. */
  readonly addedBytes: number;
}

/** What follows from the option. */
export function loadOf({ mode }: LoadOptions = { mode: 'upsert' }): Load {
  switch (mode) {
    case 'upsert':
      return {
        mode,
        actions: ['BatchWriteItem'],
        outcomes: ['loaded'],
        addedBytes: 0,
      };
    case 'insert':
      return {
        mode,
        actions: ['PutItem'],
        outcomes: ['loaded', 'existing'],
        addedBytes: UPLOAD_ATTRIBUTE.length + UPLOAD_NAME_LENGTH,
      };
  }
}

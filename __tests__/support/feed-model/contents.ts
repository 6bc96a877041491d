/** Uploads and executions for explorations of a feed. */

import type { Execution, File, Value } from './parts.ts';

/** A file with a value for each key. */
export const file = (...values: Value[]): File => ({ values, hasRejects: false });

/** A file that also has a rejected row. */
export const withRejects = (...values: Value[]): File => ({ values, hasRejects: true });

/** An execution of an upload. */
export const of = (
  upload: number,
  start: Execution['start'] = 'event',
  mode: Execution['mode'] = 'replace',
): Execution => ({ upload, start, mode });

/** No failures. */
export const none = { crashes: 0, redrives: 0, zombies: 0 };

/**
 * All contents of some uploads, but for those in which the two contents of an item are exchanged. Whether a row was
 * rejected matters only to a file that lacks a key.
 */
export function contents(uploads: number, keys: number): readonly (readonly File[])[] {
  const values = combinations<Value>([0, 1, 2], keys);
  const files = [
    ...values.map((each) => file(...each)),
    ...values.filter((each) => each.includes(0)).map((each) => withRejects(...each)),
  ];
  return combinations(files, uploads).filter(
    (combination) => (combination.flatMap((each) => each.values).find((value) => value !== 0) ?? 1) === 1,
  );
}

/** All files that have some of the keys, all items being the same. */
export function subsets(uploads: number, keys: number): readonly (readonly File[])[] {
  const files = combinations<Value>([0, 1], keys).map((values) => file(...values));
  return combinations(files, uploads);
}

function combinations<Part>(parts: readonly Part[], length: number): readonly (readonly Part[])[] {
  if (length === 0) return [[]];
  return combinations(parts, length - 1).flatMap((rest) => parts.map((part) => [...rest, part]));
}

/** Guesses the key: columns whose values are unique in a sample. */

import { storedValue } from '../../functions/core/dataset/columns/column.ts';
import type { NamedColumn } from '../../functions/core/dataset/dataset.ts';
import { keyText } from '../../functions/core/dataset/key.ts';

/** Combinations tested in one pass. Each holds the keys of all rows until one repeats. */
const COMBINATIONS_PER_PASS = 16;

/** Pairs of columns that are tested. */
const MAX_PAIRS = 512;

/** A column that can be part of a key. */
export interface KeyCandidate {
  readonly column: NamedColumn;
  /** Index in the rows. */
  readonly position: number;
  /** Number of distinct cells, if they were counted. */
  readonly distinct: number | undefined;
  /** Whether the longest cell fits into a sort key. */
  readonly fitsSort: boolean;
}

/**
 * Finds the first column, or else the first pair of columns, that is unique in each row.
 * @param candidates columns that are never empty and fit into a key
 * @param rows reads the rows; each call starts with the first row
 * @param count the number of rows
 */
export async function guessKey(
  candidates: readonly KeyCandidate[],
  rows: () => AsyncIterable<readonly string[]>,
  count: number,
): Promise<readonly KeyCandidate[] | undefined> {
  // There cannot be more distinct keys than combinations of distinct cells.
  const isPossible = (columns: readonly KeyCandidate[]): boolean =>
    columns.reduce((product, { distinct = count }) => product * distinct, 1) >= count;
  const combinations = [
    ...candidates.map((candidate) => [candidate]).filter(isPossible),
    ...pairsOf(candidates).filter(isPossible).take(MAX_PAIRS),
  ];
  for (let from = 0; from < combinations.length; from += COMBINATIONS_PER_PASS) {
    const found = await firstUnique(combinations.slice(from, from + COMBINATIONS_PER_PASS), rows);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* pairsOf(candidates: readonly KeyCandidate[]): Generator<readonly KeyCandidate[], void> {
  for (const [index, first] of candidates.entries()) {
    for (const second of candidates.slice(index + 1)) if (second.fitsSort) yield [first, second];
  }
}

async function firstUnique(
  combinations: readonly (readonly KeyCandidate[])[],
  rows: () => AsyncIterable<readonly string[]>,
): Promise<readonly KeyCandidate[] | undefined> {
  let open = combinations.map((columns) => ({ columns, seen: new Set<string>() }));
  for await (const cells of rows()) {
    open = open.filter(({ columns, seen }) => {
      const size = seen.size;
      // The values, because numbers and dates that are written differently may be equal.
      const values = columns.map(({ column, position }) => keyText(storedValue(column, cells[position])));
      // No cell of a valid row contains a NUL.
      seen.add(values.join('\0'));
      return seen.size > size;
    });
    if (open.length === 0) return undefined;
  }
  return open[0]?.columns;
}

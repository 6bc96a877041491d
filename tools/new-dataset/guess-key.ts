/** Finds columns that tell the rows of a sample apart. */

import { NumberValue } from '../../functions/core/dataset/columns.ts';
import { type NamedColumn, storedValue } from '../../functions/core/dataset/dataset.ts';

/** Combinations that are looked at in one pass, each of which holds the keys of all rows up to the first that comes again. */
const AT_A_TIME = 16;

/** Pairs that are tried. */
const MAX_PAIRS = 512;

/** A column that may be part of a key. */
export interface KeyCandidate {
  readonly column: NamedColumn;
  /** In the rows. */
  readonly position: number;
  /** Different cells, if they were counted. */
  readonly distinct: number | undefined;
  /** Whether its longest cell fits into a sort key. */
  readonly fitsSort: boolean;
}

/**
 * The first column, or else the first pair of columns, that is different in each row.
 * @param candidates columns that are never empty, and fit into a key.
 * @param rows reads the rows, from the first one on with each call.
 * @param count of the rows.
 */
export async function guessKey(
  candidates: readonly KeyCandidate[],
  rows: () => AsyncIterable<readonly string[]>,
  count: number,
): Promise<readonly KeyCandidate[] | undefined> {
  // As many different keys as rows cannot be made of fewer different cells.
  const isPossible = (columns: readonly KeyCandidate[]): boolean =>
    columns.reduce((most, { distinct = count }) => most * distinct, 1) >= count;
  const combinations = [
    ...candidates.map((candidate) => [candidate]).filter(isPossible),
    ...pairsOf(candidates).filter(isPossible).take(MAX_PAIRS),
  ];
  for (let from = 0; from < combinations.length; from += AT_A_TIME) {
    const found = await firstUnique(combinations.slice(from, from + AT_A_TIME), rows);
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
      // No cell of a sound row holds a NUL.
      seen.add(columns.map(({ column, position }) => keyText(column, cells[position])).join('\0'));
      return seen.size > size;
    });
    if (open.length === 0) return undefined;
  }
  return open[0]?.columns;
}

/** What a key has of a cell: numbers and dates that are written differently may be the same. */
function keyText(column: NamedColumn, cell: string | undefined): string {
  const value = storedValue(column, cell);
  return value instanceof NumberValue ? value.value : String(value);
}

/** Guesses the key: columns that identify a row, by their names, their kinds, and their values in a sample. */

import { storedValue } from '../../functions/core/dataset/columns/column.ts';
import type { NamedColumn } from '../../functions/core/dataset/dataset.ts';
import { keyText } from '../../functions/core/dataset/shape/table-key.ts';

/** Combinations tested in one pass. Each holds the keys of all rows until one repeats. */
const COMBINATIONS_PER_PASS = 16;

/** The best columns, of which pairs are tested. */
const MAX_PAIRED = 32;

/** Names of a column that identifies a row of any file. */
const OWN_NAMES: readonly string[] = ['guid', 'id', 'key', 'rowid', 'row_id', 'uuid'];

/** First or last words in the names of columns that identify something: `order_id`, `Bestell-Nr`, `Code client`. */
const KEY_WORDS: readonly string[] = [
  ...['code', 'ean', 'email', 'guid', 'gtin', 'iban', 'id', 'identifier', 'isbn', 'key', 'mail', 'no', 'nr'],
  ...['nummer', 'number', 'numero', 'ref', 'reference', 'sku', 'slug', 'uuid'],
];

/** How well columns can be a key, best first. */
export const RANKS = ['own', 'named', 'value', 'text', 'moment'] as const;

/**
 * - `own`: the name says that the column identifies the row.
 * - `named`: the name says that the column identifies something.
 * - `value`: a number, or text that looks like a code.
 * - `text`: free text, a fraction, or true and false.
 * - `moment`: a date or a time, which other rows can share.
 */
export type Rank = (typeof RANKS)[number];

/**
 * Ranks a column by its name and by what it contains.
 * @param name in the header
 */
export function rankOf(name: string, content: 'value' | 'text' | 'moment'): Rank {
  if (content === 'moment') return 'moment';
  const words = name
    .normalize('NFKC')
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, '_')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  if (OWN_NAMES.includes(words.join('_'))) return 'own';
  const isNamed = [words[0], words.at(-1)].some((word) => word !== undefined && KEY_WORDS.includes(word));
  return isNamed ? 'named' : content;
}

/** A column that can be part of a key. */
export interface KeyCandidate {
  readonly column: NamedColumn;
  /** Index in the rows. */
  readonly position: number;
  readonly rank: Rank;
  /** Number of distinct cells, if they were counted. */
  readonly distinct: number | undefined;
  /** Whether every cell fits into a sort key: it is not too long, and its order as text is that of the values. */
  readonly fitsSort: boolean;
}

/**
 * Finds the column, or the pair of columns, that is unique in each row and most likely to stay so.
 * @param candidates columns that are never empty and fit into a key
 * @param rows reads the rows; each call starts with the first row
 * @param count the number of rows
 */
export async function guessKey(
  candidates: readonly KeyCandidate[],
  rows: () => AsyncIterable<readonly string[]>,
  count: number,
): Promise<readonly KeyCandidate[] | undefined> {
  const ranked = candidates.toSorted((one, other) => RANKS.indexOf(one.rank) - RANKS.indexOf(other.rank));
  // There cannot be more distinct keys than combinations of distinct cells.
  const isPossible = (columns: readonly KeyCandidate[]): boolean =>
    columns.reduce((product, { distinct = count }) => product * distinct, 1) >= count;
  const combinations = [
    ...ranked.map((candidate) => [candidate]).filter(isPossible),
    ...pairsOf(ranked.slice(0, MAX_PAIRED)).filter(isPossible),
  ].sort((one, other) => doubtOf(one) - doubtOf(other));
  for (let from = 0; from < combinations.length; from += COMBINATIONS_PER_PASS) {
    const found = await firstUnique(combinations.slice(from, from + COMBINATIONS_PER_PASS), rows);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The smaller, the better a key. A pair with a named column is better than a single column of free text or moments. */
function doubtOf([first, second]: readonly KeyCandidate[]): number {
  const rank = (candidate: KeyCandidate | undefined) =>
    candidate === undefined ? 0 : RANKS.indexOf(candidate.rank);
  if (second === undefined)
    return first?.rank === 'text' || first?.rank === 'moment' ? 10 + rank(first) : rank(first);
  const isNamed = first?.rank === 'own' || first?.rank === 'named';
  return (isNamed && second.rank !== 'text' ? 5 : 20) + rank(second);
}

function* pairsOf(candidates: readonly KeyCandidate[]): Generator<readonly KeyCandidate[], void> {
  for (const [index, first] of candidates.entries()) {
    for (const second of candidates.slice(index + 1)) {
      if (second.fitsSort) yield [first, second];
    }
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

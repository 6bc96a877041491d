/** Names as people write them: which of them are the same, and which one a misspelt name is meant to be. */

import { closest, distance } from 'fastest-levenshtein';

/**
 * Characters of a name. Longer ones are compared as they are: normalising marks in the wrong order, and comparing two
 * names letter by letter, take the square of their length.
 */
const MAX_CHARACTERS = 256;

/** Candidates that a name is compared with, since a header may have as many names as it has bytes. */
const MAX_CANDIDATES = 1_000;

/** Characters that show nothing, such as a zero-width space; source: Unicode standard, chapter 5.21. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

const NON_ASCII = /[^\0-\x7f]/;

/**
 * The form in which names are compared: neither case, surrounding blanks, invisible characters nor the Unicode form
 * matters.
 */
export function normalisedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length > MAX_CHARACTERS) return trimmed;
  const visible = NON_ASCII.test(trimmed)
    ? trimmed.replaceAll(INVISIBLE, '').normalize('NFKC').trim()
    : trimmed;
  // To upper case first, which turns the German sharp s into two letters.
  return visible.toUpperCase().toLowerCase();
}

/** The name that each spelling stands for: the name itself, or one of its aliases. */
export function namesBySpelling(
  named: readonly { readonly name: string; readonly aliases: readonly string[] }[],
): ReadonlyMap<string, string> {
  return new Map(
    named.flatMap(({ name, aliases }) => [name, ...aliases].map((each) => [normalisedName(each), name])),
  );
}

/** The candidate that the name is a misspelling of; undefined if there is none. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const isShort = ({ length }: string): boolean => length <= MAX_CHARACTERS;
  const comparable = isShort(name) ? candidates.filter(isShort).slice(0, MAX_CANDIDATES) : [];
  if (comparable.length === 0) return undefined;
  const nearest = closest(name, comparable);
  return isMisspelt(name, nearest) ? nearest : undefined;
}

/** A suggestion to add to an unknown name, such as ` (did you mean "empty"?)`; or an empty string. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

/** Names that a message lists. */
const MAX_LISTED = 10;

/** Names as a message lists them: the first ones, and how many more there are. */
export function listedNames(names: readonly string[]): string {
  const more = names.length - MAX_LISTED;
  return more > 0
    ? `${names.slice(0, MAX_LISTED).join(', ')} and ${more.toLocaleString('en')} more`
    : names.join(', ');
}

/** What a message says about an object that has unknown keys, such as `has the unknown option "emtpy"`. */
export function hasUnknown(what: string, keys: readonly string[], known: readonly string[]): string {
  const each = keys.map((key) => `${JSON.stringify(key)}${didYouMean(key, known)}`);
  return `has the unknown ${what}${keys.length === 1 ? '' : 's'} ${each.join(', ')}`;
}

/** Whether a name is another one with about one letter in three wrong, or with its letters in another order. */
function isMisspelt(name: string, other: string): boolean {
  const letters = (text: string): string => [...text].sort().join('');
  const wrong = distance(name, other);
  // If a single letter is wrong, nothing of the name is left.
  const isNear = wrong <= Math.max(1, Math.floor(name.length / 3)) && wrong < name.length;
  return isNear || letters(name) === letters(other);
}

/** Matches the header of a file with the columns of a dataset. */

import type { Dataset } from '../../dataset/dataset.ts';
import { listedNames, namesBySpelling, nearestName, normalisedName } from '../../dataset/names.ts';
import { HeaderError } from '../../errors.ts';
import { ownColumns } from '../report-columns.ts';
import type { Hint } from './hint.ts';

/** Names of unknown columns that are reported. */
const MAX_IGNORED_NAMES = 20;

/** Unknown columns that a warning names. */
const MAX_WARNINGS = 5;

/** Missing and repeated columns that a message names. */
const MAX_PROBLEMS = 5;

/** Spellings that a message lists of a column that appears more than once. */
const MAX_LISTED_SPELLINGS = 5;

/** Unknown columns that are compared with a missing one. */
const MAX_COMPARED = 1_000;

/** Characters of a column name that are reported. */
const MAX_NAME_CHARACTERS = 64;

export interface MatchedHeader {
  /** For each column of the dataset, its position in the file; -1 for an optional column that is missing. */
  readonly columns: readonly number[];
  /** Names of columns that the dataset does not have. */
  readonly ignored: readonly string[];
  /** What may be wrong with them, in sentences. */
  readonly warnings: readonly string[];
}

/**
 * Finds the dataset's columns in a header, in any order and case and under any of their names.
 * @param fields the header's fields, without a BOM.
 * @param file the file's name for messages.
 * @param hint what else may be wrong, if columns are missing.
 * @throws HeaderError that names each column that is missing or appears twice, and suggests a misspelt one; or that the
 * dataset's columns are all missing.
 */
export function matchHeader(
  fields: readonly string[],
  dataset: Pick<Dataset, 'columns'>,
  file: string,
  hint?: Hint,
): MatchedHeader {
  const known = namesBySpelling(dataset.columns);
  const names = fields.map((field) => known.get(normalisedName(field)));
  const unknown = ownColumns(fields).filter((_, index) => names[index] === undefined);
  const comparable = comparableNames(unknown);
  // Without a header, the first row of data is read as one. Its cells must not appear in the message.
  const isHeader = names.some((name) => name !== undefined);
  const problems: string[] = [];
  const warnings: string[] = [];
  const columns = dataset.columns.map(({ name, aliases, required }) => {
    const positions = names.flatMap((candidate, index) => (candidate === name ? [index] : []));
    if (positions.length > 1) {
      const written = positions
        .slice(0, MAX_LISTED_SPELLINGS)
        .map((position) => `"${fields[position]?.trim().slice(0, MAX_NAME_CHARACTERS)}"`)
        .join(', ');
      problems.push(`the column "${name}" appears ${positions.length} times, as ${written}; keep one`);
    }
    if (positions.length > 0) {
      const near = warnings.length < MAX_WARNINGS ? misspeltName([name, ...aliases], comparable) : undefined;
      if (near !== undefined) {
        warnings.push(
          `The column "${near}" is ignored, although it is spelt almost like "${name}", which the file also has. Check which of them has the values.`,
        );
      }
      return positions[0] ?? -1;
    }
    const similar = similarName([name, ...aliases], comparable);
    if (required) {
      problems.push(
        `the column "${name}" is missing${similar === undefined ? '' : ` (is it "${similar}"?)`}`,
      );
    } else if (similar !== undefined && warnings.length < MAX_WARNINGS) {
      warnings.push(
        `The column "${similar}" is ignored: is it "${name}"? Correct its name, or declare it as an alias.`,
      );
    }
    return -1;
  });
  if (problems.length > 0) {
    const required = dataset.columns.flatMap((column) => (column.required ? [`"${column.name}"`] : []));
    const problem =
      hint?.problem ??
      (isHeader ? listedProblems(problems) : `it has none of the columns ${listedNames(required)}`);
    const advice = hint === undefined ? '' : ` ${hint.advice}`;
    throw new HeaderError(`The header of ${file} does not match the dataset: ${problem}.${advice}`);
  }
  const named = unknown.filter((name) => normalisedName(name) !== '');
  const unnamed = unknown.length - named.length;
  if (unnamed > 0) {
    warnings.push(
      unnamed === 1
        ? 'A column without a name is ignored.'
        : `${unnamed} columns without a name are ignored.`,
    );
  }
  return {
    columns,
    ignored: named.slice(0, MAX_IGNORED_NAMES).map((name) => name.trim().slice(0, MAX_NAME_CHARACTERS)),
    warnings,
  };
}

function listedProblems(problems: readonly string[]): string {
  const more = problems.length - MAX_PROBLEMS;
  const listed = problems.slice(0, MAX_PROBLEMS).join('; ');
  return more > 0
    ? `${listed}; and ${more.toLocaleString('en')} more columns are missing or appear more than once`
    : listed;
}

/** Unknown columns that may be misspelt ones: as they are written, by the form in which names are compared. */
function comparableNames(unknown: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    unknown
      .filter((field) => field.length <= MAX_NAME_CHARACTERS && normalisedName(field) !== '')
      .slice(0, MAX_COMPARED)
      .map((field) => [normalisedName(field), field.trim()]),
  );
}

/**
 * The unknown column that is spelt almost like one that the file has. Names that differ in their digits alone, such as
 * `address1` and `address2`, are two names.
 */
function misspeltName(spellings: readonly string[], byName: ReadonlyMap<string, string>): string | undefined {
  const withoutDigits = (name: string): string => name.replaceAll(/\d/g, '');
  for (const name of spellings.map(normalisedName)) {
    const others = [...byName.keys()].filter((other) => withoutDigits(other) !== withoutDigits(name));
    const nearest = nearestName(name, others);
    if (nearest !== undefined) return byName.get(nearest);
  }
  return undefined;
}

/** The unknown column that is spelt almost like a missing one, or contains its name as a word. */
function similarName(spellings: readonly string[], byName: ReadonlyMap<string, string>): string | undefined {
  const names = [...byName.keys()];
  const found = spellings
    .map(normalisedName)
    .map(
      (name) =>
        nearestName(name, names) ?? names.find((other) => other.split(/[^\p{L}\p{N}]+/u).includes(name)),
    )
    .find((name) => name !== undefined);
  return found === undefined ? undefined : byName.get(found);
}

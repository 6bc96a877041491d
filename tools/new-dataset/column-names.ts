/** Makes column names from a header. */

import { ownColumns } from '../../functions/core/csv/report-columns.ts';
import { normalisedName } from '../../functions/core/dataset/names.ts';
import { UsageError } from '../../report/terminal/errors.ts';

/** A column of a file, with its name in the dataset. */
export interface NamedField {
  /** Index in the header, from 0. */
  readonly position: number;
  readonly name: string;
  /** The header's name for the column, if it is different. */
  readonly aliases: readonly string[];
}

/** A name that needs no quotes in TypeScript, and no placeholder in most DynamoDB expressions. */
const PLAIN_NAME = /^[A-Za-z_]\w{0,254}$/;

/** The key attributes of a table. */
const KEY_ATTRIBUTES: readonly string[] = ['pk', 'sk'];

/** Maximum length of a derived name, in characters. */
const MAX_DERIVED_LENGTH = 64;

/**
 * Names the columns: with the header's name if it is a plain name, otherwise with a snake case name derived from it.
 * @returns the columns, and the positions of those without a name, which cannot be found in a file
 * @throws UsageError if the header has a name twice, because the pipeline cannot distinguish the columns
 */
export function nameColumns(
  header: readonly string[],
  place: string,
): { readonly named: readonly NamedField[]; readonly unnamed: readonly number[] } {
  const fields = ownColumns(header);
  const owners = new Map<string, number>();
  for (const [position, field] of fields.entries()) {
    const spelling = normalisedName(field);
    const other = owners.get(spelling);
    if (other !== undefined && spelling !== '') {
      throw new UsageError(
        `The header of ${place} has the name ${JSON.stringify(field.trim())} twice, in columns ${other + 1} and ${position + 1}. Rename one of them.`,
      );
    }
    owners.set(spelling, position);
  }
  const named: NamedField[] = [];
  const unnamed: number[] = [];
  for (const [position, field] of fields.entries()) {
    const original = field.trim();
    const spelling = normalisedName(field);
    if (spelling === '') {
      unnamed.push(position);
      continue;
    }
    let name = original;
    if (!PLAIN_NAME.test(original) || isReserved(original)) {
      const derived = derivedName(original, position);
      const isFree = (candidate: string) => (owners.get(candidate) ?? position) === position;
      name = derived;
      for (let next = 2; !isFree(name); next += 1) name = `${derived}_${next}`;
      owners.set(name, position);
    }
    named.push({ position, name, aliases: normalisedName(name) === spelling ? [] : [original] });
  }
  return { named, unnamed };
}

/** Whether every item has an attribute, or every object a property, of that name. */
function isReserved(name: string): boolean {
  return KEY_ATTRIBUTES.includes(name.toLowerCase()) || name in {};
}

/** The name in snake case, without accents and without characters other than a-z and 0-9. */
function derivedName(original: string, position: number): string {
  const words = original
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, '_')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_DERIVED_LENGTH)
    .replaceAll(/^_+|_+$/g, '');
  if (words === '') return `column_${position + 1}`;
  if (isReserved(words)) return `${words}_column`;
  return /^\d/.test(words) ? `column_${words}` : words;
}

/** Makes column names from a header. */

import { ownColumns } from '../../functions/core/csv/report-columns.ts';
import { normalisedName } from '../../functions/core/dataset/names.ts';
import { DEFAULT_NAMES } from '../../functions/core/dataset/shape/table-key.ts';

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
const KEY_ATTRIBUTES: readonly string[] = Object.values(DEFAULT_NAMES);

/** Maximum length of a derived name, in characters. */
const MAX_DERIVED_LENGTH = 64;

/** The columns of a header that a dataset can have, and the positions of the others. */
export interface NamedFields {
  readonly named: readonly NamedField[];
  readonly unnamed: readonly number[];
  /** Of columns with the same name, which a file's header cannot distinguish. */
  readonly doubled: readonly number[];
}

/** Names the columns: with the header's name if it is a plain name, otherwise with a snake case name derived from it. */
export function nameColumns(header: readonly string[]): NamedFields {
  const fields = ownColumns(header);
  const spellings = fields.map(normalisedName);
  const owners = new Map(spellings.map((spelling, position) => [spelling, position]));
  const counts = new Map<string, number>();
  for (const spelling of spellings) counts.set(spelling, (counts.get(spelling) ?? 0) + 1);
  /** The number that was last tried after a derived name. */
  const numbers = new Map<string, number>();
  const named: NamedField[] = [];
  const unnamed: number[] = [];
  const doubled: number[] = [];
  for (const [position, field] of fields.entries()) {
    const original = field.trim();
    const spelling = spellings[position] ?? '';
    if (spelling === '') {
      unnamed.push(position);
      continue;
    }
    if (counts.get(spelling) !== 1) {
      doubled.push(position);
      continue;
    }
    let name = original;
    if (!PLAIN_NAME.test(original) || isReserved(original)) {
      const derived = derivedName(original, position);
      const isFree = (candidate: string) => (owners.get(candidate) ?? position) === position;
      name = derived;
      while (!isFree(name)) {
        const next = (numbers.get(derived) ?? 1) + 1;
        numbers.set(derived, next);
        name = `${derived}_${next}`;
      }
      owners.set(name, position);
    }
    named.push({ position, name, aliases: normalisedName(name) === spelling ? [] : [original] });
  }
  return { named, unnamed, doubled };
}

/** Whether every item has an attribute, or every object a property, of that name. */
function isReserved(name: string): boolean {
  return KEY_ATTRIBUTES.includes(name.toLowerCase()) || name in {};
}

/** The name in snake case, without accents and without characters other than a-z and 0-9. */
function derivedName(original: string, position: number): string {
  const words = original
    // Enough for the name, since putting many accents in order takes the square of their number.
    .slice(0, 4 * MAX_DERIVED_LENGTH)
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, '_')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_DERIVED_LENGTH)
    .replaceAll(/^_|_$/g, '');
  if (words === '') return `column_${position + 1}`;
  if (isReserved(words)) return `${words}_column`;
  return /^\d/.test(words) ? `column_${words}` : words;
}

/** Makes names of columns out of a header. */

import { isReport, REPORT_COLUMNS } from '../../functions/core/csv/report-rows.ts';
import { normalisedName } from '../../functions/core/dataset/names.ts';
import { UsageError } from '../../report/terminal/errors.ts';

/** A column of a file, as a dataset calls it. */
export interface NamedField {
  /** In the header, from 0 on. */
  readonly position: number;
  readonly name: string;
  /** What the header calls it, if that is something else. */
  readonly aliases: readonly string[];
}

/** What needs no quotes in TypeScript, and no placeholder in most expressions of DynamoDB. */
const SANE = /^[A-Za-z_]\w{0,254}$/;

/** The attributes of a table's key. */
const KEYS: readonly string[] = ['pk', 'sk'];

/** Characters that a name is cut to when it is made. */
const MAX_MADE = 64;

/**
 * Names the columns: as the header does where that is a name, or else with what is left of it in lower case.
 * @returns the columns, and the positions of those that have no name and so cannot be found in a file.
 * @throws UsageError when a name stands twice, since the pipeline cannot tell the columns apart.
 */
export function nameColumns(
  header: readonly string[],
  place: string,
): { readonly named: readonly NamedField[]; readonly unnamed: readonly number[] } {
  const fields = isReport(header) ? header.slice(0, -REPORT_COLUMNS.length) : header;
  const owners = new Map<string, number>();
  for (const [position, field] of fields.entries()) {
    const spelling = normalisedName(field);
    const other = owners.get(spelling);
    if (other !== undefined && spelling !== '') {
      throw new UsageError(
        `The header of ${place} has the name ${JSON.stringify(field.trim())} twice, in columns ${other + 1} and ${position + 1}: rename one of them.`,
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
    if (!isSane(original)) {
      const made = madeName(original, position);
      const isFree = (candidate: string) => (owners.get(candidate) ?? position) === position;
      name = made;
      for (let next = 2; !isFree(name); next += 1) name = `${made}_${next}`;
      owners.set(name, position);
    }
    named.push({ position, name, aliases: normalisedName(name) === spelling ? [] : [original] });
  }
  return { named, unnamed };
}

function isSane(name: string): boolean {
  return SANE.test(name) && !isTaken(name);
}

/** Whether an item has an attribute of that name anyway, or an object something that could be taken for one. */
function isTaken(name: string): boolean {
  return KEYS.includes(name.toLowerCase()) || name in {};
}

/** A name in snake case: letters without their accents, and what is none of a-z and 0-9 left out. */
function madeName(original: string, position: number): string {
  const words = original
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, '_')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_MADE)
    .replaceAll(/^_+|_+$/g, '');
  if (words === '') return `column_${position + 1}`;
  if (isTaken(words)) return `${words}_column`;
  return /^\d/.test(words) ? `column_${words}` : words;
}

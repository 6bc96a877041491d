/** Guesses where the header of a file is, from records that are split with some delimiter. */

import { normalisedName } from '../../functions/core/dataset/names.ts';

/** Records in front of a header that are looked at. */
const MAX_SKIPPED = 100;

/** Characters of a cell that is looked at; a longer one is neither a number nor a date. */
const MAX_CHARACTERS = 40;

/** Share of a column's cells that are numbers, or dates, if the column is one of them. */
const MOST = 0.9;

type Kind = 'empty' | 'number' | 'date' | 'word';

function kindOf(cell: string): Kind {
  const text = cell.trim();
  if (text === '') return 'empty';
  if (text.length > MAX_CHARACTERS) return 'word';
  if (/^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:$|[T ])/.test(text)) return 'date';
  return /\d/.test(text) && /^[-+(]?[$€£]?[\d.,'\s]+[%)-]?$/.test(text) ? 'number' : 'word';
}

/** A record's fields; undefined for one that is not valid CSV. */
export type Fields = readonly string[] | undefined;

/**
 * Index of the record that is the header: the first, unless it looks like a title or another line in front of the header,
 * and a later record looks like one.
 */
export function headerIndex(records: readonly Fields[]): number {
  const [first = []] = records;
  if (looksLikeHeader(first, records.slice(1))) return 0;
  const filled = first.filter((field) => field.trim() !== '').length;
  const typed = typedColumns(records.slice(1), first.length).length;
  for (const [index, fields] of records.slice(0, MAX_SKIPPED).entries()) {
    if (index === 0 || fields === undefined) continue;
    const { length: width } = fields;
    const rows = records.slice(index + 1);
    if (width < Math.max(2, first.length) - 1 || !looksLikeHeader(fields, rows)) continue;
    const isTitle = 2 * filled <= width;
    if (isTitle || typedColumns(rows, width).length > typed) return index;
  }
  return 0;
}

/** Whether fields are names, all different, and most of the rows after them have as many. */
function looksLikeHeader(fields: readonly string[], rows: readonly Fields[]): boolean {
  const names = new Set(fields.map(normalisedName));
  if (names.size < fields.length || names.has('') || isComment(fields, rows)) return false;
  const alike = rows.filter((row) => row?.length === fields.length).length;
  return 2 * alike > rows.length && !fields.some((field) => isData(kindOf(field)));
}

/** Whether a record is a comment: unlike those after it, it starts with a hash and a blank. */
function isComment([first = '']: readonly string[], rows: readonly Fields[]): boolean {
  return (
    /^\s*#\s/.test(first) && rows.some((row) => row !== undefined && !row[0]?.trimStart().startsWith('#'))
  );
}

function isData(kind: Kind): boolean {
  return kind === 'number' || kind === 'date';
}

interface TypedColumn {
  readonly position: number;
  readonly kind: Kind;
}

/** The columns in which nearly all filled cells are numbers, or dates. */
function typedColumns(rows: readonly Fields[], width: number): TypedColumn[] {
  const valid = rows.filter((row) => row?.length === width);
  return Array.from({ length: width }, (_, position) => position).flatMap((position) => {
    const kinds = valid.map((row) => kindOf(row?.[position] ?? '')).filter((kind) => kind !== 'empty');
    return (['number', 'date'] as const).flatMap((kind) => {
      const alike = kinds.filter((each) => each === kind).length;
      return alike > 0 && alike >= MOST * kinds.length ? [{ position, kind }] : [];
    });
  });
}

/** Whether the first record is a row like the others: its cells are numbers or dates where theirs are. */
export function looksLikeRow(first: readonly string[], rows: readonly Fields[]): boolean {
  const typed = rows.length < 2 ? [] : typedColumns(rows, first.length);
  const cells = typed.map(({ position }) => first[position] ?? '');
  return (
    typed.length > 0 &&
    typed.every(({ kind }, index) => kindOf(cells[index] ?? '') === kind) &&
    !areNumbered(cells)
  );
}

/** Whether columns are named by years, or by their numbers. */
function areNumbered(cells: readonly string[]): boolean {
  if (cells.length < 2 || !cells.every((cell) => /^\s*\d{1,5}\s*$/.test(cell))) return false;
  const numbers = cells.map(Number);
  const areYears = numbers.every((number) => number >= 1_800 && number <= 2_200);
  return (
    areYears || numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1)
  );
}

/** Columns of JSON. */

import { normalise } from '../numbers.ts';
import { NumberValue, type Storable, storageProblem } from '../storable.ts';
import { CellFault, type ColumnOptions, column, columnOptions, type Known } from './column.ts';
import { OUT_OF_RANGE } from './number.ts';

/** Levels of a list or map that DynamoDB stores; source: "Service, account, and table quotas", DynamoDB developer guide. */
const MAX_LEVELS = 32;

/** Bytes of a name in a map; source: as above. */
const MAX_NAME_BYTES = 65_535;

/** A JSON object or array, stored as a map or list; numbers keep all their digits. */
export function json<const Options extends ColumnOptions>(options?: Known<Options, ColumnOptions>) {
  type Json = readonly Storable[] | { readonly [name: string]: Storable };
  return column<Json, Options, ColumnOptions>('other', columnOptions, options, () => readJson);
}

const NOT_JSON = new CellFault('not_json', 'is not a JSON object or array that DynamoDB can store');
const REPEATED = new CellFault('not_json', 'is JSON with an object that has the same name twice');
const TOO_DEEP = new CellFault('not_json', `is JSON of more than ${MAX_LEVELS} levels`);

function readJson(cell: string) {
  if (!/^[[{]/.test(cell)) return NOT_JSON;
  const fault = structuralFault(cell);
  if (fault !== undefined) return fault;
  let value: readonly Storable[] | { readonly [name: string]: Storable };
  try {
    // The third argument, with the number's source text, is not in TypeScript's types yet.
    value = JSON.parse(cell, (_, inner: unknown, ...[context]: { readonly source: string }[]) =>
      typeof inner === 'number' ? numberOf(context?.source ?? String(inner)) : checked(inner),
    );
  } catch {
    return NOT_JSON;
  }
  const problem = storageProblem(value, MAX_LEVELS);
  if (problem === undefined) return value;
  return problem === 'number' ? OUT_OF_RANGE : NOT_JSON;
}

/** The number with all its digits; one that DynamoDB cannot keep is found afterwards. */
function numberOf(source: string): NumberValue {
  return NumberValue.from(normalise(source) ?? source);
}

/** @throws SyntaxError for text and names that DynamoDB does not take. */
function checked(value: unknown): unknown {
  if (typeof value === 'string' && !value.isWellFormed()) throw new SyntaxError('Half a surrogate pair.');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  for (const name of Object.keys(value)) {
    if (
      name === '' ||
      name === '__proto__' ||
      !name.isWellFormed() ||
      Buffer.byteLength(name) > MAX_NAME_BYTES
    )
      throw new SyntaxError('A name that cannot be stored.');
  }
  return value;
}

/**
 * What `JSON.parse` does not report: brackets that are nested too deep, since it takes a call for each level, and names
 * that an object has twice, of which it keeps the last value.
 */
function structuralFault(cell: string): CellFault | undefined {
  /** The names of each object that is open; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let string = '';
  for (let at = 0; at < cell.length; at += 1) {
    const character = cell[at];
    if (character === '"') {
      const end = endOfString(cell, at);
      string = cell.slice(at, end);
      at = end - 1;
    } else if (character === '[' || character === '{') {
      open.push(character === '{' ? new Set() : undefined);
      if (open.length > MAX_LEVELS) return TOO_DEEP;
    } else if (character === ']' || character === '}') {
      open.pop();
    } else if (character === ':') {
      const names = open.at(-1);
      const name = unescaped(string);
      if (names?.has(name)) return REPEATED;
      names?.add(name);
    }
  }
  return undefined;
}

/** Position after the quote that ends the string, or the end of the cell. */
function endOfString(cell: string, start: number): number {
  for (let at = start + 1; at < cell.length; at += 1) {
    if (cell[at] === '\\') at += 1;
    else if (cell[at] === '"') return at + 1;
  }
  return cell.length;
}

/** The characters of a string, which may be written in several ways. */
function unescaped(string: string): string {
  if (!string.includes('\\')) return string;
  try {
    return JSON.stringify(JSON.parse(string));
  } catch {
    return string;
  }
}

/** Keys of items, from templates such as `ORDER#{order_id}` and the values of columns. */

import type { Column } from './columns/column.ts';
import type { Columns } from './item.ts';
import { didYouMean } from './names.ts';
import { MAX_DIGITS } from './numbers.ts';
import type { Problem } from './options.ts';
import { NumberValue, type Storable } from './storable.ts';

/** Columns with these values that can be part of a key: their cells are never empty. */
type ColumnOf<C extends Columns, Value> = {
  [Name in keyof C & string]: C[Name] extends Column<Value, 'reject'> ? Name : never;
}[keyof C & string];

/** What a template may have in braces: a column, or one of whole numbers with the width to which it is padded. */
type KeyPart<C extends Columns, Field extends 'key' | 'sort'> =
  | ColumnOf<C, Field extends 'sort' ? string | boolean : string | bigint | boolean | NumberValue>
  | `${ColumnOf<C, bigint>}:${number}`;

/** What a template has in braces. */
type PartsOf<Template extends string> = Template extends `${string}{${infer Part}}${infer Rest}`
  ? Part | PartsOf<Rest>
  : never;

/** The template itself, if it names a column and each that it names can be part of a key; if not, what is wrong. */
export type KeyTemplate<C extends Columns, Template extends string, Field extends 'key' | 'sort'> = [
  PartsOf<Template>,
] extends [never]
  ? 'a key must name a column in braces'
  : [PartsOf<Template>] extends [KeyPart<C, Field>]
    ? Template
    : KeyProblem<C, Exclude<PartsOf<Template>, KeyPart<C, Field>>>;

type KeyProblem<C extends Columns, Part extends string> = Part extends keyof C
  ? Part extends KeyPart<C, 'key'>
    ? `the sort key names ${Part}, a number, which sorts as text; pad a whole number, such as {${Part}:6}`
    : `the key names ${Part}, which may be empty or is not text, a number, a date or a boolean`
  : Part extends `${infer Name extends keyof C & string}:${number}`
    ? `the key pads ${Name}, which may be empty or is not a whole number`
    : `the key names ${Part}, which is not a column`;

/** A key's attribute. */
export type KeyAttribute = 'pk' | 'sk';

/**
 * Bytes that a key may have.
 * Source: 2,048 for a partition key, 1,024 for a sort key, "Service, account, and table quotas", DynamoDB developer guide.
 */
export const MAX_KEY_BYTES: Readonly<Record<KeyAttribute, number>> = { pk: 2_048, sk: 1_024 };

/** A column in a template. */
export interface KeyColumn {
  readonly name: string;
  /** Digits to which a whole number is padded, so that it sorts like one; undefined if it is not. */
  readonly width: number | undefined;
}

/** The columns that a template names. */
export function columnsIn(template: string): KeyColumn[] {
  return parts(template).filter((part) => typeof part !== 'string');
}

/** The parts of a template: text and columns in turn, the first being text. */
function parts(template: string): (string | KeyColumn)[] {
  return template.split(/\{([^{}]*)\}/).map((part, index) => {
    if (index % 2 === 0) return part;
    const [, name = part, width] = /^(.*):(\d+)$/s.exec(part) ?? [];
    return { name, width: width === undefined ? undefined : Number(width) };
  });
}

/** Why a row has no key. */
export interface KeyFault {
  /** The column, if the key has no other. */
  readonly column: string | null;
  readonly code: 'empty' | 'too_long' | 'out_of_bounds';
  readonly reason: string;
}

/** Makes a function that assembles a key. */
export function keyMaker(attribute: KeyAttribute, template: string) {
  const all = parts(template);
  const [first, ...others] = columnsIn(template);
  const column = others.length === 0 ? (first?.name ?? null) : null;
  const maxBytes = MAX_KEY_BYTES[attribute];
  return (item: Readonly<Record<string, Storable | undefined>>): string | KeyFault => {
    let key = '';
    for (const part of all) {
      if (typeof part === 'string') {
        key += part;
        continue;
      }
      const { name, width } = part;
      const text = keyText(item[name]);
      if (width !== undefined && !isPaddable(text, width)) {
        const reason = `is negative or has more than the ${width} digits to which the key pads it`;
        return { column: name, code: 'out_of_bounds', reason };
      }
      key += width === undefined ? text : text.padStart(width, '0');
    }
    const bytes = Buffer.byteLength(key);
    if (bytes === 0) return { column, code: 'empty', reason: 'makes an empty key' };
    if (bytes <= maxBytes) return key;
    return { column, code: 'too_long', reason: `makes a key of ${bytes} bytes; DynamoDB takes ${maxBytes}` };
  };
}

function isPaddable(number: string, width: number): boolean {
  return number.length <= width && /^\d+$/.test(number);
}

/** A stored value as text, as it is part of a key. */
export function keyText(value: unknown): string {
  return value instanceof NumberValue ? value.value : String(value);
}

/** What is wrong with a template. */
export function keyProblems(field: 'key' | 'sort', template: string, columns: Columns): Problem[] {
  const path = [field];
  const names = columnsIn(template);
  if (names.length === 0) {
    return [{ path, message: 'must name a column in braces; without one, every row has the same key' }];
  }
  if (template.includes('}{')) {
    const message = 'needs something between two columns; without it, 1 and 23 make the same key as 12 and 3';
    return [{ path, message }];
  }
  return names.flatMap(({ name, width }) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    const message =
      column === undefined
        ? `names ${name}, which is not a column${didYouMean(name, Object.keys(columns))}`
        : partProblem(field, name, width, column);
    return message === undefined ? [] : [{ path, message }];
  });
}

/** Digits to which a number in a key can be padded: as many as a number keeps. */
const MAX_WIDTH = MAX_DIGITS;

/** What is wrong with a column in a key. */
function partProblem(
  field: 'key' | 'sort',
  name: string,
  width: number | undefined,
  { empty, storedAs }: Column<Storable>,
): string | undefined {
  if (empty !== 'reject') return `names ${name}, which may be empty`;
  if (storedAs === 'other') return `names ${name}, which is not text, a number, a date or a boolean`;
  if (width !== undefined) {
    if (storedAs !== 'integer' && storedAs !== 'unknown') return `pads ${name}, which is not a whole number`;
    return width < 1 || width > MAX_WIDTH
      ? `pads ${name} to ${width} digits; the width must be from 1 to ${MAX_WIDTH}`
      : undefined;
  }
  if (field === 'key') return undefined;
  if (storedAs === 'integer')
    return `names ${name}, a number, which would sort as text, with 10 before 9; pad it to as many digits as it can have, such as {${name}:6}, or make it part of key`;
  if (storedAs === 'decimal')
    return `names ${name}, a number that may have a fraction, which would sort as text; make it part of key, or use an integer() with a width such as {${name}:6}`;
  return undefined;
}

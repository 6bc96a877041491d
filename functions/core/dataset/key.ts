/** Keys of items, from templates such as `ORDER#{order_id}` and the values of columns. */

import * as z from 'zod/mini';
import type { Column, StoredAs } from './columns/column.ts';
import type { Columns } from './item.ts';
import { didYouMean } from './names.ts';
import { MAX_DIGITS } from './numbers.ts';
import { mustBe, type Problem } from './options.ts';
import { nameProblem, pathOf } from './shape/paths.ts';
import { RowFault } from './shape/row-fault.ts';
import { DEFAULT_NAMES, type KeyAttribute, keyText } from './shape/table-key.ts';
import type { NumberValue, Storable } from './storable.ts';

/** Columns with these values that can be part of a key: their cells are never empty. */
type ColumnOf<C extends Columns, Value> = {
  [Name in keyof C & string]: C[Name] extends Column<Value, 'reject'> ? Name : never;
}[keyof C & string];

/** What a template may have in braces: a column, or one of whole numbers with the width to which it is padded. */
type KeyPart<C extends Columns, Field extends KeyField> =
  | ColumnOf<C, Field extends 'sort' ? string | boolean : string | bigint | boolean | NumberValue>
  | `${ColumnOf<C, bigint>}:${number}`;

/** What a template has in braces. */
type PartsOf<Template extends string> = Template extends `${string}{${infer Part}}${infer Rest}`
  ? Part | PartsOf<Rest>
  : never;

/** The template itself, if it names a column and each that it names can be part of a key; if not, what is wrong. */
export type KeyTemplate<C extends Columns, Template extends string, Field extends KeyField> = [
  PartsOf<Template>,
] extends [never]
  ? 'a key must name a column in braces'
  : [PartsOf<Template>] extends [KeyPart<C, Field>]
    ? Template
    : KeyProblem<C, Exclude<PartsOf<Template>, KeyPart<C, Field>>>;

/** A key as it is declared: a template, or the attribute with its template. */
export type DeclaredKey = string | Readonly<Record<string, string>>;

/** Schema of a declared key. */
export const declaredKey = z.custom<DeclaredKey>(
  (value) =>
    typeof value === 'string' ||
    (typeof value === 'object' &&
      value !== null &&
      Object.values(value).every((template) => typeof template === 'string')),
  { error: mustBe("a template such as 'ORDER#{id}', or an attribute with its template") },
);

/** As {@link KeyTemplate}, for a declared key. */
export type ValidKey<C extends Columns, Key extends DeclaredKey, Field extends KeyField> = Key extends string
  ? KeyTemplate<C, Key, Field>
  : Key extends { readonly [Name in keyof Key]: NamedTemplate<C, Key[Name], Field> }
    ? Key
    : { readonly [Name in keyof Key]: NamedTemplate<C, Key[Name], Field> };

/** As {@link KeyTemplate}, for an attribute of its own: one number, or bytes, alone are stored as what they are. */
type NamedTemplate<
  C extends Columns,
  Template,
  Field extends KeyField,
> = Template extends `{${ColumnOf<C, bigint | NumberValue | Uint8Array>}}`
  ? Template
  : Template extends string
    ? KeyTemplate<C, Template, Field>
    : never;

type KeyProblem<C extends Columns, Part extends string> = Part extends keyof C
  ? Part extends KeyPart<C, 'key'>
    ? `the sort key names ${Part}, a number, which sorts as text; pad a whole number, such as {${Part}:6}`
    : `the key names ${Part}, which may be empty or is not text, a number, a date or a boolean`
  : Part extends `${infer Name extends keyof C & string}:${number}`
    ? `the key pads ${Name}, which may be empty or is not a whole number`
    : `the key names ${Part}, which is not a column`;

/** Which key it is: the partition key, or the sort key. */
export type KeyField = 'key' | 'sort';

/**
 * Bytes that a key may have.
 * Source: 2,048 for a partition key, 1,024 for a sort key, "Service, account, and table quotas", DynamoDB developer guide.
 */
export const MAX_KEY_BYTES: Readonly<Record<KeyField, number>> = { key: 2_048, sort: 1_024 };

/** What a column makes a key of that has nothing else in it. */
const TYPES: Readonly<Partial<Record<StoredAs, KeyAttribute['type']>>> = {
  integer: 'N',
  decimal: 'N',
  binary: 'B',
};

/** The attribute of a key. A template without a name makes text, of whatever columns. */
export function keyAttribute(
  field: KeyField,
  declared: DeclaredKey,
  columns: Columns,
  defaultName: string = DEFAULT_NAMES[field],
): KeyAttribute {
  if (typeof declared === 'string') return { name: defaultName, type: 'S', template: declared };
  const [[name, template] = ['', '']] = Object.entries(declared);
  const column = columns[columnAlone(template) ?? ''];
  return { name, type: (column && TYPES[column.storedAs]) ?? 'S', template };
}

/** Whether the value of a key's attribute is the one of the column that has the same attribute. */
export function isColumnItself({ name, type, template }: KeyAttribute, columns: Columns): boolean {
  const alone = columnAlone(template) ?? '';
  const { [alone]: column } = columns;
  if (column === undefined || pathOf(alone, column).join('.') !== name) return false;
  const { storedAs } = column;
  return storedAs === 'text' || storedAs === 'moment' || TYPES[storedAs] === type;
}

/** The column of a template that has nothing else in it, and does not pad it. */
export function columnAlone(template: string): string | undefined {
  const [column, ...others] = columnsIn(template);
  return others.length === 0 && template === `{${column?.name}}` ? column?.name : undefined;
}

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

/** Makes a function that assembles the value of a key's attribute. */
export function keyMaker(
  field: KeyField,
  { type, template }: KeyAttribute,
): (values: Readonly<Record<string, Storable | undefined>>) => Storable | RowFault {
  return type === 'S' ? textMaker(field, template) : valueMaker(field, columnAlone(template) ?? '');
}

/** Makes a function that returns the value of a column, unless it is too long. */
function valueMaker(field: KeyField, column: string): ReturnType<typeof keyMaker> {
  return ({ [column]: value = null }) =>
    value instanceof Uint8Array ? (lengthFault(field, column, value.length) ?? value) : value;
}

function textMaker(field: KeyField, template: string): ReturnType<typeof keyMaker> {
  const all = parts(template);
  const [first, ...others] = columnsIn(template);
  const column = others.length === 0 ? (first?.name ?? null) : null;
  return (item) => {
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
        return new RowFault(name, 'out_of_bounds', reason);
      }
      key += width === undefined ? text : text.padStart(width, '0');
    }
    return lengthFault(field, column, Buffer.byteLength(key)) ?? key;
  };
}

/** Why DynamoDB does not take a key of that length, if so. */
function lengthFault(field: KeyField, column: string | null, bytes: number): RowFault | undefined {
  const { [field]: maxBytes } = MAX_KEY_BYTES;
  if (bytes > 0 && bytes <= maxBytes) return undefined;
  if (bytes === 0) return new RowFault(column, 'empty', 'makes an empty key');
  return new RowFault(column, 'too_long', `makes a key of ${bytes} bytes; DynamoDB takes ${maxBytes}`);
}

function isPaddable(number: string, width: number): boolean {
  return number.length <= width && /^\d+$/.test(number);
}

/** What is wrong with a declared key. */
export function keyProblems(field: KeyField, declared: DeclaredKey, columns: Columns): Problem[] {
  const path = [field];
  const { name: attribute, type, template } = keyAttribute(field, declared, columns);
  if (typeof declared !== 'string' && Object.keys(declared).length !== 1) {
    return [{ path, message: 'must have exactly one attribute, with its template' }];
  }
  const wrongName = nameProblem(attribute);
  if (wrongName !== undefined) return [{ path, message: wrongName }];
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
        : partProblem(field, name, width, column, type);
    return message === undefined ? [] : [{ path, message }];
  });
}

/** Digits to which a number in a key can be padded: as many as a number keeps. */
const MAX_WIDTH = MAX_DIGITS;

/** What is wrong with a column in a key. */
function partProblem(
  field: KeyField,
  name: string,
  width: number | undefined,
  { empty, storedAs }: Column<Storable>,
  type: KeyAttribute['type'],
): string | undefined {
  if (empty !== 'reject') return `names ${name}, which may be empty`;
  if (type !== 'S') return undefined;
  if (storedAs === 'other' || storedAs === 'binary')
    return `names ${name}, which is not text, a number, a date or a boolean`;
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

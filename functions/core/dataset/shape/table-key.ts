/** The key of a dataset's table: the attributes that it has, and the text that identifies an item by them. */

import type { StoredItem } from '../item.ts';
import { normalise } from '../numbers.ts';
import { NumberValue, type Storable } from '../storable.ts';

/** An attribute of a table's key. */
export interface KeyAttribute {
  readonly name: string;
  /** As DynamoDB calls it: text, a number, or bytes. */
  readonly type: 'S' | 'N' | 'B';
  /** What its value is made of, such as `ORDER#{order_id}`. */
  readonly template: string;
}

/** The partition key, and the sort key if the table has one. */
export type TableKey = readonly [KeyAttribute, KeyAttribute?];

/** The names of attributes for which a dataset declares templates alone. */
export const DEFAULT_NAMES = { key: 'pk', sort: 'sk' } as const;

/** The attributes of a key, without those that the table does not have. */
export function attributesOf([partition, sort]: TableKey): readonly [KeyAttribute, ...KeyAttribute[]] {
  return sort === undefined ? [partition] : [partition, sort];
}

/** An item's key as one string; no cell contains a NUL. */
export function keyOf([partition, sort]: TableKey, item: StoredItem): string {
  return `${keyText(item[partition.name])}\0${sort === undefined ? '' : keyText(item[sort.name])}`;
}

/**
 * Whether a table can have a key, as {@link keyOf} makes it, although it may be of another table: one without a sort
 * key, or one whose keys have other types.
 */
export function isKeyText([partition, sort]: TableKey, text: string): boolean {
  if (text.endsWith('\0') !== (sort === undefined)) return false;
  if (partition.type === 'S' && (sort === undefined || sort.type === 'S')) return true;
  const [first = '', second = ''] = text.split('\0');
  return isValue(partition.type, first) && (sort === undefined || isValue(sort.type, second));
}

/** A number as a column stores it. */
const NUMBER = /^-?[\d.]+(?:E-?\d+)?$/;

function isValue(type: KeyAttribute['type'], text: string): boolean {
  if (type === 'S') return true;
  return type === 'N'
    ? NUMBER.test(text) && normalise(text) !== undefined
    : text !== '' && Buffer.from(text, 'base64').toString('base64') === text;
}

/** The parts of a key as text, by attribute. */
export function keyTexts(key: TableKey, text: string): Readonly<Record<string, string>> {
  const parts = text.split('\0');
  return Object.fromEntries(attributesOf(key).map(({ name }, index) => [name, parts[index] ?? '']));
}

/** The attributes of the key that {@link keyOf} made a string of. */
export function keyFrom(key: TableKey, text: string): StoredItem {
  const parts = text.split('\0');
  return Object.fromEntries(
    attributesOf(key).map(({ name, type }, index) => [name, valueFrom(type, parts[index] ?? '')]),
  );
}

/** The attributes of an item's key. */
export function keyIn(key: TableKey, item: StoredItem): StoredItem {
  return Object.fromEntries(attributesOf(key).map(({ name }) => [name, item[name]]));
}

/** A stored value as text, as it is part of a key. */
export function keyText(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value instanceof NumberValue ? value.value : String(value);
}

function valueFrom(type: KeyAttribute['type'], text: string): Storable {
  if (type === 'S') return text;
  return type === 'N' ? NumberValue.from(text) : Buffer.from(text, 'base64');
}

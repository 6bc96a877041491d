/** The values of items as DynamoDB's JSON. */

import { NumberValue } from '../dataset/columns.ts';

/** The attributes of an item, or of a map in it, as DynamoDB's JSON. */
export function attributes(values: Readonly<Record<string, unknown>>): string {
  let json = '';
  for (const name in values) {
    const value = values[name];
    if (value !== undefined) json += `${json === '' ? '{' : ','}${JSON.stringify(name)}:${attribute(value)}`;
  }
  return json === '' ? '{}' : `${json}}`;
}

/**
 * An item as text, which differs from that of every other item, and takes a quarter of the time that {@link attributes}
 * takes: each name and value comes after its length.
 */
export function itemText(item: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name in item) {
    const value = item[name];
    if (value === undefined) continue;
    if (typeof value === 'string') text += `${name.length}:${name}S${value.length}:${value}`;
    else {
      const json = attribute(value);
      text += `${name.length}:${name}J${json.length}:${json}`;
    }
  }
  return text;
}

/** A value of an item as DynamoDB's JSON; source: "AttributeValue" in the DynamoDB API reference. */
function attribute(value: unknown): string {
  if (typeof value === 'string') return `{"S":${JSON.stringify(value)}}`;
  if (value instanceof NumberValue) return `{"N":${JSON.stringify(value.value)}}`;
  if (typeof value === 'number' || typeof value === 'bigint') return `{"N":"${value}"}`;
  if (typeof value === 'boolean') return `{"BOOL":${value}}`;
  if (value instanceof Uint8Array) return `{"B":"${Buffer.from(value).toString('base64')}"}`;
  if (value instanceof Set) return setAttribute([...value]);
  if (Array.isArray(value)) return `{"L":[${value.map(attribute).join()}]}`;
  return value === null ? '{"NULL":true}' : `{"M":${attributes({ ...Object(value) })}}`;
}

/** A set of text, or of numbers. */
function setAttribute(values: readonly unknown[]): string {
  if (typeof values[0] === 'string') return `{"SS":${JSON.stringify(values)}}`;
  return `{"NS":${JSON.stringify(values.map(String))}}`;
}

import type { AttributeValue } from '@aws-sdk/client-dynamodb';

type Item = Readonly<Record<string, AttributeValue>>;

/** The item as one line of JSON, as {@link plainItem} describes it. */
export function itemLine(item: Item, keys: readonly string[]): string {
  return JSON.stringify(plainItem(item, keys));
}

/**
 * The item for `JSON.stringify`, with its keys first. Numbers are written exactly as DynamoDB returns them, because a
 * JavaScript number would lose digits.
 */
export function plainItem(item: Item, keys: readonly string[]): unknown {
  const first = keys.flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]] as const]));
  return plainValue({ M: { ...Object.fromEntries(first), ...item } });
}

function plainValue(value: AttributeValue): unknown {
  if (value.N !== undefined) return JSON.rawJSON(value.N);
  if (value.NS !== undefined) return value.NS.map((text) => JSON.rawJSON(text));
  if (value.B !== undefined) return Buffer.from(value.B).toString('base64');
  if (value.BS !== undefined) return value.BS.map((bytes) => Buffer.from(bytes).toString('base64'));
  if (value.L !== undefined) return value.L.map(plainValue);
  if (value.M !== undefined) {
    return Object.fromEntries(Object.entries(value.M).map(([name, inner]) => [name, plainValue(inner)]));
  }
  if (value.NULL !== undefined) return null;
  return value.S ?? value.BOOL ?? value.SS;
}

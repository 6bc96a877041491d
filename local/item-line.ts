import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * The item as one line of JSON, its key first. Numbers become the very text that DynamoDB gives, since a JavaScript
 * number would lose digits.
 */
export function itemLine(item: Record<string, AttributeValue>, key: string): string {
  const { [key]: first, ...others } = item;
  return JSON.stringify(plainValue({ M: { ...(first && { [key]: first }), ...others } }));
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

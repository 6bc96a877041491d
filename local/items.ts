/** The table's items as JSON Lines. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Table } from './synthesized.ts';

/**
 * Writes every item of the table, one a line, in the order of its key as DynamoDB compares strings (UTF-8 bytes). Numbers
 * keep all their digits. Holds the lines in memory, about as much as the file has bytes.
 */
export async function writeItems(dynamodb: DynamoDBClient, table: Table, file: string): Promise<void> {
  const lines: { readonly key: Buffer; readonly line: Buffer }[] = [];
  for await (const page of paginateScan({ client: dynamodb }, { TableName: table.name })) {
    for (const { [table.hash_key]: key, ...item } of page.Items ?? []) {
      const plain = plainValue({ M: { ...(key && { [table.hash_key]: key }), ...item } });
      lines.push({ key: Buffer.from(key?.S ?? ''), line: Buffer.from(`${JSON.stringify(plain)}\n`) });
    }
  }
  lines.sort((a, b) => Buffer.compare(a.key, b.key));
  const stream = createWriteStream(file);
  for (const { line } of lines) {
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

/** A number becomes the very text that DynamoDB gives, since a JavaScript number would lose digits. */
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

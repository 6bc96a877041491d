/**
 * Writes every item of a table into a file, as JSON Lines in the order of the key as DynamoDB compares strings. In a
 * process of its own, because the pages of a long scan leave much garbage. Arguments: the table, its key, the file,
 * and a folder for what does not fit into memory.
 */

import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { SortedLines } from './sorted-lines.ts';

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

async function writeItems(table: string, key: string, file: string, directory: string): Promise<void> {
  const lines = new SortedLines(directory, (line) => String(JSON.parse(line)[key]));
  for await (const page of paginateScan({ client: new DynamoDBClient() }, { TableName: table })) {
    for (const item of page.Items ?? []) await lines.add(itemLine(item, key));
  }
  await lines.write(file);
}

if (import.meta.main) {
  const [table = '', key = '', file = '', directory = ''] = process.argv.slice(2);
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches every process of the terminal; the one that started this one decides when it ends.
  process.on('SIGINT', () => undefined);
  await writeItems(table, key, file, directory);
  process.send?.('written', () => process.exit());
}

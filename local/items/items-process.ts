/**
 * Writes every item of a table into a file, as JSON Lines in the order of the keys as DynamoDB compares strings. In a
 * process of its own, because the pages of a long scan leave much garbage. Arguments: the table, the file, a folder for
 * what does not fit into memory, and the table's key or keys.
 */

import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { itemLine } from './item-line.ts';
import { SortedLines } from './sorted-lines.ts';

async function writeItems(
  table: string,
  file: string,
  directory: string,
  keys: readonly string[],
): Promise<void> {
  // A NUL comes before whatever else a longer key goes on with.
  const lines = new SortedLines(directory, (line) => {
    const item = JSON.parse(line);
    return keys.map((key) => String(item[key])).join('\0');
  });
  for await (const page of paginateScan({ client: new DynamoDBClient() }, { TableName: table })) {
    for (const item of page.Items ?? []) await lines.add(itemLine(item, keys));
  }
  await lines.write(file);
}

if (import.meta.main) {
  const [table = '', file = '', directory = '', ...keys] = process.argv.slice(2);
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches every process of the terminal; the one that started this one decides when it ends.
  process.on('SIGINT', () => undefined);
  await writeItems(table, file, directory, keys);
  process.send?.('written', () => process.exit());
}

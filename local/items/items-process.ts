/**
 * Writes every item of a table to a file, as JSON Lines. The items are sorted by key, as DynamoDB compares strings. This
 * has its own process because the pages of a long scan leave a lot of garbage. The arguments are the table, the file, a
 * folder for the lines that do not fit into memory, and the names of the table's keys.
 */

import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { itemLine } from '../../report/terminal/item-line.ts';
import { SortedLines } from './sorted-lines.ts';

async function writeItems(
  table: string,
  file: string,
  directory: string,
  keys: readonly string[],
): Promise<void> {
  // NUL sorts before every other character, so a shorter key comes before a longer one that starts with it.
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
  // Ctrl-C reaches every process of the terminal, but the parent decides when this one ends.
  process.on('SIGINT', () => undefined);
  await writeItems(table, file, directory, keys);
  process.send?.('written', () => process.exit());
}

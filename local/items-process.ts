/**
 * Writes every item of a table into a file, as JSON Lines in the order of the key as DynamoDB compares strings. In a
 * process of its own, because the pages of a long scan leave much garbage. Arguments: the table, its key, the file,
 * and a folder for what does not fit into memory.
 */

import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { itemLine } from './item-line.ts';
import { SortedLines } from './sorted-lines.ts';

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

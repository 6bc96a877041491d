/** DuckDB's CSV reader, with the types of the columns: parsing and checking alone, of a file on the disk. */

import { DuckDBInstance } from '@duckdb/node-api';
import { reportUsage } from './report-usage.ts';

async function run(file: string, rows: number): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const before = process.cpuUsage();
  // On one thread, as it has one processor; on several it takes the quoted lines that look like rows for rows.
  // Every column has a part in what is selected, so that none is left unread.
  const result = await connection.runAndReadAll(
    `SELECT count(*), max(id), max(name), sum(amount), max(date) FROM read_csv('${file}', header = true, quote = '"', parallel = false,
      columns = {'id': 'VARCHAR', 'name': 'VARCHAR', 'amount': 'DECIMAL(38, 6)', 'date': 'DATE', 'note': 'VARCHAR'})`,
  );
  const read = Number(result.getRows()[0]?.[0]);
  if (read !== rows) throw new Error(`DuckDB read ${read} rows of ${rows}.`);
  reportUsage(before);
}

void run(process.argv[2] ?? '', Number(process.argv[3]));

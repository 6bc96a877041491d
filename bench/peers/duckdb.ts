/** DuckDB's CSV reader with typed columns. It only parses and checks a file on disk. */

import { DuckDBInstance } from '@duckdb/node-api';
import { reportUsage } from './report-usage.ts';

async function run(file: string, rows: number): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const before = process.cpuUsage();
  // It has one processor, so it uses one thread. With several, it also mistakes quoted lines for rows.
  // The query uses the columns, so that DuckDB cannot skip them.
  const result = await connection.runAndReadAll(
    `SELECT count(*), max(id), max(name), sum(amount), max(date) FROM read_csv('${file}', header = true, quote = '"', parallel = false,
      columns = {'id': 'VARCHAR', 'name': 'VARCHAR', 'amount': 'DECIMAL(38, 6)', 'date': 'DATE', 'note': 'VARCHAR'})`,
  );
  const read = Number(result.getRows()[0]?.[0]);
  if (read !== rows) throw new Error(`DuckDB read ${read} of ${rows} rows.`);
  reportUsage(before);
}

void run(process.argv[2] ?? '', Number(process.argv[3]));

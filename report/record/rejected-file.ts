/** Reads `rejected.csv`, the pipeline's report of rejected rows. */

import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { MAX_ROW_CHARACTERS, type RejectedRecord } from './run-record.ts';

/**
 * Reads the first rows of a report.
 * @throws Error if the header does not end with the report's own columns.
 */
export async function rejectedRecords(file: string, maxRows: number): Promise<RejectedRecord[]> {
  const delimiter = await reportDelimiter(file);
  const rows: RejectedRecord[] = [];
  // The columns of the user's file come first; their number is not known here.
  const records = createReadStream(file).pipe(
    parse({ delimiter, from: 2, to: maxRows + 1, relax_column_count: true }),
  );
  for await (const record of records) {
    const cells = z.array(z.string()).parse(record);
    const [line = '', column = '', code = '', reason = ''] = cells.slice(-5);
    const row = cells.slice(0, -5).join(delimiter).slice(0, MAX_ROW_CHARACTERS);
    rows.push({ line: Number(line), column, code, reason, row });
  }
  return rows;
}

/** A report has the delimiter of the file it is about. */
async function reportDelimiter(file: string): Promise<string> {
  let text = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    text += chunk;
    const [, delimiter] = /(.)_line\1_column\1_code\1_reason\1_source_\w+\r?\n/.exec(text) ?? [];
    if (delimiter !== undefined) return delimiter;
  }
  throw new Error(
    `${file} is not a report of rejected rows: its header must end with _line, _column, _code, _reason and _source_loaded or _source_refused.`,
  );
}

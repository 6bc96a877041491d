/** Reads the rows of a sample once, and collects evidence about its columns. */

import { firstInvalid1252 } from '../../functions/core/csv/encoding.ts';
import type { CsvRecord } from '../../functions/core/csv/records.ts';
import type { Encoding, TextKind } from '../../functions/core/messages.ts';
import { textWith } from '../../functions/core/steps/validate.ts';
import { ColumnEvidence } from './guess-column.ts';
import type { Sample } from './sample.ts';

/** What is known about a sample's rows. */
export interface Survey {
  readonly encoding: Encoding;
  /** Evidence for each column, in the order of the header. */
  readonly columns: readonly ColumnEvidence[];
  /** Rows that the evidence is based on. */
  readonly rows: number;
  /** Rows with invalid CSV, or with another number of fields than the header. */
  readonly invalid: number;
  /** Whether the file has more rows. */
  readonly isCut: boolean;
}

/** Surveys the rows. If they turn out to be windows-1252, it reads them again as such. */
export async function survey(sample: Sample): Promise<Survey> {
  const { text, fits1252, ...found } = await surveyAs(sample, sample.encoding);
  const { isAscii, hasBom } = sample.header;
  // The same rule as the pipeline's, because the pipeline reads the file.
  const is1252 = sample.encoding === 'utf-8' && text === 'invalid' && fits1252 && isAscii && !hasBom;
  return is1252 ? surveyAs(sample, 'windows-1252') : found;
}

async function surveyAs(sample: Sample, encoding: Encoding) {
  const { fields: header, lines } = sample.header;
  const columns = header.map(() => new ColumnEvidence());
  let [rows, invalid, isCut, fits1252] = [0, 0, false, true];
  let text: TextKind = 'ascii';
  for await (const batch of sample.records(encoding)) {
    for (const record of batch.records) {
      text = textWith(text, record);
      if (record.fault === 'invalid_encoding') fits1252 &&= firstInvalid1252(record.raw) === -1;
      const cells = validCells(record, header.length);
      if (cells === undefined) {
        invalid += 1;
        continue;
      }
      rows += 1;
      for (const [index, column] of columns.entries()) {
        column.add(cells[index] ?? '', lines + record.line + 1);
      }
    }
    isCut = batch.isCut;
  }
  return { encoding, columns, rows, invalid, isCut, text, fits1252 };
}

/** Reads the cells of the valid rows again. */
export async function* validRows(
  sample: Sample,
  encoding: Encoding,
): AsyncGenerator<readonly string[], void> {
  for await (const { records } of sample.records(encoding)) {
    for (const record of records) {
      const cells = validCells(record, sample.header.fields.length);
      if (cells !== undefined) yield cells;
    }
  }
}

function validCells({ fields, fault }: CsvRecord, width: number): readonly string[] | undefined {
  return fault === undefined && fields?.length === width ? fields : undefined;
}

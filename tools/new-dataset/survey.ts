/** Looks at the rows of a sample once. */

import type { Encoding } from '../../functions/core/csv/encoding.ts';
import { firstInvalid1252 } from '../../functions/core/csv/encoding.ts';
import type { CsvRecord } from '../../functions/core/csv/records.ts';
import type { TextKind } from '../../functions/core/messages.ts';
import { textWith } from '../../functions/core/steps/validate.ts';
import { ColumnEvidence } from './guess-column.ts';
import type { Sample } from './sample.ts';

/** What is known of a sample's rows. */
export interface Survey {
  readonly encoding: Encoding;
  /** In the order of the header. */
  readonly columns: readonly ColumnEvidence[];
  /** Rows that the evidence is from. */
  readonly rows: number;
  /** Rows that are no sound CSV, or have another number of fields than the header. */
  readonly unsound: number;
  /** Whether the file has more rows. */
  readonly isCut: boolean;
}

/** Looks at the rows, in windows-1252 if that is what they turn out to be. */
export async function survey(sample: Sample): Promise<Survey> {
  const { text, fits1252, ...found } = await surveyAs(sample, sample.encoding);
  const { isAscii, hasBom } = sample.header;
  // By the pipeline's own rule, since it is the pipeline that will read the file.
  const is1252 = sample.encoding === 'utf-8' && text === 'invalid' && fits1252 && isAscii && !hasBom;
  return is1252 ? surveyAs(sample, 'windows-1252') : found;
}

async function surveyAs(sample: Sample, encoding: Encoding) {
  const { fields: header, lines } = sample.header;
  const columns = header.map(() => new ColumnEvidence());
  let [rows, unsound, isCut, fits1252] = [0, 0, false, true];
  let text: TextKind = 'ascii';
  for await (const batch of sample.records(encoding)) {
    for (const record of batch.records) {
      text = textWith(text, record);
      if (record.fault === 'invalid_encoding') fits1252 &&= firstInvalid1252(record.raw) === -1;
      const cells = validCells(record, header.length);
      if (cells === undefined) {
        unsound += 1;
        continue;
      }
      rows += 1;
      for (const [index, column] of columns.entries()) {
        column.add(cells[index] ?? '', lines + record.line + 1);
      }
    }
    isCut = batch.isCut;
  }
  return { encoding, columns, rows, unsound, isCut, text, fits1252 };
}

/** Reads the cells of the same rows once more. */
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

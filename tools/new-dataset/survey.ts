/** Reads the rows of a sample once, and collects evidence about its columns. */

import { firstInvalid1252 } from '../../functions/core/csv/encoding.ts';
import type { CsvRecord } from '../../functions/core/csv/records.ts';
import { normalisedName } from '../../functions/core/dataset/names.ts';
import { isBlank } from '../../functions/core/dataset/row-kinds.ts';
import type { Encoding, TextKind } from '../../functions/core/messages.ts';
import { textWith } from '../../functions/core/steps/validate.ts';
import { ColumnEvidence } from './column/guess-column.ts';
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
  /** Rows that are the header once more. */
  readonly repeated: number;
  /** What the last rows start with, as a regular expression in lower case, if they are not rows but a footer. */
  readonly total: string | undefined;
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
  const { names: header } = sample;
  const { lines, width } = sample.header;
  const columns = header.map(() => new ColumnEvidence());
  let [rows, invalid, repeated, isCut, fits1252] = [0, 0, 0, false, true];
  let text: TextKind = 'ascii';
  const add = ({ line, cells }: Row): void => {
    if (cells.length !== width) {
      invalid += 1;
      return;
    }
    rows += 1;
    for (const [index, column] of columns.entries()) column.add(cells[index] ?? '', line);
  };
  // Rows that are the footer if no other row follows, and how rows begin that its pattern would match as well.
  let totals: Row[] = [];
  const alike = new Set<string>();
  for await (const batch of sample.records(encoding)) {
    for (const record of batch.records) {
      text = textWith(text, record);
      if (record.fault === 'invalid_encoding') fits1252 &&= firstInvalid1252(record.raw) === -1;
      if (isBlank(record.fields)) continue;
      const cells = validCells(record, width) ?? endMark(record);
      if (cells === undefined) invalid += 1;
      else if (isRepeated(cells, header)) repeated += 1;
      else {
        totals.push({ line: lines + record.line + 1, cells });
        if (totals.length <= MAX_TOTALS && totalOf(cells) !== undefined) continue;
        for (const row of totals) {
          add(row);
          alike.add(endOf(row.cells) ?? TOTAL.exec(firstFilled(row.cells))?.[0].toLowerCase() ?? '');
        }
        totals = [];
      }
    }
    isCut = batch.isCut;
  }
  const word = isCut || rows === 0 ? undefined : totalOf(totals[0]?.cells ?? []);
  const total = [...alike].some((start) => word !== undefined && start.startsWith(word)) ? undefined : word;
  if (total === undefined) totals.forEach(add);
  return { encoding, columns, rows, invalid, repeated, total, isCut, text, fits1252 };
}

interface Row {
  /** Physical line in the file, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

function isRepeated(cells: readonly string[], header: readonly string[]): boolean {
  return cells.every((cell, index) => normalisedName(cell) === normalisedName(header[index] ?? ''));
}

/** Rows of totals that a file may end with. */
const MAX_TOTALS = 5;

/** Words that a line of totals starts with. */
const TOTAL =
  /^(?:grand |sub)?(?:total(?:e|s)?|totaal|average|mean|durchschnitt|mittelwert|summe|suma|sum|gesamt|insgesamt|итого|всего|合計|总计)/iu;

/** How a row starts that programs write after the last row, as regular expressions. */
const ENDS = [
  String.raw`\(\d+ rows?(?: affected)?\)$`,
  String.raw`\d+ rows? (?:selected|affected)\.?$`,
  '(?:eof|end of file|trl|trailer)$',
] as const;

/** The expression that matches the row's first filled cell. */
function endOf(cells: readonly string[]): string | undefined {
  const text = firstFilled(cells);
  return ENDS.find((end) => new RegExp(`^${end}`, 'i').test(text));
}

/** The cells of a row that ends the file, however many it has. */
function endMark({ fields, fault }: CsvRecord): readonly string[] | undefined {
  return fault === undefined && fields !== undefined && endOf(fields) !== undefined ? fields : undefined;
}

function totalOf(cells: readonly string[]): string | undefined {
  const end = endOf(cells);
  if (end !== undefined) return end;
  const text = firstFilled(cells);
  const [word] = TOTAL.exec(text) ?? [];
  return word === undefined || /^[\p{L}\p{N}]/u.test(text.slice(word.length))
    ? undefined
    : word.toLowerCase();
}

function firstFilled(cells: readonly string[]): string {
  return cells.find((cell) => cell.trim() !== '')?.trim() ?? '';
}

/** Reads the cells of the valid rows again. */
export async function* validRows(
  sample: Sample,
  { encoding, rows }: Survey,
): AsyncGenerator<readonly string[], void> {
  const { names: header } = sample;
  let remaining = rows;
  for await (const { records } of sample.records(encoding)) {
    for (const record of records) {
      if (remaining === 0) return;
      const cells = isBlank(record.fields) ? undefined : validCells(record, sample.header.width);
      if (cells === undefined || isRepeated(cells, header)) continue;
      remaining -= 1;
      yield cells;
    }
  }
}

function validCells({ fields, fault }: CsvRecord, width: number): readonly string[] | undefined {
  return fault === undefined && fields?.length === width ? fields : undefined;
}

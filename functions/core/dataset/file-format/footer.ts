/** Rows below the table, such as a total. */

import * as z from 'zod/mini';
import { backtracking } from '#backtracking';
import { RowCountError } from '../../errors.ts';
import { mustBe, type Problem } from '../options.ts';

/** Characters of a cell that the expression sees. */
const MAX_CHARACTERS = 256;

/** Rows that may follow the first row of the footer; more of them show that it is a row of the table. */
const MAX_FOOTER_ROWS = 1_000;

/** Schema of the option. */
export const footerOption = z.exactOptional(
  z.custom<RegExp>((value) => value instanceof RegExp, { error: mustBe('a regular expression') }),
);

/** What is wrong with an expression that recognizes footers. */
export function footerProblems(footer: RegExp | undefined): Problem[] {
  if (footer === undefined) return [];
  const message = /[gy]/.test(footer.flags)
    ? 'has the flag g or y, which makes it depend on the rows before'
    : backtracking(footer, MAX_CHARACTERS);
  return message === undefined ? [] : [{ path: ['footer'], message }];
}

/** Whether a row is the first of the footer: the expression matches its first cell that is not blank. */
export function isFooter(fields: readonly string[] | undefined, footer: RegExp | undefined): boolean {
  if (footer === undefined) return false;
  const cell = fields?.find((field) => field.trim() !== '');
  return cell !== undefined && footer.test(cell.trim().slice(0, MAX_CHARACTERS));
}

/**
 * Verifies that the footer is one.
 * @param file the file's name for messages.
 * @param rows of the footer.
 * @throws RowCountError when so many rows follow its first one that they are data.
 */
export function verifyFooter(file: string, rows: number): void {
  if (rows <= MAX_FOOTER_ROWS + 1) return;
  throw new RowCountError(
    `${file} has ${rows - 1} rows after the first row that matches the dataset's footer; at most ${MAX_FOOTER_ROWS} may follow it. Make footer match only the row with which the footer begins, or remove footers in the middle of the file.`,
  );
}

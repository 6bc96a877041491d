/** How many rows a dataset expects, and how many rejected ones it tolerates. */

import { RowCountError } from '../errors.ts';
import type { Dataset, Tolerance } from './dataset.ts';

/** Whether the other rows are loaded. */
export function isTolerated({ rows, share }: Tolerance, rejected: number, read: number): boolean {
  // The quotient of whole numbers is exactly the share as it is written, such as 0.01; a product may not be.
  return rejected === 0 || (share === undefined ? rejected <= (rows ?? 0) : rejected / read <= share);
}

/**
 * US dollars for one on-demand write of up to 1 KB, in US East (N. Virginia), as of 2026-11-22; source:
 * aws.amazon.com/dynamodb/pricing/on-demand.
 */
export const WRITE_PRICE = 0.625 / 1e6;

/** The tolerance in a sentence, such as `0 are allowed`. */
export function whatIsAllowed({ rows, share }: Tolerance): string {
  return share === undefined
    ? `${rows} are allowed`
    : `at most ${Number((share * 100).toPrecision(12))} % are allowed`;
}

/**
 * Refuses a file whose number of rows its dataset does not expect.
 * @param read all rows, rejected ones and duplicates included.
 * @throws RowCountError
 */
export function verifyRowCount(file: string, read: number, { name, expectedRows }: Dataset): void {
  const { min = 0, max = Number.POSITIVE_INFINITY } = expectedRows;
  if (read >= min && read <= max) return;
  const expected = read < min ? `at least ${min}` : `at most ${max}`;
  throw new RowCountError(
    `${file} has ${read} ${read === 1 ? 'row' : 'rows'}, but the dataset "${name}" expects ${expected}, so nothing was loaded. Check whether the file is complete, or change expect.rows in the dataset.`,
  );
}

/**
 * Refuses a file whose load would cost more than the environment accepts.
 * @param read all rows, rejected ones and duplicates included.
 * @throws RowCountError
 */
export function verifyMaxRows(file: string, read: number, maxRows: number): void {
  if (read <= maxRows) return;
  const cost = (rows: number) => (rows * WRITE_PRICE).toFixed(2);
  throw new RowCountError(
    `${file} has ${read} rows, but the environment allows at most ${maxRows}, so nothing was loaded. Writing its rows would cost $${cost(read)} at least, and ${maxRows} rows $${cost(maxRows)}; raise maxRows in the environment, or split the file.`,
  );
}

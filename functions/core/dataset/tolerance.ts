/** How many rejected rows a dataset bears. */

import type { Tolerance } from './dataset.ts';

/** Whether the others of the rows are loaded nevertheless. */
export function isTolerated({ rows, share }: Tolerance, rejected: number, read: number): boolean {
  // A quotient of whole numbers is the very number that the share was written as, where a product need not be.
  return rejected === 0 || (share === undefined ? rejected <= (rows ?? 0) : rejected / read <= share);
}

/** The tolerance in a sentence, such as `0 are allowed`. */
export function whatIsAllowed({ rows, share }: Tolerance): string {
  return share === undefined
    ? `${rows} are allowed`
    : `at most ${Number((share * 100).toPrecision(12))} % are allowed`;
}

/** How many rejected rows a dataset tolerates. */

import type { Tolerance } from './dataset.ts';

/** Whether the other rows are loaded. */
export function isTolerated({ rows, share }: Tolerance, rejected: number, read: number): boolean {
  // The quotient of whole numbers is exactly the share as it is written, such as 0.01; a product may not be.
  return rejected === 0 || (share === undefined ? rejected <= (rows ?? 0) : rejected / read <= share);
}

/** The tolerance in a sentence, such as `0 are allowed`. */
export function whatIsAllowed({ rows, share }: Tolerance): string {
  return share === undefined
    ? `${rows} are allowed`
    : `at most ${Number((share * 100).toPrecision(12))} % are allowed`;
}

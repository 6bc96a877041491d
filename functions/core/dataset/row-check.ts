/** A dataset's own check of a row, across its columns. */

import { RowFault } from './shape/row-fault.ts';

/** Characters of what a check says that are kept. */
const MAX_DETAIL_CHARACTERS = 200;

const REASON = "fails the dataset's check";

/**
 * Calls a dataset's check on the item of a row. An error that it throws is not passed on: it may contain cells.
 * @returns undefined if the row passes.
 */
export function checkRow<Item>(check: (item: Item) => unknown, item: Item): RowFault | undefined {
  try {
    const said = check(item);
    if (said === undefined) return undefined;
    const detail = typeof said === 'string' ? said.slice(0, MAX_DETAIL_CHARACTERS) : undefined;
    return new RowFault(null, 'check_failed', REASON, detail);
  } catch {
    return new RowFault(null, 'check_failed', REASON);
  }
}

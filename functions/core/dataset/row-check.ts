/** A dataset's own check of a row, across its columns. */

/** Characters of what a check says that are kept. */
const MAX_DETAIL_CHARACTERS = 200;

/** Why a row fails its dataset's check. */
interface CheckFault {
  readonly column: null;
  readonly code: 'check_failed';
  readonly reason: string;
  readonly detail?: string;
}

const FAULT: CheckFault = { column: null, code: 'check_failed', reason: "fails the dataset's check" };

/**
 * Calls a dataset's check on the item of a row. An error that it throws is not passed on: it may contain cells.
 * @returns undefined if the row passes.
 */
export function checkRow<Item>(check: (item: Item) => unknown, item: Item): CheckFault | undefined {
  try {
    const said = check(item);
    if (said === undefined) return undefined;
    return typeof said === 'string' ? { ...FAULT, detail: said.slice(0, MAX_DETAIL_CHARACTERS) } : FAULT;
  } catch {
    return FAULT;
  }
}

/** Why a row is not loaded, as the dataset says. */

import type { RejectCode } from '../reject-codes.ts';

/** A row that is not loaded. Only `detail` may contain anything of the row itself. */
export interface Rejection {
  /** The dataset's name of the column, or null when it is the whole row. */
  readonly column: string | null;
  readonly code: RejectCode;
  readonly reason: string;
  /** What the user's own code says of the row. The list of rejected rows shows it after the reason; nothing else does. */
  readonly detail?: string;
}

/** A rejection in place of an item; a class, because an item may have attributes of any name. */
export class RowFault implements Rejection {
  readonly column: string | null;
  readonly code: RejectCode;
  readonly reason: string;
  readonly detail?: string;

  constructor(column: string | null, code: RejectCode, reason: string, detail?: string) {
    this.column = column;
    this.code = code;
    this.reason = reason;
    if (detail !== undefined) this.detail = detail;
  }
}

/** Whether a row became a rejection instead of an item. */
export function isRejection(made: object): made is RowFault {
  return made instanceof RowFault;
}

/** How many fields the rows of a file have, where that differs from its header. */

import { isBlank } from '../../dataset/row-kinds.ts';
import type { CsvRecord } from '../records.ts';

export interface RowWidth {
  /** Number of fields of a row. */
  readonly width: number;
  /** Whether each row ends with a delimiter that the header lacks, so that its last field is empty. */
  readonly isPadded: boolean;
}

/**
 * Programs end either the header or the rows with a delimiter too many. The first rows decide for the whole file: more
 * than half of them must show it.
 * @param rows the first records after the header.
 */
export function rowWidth(header: readonly string[], rows: readonly CsvRecord[]): RowWidth {
  const width = header.length;
  const share = (test: (fields: readonly string[]) => boolean): number =>
    rows.filter(({ fields }) => fields !== undefined && test(fields)).length / Math.max(1, rows.length);
  if (share((fields) => fields.length === width + 1 && isBlank(fields.slice(-1))) > 1 / 2) {
    return { width: width + 1, isPadded: true };
  }
  if (width > 1 && isBlank(header.slice(-1)) && share((fields) => fields.length === width - 1) > 1 / 2) {
    return { width: width - 1, isPadded: false };
  }
  return { width, isPadded: false };
}

/** The header with as many names as a row has fields. */
export function paddedHeader(header: readonly string[], width: number): readonly string[] {
  return Array.from({ length: width }, (_, index) => header[index] ?? '');
}

import Table from 'cli-table3';

/** No borders; colour only where it means something. */
const STYLE = {
  chars: {
    ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
    ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
    ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
};

/**
 * A table for a terminal.
 * @param head is empty for a table without one
 * @param colAligns of the columns; by default to the left
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  colAligns: Table.HorizontalAlignment[] = [],
): string {
  const table = new Table({ head: [...head], colAligns, ...STYLE });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

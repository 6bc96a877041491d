import Table from 'cli-table3';
import { tableStyle } from '../report/terminal/table.ts';
import type { Drift } from './drift.ts';

/** Characters of a value that are shown. */
const SHOWN = 48;

/** The drift as a table. */
export function driftTable(drift: readonly Drift[]): string {
  const table = new Table({ head: ['Resource', 'Attribute', 'Expected', 'Found'], ...tableStyle });
  for (const { resource, attribute, expected, found } of drift) {
    const [left, right] = aroundDifference(shown(expected), shown(found));
    table.push([resource, attribute, left, right]);
  }
  return table.toString();
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Cuts two long texts so that their first difference is in what is left. */
function aroundDifference(left: string, right: string): [string, string] {
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  const start = Math.max(0, same - SHOWN / 2);
  const cut = (text: string) => {
    const part = text.slice(start, start + SHOWN);
    return `${start > 0 ? '…' : ''}${part}${start + SHOWN < text.length ? '…' : ''}`;
  };
  return left.length > SHOWN || right.length > SHOWN ? [cut(left), cut(right)] : [left, right];
}

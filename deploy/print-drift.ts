import { textTable } from '../report/terminal/table.ts';
import type { Drift } from './drift.ts';

/** Maximum number of characters of a value in the table. */
const MAX_VALUE_LENGTH = 48;

/** Formats drift as a table. */
export function driftTable(drift: readonly Drift[]): string {
  if (drift.length === 0) return 'No drift.\n';
  const table = textTable(
    ['Resource', 'Attribute', 'Expected', 'Found'],
    drift.map(({ resource, attribute, expected, found }) => {
      return [resource, attribute, ...aroundDifference(formatted(expected), formatted(found))];
    }),
  );
  return `${table}\n`;
}

function formatted(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Shortens two long strings around their first difference. */
function aroundDifference(left: string, right: string): [string, string] {
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  const start = Math.max(0, same - MAX_VALUE_LENGTH / 2);
  const cut = (value: string) => {
    const part = value.slice(start, start + MAX_VALUE_LENGTH);
    return `${start > 0 ? '…' : ''}${part}${start + MAX_VALUE_LENGTH < value.length ? '…' : ''}`;
  };
  return left.length > MAX_VALUE_LENGTH || right.length > MAX_VALUE_LENGTH
    ? [cut(left), cut(right)]
    : [left, right];
}

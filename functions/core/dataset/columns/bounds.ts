/** The smallest and the largest value that a column accepts. */

import { CellFault } from './column.ts';

/**
 * Makes a check of values that have an order.
 * @param bounds as they are compared, and as a reason shows them.
 * @returns a function that returns why a value is refused; undefined if it is not.
 * @throws RangeError when no value can be within both bounds; its message follows the column's name.
 */
export function boundsCheck<Value extends string | bigint>(
  { min, max }: { readonly min?: Value | undefined; readonly max?: Value | undefined },
  compare: (value: Value, bound: Value) => number,
): (value: Value) => CellFault | undefined {
  if (min !== undefined && max !== undefined && compare(max, min) < 0)
    throw new RangeError(`has a min of ${min}, which is more than its max of ${max}`);
  const [tooSmall, tooLarge] = [outOfBounds(`is less than ${min}`), outOfBounds(`is more than ${max}`)];
  return (value) => {
    if (min !== undefined && compare(value, min) < 0) return tooSmall;
    return max !== undefined && compare(value, max) > 0 ? tooLarge : undefined;
  };
}

export function outOfBounds(reason: string): CellFault {
  return new CellFault('out_of_bounds', reason);
}

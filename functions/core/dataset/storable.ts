/** What DynamoDB can store. */

import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import { normalise } from './numbers.ts';

export { NumberValue };

export type Storable =
  | string
  | number
  | bigint
  | boolean
  | null
  | NumberValue
  | Uint8Array
  /** Of text or of numbers; never empty. */
  | ReadonlySet<string | number | bigint | NumberValue>
  | readonly Storable[]
  | { readonly [name: string]: Storable };

/** Levels to which lists and maps may be nested; source: "Service, account, and table quotas", DynamoDB developer guide. */
const MAX_LEVELS = 32;

/** Why DynamoDB does not take a value: a `number` is out of its range, or something `other` is wrong; undefined if it does. */
export function storageProblem(value: unknown, levels = MAX_LEVELS): 'number' | 'other' | undefined {
  if (typeof value === 'number') {
    // The SDK refuses whole numbers beyond these, since they are not exact.
    const isExact = Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
    return isExact && normalise(String(value)) !== undefined ? undefined : 'number';
  }
  if (typeof value === 'bigint' || value instanceof NumberValue) {
    const text = typeof value === 'bigint' ? String(value) : value.value;
    return normalise(text) === undefined ? 'number' : undefined;
  }
  if (value === null || ['string', 'boolean'].includes(typeof value) || value instanceof Uint8Array)
    return undefined;
  if (typeof value !== 'object' || levels === 0) return 'other';
  if (value instanceof Set) return setProblem(value);
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return 'other';
  for (const inner of Object.values(value)) {
    const problem = storageProblem(inner, levels - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A set is of text alone, or of numbers alone, and has at least one of them. */
function setProblem(set: ReadonlySet<unknown>): ReturnType<typeof storageProblem> {
  const all = [...set];
  const texts = all.filter((value) => typeof value === 'string').length;
  if (texts === all.length) return texts === 0 ? 'other' : undefined;
  const areNumbers = all.every(
    (value) => typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberValue,
  );
  return areNumbers ? all.map((value) => storageProblem(value)).find(Boolean) : 'other';
}

/** What a load is compared with, from the feed's entry in the ledger. */

import type { Load } from '../dataset/load.ts';
import type { Feed, StoredIndex } from '../messages.ts';
import type { BaseIndex } from './compare.ts';
import type { IndexPlace } from './index-objects.ts';
import type { LoadRules } from './rules.ts';

/** The part of a ledger's entry that it depends on: the load that began last, and the index that is known. */
interface Recorded {
  readonly id: string;
  readonly stored?: StoredIndex | undefined;
}

/** The feed of an execution that has claimed its upload. */
export function feedOf(
  recorded: Recorded | undefined,
  { execution, ...start }: Pick<Feed, 'table' | 'force' | 'allowRemovals'> & { readonly execution: string },
): Feed {
  const base = recorded?.stored ?? null;
  // No one who uploads a file knows the name of an execution of a feed's first upload.
  return { last: recorded?.id ?? null, base, salt: base?.salt ?? execution, ...start };
}

/** The feed once another load has begun. */
export function feedAfter(recorded: Recorded, { salt, table, force, allowRemovals }: Feed): Feed {
  return feedOf(recorded, { execution: salt, table, force, allowRemovals });
}

/** The index to compare with; undefined if the feed has none. */
export function baseOf({ last, base }: Feed, place: Omit<IndexPlace, 'id'>): BaseIndex | undefined {
  if (base === null) return undefined;
  return { place: { ...place, id: base.id }, isComplete: base.complete, isBlind: base.id !== last };
}

/** Whether the hashes of the index are valid: not if the load is forced, nor if the index is of another table. */
export function isTrusted({ base, table, force }: Feed): boolean {
  return !force && base?.table === table;
}

/**
 * How a load treats what is known.
 * @param rejected number of rows: a rejected row may be one of those that seem to be missing.
 */
export function rulesFor(feed: Feed, { mode }: Pick<Load, 'mode'>, rejected: number): LoadRules {
  return { trusts: isTrusted(feed), removes: mode === 'replace' && rejected === 0 };
}

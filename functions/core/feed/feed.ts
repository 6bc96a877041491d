/** What a load is compared with, from the feed's entry in the ledger. */

import type { Feed, StoredIndex } from '../messages.ts';

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

/** Begins the load: from then on, the ledger points to its index, and it may change the table. */

import { IndexMissingError } from '../errors.ts';
import { NO_CHANGES, sum } from '../feed/compare.ts';
import { feedAfter } from '../feed/feed.ts';
import { type LedgerEntry, nextLoad } from '../ledger/ledger.ts';
import type { BeginEvent, BeginResult, Feed, IndexChanges } from '../messages.ts';
import { s3Uri } from '../storage/source.ts';

/**
 * Begins the load, unless another execution still has a writer with a valid lease.
 * @param until when the execution's lease ends, in milliseconds since 1970.
 * @throws IndexMissingError when the feed's index has fewer entries than were written.
 * @throws SupersededError when another execution has claimed the upload.
 */
export async function beginLoad(
  { execution, source, feed, compared }: BeginEvent,
  entry: Pick<LedgerEntry, 'beginLoad' | 'beginWithIndex'>,
  until: number,
): Promise<BeginResult> {
  if (feed === null) {
    const load = await entry.beginLoad(until);
    return load === undefined ? { ready: false, feed: null } : { ready: true, load };
  }
  const changes = compared.reduce<IndexChanges>(sum, NO_CHANGES);
  const { last, salt, table } = feed;
  const id = nextLoad(last ?? undefined, execution);
  const stored = { id, complete: false, keys: changes.entries, salt, table };
  const begun = await entry.beginWithIndex(until, last, stored, () =>
    verifyBase(s3Uri(source), feed, changes),
  );
  if (typeof begun === 'string') return { ready: true, load: begun };
  return { ready: false, feed: begun === undefined ? null : feedAfter(begun, feed) };
}

/** A forced load does without an index that is missing. */
function verifyBase(uri: string, { base, force }: Feed, { base: found }: IndexChanges): void {
  if (base === null || force || found === base.keys) return;
  throw new IndexMissingError(
    `The index of what ${uri} has in the table has ${found} entries, but ${base.keys} were written: objects of it are missing from the reports bucket. To write all rows, start an execution with {"bucket": "…", "key": "…", "force": true}; keys that the file lacks and that were in the missing objects then stay in the table for good.`,
  );
}

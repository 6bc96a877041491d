/** Begins the load: from then on, the ledger points to its index, and it may change the table. */

import type { Dataset } from '../dataset/dataset.ts';
import type { RemovalLimits } from '../dataset/load.ts';
import { IncompleteLoadError, IndexMissingError, RemovalGuardError } from '../errors.ts';
import { entriesOf, NO_CHANGES, rowsOf, sum } from '../feed/difference.ts';
import { feedAfter } from '../feed/feed.ts';
import { removesTooMany } from '../feed/rules.ts';
import { type LedgerEntry, nextLoad } from '../ledger/ledger.ts';
import type { BeginEvent, BeginResult, ChangesProgress, Feed, IndexChanges, Removal } from '../messages.ts';
import { s3Uri } from '../storage/source.ts';

/**
 * Begins the load, unless another execution still has a writer with a valid lease.
 * @param until when the execution's lease ends, in milliseconds since 1970.
 * @throws IndexMissingError when the feed's index has fewer entries than were written.
 * @throws IncompleteLoadError when other rows were compared than are to be loaded.
 * @throws RemovalGuardError when it would remove more keys than the dataset, or the start of the execution, allows.
 * @throws SupersededError when another execution has claimed the upload.
 */
export async function beginLoad(
  event: BeginEvent,
  { load: { maxRemoved, listsChanges } }: Pick<Dataset, 'load'>,
  entry: Pick<LedgerEntry, 'beginLoad' | 'beginWithIndex'>,
  until: number,
): Promise<BeginResult> {
  const { execution, source, feed, compared } = event;
  if (feed === null) {
    const load = await entry.beginLoad(until);
    return load === undefined
      ? { ready: false, feed: null }
      : { ready: true, load, removal: removalOf(NO_CHANGES, false), changes: null };
  }
  const changes = compared.reduce<IndexChanges>(sum, NO_CHANGES);
  const { last, base, salt, table } = feed;
  const id = nextLoad(last ?? undefined, execution);
  const stored = { id, complete: false, keys: entriesOf(changes), salt, table };
  const begun = await entry.beginWithIndex(until, last, stored, () => {
    verifyRows(event, changes);
    verifyChanges(s3Uri(source), feed, changes, maxRemoved);
  });
  if (typeof begun === 'string') {
    const forgets = base !== null && changes.base !== base.keys;
    return {
      ready: true,
      load: begun,
      removal: removalOf(changes, forgets),
      changes: listsChanges ? listOf(changes) : null,
    };
  }
  return { ready: false, feed: begun === undefined ? null : feedAfter(begun, feed) };
}

/**
 * Verifies that a load may begin.
 * @param uri of the object.
 * @param maxRemoved of the dataset.
 * @throws IndexMissingError, RemovalGuardError as {@link beginLoad} does.
 */
export function verifyChanges(
  uri: string,
  feed: Feed,
  changes: IndexChanges,
  maxRemoved: RemovalLimits | undefined,
): void {
  verifyBase(uri, feed, changes);
  if (!feed.allowRemovals && maxRemoved !== undefined) verifyRemovals(uri, changes, maxRemoved);
}

/** A key that is missing from the comparison would count as one that the file lacks, and might be deleted. */
function verifyRows({ source, read, rejected, duplicates }: BeginEvent, changes: IndexChanges): void {
  const [compared, accepted] = [rowsOf(changes), read - rejected - duplicates];
  if (compared === accepted) return;
  throw new IncompleteLoadError(
    `Of ${s3Uri(source)}, ${accepted} rows are to be loaded, but ${compared} were compared with what the table has. Nothing was written. Start the execution again with the same input.`,
  );
}

/** A forced load does without an index that is missing. */
function verifyBase(uri: string, { base, force }: Feed, { base: found }: IndexChanges): void {
  if (base === null || force || found === base.keys) return;
  throw new IndexMissingError(
    `The index of what the feed of ${uri} has in the table has ${found} entries, but ${base.keys} were written: objects of it are missing from the reports bucket. To write all rows, start an execution with {"bucket": "…", "key": "…", "force": true}; keys that the file lacks and that were in the missing objects then stay in the table for good.`,
  );
}

function verifyRemovals(
  uri: string,
  { deletes, countedDeletes: removed, counted }: IndexChanges,
  { share, rows }: RemovalLimits,
): void {
  if (!removesTooMany({ removed, counted }, { share, rows })) return;
  const allowed = [`${Number((share * 100).toPrecision(12))} %`, ...(rows === undefined ? [] : [`${rows}`])];
  throw new RemovalGuardError(
    `Loading ${uri} would remove ${deletes} keys that the file lacks, ${removed} of them of the ${counted} that the last complete load left in the table, but at most ${allowed.join(', and at most ')} of those may be removed, and never all. Nothing was written. Check whether the file is complete; if it is, start an execution with {"bucket": "…", "key": "…", "allowRemovals": true}.`,
  );
}

function removalOf({ deletes }: IndexChanges, forgets: boolean): Removal {
  return { done: deletes === 0, expected: deletes, removed: 0, list: 0, key: 0, forgets };
}

function listOf({ added, changed, deletes }: IndexChanges): ChangesProgress {
  const expected = added + changed + deletes;
  return { done: expected === 0, expected, listed: 0, list: 0, files: 0 };
}

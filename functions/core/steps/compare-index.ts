/**
 * Compares the accepted rows of a file with the index of what its feed has in the table: writes the index of the load
 * that is to begin, and lists the rows that it need not write, and the keys that it has to delete. Nothing refers to the
 * new index until BeginLoad does.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import type { Dataset } from '../dataset/dataset.ts';
import { type Comparison, compareBuckets } from '../feed/compare.ts';
import { NO_CHANGES } from '../feed/difference.ts';
import { baseOf, rulesFor } from '../feed/feed.ts';
import { feedSharing, KeySample, writeSample } from '../feed/key-sample.ts';
import { feedName } from '../ledger/feed-name.ts';
import { nextLoad } from '../ledger/ledger.ts';
import type { Chunk, ComparedRange, CompareEvent } from '../messages.ts';
import { logInfo } from '../runtime/log.ts';
import type { StepSettings } from '../runtime/time.ts';
import { writeChangedKeys } from '../working/changed-keys.ts';
import { EarlierDuplicatesReader } from '../working/earlier-duplicates.ts';
import { type KeyRun, keyPlace, openRuns } from '../working/keys.ts';
import { writeRemovedKeys } from '../working/removed-keys.ts';
import { writeUnchangedRows } from '../working/unchanged-rows.ts';

/** Number of unchanged rows held in memory before they are written. */
const MAX_HELD_ROWS = 1_000_000;

/** Requests in flight at the same time. */
const CONCURRENCY = 16;

export interface CompareSettings extends StepSettings {
  /** Throws if the execution's load is complete, or the upload another execution's: its index must not change then. */
  readonly verifyUnfinished: () => Promise<void>;
}

/** Buckets with the counts of their comparison, which are zero until an invocation has worked on them. */
export function withCompareCounts(range: Chunk & Partial<ComparedRange>): ComparedRange {
  return { ...NO_CHANGES, at: range.start, ...range };
}

/**
 * Compares the range's buckets, starting at `at`, until all are compared or the time runs out. What is missing of the
 * feed's index is left out: fewer entries are counted than the index has, which BeginLoad finds.
 * @throws ServiceUnavailableError when S3 does not answer; and whatever `verifyUnfinished` throws.
 */
export async function compareIndex(
  s3: S3Client,
  event: CompareEvent,
  dataset: Pick<Dataset, 'name' | 'load' | 'key'>,
  { reportsBucket, hasTime, verifyUnfinished }: CompareSettings,
): Promise<ComparedRange> {
  await verifyUnfinished();
  const { execution, source, feed, chunks, verdict, chunk } = event;
  const range = withCompareCounts(chunk);
  if (feed === null) return { ...range, at: range.end };
  const { last } = feed;
  const load = nextLoad(last ?? undefined, execution);
  const place = { bucket: reportsBucket, feed: feedName(dataset, source) };
  const keys = { ...keyPlace(event, reportsBucket), comparison: 0 };
  const data = chunks.filter(({ start }) => start < verdict.dataEnd);
  const duplicates = new EarlierDuplicatesReader(s3, verdict.repeated);
  const sample = dataset.load.feed === 'object' ? new KeySample() : undefined;
  let held = new UnchangedRows();
  let { at } = range;
  const writeHeld = async (): Promise<void> => {
    const write = ([{ location, run }, rows]: readonly [KeyRun, readonly number[]]) =>
      writeUnchangedRows(s3, { ...location, load }, `${run}-${at}`, rows);
    await pMap(held.lists(), write, { concurrency: CONCURRENCY });
    held = new UnchangedRows();
  };
  const comparison: Comparison = {
    runs: await openRuns(s3, keys, data),
    base: baseOf(feed, place),
    onLost: async (what) => {
      // A load that is complete has deleted the index that it was compared with.
      await verifyUnfinished();
      logInfo('a part of the index is lost', { what });
    },
    rules: rulesFor(feed, dataset.load, verdict.rejected),
    dataset,
    place: { ...place, id: load },
    isLeftOut: async ({ location }) => {
      const { comparisonOf } = await duplicates.of(location);
      return (row) => comparisonOf(row) !== undefined;
    },
    skip: (run, rows) => held.add(run, rows),
    remove: (name, removed) =>
      writeRemovedKeys(s3, { bucket: reportsBucket, execution, load }, name, removed),
    list: dataset.load.listsChanges
      ? (name, changed) =>
          writeChangedKeys(s3, { bucket: reportsBucket, execution, load }, name, changed, dataset.key)
      : undefined,
    onKey: sample === undefined ? undefined : (key) => sample.add(key),
  };
  const compared = await compareBuckets(s3, comparison, range, range.end, async (reached) => {
    at = reached;
    if (held.size >= MAX_HELD_ROWS) await writeHeld();
    return hasTime();
  });
  ({ at } = compared);
  await writeHeld();
  const done = { start: range.start, end: range.end, ...compared };
  if (sample === undefined) return done;
  const sampled = { ...place, id: load, dataset: dataset.name };
  const hashes = sample.hashes();
  await writeSample(s3, sampled, range.at, source.key, hashes);
  // If two feeds have many keys in common, then some of these are in the first range.
  const shared = range.shared ?? (range.start === 0 ? await feedSharing(s3, sampled, hashes) : undefined);
  return shared === undefined ? done : { ...done, shared };
}

/** Unchanged rows, by run. */
class UnchangedRows {
  readonly #rows = new Map<KeyRun, number[]>();
  size = 0;

  add(run: KeyRun, rows: readonly number[]): void {
    const held = this.#rows.get(run) ?? [];
    if (held.length === 0) this.#rows.set(run, held);
    for (const row of rows) held.push(row);
    this.size += rows.length;
  }

  lists(): readonly (readonly [KeyRun, readonly number[]])[] {
    return [...this.#rows];
  }
}

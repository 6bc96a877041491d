/**
 * Compares the accepted rows of a file with the index of what its feed has in the table, a few buckets at a time. Writes
 * the index of the load that is to come, the rows that it need not write, and the keys that it has to delete.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import type { Dataset } from '../dataset/dataset.ts';
import type { Chunk, IndexChanges } from '../messages.ts';
import type { ChangedKey } from '../working/changed-keys.ts';
import {
  BUCKETS,
  bucketOf,
  groupEnd,
  hashedKeyEntries,
  type KeyRun,
  readBuckets,
  runBytes,
} from '../working/keys.ts';
import { type Decision, Difference, type IndexState, NO_CHANGES, sum } from './difference.ts';
import { encodeBucket } from './entries.ts';
import {
  type IndexObject,
  type IndexPlace,
  indexBytes,
  type OnLost,
  openIndex,
  readIndex,
  writeIndexObject,
} from './index-objects.ts';
import type { LoadRules } from './rules.ts';

/** Requests in flight at the same time. */
const CONCURRENCY = 16;

/** An index to compare with. */
export interface BaseIndex extends IndexState {
  readonly place: IndexPlace;
}

/** What is compared. */
export interface Comparison {
  /** Runs of the file's keys with the hashes of their items, in the order of the file. */
  readonly runs: readonly KeyRun[];
  /** The index to compare with; undefined for the first load of a feed. */
  readonly base: BaseIndex | undefined;
  readonly onLost: OnLost;
  readonly rules: LoadRules;
  readonly dataset: Pick<Dataset, 'key'>;
  /** Of the index that is written. */
  readonly place: IndexPlace;
  /** Whether an earlier comparison has left out a row of a run, in any order. */
  readonly isLeftOut: (run: KeyRun) => Promise<(row: number) => boolean>;
  /** Lists rows of a run that need not be written. */
  readonly skip: (run: KeyRun, rows: readonly number[]) => void;
  /** Lists keys to be deleted. */
  readonly remove: (name: string, keys: readonly string[]) => Promise<void>;
  /** Lists keys that the load changes; undefined if no list is wanted. */
  readonly list: ((name: string, changed: readonly ChangedKey[]) => Promise<void>) | undefined;
  /** Called with each key that the table has once the load is complete. */
  readonly onKey: ((key: string) => void) | undefined;
}

/** How far a comparison has got. */
export interface Compared extends IndexChanges {
  /** The first bucket that is still to be compared. */
  readonly at: number;
}

/**
 * Compares buckets, from the one that has been reached until `to`, or until it is not to continue. The same buckets are
 * always compared together, so a repeated invocation writes the same objects.
 * @param mayContinue called after each group of buckets but the last, with the next bucket.
 * @throws ServiceUnavailableError when S3 does not answer; and whatever `onLost` throws.
 */
export async function compareBuckets(
  s3: S3Client,
  comparison: Comparison,
  reached: Compared,
  to: number,
  mayContinue: (at: number) => boolean | Promise<boolean>,
): Promise<Compared> {
  const { base, runs, onLost } = comparison;
  const objects = base === undefined ? [] : await openIndex(s3, base.place, reached.at, to, onLost);
  let done = reached;
  do {
    const end = comparedGroupEnd(runs, objects, done.at, to);
    const changes = await compareGroup(s3, comparison, objects, [done.at, end]);
    done = { ...sum(done, changes), at: end };
  } while (done.at < to && (await mayContinue(done.at)));
  return done;
}

/** The end of the group of buckets that starts at `from`: of the rows' keys, and of the index. */
export function comparedGroupEnd(
  runs: readonly Pick<KeyRun, 'index'>[],
  objects: readonly IndexObject[],
  from: number,
  to: number,
): number {
  const bytesOf = (bucket: number) =>
    runBytes(runs, bucket, bucket + 1) + indexBytes(objects, bucket, bucket + 1);
  return groupEnd(bytesOf, from, to);
}

/** Compares one bucket after the other, so that no more than the keys of one are held, besides the bytes of all. */
async function compareGroup(
  s3: S3Client,
  { runs, base, onLost, rules, dataset, place, isLeftOut, skip, remove, list, onKey }: Comparison,
  objects: readonly IndexObject[],
  [from, to]: readonly [number, number],
): Promise<IndexChanges> {
  const indexed = await readIndex(s3, objects, from, to, onLost);
  const read = async (run: KeyRun) => {
    const bytes = await readBuckets(s3, run, from, to);
    return { run, bytes, isEarlier: bytes.length === 0 ? () => false : await isLeftOut(run) };
  };
  // From the end of the file, because the last row with a key is the one that is loaded.
  const parts = await pMap(runs.toReversed(), read, { concurrency: CONCURRENCY });
  const skipped = parts.map((): number[] => []);
  const removed: string[] = [];
  const changed: ChangedKey[] = [];
  const buckets: Buffer[] = [];
  let changes: IndexChanges = NO_CHANGES;
  for (let bucket = from; bucket < to; bucket += 1) {
    const difference = new Difference(base, rules, dataset);
    for (const entry of await indexed(bucket)) difference.add(entry);
    const entries: Decision[] = [];
    const put = (decision: Decision): void => {
      entries.push(decision);
      if (decision.type === 'D') removed.push(decision.key);
      else onKey?.(decision.key);
      if (list !== undefined) changed.push(...changedKey(decision));
    };
    for (const [part, { run, bytes, isEarlier }] of parts.entries()) {
      for (const { key, row, hash } of hashedKeyEntries(bucketOf(run, bytes, from, bucket))) {
        const decision = isEarlier(row) ? undefined : difference.row(key, hash);
        if (decision === undefined) continue;
        put(decision);
        if (decision.type === 'S') skipped[part]?.push(row);
      }
    }
    for (const decision of difference.missing()) put(decision);
    buckets.push(encodeBucket(entries));
    changes = sum(changes, difference.changes);
  }
  for (const [part, { run }] of parts.entries()) {
    const rows = skipped[part] ?? [];
    if (rows.length > 0) skip(run, rows);
  }
  if (removed.length > 0) await remove(`${from}-${to}`, removed);
  if (changed.length > 0) await list?.(`${from}-${to}`, changed);
  await writeIndexObject(s3, place, from, buckets);
  return changes;
}

function changedKey({ key, change }: Decision): readonly ChangedKey[] {
  if (change === 'added' || change === 'changed') return [{ key, change }];
  return change === 'deletes' ? [{ key, change: 'removed' }] : [];
}

/** Keys in a range: one function compares those of a small file, and several share those of a large one. */
const KEYS_PER_RANGE = 4_000_000;

/** Ranges at the most, so that they fit into the payload of a state. */
export const MAX_RANGES = 12;

/** Ranges of buckets that are compared at the same time, with about the same number of keys in each. */
export function bucketRanges(keys: number): readonly Chunk[] {
  const count = Math.min(MAX_RANGES, Math.ceil(Math.max(1, keys) / KEYS_PER_RANGE));
  return Array.from({ length: count }, (_, range) => ({
    start: Math.floor((range * BUCKETS) / count),
    end: Math.floor(((range + 1) * BUCKETS) / count),
  }));
}

/**
 * Finds earlier duplicates: rows whose key a later row has, in another chunk or in another run of the same chunk, and
 * then rows whose value in a unique column a later row has.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import pMap, { pMapIterable } from 'p-map';
import type { Dataset } from '../dataset/dataset.ts';
import { HASH_BYTES } from '../dataset/item.ts';
import type { DuplicatesEvent, Verdict } from '../messages.ts';
import type { StepSettings } from '../runtime/time.ts';
import { EarlierDuplicatesReader, writeEarlierDuplicates } from '../working/earlier-duplicates.ts';
import {
  BUCKETS,
  groupEnd,
  type KeyLocation,
  type KeyRun,
  keyEntries,
  keyPlace,
  openRuns,
  readBuckets,
  runBytes,
} from '../working/keys.ts';
import { finalVerdict } from './judge.ts';

/** Number of earlier duplicates held in memory before they are written. */
const MAX_HELD_ROWS = 500_000;

/** Requests in flight at the same time. */
const CONCURRENCY = 16;

/**
 * Compares the keys of all runs, or the values of one unique column, a few buckets at a time, starting at the verdict's
 * bucket, until all are compared or the time runs out. Of the rows with the same key, lists all but the last one in the
 * file. Rows that an earlier comparison has listed do not take part.
 * @returns the verdict with the number of rows listed; the final verdict once there is nothing left to compare.
 */
export async function findDuplicates(
  s3: S3Client,
  event: DuplicatesEvent,
  dataset: Dataset,
  { reportsBucket, hasTime }: StepSettings,
): Promise<Verdict> {
  const { feed, chunks, verdict } = event;
  const comparison = Math.floor(verdict.bucket / BUCKETS);
  const place = { ...keyPlace(event, reportsBucket), comparison };
  const data = chunks.filter(({ start }) => start < verdict.dataEnd);
  const runs = await openRuns(s3, place, data);
  // Only the keys have hashes of items, and only for a feed.
  const hashBytes = comparison === 0 && feed !== null ? HASH_BYTES : 0;

  const earlier = new EarlierDuplicatesReader(s3, verdict.repeated.slice(0, comparison));

  let bucket = verdict.bucket % BUCKETS;
  let found = 0;
  let held = new EarlierDuplicates();
  const writeHeld = async (name: string): Promise<void> => {
    const write = ([location, rows]: readonly [KeyLocation, readonly number[]]) =>
      writeEarlierDuplicates(s3, location, name, rows);
    await pMap(held.lists(), write, { concurrency: CONCURRENCY });
    found += held.size;
    held = new EarlierDuplicates();
  };
  do {
    const to = groupEnd((each) => runBytes(runs, each, each + 1), bucket, BUCKETS);
    const read = async (run: KeyRun) => {
      const bytes = await readBuckets(s3, run, bucket, to);
      return { run, bytes, ...(bytes.length > 0 && (await earlier.of(run.location))) };
    };
    // From the end of the file, and one run after the other, so that any number of rows may have the same value.
    const fromEnd = pMapIterable(runs.toReversed(), read, { concurrency: CONCURRENCY });
    const seen = new Set<string>();
    for await (const { run, bytes, comparisonOf } of fromEnd) {
      // A key is in a run once, and rows with the same value of a column are in their order.
      const entries = [...keyEntries(bytes, hashBytes)];
      for (const { key, row } of entries.reverse()) {
        if (comparisonOf?.(row) !== undefined) continue;
        if (seen.has(key)) held.add(run.location, row);
        else seen.add(key);
      }
      if (held.size >= MAX_HELD_ROWS) await writeHeld(`bucket-${to}-${run.location.chunkStart}-${run.run}`);
    }
    bucket = to;
  } while (bucket < BUCKETS && hasTime());
  await writeHeld(`bucket-${bucket}`);
  const repeated = verdict.repeated.with(comparison, (verdict.repeated[comparison] ?? 0) + found);
  const compared = { ...verdict, bucket: comparison * BUCKETS + bucket, repeated };
  const isDone = compared.bucket === BUCKETS * repeated.length;
  return isDone ? finalVerdict(compared, dataset) : compared;
}

/** Earlier duplicates by chunk. */
class EarlierDuplicates {
  readonly #rows = new Map<KeyLocation, number[]>();
  size = 0;

  add(location: KeyLocation, row: number): void {
    const rows = this.#rows.get(location) ?? [];
    if (rows.length === 0) this.#rows.set(location, rows);
    rows.push(row);
    this.size += 1;
  }

  lists(): readonly (readonly [KeyLocation, readonly number[]])[] {
    return [...this.#rows];
  }
}

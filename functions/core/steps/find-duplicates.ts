/**
 * Finds earlier duplicates: rows whose key a later row has, in another chunk or in another run of the same chunk, and
 * then rows whose value in a unique column a later row has.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import pMap, { pMapIterable } from 'p-map';
import type { Dataset } from '../dataset/dataset.ts';
import type { DuplicatesEvent, Verdict } from '../messages.ts';
import type { StepSettings } from '../runtime/time.ts';
import { earlierDuplicates, writeEarlierDuplicates } from '../working/earlier-duplicates.ts';
import {
  BUCKETS,
  bucketBytes,
  HASH_BYTES,
  type KeyLocation,
  type KeyRun,
  keyEntries,
  openRuns,
  readBuckets,
} from '../working/keys.ts';
import { finalVerdict } from './judge.ts';

/** Bytes of keys that are compared at a time; they take about ten times as much memory. */
const GROUP_BYTES = 4 * 1024 * 1024;

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
  { execution, format, feed, chunks, verdict }: DuplicatesEvent,
  dataset: Dataset,
  { reportsBucket, hasTime }: StepSettings,
): Promise<Verdict> {
  const comparison = Math.floor(verdict.bucket / BUCKETS);
  const place = { bucket: reportsBucket, execution, encoding: format.encoding, comparison };
  const data = chunks.filter(({ start }) => start < verdict.dataEnd);
  const runs = await openRuns(s3, place, data);
  // Only the keys have hashes of items, and only for a feed.
  const hashBytes = comparison === 0 && feed !== null ? HASH_BYTES : 0;

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
    const to = groupEnd(runs, bucket);
    const read = (run: KeyRun) => readRun(s3, run, [bucket, to], verdict.repeated.slice(0, comparison));
    // From the end of the file, and one run after the other, so that any number of rows may have the same value.
    const fromEnd = pMapIterable(runs.toReversed(), read, { concurrency: CONCURRENCY });
    const seen = new Set<string>();
    for await (const { run, bytes, earlier } of fromEnd) {
      const entries = [...keyEntries(bytes, hashBytes)].sort((one, other) => one.row - other.row);
      const compared = entries.filter(({ row }) => earlier.comparisonOf(row) === undefined);
      for (const { key, row } of compared.reverse()) {
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

/**
 * Reads some buckets of a run, and which of the chunk's rows an earlier comparison has listed.
 * @param repeated number of rows that each earlier comparison has listed in the whole file.
 */
async function readRun(
  s3: S3Client,
  run: KeyRun,
  [from, to]: readonly [number, number],
  repeated: readonly number[],
) {
  const bytes = await readBuckets(s3, run, from, to);
  return {
    run,
    bytes,
    earlier: await earlierDuplicates(s3, run.location, bytes.length === 0 ? [] : repeated),
  };
}

/** The end of the group of buckets that starts at `from` and holds about {@link GROUP_BYTES} of keys. */
function groupEnd(runs: readonly KeyRun[], from: number): number {
  let to = from + 1;
  let bytes = runs.reduce((sum, run) => sum + bucketBytes(run, from, to), 0);
  while (to < BUCKETS) {
    bytes += runs.reduce((sum, run) => sum + bucketBytes(run, to, to + 1), 0);
    if (bytes > GROUP_BYTES) return to;
    to += 1;
  }
  return to;
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

/** Finds earlier duplicates: rows whose key a later row has, in another chunk or in another run of the same chunk. */

import type { S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import type { Dataset } from '../dataset/dataset.ts';
import type { DuplicatesEvent, Verdict } from '../messages.ts';
import type { StepSettings } from '../runtime/time.ts';
import { writeEarlierDuplicates } from '../working/earlier-duplicates.ts';
import {
  BUCKETS,
  bucketBytes,
  type KeyLocation,
  type KeyRun,
  keyEntries,
  openRun,
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
 * Combines a row's run and its number in the chunk into one number: the run's index times this, plus the row's number.
 */
const RUN_STRIDE = 2 ** 32;

/**
 * Compares the keys of all runs, a few buckets at a time, starting at the verdict's bucket, until all are compared or
 * the time runs out. Of the rows with the same key, lists all but the last one in the file.
 * @returns the verdict with the number of rows listed; the final verdict once all keys are compared.
 */
export async function findDuplicates(
  s3: S3Client,
  { execution, format, chunks, verdict }: DuplicatesEvent,
  dataset: Dataset,
  { reportsBucket, hasTime }: StepSettings,
): Promise<Verdict> {
  const wanted = chunks.flatMap(({ start, keyRuns }) => {
    const location = { bucket: reportsBucket, execution, encoding: format.encoding, chunkStart: start };
    return Array.from({ length: keyRuns }, (_, run) => ({ location, run }));
  });
  const runs = await pMap(wanted, ({ location, run }) => openRun(s3, location, run), {
    concurrency: CONCURRENCY,
  });

  let { bucket, repeated } = verdict;
  let held = new EarlierDuplicates();
  const writeHeld = async (): Promise<void> => {
    const write = ([location, rows]: readonly [KeyLocation, readonly number[]]) =>
      writeEarlierDuplicates(s3, location, `bucket-${bucket}`, rows);
    await pMap(held.lists(), write, { concurrency: CONCURRENCY });
    repeated += held.size;
    held = new EarlierDuplicates();
  };
  do {
    const to = groupEnd(runs, bucket);
    const groups = await pMap(runs, (run) => readBuckets(s3, run, bucket, to), { concurrency: CONCURRENCY });
    const last = new Map<string, number>();
    for (const [position, group] of groups.entries()) {
      for (const { key, row } of keyEntries(group)) {
        const earlier = last.get(key);
        const run = earlier === undefined ? undefined : runs[Math.floor(earlier / RUN_STRIDE)];
        if (earlier !== undefined && run !== undefined) held.add(run.location, earlier % RUN_STRIDE);
        last.set(key, position * RUN_STRIDE + row);
      }
    }
    bucket = to;
    if (held.size >= MAX_HELD_ROWS) await writeHeld();
  } while (bucket < BUCKETS && hasTime());
  await writeHeld();
  const found = { ...verdict, bucket, repeated };
  return bucket < BUCKETS ? found : finalVerdict(found, dataset);
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

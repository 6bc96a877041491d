/** Finds rows that have the key of a later row in another chunk, or in another run of their own. */

import type { S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import type { Dataset } from '../dataset/dataset.ts';
import type { DuplicatesEvent, Verdict } from '../messages.ts';
import { writeEarlierDuplicates } from '../work/earlier-duplicates.ts';
import {
  BUCKETS,
  bucketBytes,
  type KeyLocation,
  type KeyRun,
  keyEntries,
  openRun,
  readBuckets,
} from '../work/keys.ts';
import { settled } from './judge.ts';

/** Bytes of keys that are compared at a time; in memory they take some ten times as much. */
const GROUP_BYTES = 4 * 1024 * 1024;

/** Rows that are held before they are listed. */
const MAX_HELD_ROWS = 500_000;

/** Requests under way at once. */
const CONCURRENCY = 16;

/** A row as one number: its run's position times this, and its number in the chunk. */
const RUN = 2 ** 32;

export interface DuplicatesSettings {
  readonly reportsBucket: string;
  readonly hasTime: () => boolean;
}

/**
 * Compares the keys of all runs, a few buckets at a time, from where the verdict says on, until all are compared or
 * the time runs out. Of rows with the same key, all but the last in the file are listed as
 * earlier duplicates.
 * @returns the verdict with their number; settled when all are known.
 */
export async function findDuplicates(
  s3: S3Client,
  { execution, format, chunks, verdict }: DuplicatesEvent,
  dataset: Dataset,
  { reportsBucket, hasTime }: DuplicatesSettings,
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
  const list = async (): Promise<void> => {
    await pMap(
      held.lists(),
      ([location, rows]) => writeEarlierDuplicates(s3, location, `bucket-${bucket}`, rows),
      {
        concurrency: CONCURRENCY,
      },
    );
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
        const run = earlier === undefined ? undefined : runs[Math.floor(earlier / RUN)];
        if (earlier !== undefined && run !== undefined) held.add(run.location, earlier % RUN);
        last.set(key, position * RUN + row);
      }
    }
    bucket = to;
    if (held.size >= MAX_HELD_ROWS) await list();
  } while (bucket < BUCKETS && hasTime());
  await list();
  const found = { ...verdict, bucket, repeated };
  return bucket < BUCKETS ? found : settled(found, dataset);
}

/** The bucket before which enough keys are together, from a bucket on. */
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

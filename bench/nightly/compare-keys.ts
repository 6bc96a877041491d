/**
 * Measures CompareIndex by itself, with more keys than a run of the whole pipeline would have in reasonable time: with the
 * real step, and endpoints in place of S3.
 */

import { fork } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { HASH_BYTES } from '../../functions/core/dataset/item.ts';
import { bucketRanges } from '../../functions/core/feed/compare.ts';
import { entriesOf, NO_CHANGES, sum } from '../../functions/core/feed/difference.ts';
import { nextLoad } from '../../functions/core/ledger/ledger.ts';
import type { CompareEvent, Feed, IndexChanges } from '../../functions/core/messages.ts';
import { s3Client } from '../../functions/core/storage/aws.ts';
import { writeObject } from '../../functions/core/storage/own-objects.ts';
import { keyPlace, MAX_RUN_KEYS, RunKeys, runKey } from '../../functions/core/working/keys.ts';
import { MEASURED, ObservedWorkspace, peakOf, pin } from '../measure/processes.ts';
import type { CompareArguments, CompareOutcome } from './compare-process.ts';

/** One comparison of a file's keys with an index of about as many. */
export interface KeyComparison {
  readonly rows: number;
  readonly ranges: number;
  readonly peakBytes: number;
  readonly cpuSeconds: number;
  readonly changes: IndexChanges;
}

/** One row in this many has another hash than the night before. */
const CHANGED_ROWS = 100;

/** Writes the keys of a night's rows, and their hashes, as validation does. */
async function writeKeys(s3: ReturnType<typeof s3Client>, event: Job, rows: number): Promise<number[]> {
  const starts: number[] = [];
  for (let first = 0; first < rows; first += MAX_RUN_KEYS) {
    const keys = new RunKeys(MAX_RUN_KEYS);
    for (let row = first; row < Math.min(rows, first + MAX_RUN_KEYS); row += 1) {
      const key = `ROW#${String(row).padStart(12, '0')}\0`;
      const night = row % CHANGED_ROWS === 0 ? event.execution : '';
      const itemHash = hash('sha256', `${row}${night}`, 'buffer').toString('latin1', 0, HASH_BYTES);
      keys.add(key, row - first, itemHash);
    }
    const place = { ...keyPlace(event, 'reports'), comparison: 0, chunkStart: first };
    await writeObject(s3, { bucket: 'reports', key: runKey(place, 0) }, keys.encode(place.salt));
    starts.push(first);
  }
  return starts;
}

type Job = Pick<CompareEvent, 'execution' | 'source' | 'format' | 'feed'>;

/** Compares the keys of a file with those of the night before. */
export async function compareKeys(rows: number): Promise<KeyComparison> {
  const workspace = new ObservedWorkspace();
  try {
    const port = await workspace.start('bench/measure/endpoints-process.ts', [''], {});
    const env = {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
    };
    Object.assign(process.env, env);
    const s3 = s3Client();
    const start = { salt: 'salt', table: 'table', force: false, allowRemovals: true };
    const first = await compared(s3, rows, 'night-0', { last: null, base: null, ...start });
    const id = nextLoad(undefined, 'night-0');
    const keys = entriesOf(first.changes);
    const base = { id, complete: true, keys, salt: 'salt', table: 'table' };
    return await compared(s3, rows, 'night-1', { last: id, base, ...start });
  } finally {
    await workspace.close();
  }
}

async function compared(
  s3: ReturnType<typeof s3Client>,
  rows: number,
  execution: string,
  feed: Feed,
): Promise<KeyComparison> {
  const source = { bucket: 'source', key: 'rows.csv', etag: 'e', size: rows, uploaded: '' };
  const format = {
    dataset: 'followed',
    compression: 'none',
    encoding: 'utf-8',
    size: rows,
    delimiter: ',',
    width: 1,
    isPadded: false,
    columns: [0],
    headerEnd: 0,
    headerLines: 1,
    ignored: [],
    warnings: [],
  } as const;
  const job = { execution, source, format, feed };
  const starts = await writeKeys(s3, job, rows);
  const ranges = bucketRanges(rows + (feed.base?.keys ?? 0));
  const chunks = starts.map((first) => ({
    start: first,
    end: first + 1,
    at: first + 1,
    read: 0,
    rejected: 0,
    blank: 0,
    lines: 0,
    rejectParts: 0,
    keyRuns: 1,
    repeated: 0,
    text: 'ascii' as const,
  }));
  const verdict: CompareEvent['verdict'] = {
    outcome: 'load',
    writesPerSecond: null,
    read: rows,
    blank: 0,
    footer: 0,
    dataEnd: rows,
    rejected: 0,
    repeated: [0],
    duplicates: 0,
    bucket: 0,
    compared: [],
    accepted: true,
    judged: '',
    report: {
      done: true,
      list: 'rejected',
      listed: 0,
      chunk: 0,
      part: 0,
      within: null,
      lines: 0,
      files: { rejected: 0, duplicates: 0 },
      first: [],
    },
  };
  const args: CompareArguments = { event: { ...job, chunks, verdict }, ranges };
  // With the option of a deployed function.
  const child = fork(join(import.meta.dirname, 'compare-process.ts'), [JSON.stringify(args)], {
    execArgv: ['--max-semi-space-size=16'],
  });
  pin(child.pid, MEASURED);
  const [outcome]: CompareOutcome[] = await once(child, 'message');
  if (outcome === undefined || child.pid === undefined) throw new Error('The comparison has no outcome.');
  const peakBytes = peakOf(child.pid);
  child.disconnect();
  return {
    rows,
    ranges: ranges.length,
    peakBytes,
    cpuSeconds: outcome.cpuSeconds,
    changes: outcome.compared.reduce<IndexChanges>(sum, NO_CHANGES),
  };
}

if (import.meta.main) {
  process.stdout.write(`${JSON.stringify(await compareKeys(Number(process.argv[2] ?? 1e6)))}\n`);
}

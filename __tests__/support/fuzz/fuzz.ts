/** Runs random cases in a separate thread, so that a case that never ends can be detected. */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Manner } from './read-file.ts';

export interface FuzzRun {
  /** Valid files, mutated files, mutated gzip files, or mutated files of several hundred KB. */
  readonly kind: 'valid' | 'mutated' | 'compressed' | 'large';
  readonly cases: number;
}

/** What is needed to repeat a case. */
export interface FuzzCase {
  readonly dataset: string;
  readonly manner: Manner;
  /** The file. */
  readonly base64: string;
}

export interface FuzzCounts {
  cases: number;
  /** Files that were refused as a whole, for their header for example. */
  refused: number;
  items: number;
  rejects: number;
  /** Files that were cut into several chunks. */
  cut: number;
  /** CPU time of the slowest case, in milliseconds. */
  slowest: number;
}

/** A message of the thread: the case that it begins, or the result of all cases. */
export type FuzzMessage =
  | { readonly begun: FuzzCase }
  | { readonly done: FuzzCounts }
  | { readonly failed: string };

/** Milliseconds after which a case counts as endless, even on a busy machine. */
const HANGS_AFTER = 20_000;

/** @throws Error with the seed of the failed case, or with the file that is read endlessly. */
export function fuzz(run: FuzzRun): Promise<FuzzCounts> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(import.meta.dirname, 'fuzz-worker.ts'), { workerData: run });
    let last: FuzzCase | undefined;
    const hangs = (): void => {
      worker.terminate();
      reject(new Error(`A case of ${run.kind} does not end: ${JSON.stringify(last)}`));
    };
    let timer = setTimeout(hangs, HANGS_AFTER);
    worker.on('message', (message: FuzzMessage) => {
      clearTimeout(timer);
      if ('done' in message) resolve(message.done);
      else if ('failed' in message) reject(new Error(message.failed));
      else {
        last = message.begun;
        timer = setTimeout(hangs, HANGS_AFTER);
      }
    });
    worker.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

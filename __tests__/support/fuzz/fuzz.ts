/** Runs random cases in a worker thread, so that a case that never ends can be detected and reported. */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ReadOptions } from './read-file.ts';

export interface FuzzRun {
  /** Valid files, mutated files, compressed files whose bytes are mutated, or mutated files of several hundred KB. */
  readonly kind: 'valid' | 'mutated' | 'compressed' | 'large';
  readonly cases: number;
}

/** Everything needed to reproduce a case. */
export interface FuzzCase {
  readonly dataset: string;
  readonly options: ReadOptions;
  /** The file. */
  readonly base64: string;
}

export interface FuzzCounts {
  cases: number;
  /** Files that were refused as a whole, for example because of their header. */
  refused: number;
  items: number;
  rejects: number;
  /** Rows of blank cells. */
  blank: number;
  /** Rows of footers. */
  footer: number;
  /** Files that were cut into several chunks. */
  cut: number;
  /** CPU time of the slowest case in milliseconds. */
  slowestMs: number;
}

/** A message from the thread: the case that it starts, or the result of all cases. */
export type FuzzMessage =
  | { readonly started: FuzzCase }
  | { readonly done: FuzzCounts }
  | { readonly failed: string };

/** Milliseconds after which a case counts as never ending, even on a busy machine. */
const CASE_TIMEOUT_MS = 20_000;

/** Threads that have done their cases: loading the code takes longer than a few cases. */
const idle: Worker[] = [];

/** @throws Error with the seed of the case that failed, or with the case that does not end. */
export function fuzz(run: FuzzRun): Promise<FuzzCounts> {
  return new Promise((resolve, reject) => {
    const worker = idle.pop() ?? new Worker(join(import.meta.dirname, 'fuzz-worker.ts'));
    worker.ref();
    let last: FuzzCase | undefined;
    const hangs = (): void => {
      worker.terminate();
      reject(new Error(`A case of ${run.kind} does not end: ${JSON.stringify(last)}`));
    };
    let timer = setTimeout(hangs, CASE_TIMEOUT_MS);
    const fails = (error: unknown): void => {
      clearTimeout(timer);
      reject(error);
    };
    const reads = (message: FuzzMessage): void => {
      clearTimeout(timer);
      if ('started' in message) {
        last = message.started;
        timer = setTimeout(hangs, CASE_TIMEOUT_MS);
        return;
      }
      worker.off('message', reads).off('error', fails).unref();
      idle.push(worker);
      if ('done' in message) resolve(message.done);
      else reject(new Error(message.failed));
    };
    worker.on('message', reads).on('error', fails);
    worker.postMessage(run);
  });
}

/** Runs random cases in a thread of its own, where even one that never ends can be told. */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Manner } from './read-file.ts';

export interface FuzzRun {
  /** Sound files, mutated ones, mutated ones packed with gzip, or mutated ones of some hundred KB. */
  readonly kind: 'sound' | 'mutated' | 'packed' | 'large';
  readonly cases: number;
}

/** What it takes to repeat a case. */
export interface FuzzCase {
  readonly dataset: string;
  readonly manner: Manner;
  /** The file. */
  readonly base64: string;
}

export interface FuzzCounts {
  cases: number;
  /** Files that were refused as a whole, such as for their header. */
  refused: number;
  items: number;
  rejects: number;
  /** Files that were cut into several chunks. */
  cut: number;
  /** Milliseconds of the processor that the slowest case took. */
  slowest: number;
}

/** What the thread tells: which case it begins, and how all of them went. */
export type FuzzMessage =
  | { readonly begun: FuzzCase }
  | { readonly done: FuzzCounts }
  | { readonly failed: string };

/** Milliseconds, on a busy machine, after which a case is taken for one that never ends. */
const HANGS_AFTER = 20_000;

/** @throws Error that has the seed of the case that failed, or the file that is read without an end. */
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

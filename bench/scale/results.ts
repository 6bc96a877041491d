/** The saved figures of a benchmark run. */

import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '../measure/measure.ts';

export interface Results {
  readonly machine: { readonly processors: string; readonly memoryGb: number; readonly system: string };
  /** The version of Node.js, and the functions' `NODE_OPTIONS`. */
  readonly node: string;
  readonly nodeOptions: string;
  /** Ordered by file size. */
  readonly measurements: readonly Measurement[];
}

export const RESULTS_FILE = join(import.meta.dirname, 'results-scale.json');

export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS_FILE, 'utf8'));
}

/**
 * The speed of one vCPU, as measured with the largest file.
 * @returns the bytes that it validates and the rows that it loads per second
 * @throws Error when there is no measurement.
 */
export function speeds({ measurements }: Results): {
  readonly validatedBytes: number;
  readonly loadedRows: number;
} {
  const largest = measurements.at(-1);
  const cpuSeconds = (name: string) => largest?.functions[name]?.cpuSeconds ?? Number.NaN;
  if (largest === undefined)
    throw new Error('The results have no measurement. Run npm run bench:scale first.');
  return {
    validatedBytes: largest.size / cpuSeconds('validate-csv'),
    loadedRows: largest.rows / cpuSeconds('load-to-dynamodb'),
  };
}

/** The machine that this process runs on. */
export function machine(): Results['machine'] {
  const [processor] = cpus();
  return {
    processors: `${cpus().length} processors (${processor?.model.trim() ?? 'unknown'})`,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${process.arch}`,
  };
}

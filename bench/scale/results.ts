/** The figures of a run of the bench, as they are kept. */

import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '../measure/measure.ts';

export interface Results {
  readonly machine: { readonly processors: string; readonly memoryGb: number; readonly system: string };
  /** Version, and the options that the functions' environment gave to it. */
  readonly node: string;
  readonly nodeOptions: string;
  /** In the order of the files' sizes. */
  readonly measurements: readonly Measurement[];
}

export const RESULTS_FILE = join(import.meta.dirname, 'results-scale.json');

export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS_FILE, 'utf8'));
}

/**
 * What one vCPU does in a second.
 * @returns bytes that it validates, and rows that it loads, as measured with the largest file.
 */
export function speeds({ measurements }: Results): {
  readonly validatedBytes: number;
  readonly loadedRows: number;
} {
  const largest = measurements.at(-1);
  const cpuSeconds = (name: string) => largest?.functions[name]?.cpuSeconds ?? Number.NaN;
  if (largest === undefined) throw new Error('The results have no measurement; run the bench first.');
  return {
    validatedBytes: largest.size / cpuSeconds('validate-csv'),
    loadedRows: largest.rows / cpuSeconds('load-to-dynamodb'),
  };
}

/** The machine that this runs on. */
export function machine(): Results['machine'] {
  const [processor] = cpus();
  return {
    processors: `${cpus().length} processors (${processor?.model.trim() ?? 'unknown'})`,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${process.arch}`,
  };
}

/**
 * Measures how much memory long rows take: a file in one chunk, and a table that answers late, so that as many rows are in
 * flight as the table writer allows.
 */

import type { SynthesizedStack } from '../../local/stack/synthesized.ts';
import { measure, oneChunk } from '../measure/measure.ts';
import type { RowMemory } from './comparison.ts';

/** The sizes of rows, in bytes. A row may have up to 400 KB. */
export const ROW_BYTES = [1_000, 20_000, 100_000, 380_000];

/** The size of the file: about what could be in flight if only the requests were counted, but no more rows than take seconds. */
const [MAX_FILE_BYTES, MAX_ROWS] = [60e6, 10_000];

/** Milliseconds until the table answers a write. */
const LATENCY = 1_000;

/** Measures files with rows of a size. */
export async function rowMemory(stack: SynthesizedStack, rowBytes: number): Promise<RowMemory> {
  const bytes = Math.min(MAX_FILE_BYTES, rowBytes * MAX_ROWS);
  const { functions, counts, rows } = await measure(oneChunk(stack), bytes, { rowBytes, latency: LATENCY });
  if (counts.written !== rows) throw new Error(`The pipeline wrote ${counts.written} of ${rows} rows.`);
  const peak = (name: string) => functions[name]?.peakBytes ?? Number.NaN;
  return { rowBytes, validatePeakBytes: peak('validate-csv'), loadPeakBytes: peak('load-to-dynamodb') };
}

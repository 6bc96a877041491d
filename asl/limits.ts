/** How many chunks there are, and how many of them are worked on at once. */

import type { MapMode } from './language/index.ts';

/**
 * The most chunks that a file is cut into. An INLINE Map writes into the execution's one history, which holds 25,000
 * events (source: "Step Functions service quotas"): a file that is cut twice and decoded twice goes through four Maps,
 * with 11 events an iteration; for 300 chunks these are 13,200, and leave room for 1,600 invocations of `LoadChunk`
 * that resume where the one before had to stop. A DISTRIBUTED Map has a
 * history for each chunk, and only the size of a state, 256 KiB, is a limit on how many there are.
 */
export function maxChunks(mapMode: MapMode): number {
  return mapMode === 'INLINE' ? 300 : 1_000;
}

/**
 * Chunks that are loaded at the same time: few, because a function that waits for the table is paid for, and takes 7
 * events of an INLINE Map's history every time that its time runs out. With a hundred of them, a table that takes 4,000
 * writes a second would cost a quarter more. `docs/scale.md` says how many rows these can write; with more memory they
 * have more of a processor, and write more.
 */
export function loadConcurrency({ maxConcurrency }: { readonly maxConcurrency: number }): number {
  return Math.min(4, maxConcurrency);
}

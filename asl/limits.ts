/** How many chunks a file is cut into, and how many are loaded at the same time. */

import type { MapMode } from './language/index.ts';

/**
 * The maximum number of chunks of a file. An INLINE Map writes to the history of its execution, which holds 25,000
 * events (source: "Step Functions service quotas"). A file that is cut twice, decoded twice, and compared again because
 * another load has begun, goes through five Maps with 11 events per iteration. For 300 chunks these are 16,500 events, and
 * 264 for two comparisons of 12 ranges, which leaves room for 1,100 invocations of `LoadChunk` that resume where the
 * previous one stopped. A DISTRIBUTED Map has a history for each chunk, so that only
 * the size of a state, 256 KiB, limits their number: a chunk takes up to 300 bytes, with a footer in every chunk.
 */
export function maxChunks(mapMode: MapMode): number {
  return mapMode === 'INLINE' ? 300 : 750;
}

/**
 * Chunks that are loaded at the same time. There are few, because a function costs money while it waits for the table,
 * and each invocation adds 7 events to an INLINE Map's history. With a hundred of them, loading at 4,000 writes per
 * second would cost a quarter more. `docs/scale.md` says how many rows four of them write; more memory, and with it
 * more CPU, lets them write more.
 */
export function loadConcurrency({ maxConcurrency }: { readonly maxConcurrency: number }): number {
  return Math.min(4, maxConcurrency);
}

/** Rows over time, in a bounded number of buckets. */

import { z } from 'zod';
import type { RowSeries } from './run-record.ts';

/** Maximum number of buckets. When time runs past the last one, each pair is merged. */
const MAX_BUCKETS = 240;

/** Length of a bucket at the start, in milliseconds. */
const INITIAL_INTERVAL = 250;

/** A function's progress in a chunk. */
export interface ChunkProgress {
  readonly phase: string;
  /** The chunk's first byte. */
  readonly start: number;
  readonly rows: number;
  readonly bytes: number;
}

/** The progress that a function logs every few seconds. */
const progressLine = z.object({
  message: z.literal('progress'),
  phase: z.string(),
  start: z.number(),
  rows: z.number(),
  bytes: z.number(),
});

/** A function's result for a chunk; only a load has `loaded`. */
const chunkResult = z.object({
  start: z.number(),
  end: z.number(),
  at: z.number().optional(),
  read: z.number(),
  loaded: z.number().optional(),
});

/** Parses a function's log line; undefined if it does not report progress. */
export function progressOfLine(line: string): ChunkProgress | undefined {
  if (!line.includes('"progress"')) return undefined;
  try {
    return progressLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Parses the result of a task; undefined if it is not about a chunk. */
export function progressOfResult(result: unknown): ChunkProgress | undefined {
  const { data } = chunkResult.safeParse(result);
  if (data === undefined) return undefined;
  const { start, end, at = end, read, loaded } = data;
  return {
    phase: loaded === undefined ? 'validate' : 'load',
    start,
    rows: read,
    bytes: Math.min(at, end) - start,
  };
}

/** Adds up rows by phase and time. It keeps the progress of each chunk, of which there are at most 1,000. */
export class RowRecorder {
  readonly #since: number;
  #interval = INITIAL_INTERVAL;
  readonly #phases = new Map<string, number[]>();
  /** Progress of each chunk, by phase and the chunk's first byte. */
  readonly #chunks = new Map<string, Map<number, Pick<ChunkProgress, 'rows' | 'bytes'>>>();

  /** @param since milliseconds since 1970 */
  constructor(since: number) {
    this.#since = since;
  }

  /** Starts a phase. It may start again, with other chunks. */
  begin(phase: string): void {
    this.#chunks.set(phase, new Map());
  }

  /** Progress of the phase over all chunks. */
  progress(phase: string): { readonly rows: number; readonly bytes: number } {
    const chunks = [...(this.#chunks.get(phase)?.values() ?? [])];
    const sum = (field: 'rows' | 'bytes') => chunks.reduce((total, each) => total + each[field], 0);
    return { rows: sum('rows'), bytes: sum('bytes') };
  }

  /**
   * Takes the progress of a chunk.
   * @param at milliseconds since 1970
   */
  add(at: number, { phase, start, rows, bytes }: ChunkProgress): void {
    const chunks = this.#chunks.get(phase) ?? new Map<number, Pick<ChunkProgress, 'rows' | 'bytes'>>();
    this.#chunks.set(phase, chunks);
    const previous = chunks.get(start)?.rows ?? 0;
    chunks.set(start, { rows, bytes });
    // Fewer rows than last time: the chunk started again.
    const added = rows >= previous ? rows - previous : rows;
    if (added === 0) return;
    let bucket = Math.max(0, Math.floor((at - this.#since) / this.#interval));
    while (bucket >= MAX_BUCKETS) {
      this.#mergePairs();
      bucket = Math.floor((at - this.#since) / this.#interval);
    }
    const buckets = this.#phases.get(phase) ?? [];
    this.#phases.set(phase, buckets);
    while (buckets.length <= bucket) buckets.push(0);
    buckets[bucket] = (buckets[bucket] ?? 0) + added;
  }

  series(): RowSeries {
    return { since: this.#since, interval: this.#interval, phases: Object.fromEntries(this.#phases) };
  }

  #mergePairs(): void {
    this.#interval *= 2;
    for (const [phase, buckets] of this.#phases) {
      const pairs = Array.from({ length: Math.ceil(buckets.length / 2) }, (_, index) => {
        return (buckets[2 * index] ?? 0) + (buckets[2 * index + 1] ?? 0);
      });
      this.#phases.set(phase, pairs);
    }
  }
}

/** Rows over time, in as many buckets however long it takes. */

import { z } from 'zod';
import type { RowSeries } from './run-record.ts';

/** Buckets at the most; when time runs beyond them, two become one. */
const MAX_BUCKETS = 240;

/** Milliseconds of a bucket at first. */
const FIRST_INTERVAL = 250;

/** How far a function is in a chunk. */
export interface ChunkRows {
  readonly phase: string;
  /** The chunk's first byte. */
  readonly start: number;
  readonly rows: number;
  readonly bytes: number;
}

/** What a function logs every few seconds about the chunk that it is in. */
const progressLine = z.object({
  message: z.literal('progress'),
  phase: z.string(),
  start: z.number(),
  rows: z.number(),
  bytes: z.number(),
});

/** What a function returns about the chunk that it was given; `loaded` only where it wrote the chunk's rows. */
const chunkResult = z.object({
  start: z.number(),
  end: z.number(),
  at: z.number().optional(),
  read: z.number(),
  loaded: z.number().optional(),
});

/** Reads a function's log line, of which there are others than those about progress. */
export function rowsOfLine(line: string): ChunkRows | undefined {
  if (!line.includes('"progress"')) return undefined;
  try {
    return progressLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Reads the result of a task, of which there are others than those about a chunk. */
export function rowsOfResult(result: unknown): ChunkRows | undefined {
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

/** Adds up rows by phase and time. It holds a number for each chunk, of which there are at most 1,000. */
export class RowRecorder {
  readonly #since: number;
  #interval = FIRST_INTERVAL;
  readonly #phases = new Map<string, number[]>();
  /** How far each chunk is, by the phase and the chunk's first byte. */
  readonly #chunks = new Map<string, Map<number, Pick<ChunkRows, 'rows' | 'bytes'>>>();

  /** @param since milliseconds since 1970 */
  constructor(since: number) {
    this.#since = since;
  }

  /** A phase begins, perhaps once more and with other chunks. */
  begin(phase: string): void {
    this.#chunks.set(phase, new Map());
  }

  /** How far the phase is in all chunks together. */
  progress(phase: string): { readonly rows: number; readonly bytes: number } {
    const chunks = [...(this.#chunks.get(phase)?.values() ?? [])];
    const sum = (field: 'rows' | 'bytes') => chunks.reduce((total, each) => total + each[field], 0);
    return { rows: sum('rows'), bytes: sum('bytes') };
  }

  /** Takes how far a chunk is at some time. */
  add(at: number, { phase, start, rows, bytes }: ChunkRows): void {
    const chunks = this.#chunks.get(phase) ?? new Map<number, Pick<ChunkRows, 'rows' | 'bytes'>>();
    this.#chunks.set(phase, chunks);
    const before = chunks.get(start)?.rows ?? 0;
    chunks.set(start, { rows, bytes });
    // Fewer than before: the chunk is done once more, from its start.
    const more = rows >= before ? rows - before : rows;
    if (more === 0) return;
    let bucket = Math.max(0, Math.floor((at - this.#since) / this.#interval));
    while (bucket >= MAX_BUCKETS) {
      this.#halve();
      bucket = Math.floor((at - this.#since) / this.#interval);
    }
    const buckets = this.#phases.get(phase) ?? [];
    this.#phases.set(phase, buckets);
    while (buckets.length <= bucket) buckets.push(0);
    buckets[bucket] = (buckets[bucket] ?? 0) + more;
  }

  series(): RowSeries {
    return { since: this.#since, interval: this.#interval, phases: Object.fromEntries(this.#phases) };
  }

  #halve(): void {
    this.#interval *= 2;
    for (const [phase, buckets] of this.#phases) {
      const pairs = Array.from({ length: Math.ceil(buckets.length / 2) }, (_, index) => {
        return (buckets[2 * index] ?? 0) + (buckets[2 * index + 1] ?? 0);
      });
      this.#phases.set(phase, pairs);
    }
  }
}

/** Cuts a file into chunks of whole records: by probing it, or by reading all of it. */

import pMap from 'p-map';
import type { Chunk, Plan } from '../messages.ts';
import type { ReadBytes } from '../storage/stored-file.ts';
import type { Delimited } from './dialect.ts';
import { Framer, type Frames } from './framing.ts';
import { findRecordStart } from './probe.ts';

const KIBIBYTE = 1_024;
const MEBIBYTE = 1_024 * KIBIBYTE;

/** Minimum size of a chunk in bytes, except the last: large enough to justify the start of an invocation. */
const MIN_CHUNK_BYTES = 8 * MEBIBYTE;

/** Fraction of a chunk's bytes that is read to find its start: the window. */
const PROBED_FRACTION = 1 / 128;

/** Minimum size of a window in bytes. */
const MIN_WINDOW_BYTES = 64 * KIBIBYTE;

/** Maximum size of a window in bytes. */
const MAX_WINDOW_BYTES = MEBIBYTE;

/** Windows that are read concurrently. */
const PROBE_CONCURRENCY = 16;

/** The part of a file that holds its records. */
export interface Body extends Delimited {
  /** Byte after the header. */
  readonly start: number;
  /** Size of the file in bytes. */
  readonly size: number;
  /** Fields per record. */
  readonly width: number;
}

export interface PlanLimits {
  /** Maximum number of chunks. */
  readonly maxChunks: number;
  /** Minimum size of a chunk in bytes. */
  readonly minChunkBytes: number;
}

/** Limits that give a file of `size` bytes at most `maxChunks` chunks. */
export function planLimits(size: number, maxChunks: number): PlanLimits {
  return { maxChunks, minChunkBytes: Math.max(MIN_CHUNK_BYTES, Math.ceil(size / maxChunks)) };
}

/** Size in bytes of the window that is searched for the start of a chunk. */
export function windowBytes(chunkBytes: number): number {
  return Math.min(MAX_WINDOW_BYTES, Math.max(MIN_WINDOW_BYTES, Math.floor(chunkBytes * PROBED_FRACTION)));
}

/**
 * Cuts a file where records probably begin. Reads at most one window per chunk.
 * @param window bytes per window.
 */
export async function planByProbe(
  read: ReadBytes,
  { start, size, width, ...dialect }: Body,
  { maxChunks, minChunkBytes }: PlanLimits,
  window: number,
): Promise<{ readonly chunks: Chunk[]; readonly plan: Plan }> {
  if (start >= size) return { chunks: [], plan: { mode: 'probe', done: true } };
  // A chunk may start anywhere in its window, so windows are that much further apart to keep the minimum size.
  const count = Math.min(maxChunks, Math.max(1, Math.floor((size - start) / (minChunkBytes + window))));
  const spacing = (size - start) / count;
  const wanted = Array.from({ length: count - 1 }, (_, index) => Math.floor(start + (index + 1) * spacing));
  const found = await pMap(
    wanted,
    async (from) => {
      const pieces: Buffer[] = [];
      for await (const bytes of read(from, Math.min(size, from + window))) pieces.push(bytes);
      const at = findRecordStart(Buffer.concat(pieces), dialect, width);
      return at === undefined ? undefined : from + at;
    },
    { concurrency: PROBE_CONCURRENCY },
  );
  const cuts = new Set(found.flatMap((cut) => (cut !== undefined && cut < size ? [cut] : [])));
  const starts = [start, ...[...cuts].sort((one, other) => one - other)];
  const chunks = starts.map((chunkStart, index) => ({ start: chunkStart, end: starts[index + 1] ?? size }));
  return { chunks, plan: { mode: 'probe', done: true } };
}

/**
 * Cuts a file in front of the first record after each `minChunkBytes`. Stops at a cut when time runs out, and resumes
 * when it is called with the chunks that it returned.
 * @param done the chunks of earlier calls.
 * @param hasTime checked after each piece of the file.
 */
export async function planByScan(
  read: ReadBytes,
  { start, size, ...dialect }: Omit<Body, 'width'>,
  { minChunkBytes }: Pick<PlanLimits, 'minChunkBytes'>,
  done: readonly Chunk[] = [],
  hasTime: () => boolean = () => true,
): Promise<{ readonly chunks: Chunk[]; readonly plan: Plan }> {
  const chunks = [...done];
  const from = done.at(-1)?.end ?? start;
  let chunkStart = from;
  const framer = new Framer(dialect, from);
  const take = ({ offset, frames }: Frames): void => {
    for (const frame of frames) {
      const recordStart = from + offset + frame.start;
      if (recordStart - chunkStart < minChunkBytes) continue;
      chunks.push({ start: chunkStart, end: recordStart });
      chunkStart = recordStart;
    }
  };
  for await (const bytes of read(from, size)) {
    for (const framed of framer.push(bytes)) take(framed);
    if (chunkStart > from && !hasTime()) return { chunks, plan: { mode: 'exact', done: false } };
  }
  for (const framed of framer.end()) take(framed);
  if (chunkStart < size) chunks.push({ start: chunkStart, end: size });
  return { chunks, plan: { mode: 'exact', done: true } };
}

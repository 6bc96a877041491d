/** Cuts a file into chunks of whole records: by probing it, or exactly, by reading all of it. */

import pMap from 'p-map';
import type { Chunk, Plan } from '../messages.ts';
import { Framer, type Frames } from './framing.ts';
import { findRecordStart } from './probe.ts';
import type { ReadBytes } from './records.ts';

const KIBIBYTE = 1_024;
const MEBIBYTE = 1_024 * KIBIBYTE;

/** Bytes that a chunk has at least, unless it is the last: enough to make an invocation worth its start. */
const MIN_CHUNK_BYTES = 8 * MEBIBYTE;

/** Part of a chunk's bytes that is read to find its start, and the least and the most that it comes to. */
const [PROBED_PART, MIN_WINDOW_BYTES, MAX_WINDOW_BYTES] = [1 / 128, 64 * KIBIBYTE, MEBIBYTE];

/** Windows that are read at once. */
const PROBES_AT_ONCE = 16;

/** The part of a file that holds its records. */
export interface Body {
  /** Byte behind the header. */
  readonly start: number;
  /** Bytes of the file. */
  readonly size: number;
  readonly delimiter: string;
  /** Fields of a record. */
  readonly width: number;
}

export interface PlanLimits {
  /** The most chunks. */
  readonly maxChunks: number;
  /** Bytes that a chunk has at least. */
  readonly minChunkBytes: number;
}

/** Limits under which a file of any size has at most `maxChunks` chunks. */
export function planLimits(size: number, maxChunks: number): PlanLimits {
  return { maxChunks, minChunkBytes: Math.max(MIN_CHUNK_BYTES, Math.ceil(size / maxChunks)) };
}

/** Bytes of a window in which the start of a chunk is looked for. */
export function windowBytes(chunkBytes: number): number {
  return Math.min(MAX_WINDOW_BYTES, Math.max(MIN_WINDOW_BYTES, Math.floor(chunkBytes * PROBED_PART)));
}

/**
 * Cuts a file where records probably begin. Reads one window for each chunk at most.
 * @param window bytes of each.
 */
export async function planByProbe(
  read: ReadBytes,
  { start, size, delimiter, width }: Body,
  { maxChunks, minChunkBytes }: PlanLimits,
  window: number,
): Promise<{ readonly chunks: Chunk[]; readonly plan: Plan }> {
  if (start >= size) return { chunks: [], plan: { mode: 'probe', done: true } };
  // Each chunk's start lies somewhere in its window, so this much further apart are the windows.
  const count = Math.min(maxChunks, Math.max(1, Math.floor((size - start) / (minChunkBytes + window))));
  const spacing = (size - start) / count;
  const wanted = Array.from({ length: count - 1 }, (_, index) => Math.floor(start + (index + 1) * spacing));
  const found = await pMap(
    wanted,
    async (from) => {
      const pieces: Buffer[] = [];
      for await (const bytes of read(from, Math.min(size, from + window))) pieces.push(bytes);
      const at = findRecordStart(Buffer.concat(pieces), delimiter, width);
      return at === undefined ? undefined : from + at;
    },
    { concurrency: PROBES_AT_ONCE },
  );
  const cuts = new Set(found.flatMap((cut) => (cut !== undefined && cut < size ? [cut] : [])));
  const starts = [start, ...[...cuts].sort((one, other) => one - other)];
  const chunks = starts.map((chunkStart, index) => ({ start: chunkStart, end: starts[index + 1] ?? size }));
  return { chunks, plan: { mode: 'probe', done: true } };
}

/**
 * Cuts a file before the first record behind each `minChunkBytes`. Stops when it is told to, at a cut, and goes on from
 * there when it is called with what it gave back.
 * @param done what is cut already.
 * @param hasTime asked after each piece of the file.
 */
export async function planByScan(
  read: ReadBytes,
  { start, size, delimiter }: Pick<Body, 'start' | 'size' | 'delimiter'>,
  { minChunkBytes }: Pick<PlanLimits, 'minChunkBytes'>,
  done: readonly Chunk[] = [],
  hasTime: () => boolean = () => true,
): Promise<{ readonly chunks: Chunk[]; readonly plan: Plan }> {
  const chunks = [...done];
  const from = done.at(-1)?.end ?? start;
  let chunkStart = from;
  const framer = new Framer(delimiter);
  const take = ({ offset, frames }: Frames): void => {
    for (const frame of frames) {
      const recordStart = from + offset + frame.start;
      if (recordStart - chunkStart < minChunkBytes) continue;
      chunks.push({ start: chunkStart, end: recordStart });
      chunkStart = recordStart;
    }
  };
  for await (const bytes of read(from, size)) {
    take(framer.push(bytes));
    if (chunkStart > from && !hasTime()) return { chunks, plan: { mode: 'exact', done: false } };
  }
  take(framer.end());
  if (chunkStart < size) chunks.push({ start: chunkStart, end: size });
  return { chunks, plan: { mode: 'exact', done: true } };
}

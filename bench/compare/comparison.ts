/** The figures of a benchmark run, and the ratios computed from them. */

import { join } from 'node:path';
import type { Results } from '../scale/results.ts';
import type { Absent, Effort } from './contenders.ts';
import type { Profile } from './profile.ts';

/** What one contender used for the same file, round by round. */
export interface Series {
  readonly name: string;
  readonly does: string;
  readonly rounds: readonly Effort[];
}

/** The seconds from the start of a process until its code is loaded, round by round. */
export interface ColdStart {
  readonly name: string;
  readonly cpuSeconds: readonly number[];
  readonly wallSeconds: readonly number[];
}

export interface BundleSize {
  readonly name: string;
  /** The bytes of the minified code and of the zip. */
  readonly code: number;
  readonly zip: number;
}

/** The peak memory, in bytes, with a file of long rows. */
export interface RowMemory {
  readonly rowBytes: number;
  readonly validatePeakBytes: number;
  readonly loadPeakBytes: number;
}

export interface Comparison {
  readonly machine: Results['machine'];
  /** The load average of the minute before the run, as a measure of noise. */
  readonly loadAverage: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly date: string;
  /** The size of the file that all contenders load. */
  readonly bytes: number;
  readonly rows: number;
  readonly series: readonly Series[];
  /** Peak memory by file size. */
  readonly memory: readonly { readonly name: string; readonly bytes: number; readonly peakBytes: number }[];
  /** The pipeline's peak memory by the size of a row, for the two functions that read all rows. */
  readonly rowMemory: readonly RowMemory[];
  /** The first one is a runtime that loads no code. */
  readonly coldStarts: readonly ColdStart[];
  readonly bundles: readonly BundleSize[];
  /** The seconds that a process takes for a synth, including its start. */
  readonly synth: readonly ColdStart[];
  /** The seconds of commands that a person waits for; empty in a quick run. */
  readonly waits: readonly { readonly name: string; readonly seconds: readonly number[] }[];
  /** For each capacity, in writes per second: the share that is used, and the share of requests that are throttled. */
  readonly throttled: readonly {
    readonly capacity: number;
    readonly busy: number;
    readonly refused: number;
  }[];
  /** The profile of the load; empty in a quick run. */
  readonly profile: Profile;
  readonly absent: readonly Absent[];
}

/** The file with the figures of the last full run. */
export const RESULTS_FILE = join(import.meta.dirname, 'results.json');

/** The name that this pipeline has among the contenders. */
export const PIPELINE = 'this pipeline';

/** The common start of the names of the two waits that differ only in their number of cores. */
export const LOCAL_RUN = 'a local run of 39 MB on';

/** The limit for a function's minified code, in bytes. */
export const MAX_CODE = 550_000;

/** The limit for a function's resident memory, in bytes: half of what a function has by default. */
export const MAX_MEMORY = 256 * 1024 ** 2;

/** A lower or upper bound of a ratio. */
export interface Bound {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/** The median of each round's ratio. A busy machine changes it less than it changes the values themselves. */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}

/** Rows per CPU-second, round by round. */
export function rates({ rounds }: Series, rows: number): number[] {
  return rounds.map(({ cpuSeconds }) => rows / cpuSeconds);
}

/** All ratios that were measured, by their names; what could not be measured is not among them. */
export function ratios(comparison: Comparison): Readonly<Record<string, number>> {
  const { rows, series, memory, rowMemory, coldStarts, bundles, synth, waits, throttled } = comparison;
  const found: Record<string, number> = {};
  const pipeline = series.find(({ name }) => name === PIPELINE);
  for (const peer of series) {
    if (pipeline === undefined || peer === pipeline) continue;
    found[`rows per CPU-second, over ${peer.name}`] = pairedRatio(rates(pipeline, rows), rates(peer, rows));
  }
  const peaks = memory.filter(({ name }) => name === PIPELINE);
  const [smallest, largest] = [peaks[0], peaks.at(-1)];
  if (smallest !== undefined && largest !== undefined && smallest !== largest) {
    found['peak memory, largest file over smallest'] = largest.peakBytes / smallest.peakBytes;
  }
  if (rowMemory.length > 0) {
    const all = rowMemory.flatMap(({ validatePeakBytes, loadPeakBytes }) => [
      validatePeakBytes,
      loadPeakBytes,
    ]);
    found['peak memory with long rows, over 256 MB'] = Math.max(...all) / MAX_MEMORY;
  }
  const [bare, ...loaded] = coldStarts;
  for (const start of loaded) {
    if (bare === undefined) continue;
    found[`CPU time of a cold start, ${start.name} over the bare runtime`] = pairedRatio(
      start.cpuSeconds,
      bare.cpuSeconds,
    );
  }
  if (bundles.length > 0) {
    found[`largest function's code, over ${MAX_CODE / 1_000} KB`] =
      Math.max(...bundles.map(({ code }) => code)) / MAX_CODE;
  }
  const [own, ...others] = synth;
  for (const other of others) {
    if (own === undefined) continue;
    found[`CPU time of a synth, over ${other.name}`] = pairedRatio(own.cpuSeconds, other.cpuSeconds);
  }
  const [oneCore, twoCores] = waits.filter(({ name }) => name.startsWith(LOCAL_RUN));
  if (oneCore !== undefined && twoCores !== undefined) {
    found['a local run, one core over two'] = pairedRatio(oneCore.seconds, twoCores.seconds);
  }
  if (throttled.length > 0) {
    found["share of a table's capacity that is used"] = Math.min(...throttled.map(({ busy }) => busy));
    found['share of requests that a table throttles'] = Math.max(...throttled.map(({ refused }) => refused));
  }
  return found;
}

/** A message for each ratio that is worse than its bound. */
export function worseThan(
  bounds: Readonly<Record<string, Bound>>,
  found: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(bounds).flatMap(([name, { atLeast = 0, atMost = Number.POSITIVE_INFINITY }]) => {
    const ratio = found[name];
    // A ratio that was not measured is listed elsewhere with the reason; it is not a failure.
    if (ratio === undefined || (ratio >= atLeast && ratio <= atMost)) return [];
    const bound = ratio < atLeast ? `at least ${atLeast}` : `at most ${atMost}`;
    return [`${name}: ${ratio.toFixed(2)}, but must be ${bound}`];
  });
}

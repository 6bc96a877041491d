/** What a run of the bench found, and the ratios that follow from it. */

import { join } from 'node:path';
import type { Absent, Effort } from './contenders.ts';
import type { Profile } from './profile.ts';

/** What one contender took for the same file, round by round. */
export interface Series {
  readonly name: string;
  readonly does: string;
  readonly rounds: readonly Effort[];
}

/** Seconds from a process's start to where its code is loaded. */
export interface ColdStart {
  readonly name: string;
  readonly cpuSeconds: readonly number[];
  readonly wallSeconds: readonly number[];
}

export interface BundleSize {
  readonly name: string;
  /** Bytes of the minified code, and of the zip. */
  readonly code: number;
  readonly zip: number;
}

export interface Comparison {
  readonly machine: { readonly processors: string; readonly memoryGb: number; readonly system: string };
  /** Processes that waited for a processor, on average over the minute before the run: the noise. */
  readonly loadAverage: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly date: string;
  /** Of the file that all of them get. */
  readonly bytes: number;
  readonly rows: number;
  readonly series: readonly Series[];
  /** Peak memory by the size of the file. */
  readonly memory: readonly { readonly name: string; readonly bytes: number; readonly peakBytes: number }[];
  /** The first is that of a runtime that loads nothing. */
  readonly coldStarts: readonly ColdStart[];
  readonly bundles: readonly BundleSize[];
  /** Seconds in the process, its start included, round by round. */
  readonly synth: readonly ColdStart[];
  /** Seconds that the commands took that a person waits for; measured in a full run only. */
  readonly waits: readonly { readonly name: string; readonly seconds: readonly number[] }[];
  /** By the writes a second that a table takes: the share of them that is used, and of requests that it refuses. */
  readonly throttled: readonly {
    readonly capacity: number;
    readonly busy: number;
    readonly refused: number;
  }[];
  /** Of the load; of a full run only. */
  readonly profile: Profile;
  readonly absent: readonly Absent[];
}

/** Where the figures of the last full run are kept. */
export const RESULTS_FILE = join(import.meta.dirname, 'results.json');

/** Name of the contender that all of this is about. */
export const PIPELINE = 'this pipeline';

/** How the names of the two waits begin that differ in the cores alone. */
export const LOCAL_RUN = 'a local run of 39 MB on';

/** Bytes that a function's minified code is to stay below. */
export const MAX_CODE = 500_000;

/** A bound on a ratio: at least, or at most. */
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

/** The median of the ratios of each round, which a machine that is busy for a while changes less than each value. */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}

/** Rows for each second of a processor, round by round. */
export function rates({ rounds }: Series, rows: number): number[] {
  return rounds.map(({ cpuSeconds }) => rows / cpuSeconds);
}

/** All ratios that were measured, by their names; what could not be measured is not among them. */
export function ratios(comparison: Comparison): Readonly<Record<string, number>> {
  const { rows, series, memory, coldStarts, bundles, synth, waits, throttled } = comparison;
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
    found['writes that a table takes: the share that is used'] = Math.min(
      ...throttled.map(({ busy }) => busy),
    );
    found['requests that a table refuses, of all'] = Math.max(...throttled.map(({ refused }) => refused));
  }
  return found;
}

/** The ratios that are worse than their bounds, in words. */
export function worseThan(
  bounds: Readonly<Record<string, Bound>>,
  found: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(bounds).flatMap(([name, { atLeast = 0, atMost = Number.POSITIVE_INFINITY }]) => {
    const ratio = found[name];
    // What was not measured is listed with the reason, and is no failure.
    if (ratio === undefined || (ratio >= atLeast && ratio <= atMost)) return [];
    const bound = ratio < atLeast ? `at least ${atLeast}` : `at most ${atMost}`;
    return [`${name}: ${ratio.toFixed(2)}, and it has to be ${bound}`];
  });
}

/** The figures of the benchmark of a nightly export, what they cost, and the bounds that they must meet. */

import { join } from 'node:path';
import { prices } from '../../report/record/prices.ts';
import { pairedRatio } from '../compare/comparison.ts';
import { MEMORY_OF_ONE_CPU } from '../cost/estimate.ts';
import type { Measurement } from '../measure/measure.ts';
import type { Results } from '../scale/results.ts';

/** What one load used. */
export interface Load {
  readonly cpuSeconds: number;
  /** CPU seconds by function. */
  readonly steps: Readonly<Record<string, number>>;
  /** The peak memory of the largest process, in bytes. */
  readonly peakBytes: number;
  /** Rows written to the table, and those that were not. */
  readonly written: number;
  readonly unchanged: number;
  readonly requests: Measurement['requests'];
  readonly transitions: number;
  readonly invocations: number;
}

export interface Nightly extends Pick<Results, 'machine' | 'node'> {
  readonly date: string;
  /** The load average of the minute before the run, as a measure of noise. */
  readonly loadAverage: number;
  /** Of the file. */
  readonly bytes: number;
  readonly rows: number;
  /** Rows that differ from the night before. */
  readonly changed: number;
  /** A load that writes every row and has no index, round by round. */
  readonly full: readonly Load[];
  /** The first load of the feed, which writes every row, and its index. */
  readonly first: readonly Load[];
  /** The load of the next night. */
  readonly night: readonly Load[];
}

/** The file with the figures of the last full run. */
export const RESULTS_FILE = join(import.meta.dirname, 'results.json');

/** @throws Error when a row is neither written nor left unchanged, or written twice. */
export function loadOf({ rows, counts, functions, requests, transitions, invocations }: Measurement): Load {
  const { read, written, unchanged = 0, writtenAgain } = counts;
  if (read !== rows || written + unchanged !== rows || writtenAgain !== 0) {
    throw new Error(`The file has ${rows} rows, but the counts are ${JSON.stringify(counts)}.`);
  }
  const usages = Object.entries(functions);
  return {
    cpuSeconds: usages.reduce((sum, [, { cpuSeconds }]) => sum + cpuSeconds, 0),
    steps: Object.fromEntries(usages.map(([name, { cpuSeconds }]) => [name, cpuSeconds])),
    peakBytes: Math.max(...usages.map(([, { peakBytes }]) => peakBytes)),
    written,
    unchanged,
    requests,
    transitions,
    invocations,
  };
}

/**
 * Dollars of a load by service, from what was counted. All rows have less than 1 KB, so each is one write unit. Functions
 * are billed as if they never waited for the table or the network; a load that writes more waits more.
 */
export function dollarsOf({
  written,
  requests,
  cpuSeconds,
  invocations,
  transitions,
}: Load): Readonly<Record<string, number>> {
  const { HEAD, GET, LIST, PUT, POST, ledgerReads, ledgerWrites } = requests;
  return {
    'DynamoDB, writes of rows': written * prices.tableWrite,
    'DynamoDB, the ledger': ledgerReads * prices.tableRead + ledgerWrites * prices.tableWrite,
    Lambda:
      ((cpuSeconds * MEMORY_OF_ONE_CPU) / 1_024) * prices.functionGbSecond +
      invocations * prices.functionRequest,
    'Step Functions': transitions * prices.stateTransition,
    'S3, requests': (HEAD + GET) * prices.objectRead + (LIST + PUT + POST) * prices.objectWrite,
  };
}

/** The dollars of a load. */
export function totalOf(load: Load): number {
  return Object.values(dollarsOf(load)).reduce((sum, each) => sum + each, 0);
}

/** The most that the ratios may be. */
export const BOUNDS = { rows: 0.0102, requests: 0.0102, cpu: 0.6 } as const;

/** What a night's load uses, over what a load of every row uses. Counts are the same in each round. */
export function nightlyRatios({ full, night }: Pick<Nightly, 'full' | 'night'>): {
  readonly [Name in keyof typeof BOUNDS | 'dollars']: number;
} {
  const ratio = (of: (load: Load) => number) => pairedRatio(night.map(of), full.map(of));
  return {
    rows: ratio(({ written }) => written),
    requests: ratio(({ requests }) => requests.BatchWriteItem),
    cpu: ratio(({ cpuSeconds }) => cpuSeconds),
    dollars: ratio(totalOf),
  };
}

/** @returns a message for each bound that is not met, and if not the changed rows alone were written. */
export function problemsOf(
  measured: Pick<Nightly, 'full' | 'night' | 'changed'>,
  { isCpuBounded }: { readonly isCpuBounded: boolean },
): string[] {
  const ratios = nightlyRatios(measured);
  const names = { rows: 'rows written', requests: 'write requests', cpu: 'CPU time' };
  const problems = (['rows', 'requests', 'cpu'] as const).flatMap((name) => {
    if ((name === 'cpu' && !isCpuBounded) || ratios[name] <= BOUNDS[name]) return [];
    return [
      `${names[name]}: ${ratios[name].toFixed(4)} of a load of every row, but must be at most ${BOUNDS[name]}`,
    ];
  });
  const others = measured.night.filter(({ written }) => written !== measured.changed);
  return [
    ...problems,
    ...others.map(({ written }) => `${written} rows were written, but ${measured.changed} have changed`),
  ];
}

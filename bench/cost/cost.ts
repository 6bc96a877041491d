/** Computes what a file costs at list prices, from the definition, the plan and the measured speeds. */

import { loadConcurrency } from '../../asl/limits.ts';
import type { Environment } from '../../environments/schema.ts';
import { HASH_BYTES } from '../../functions/core/dataset/item.ts';
import { GROUP_BYTES, MAX_RUN_KEYS } from '../../functions/core/working/keys.ts';
import { prices } from '../../report/record/prices.ts';
import type { Results } from '../scale/results.ts';
import { type Estimator, MEMORY_OF_ONE_CPU } from './estimate.ts';

/** The bytes of a typical key. */
const KEY_BYTES = 16;

/** The bytes that are stored with each key. */
const KEY_OVERHEAD_BYTES = 7;

/** The bytes of the report of a file without rejected rows. */
const REPORT_BYTES = 1_000;

/** The days after which working objects expire. */
const WORKING_DAYS = 7;

/** The seconds between two checks of a writer's lease; from `functions/core/ledger/lease.ts`. */
const LEASE_CHECK_SECONDS = 2;

/** The bytes that a write unit covers; source: "Read and write capacity", DynamoDB developer guide. */
const WRITE_UNIT_BYTES = 1_024;

export interface CostWorkload {
  /** The size of the file, in bytes. */
  readonly size: number;
  readonly rows: number;
  /** The writes per second that the table accepts. It matters because Lambda also bills the time that functions wait. */
  readonly writesPerSecond: number;
  /** Whether a write request has many rows, as without conditions; true by default. */
  readonly isBatched?: boolean;
  /** The secondary indexes of the table, each of which DynamoDB writes too; none by default. */
  readonly indexes?: number | undefined;
  /** What a load does that is compared with the index of its feed; undefined if all rows are written. */
  readonly followed?: FollowedRows | undefined;
}

/** The rows of a file that are written, and the keys that it lacks and that are deleted. */
export interface FollowedRows {
  readonly written: number;
  readonly removed: number;
}

/** What AWS bills per request or per unit. */
const BILLED = [
  ...(['transitions', 'invocations', 'objectReads', 'objectWrites'] as const),
  ...(['ledgerReads', 'ledgerWrites', 'tableWrites'] as const),
];

/** The numbers of things that AWS bills per request or per unit. */
export type Counts = Readonly<Record<(typeof BILLED)[number], number>>;

/** The price of one of each. */
const UNIT_PRICES: Counts = {
  transitions: prices.stateTransition,
  invocations: prices.functionRequest,
  objectReads: prices.objectRead,
  objectWrites: prices.objectWrite,
  ledgerReads: prices.tableRead,
  ledgerWrites: prices.tableWrite,
  tableWrites: prices.tableWrite,
};

/** The cost of one state of the definition, or of several states together. */
export interface StateCost extends Counts {
  readonly state: string;
  readonly gbSeconds: number;
  readonly dollars: number;
}

export interface Cost {
  readonly states: readonly StateCost[];
  readonly counts: Counts;
  readonly gbSeconds: number;
  /** Dollars by the item of the bill. */
  readonly services: Readonly<Record<string, number>>;
  readonly dollars: number;
  /** The dollars for writing all rows to the table: no pipeline that does so costs less. */
  readonly floor: number;
}

const NO_COUNTS: Counts = {
  transitions: 0,
  invocations: 0,
  objectReads: 0,
  objectWrites: 0,
  ledgerReads: 0,
  ledgerWrites: 0,
  tableWrites: 0,
};

/**
 * Computes the cost of a file.
 * @param results of the benchmark, for the times of the functions
 */
export async function estimateCost(
  environment: Environment,
  estimator: Estimator,
  { measurements: [small] }: Results,
  { size, rows, writesPerSecond, isBatched = true, indexes = 0, followed }: CostWorkload,
): Promise<Cost> {
  const { visits, tasks, functionSeconds, chunks } = await estimator.estimate({
    size,
    rowBytes: size / rows,
    // The rows that are skipped do not wait for the table.
    writesPerSecond: followed === undefined ? writesPerSecond : (writesPerSecond * rows) / followed.written,
    isBatched,
    isFollowed: followed !== undefined,
  });
  const memory = environment.functionMemoryMb / 1_024;
  const share = environment.functionMemoryMb / MEMORY_OF_ONE_CPU;
  const runs = chunks * Math.ceil(rows / chunks / MAX_RUN_KEYS);
  const keyBytes = rows * (KEY_BYTES + KEY_OVERHEAD_BYTES + (followed === undefined ? 0 : HASH_BYTES));
  const groups = Math.ceil(keyBytes / GROUP_BYTES);
  // A single run has no other run to be compared with, so it is not written, unless there is an index.
  const writtenRuns = runs === 1 && followed === undefined ? 0 : runs;
  const unitsPerRow = Math.ceil(size / rows / WRITE_UNIT_BYTES);
  /** The units of a write of a row, with those of the indexes. */
  const tables = 1 + indexes;
  const floor = rows * unitsPerRow * tables * prices.tableWrite;
  const { written, removed } = followed ?? { written: rows, removed: 0 };
  /** Each execution environment starts once. For the smallest file, the start is most of a function's time. */
  const start = (name: string) => (small?.functions[name]?.cpuSeconds ?? 0) / share;
  const starts = (name: string, concurrency: number) =>
    Math.min(concurrency, chunks) * Math.min(start(name), START_SECONDS / share);

  const of = (state: string, counts: Partial<Counts>, seconds: number): StateCost => {
    const { [state]: transitions = 0 } = visits;
    const invocations = state in tasks ? transitions : 0;
    const all = { ...NO_COUNTS, transitions, invocations, ...counts };
    const gbSeconds = seconds * memory;
    return { state, ...all, gbSeconds, dollars: dollarsOf(all, gbSeconds) };
  };
  const times = (state: string) => visits[state] ?? 0;
  const modelled: StateCost[] = [
    of(
      'FetchCsv',
      { objectReads: 1 + 2 + (chunks - 1), ledgerReads: 2, ledgerWrites: 1 },
      start('fetch-csv'),
    ),
    of(
      'ValidateChunk',
      {
        objectReads: times('ValidateChunk'),
        objectWrites: writtenRuns,
        ledgerWrites: times('ValidateChunk'),
      },
      functionSeconds.validate + starts('validate-csv', environment.maxConcurrency),
    ),
    of('JudgeCsv', { ledgerWrites: 1 }, start('judge-csv')),
    of(
      'FindDuplicates',
      times('FindDuplicates') === 0 ? {} : { objectReads: runs * (1 + groups), ledgerWrites: 1 },
      times('FindDuplicates') === 0 ? 0 : (START_SECONDS + rows * SECONDS_PER_KEY) / share,
    ),
    // It reads the runs and the index, and writes an index and lists of rows.
    of(
      'CompareBuckets',
      {
        objectReads: runs * (2 + groups) + 2 * groups,
        objectWrites: times('CompareBuckets') + groups + runs,
        ledgerWrites: times('CompareBuckets'),
      },
      times('CompareBuckets') === 0 ? 0 : (START_SECONDS + rows * SECONDS_PER_KEY) / share,
    ),
    of('BeginLoad', { ledgerReads: 1, ledgerWrites: 2 }, start('begin-load')),
    of(
      'LoadChunk',
      {
        objectReads: times('LoadChunk'),
        ledgerReads: functionSeconds.load / LEASE_CHECK_SECONDS,
        ledgerWrites: 2 * times('LoadChunk'),
        tableWrites: (written * unitsPerRow + removed) * tables,
      },
      functionSeconds.load + starts('load-to-dynamodb', loadConcurrency(environment)),
    ),
    of('ReconcileLoad', { objectWrites: 1, ledgerWrites: 1 }, start('reconcile-load')),
  ];
  // A task that is not modelled costs its start and the renewal of its lease.
  const otherTasks = Object.entries(tasks)
    .filter(([state]) => !modelled.some((each) => each.state === state))
    .map(([state, name]) => of(state, { ledgerWrites: times(state) }, times(state) * start(name)));
  const others = Object.keys(visits).filter((state) => !(state in tasks));
  const transitions = others.reduce((sum, state) => sum + times(state), 0);
  const rest = { ...NO_COUNTS, transitions };
  const states = [
    ...[...modelled, ...otherTasks].filter((each) => each.transitions > 0),
    { state: `${others.length} others`, ...rest, gbSeconds: 0, dollars: dollarsOf(rest, 0) },
  ];

  const counts = { ...NO_COUNTS };
  for (const each of states) for (const name of BILLED) counts[name] += each[name];
  const gbSeconds = states.reduce((sum, each) => sum + each.gbSeconds, 0);
  const storage =
    ((REPORT_BYTES * environment.reportRetentionDays + (writtenRuns && keyBytes) * WORKING_DAYS) / 30 / 1e9) *
    prices.objectGbMonth;
  const services = {
    'DynamoDB, writes of rows': counts.tableWrites * prices.tableWrite,
    'DynamoDB, the ledger': counts.ledgerWrites * prices.tableWrite + counts.ledgerReads * prices.tableRead,
    'Lambda, GB-seconds': gbSeconds * prices.functionGbSecond,
    'Lambda, requests': counts.invocations * prices.functionRequest,
    'Step Functions, transitions': counts.transitions * prices.stateTransition,
    'S3, requests': counts.objectReads * prices.objectRead + counts.objectWrites * prices.objectWrite,
    'S3, storage of reports and keys': storage,
  };
  const dollars = Object.values(services).reduce((sum, each) => sum + each, 0);
  return { states, counts, gbSeconds, services, dollars, floor };
}

/** The seconds that one vCPU takes to start a function; measured. */
const START_SECONDS = 0.3;

/** The seconds that one vCPU takes to compare the key of a row; measured. */
const SECONDS_PER_KEY = 1.5e-6;

function dollarsOf(counts: Counts, gbSeconds: number): number {
  const ofUnits = BILLED.reduce((sum, name) => sum + counts[name] * UNIT_PRICES[name], 0);
  return ofUnits + gbSeconds * prices.functionGbSecond;
}

/** What a file costs at list prices: computed from the definition, the plan and the speeds measured. */

import { loadConcurrency } from '../../asl/limits.ts';
import type { Environment } from '../../environments/schema.ts';
import { prices } from '../../report/record/prices.ts';
import type { Results } from '../scale/results.ts';
import type { Estimator } from './estimate.ts';
import { MEMORY_OF_ONE_CPU } from './estimate.ts';

/** Bytes of a key beside what it is made of, and of what it is made of; rows that a run of keys may have; bytes compared at a time. */
const [KEY_OVERHEAD, KEY_BYTES, RUN_ROWS, GROUP_BYTES] = [7, 16, 250_000, 4 * 1024 ** 2];

/** Bytes of the report of a file without rejected rows, and days for which working objects are kept. */
const [REPORT_BYTES, WORKING_DAYS] = [1_000, 7];

/** Seconds after which a writer looks again whether the load is still its own; from `functions/core/ledger/lease.ts`. */
const LOOK_SECONDS = 2;

/** Bytes that a write unit covers; source: "Read and write capacity", DynamoDB developer guide. */
const WRITE_UNIT = 1_024;

export interface CostWorkload {
  /** Bytes of the file. */
  readonly size: number;
  readonly rows: number;
  /** Writes a second that the table takes: what functions wait for is paid, too. */
  readonly writesPerSecond: number;
}

/** What is counted, and paid by the piece. */
export interface Counts {
  readonly transitions: number;
  readonly invocations: number;
  readonly objectReads: number;
  readonly objectWrites: number;
  readonly ledgerReads: number;
  readonly ledgerWrites: number;
  readonly tableWrites: number;
}

/** What one state of the definition, with those that only choose behind it, comes to. */
export interface StateCost extends Counts {
  readonly state: string;
  readonly gbSeconds: number;
  readonly dollars: number;
}

export interface Cost {
  readonly states: readonly StateCost[];
  readonly counts: Counts;
  readonly gbSeconds: number;
  /** By what AWS bills. */
  readonly services: Readonly<Record<string, number>>;
  readonly dollars: number;
  /** Of the table's writes alone: no pipeline costs less. */
  readonly floor: number;
}

const NOTHING: Counts = {
  transitions: 0,
  invocations: 0,
  objectReads: 0,
  objectWrites: 0,
  ledgerReads: 0,
  ledgerWrites: 0,
  tableWrites: 0,
};

/** The function that a task invokes. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  FetchCsv: 'fetch-csv',
  ValidateChunk: 'validate-csv',
  JudgeCsv: 'judge-csv',
  FindDuplicates: 'find-duplicates',
  BeginLoad: 'begin-load',
  LoadChunk: 'load-to-dynamodb',
  ReconcileLoad: 'reconcile-load',
};

/**
 * @param results of the bench, whose functions' times are taken.
 */
export async function estimateCost(
  environment: Environment,
  estimator: Estimator,
  { measurements: [small] }: Results,
  { size, rows, writesPerSecond }: CostWorkload,
): Promise<Cost> {
  const { visits, functionSeconds, chunks } = await estimator.estimate({
    size,
    rowBytes: size / rows,
    writesPerSecond,
  });
  const memory = environment.functionMemoryMb / 1_024;
  const share = environment.functionMemoryMb / MEMORY_OF_ONE_CPU;
  const runs = chunks * Math.ceil(rows / chunks / RUN_ROWS);
  const keyBytes = rows * (KEY_BYTES + KEY_OVERHEAD);
  const groups = Math.ceil(keyBytes / GROUP_BYTES);
  // A single run needs no comparing, and is not written.
  const writtenRuns = runs === 1 ? 0 : runs;
  /** Each environment of a function is started once; what that takes is most of what the smallest file takes. */
  const start = (name: string) => (small?.functions[name]?.cpuSeconds ?? 0) / share;
  const starts = (name: string, most: number) =>
    Math.min(most, chunks) * Math.min(start(name), START / share);

  const of = (state: string, counts: Partial<Counts>, seconds: number): StateCost => {
    const { [state]: transitions = 0 } = visits;
    const invocations = state in FUNCTIONS ? transitions : 0;
    const all = { ...NOTHING, transitions, invocations, ...counts };
    const gbSeconds = seconds * memory;
    return { state, ...all, gbSeconds, dollars: dollarsOf(all, gbSeconds) };
  };
  const times = (state: string) => visits[state] ?? 0;
  const known: StateCost[] = [
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
      times('FindDuplicates') === 0 ? 0 : (START + rows * SECONDS_PER_KEY) / share,
    ),
    of('BeginLoad', { ledgerReads: 1, ledgerWrites: 2 }, start('begin-load')),
    of(
      'LoadChunk',
      {
        objectReads: times('LoadChunk'),
        ledgerReads: functionSeconds.load / LOOK_SECONDS,
        ledgerWrites: 2 * times('LoadChunk'),
        tableWrites: rows * Math.ceil(size / rows / WRITE_UNIT),
      },
      functionSeconds.load + starts('load-to-dynamodb', loadConcurrency(environment)),
    ),
    of('ReconcileLoad', { objectWrites: 1, ledgerWrites: 1 }, start('reconcile-load')),
  ];
  const others = Object.keys(visits).filter((state) => !(state in FUNCTIONS));
  const transitions = others.reduce((sum, state) => sum + times(state), 0);
  const rest = { ...NOTHING, transitions };
  const states = [
    ...known.filter((each) => each.transitions > 0),
    { state: `${others.length} others`, ...rest, gbSeconds: 0, dollars: dollarsOf(rest, 0) },
  ];

  const counts = { ...NOTHING };
  for (const each of states) for (const name of NAMES) counts[name] += each[name];
  const gbSeconds = states.reduce((sum, each) => sum + each.gbSeconds, 0);
  const storage =
    ((REPORT_BYTES * environment.reportRetentionDays + (writtenRuns && keyBytes) * WORKING_DAYS) / 30 / 1e9) *
    prices.objectGbMonth;
  const floor = counts.tableWrites * prices.tableWrite;
  const services = {
    'DynamoDB, writes of rows': floor,
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

/** Seconds of a vCPU in which a function starts, and in which the key of a row is compared; as measured. */
const [START, SECONDS_PER_KEY] = [0.3, 1.5e-6];

const NAMES = [
  'transitions',
  'invocations',
  'objectReads',
  'objectWrites',
  'ledgerReads',
  'ledgerWrites',
  'tableWrites',
] as const;

function dollarsOf(counts: Counts, gbSeconds: number): number {
  return (
    counts.transitions * prices.stateTransition +
    counts.invocations * prices.functionRequest +
    counts.objectReads * prices.objectRead +
    counts.objectWrites * prices.objectWrite +
    counts.ledgerReads * prices.tableRead +
    (counts.ledgerWrites + counts.tableWrites) * prices.tableWrite +
    gbSeconds * prices.functionGbSecond
  );
}

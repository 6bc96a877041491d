/**
 * The record of one run, on this machine or on AWS: the data of its report. Its size is bounded by the limits below,
 * however large the file is.
 */

import type { Graph } from '../graph/graph.ts';

/** Bytes kept of a state's input or output. */
export const MAX_PAYLOAD_BYTES = 8_192;

/** Characters kept of an error's cause. */
export const MAX_CAUSE_CHARACTERS = 2_000;

/** Visits kept of a state outside a Map; the pipeline can enter ScanCsv, for example, many times. */
export const MAX_VISITS = 200;

/** Visits kept of a state inside a Map: this many that succeeded, and this many that did not. */
export const MAX_INNER_VISITS = 20;

/** Iterations kept of a Map. */
export const MAX_ITERATIONS = 1_000;

/** Attempts kept of a visit, and retries kept of an iteration. */
export const MAX_ATTEMPTS = 10;

/** Lines kept of a stack trace, and characters kept of each line. */
export const MAX_STACK = { lines: 40, characters: 400 } as const;

/** Rejected rows that are kept. */
export const MAX_REJECTED_ROWS = 10_000;

/** Characters kept of the cells of a rejected row. */
export const MAX_ROW_CHARACTERS = 400;

/** CAUGHT: it failed, and a Catch of the definition handled the error. ABORTED: it was running when the run ended. */
export type Outcome = 'SUCCEEDED' | 'CAUGHT' | 'FAILED' | 'ABORTED' | 'RUNNING';

export type RunStatus = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'RUNNING';

/** A state's input or output. */
export interface Payload {
  /** The first {@link MAX_PAYLOAD_BYTES} at most, so it may be cut off. */
  readonly json: string;
  /** Size before it was cut. */
  readonly bytes: number;
}

export interface ErrorRecord {
  readonly name: string;
  /** The error message if Lambda reported the error. */
  readonly cause: string;
  readonly stack: readonly string[];
}

/** Milliseconds since 1970; `until` is null while it runs. */
export interface Span {
  readonly since: number;
  readonly until: number | null;
}

export interface Attempt extends Span {
  readonly error?: ErrorRecord;
}

export interface Visit extends Span {
  /** Index of the Map's iteration it belongs to. */
  readonly iteration?: number;
  readonly status: Outcome;
  readonly input: Payload | null;
  readonly output: Payload | null;
  readonly attempts: readonly Attempt[];
}

/** A state, over all its visits. */
export interface StateRecord {
  readonly name: string;
  readonly type: string;
  /** The Map the state is in. */
  readonly map?: string;
  readonly status: Outcome;
  readonly entered: number;
  readonly attempts: number;
  /** Duration of all visits. */
  readonly milliseconds: number;
  /** Duration of all invocations of the function. */
  readonly functionMilliseconds: number;
  readonly invocations: number;
  /** Size of the largest input and output, as UTF-8 encoded JSON. */
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Sums of the counts in the results of its tasks. */
  readonly counts: Readonly<Record<string, number>>;
  /** Error of the last failed attempt. */
  readonly error?: ErrorRecord;
  /** The first visits; inside a Map, also the first that failed. */
  readonly visits: readonly Visit[];
}

export interface Iteration extends Span {
  readonly index: number;
  readonly status: Outcome;
  /** When its states were retried. */
  readonly retries: readonly number[];
  readonly error?: ErrorRecord;
}

/** The iterations of one visit of a Map. */
export interface MapRun {
  readonly map: string;
  readonly iterations: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Milliseconds of the iterations that ended; null if there are none. */
  readonly shortest: number | null;
  readonly median: number | null;
  readonly longest: number | null;
  /** The first iterations. */
  readonly kept: readonly Iteration[];
}

/** Rows over time, by phase. */
export interface RowSeries {
  readonly since: number;
  /** Length of a bucket, in milliseconds. */
  readonly interval: number;
  readonly phases: Readonly<Record<string, readonly number[]>>;
}

/** A state's progress. The states inside a Map are part of the Map's progress. */
export interface StateProgress extends Pick<StateRecord, 'name' | 'type' | 'status' | 'milliseconds'> {
  /** Rows and bytes processed by a Map over the file. */
  readonly rows?: number;
  readonly bytes?: number;
  /** Size of the whole file; undefined until it is known. */
  readonly totalBytes?: number;
}

export interface RejectedRecord {
  /** Physical line in the file, from 1. */
  readonly line: number;
  readonly column: string;
  readonly code: string;
  readonly reason: string;
  /** The row's cells, cut to {@link MAX_ROW_CHARACTERS}. */
  readonly row: string;
}

/** The rejected rows: at most {@link MAX_REJECTED_ROWS}. */
export interface Rejected {
  /** Number of rejected rows, including those not kept. */
  readonly total: number;
  readonly rows: readonly RejectedRecord[];
  /** Why rows are missing. */
  readonly note?: string;
}

/** What a run recorder knows at some moment. */
export interface Snapshot {
  readonly states: readonly StateRecord[];
  readonly maps: readonly MapRun[];
  readonly rows: RowSeries;
}

/** An amount that AWS bills. */
export interface CostItem {
  /** The state that causes the cost; null for the run as a whole. */
  readonly state: string | null;
  readonly what: string;
  readonly amount: number;
  readonly unit: string;
  readonly dollars: number;
}

export interface Costs {
  readonly items: readonly CostItem[];
  readonly dollars: number;
  /** The prices used, and what is not included. */
  readonly notes: readonly string[];
}

/** A label and its value. */
export type Fact = readonly [label: string, value: string];

export interface RunRecord extends Span, Snapshot {
  readonly name: string;
  /** `local` is this machine. */
  readonly place: 'local' | 'aws';
  readonly status: RunStatus;
  readonly error?: ErrorRecord;
  readonly input: Payload | null;
  readonly output: Payload | null;
  readonly graph: Graph;
  /** The file, and what was detected about it. */
  readonly file: readonly Fact[];
  /** Rows read, loaded and so on, as far as the run got. */
  readonly counts: Readonly<Record<string, number>>;
  readonly rejected: Rejected;
  readonly costs: Costs;
}

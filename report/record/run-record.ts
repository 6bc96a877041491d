/**
 * What is known of one run: the data of its report, of a run on this machine and of an execution on AWS alike. It is
 * bounded: it does not grow with the file beyond the limits that stand here.
 */

import type { Graph } from '../graph/graph.ts';

/** Bytes of a state's input or output that are kept. */
export const MAX_PAYLOAD_BYTES = 8_192;

/** Characters of a cause that are kept. */
export const MAX_CAUSE = 2_000;

/** Visits of a state outside of a Map that are kept one by one; ScanCsv, for one, may be visited again and again. */
export const MAX_VISITS = 200;

/** Visits of a state inside a Map that are kept with what went in and out: so many that ended well, and that did not. */
export const MAX_INNER_VISITS = 20;

/** Iterations of a Map that are kept one by one. */
export const MAX_ITERATIONS = 1_000;

/** Attempts of a visit, or retries of an iteration, that are kept. */
export const MAX_ATTEMPTS = 10;

/** Lines of a stack that are kept, and characters of each. */
export const MAX_STACK = { lines: 40, characters: 400 } as const;

/** Rejected rows that are kept, and characters of the cells of each. */
export const MAX_REJECTED_ROWS = 10_000;
export const MAX_ROW_CHARACTERS = 400;

/** CAUGHT: it failed, and the definition goes on with the error. ABORTED: it was under way when its run ended. */
export type Outcome = 'SUCCEEDED' | 'CAUGHT' | 'FAILED' | 'ABORTED' | 'RUNNING';

export type RunStatus = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'RUNNING';

/** A state's input or output. */
export interface Payload {
  /** Not more than {@link MAX_PAYLOAD_BYTES}, so that it may end in the middle. */
  readonly json: string;
  /** Of the whole. */
  readonly bytes: number;
}

export interface ErrorRecord {
  readonly name: string;
  /** The message, where the cause is Lambda's report of an error. */
  readonly cause: string;
  readonly stack: readonly string[];
}

/** Times are in milliseconds since 1970; `until` is null for what is under way. */
export interface Span {
  readonly since: number;
  readonly until: number | null;
}

export interface Attempt extends Span {
  readonly error?: ErrorRecord;
}

export interface Visit extends Span {
  /** Number of the Map's iteration that it belongs to. */
  readonly iteration?: number;
  readonly status: Outcome;
  readonly input: Payload | null;
  readonly output: Payload | null;
  readonly attempts: readonly Attempt[];
}

/** What a state did, over all of its visits. */
export interface StateRecord {
  readonly name: string;
  readonly type: string;
  /** The Map that it is inside of. */
  readonly map?: string;
  readonly status: Outcome;
  readonly entered: number;
  readonly attempts: number;
  /** Of all visits together. */
  readonly milliseconds: number;
  /** Of all invocations of its function together. */
  readonly functionMilliseconds: number;
  readonly invocations: number;
  /** Of the largest input and output, as JSON in UTF-8. */
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** What its tasks counted, added up. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of the attempt that failed last. */
  readonly error?: ErrorRecord;
  /** The first ones, and of those in a Map the first that failed. */
  readonly visits: readonly Visit[];
}

export interface Iteration extends Span {
  readonly index: number;
  readonly status: Outcome;
  /** When its states were tried again. */
  readonly retries: readonly number[];
  readonly error?: ErrorRecord;
}

/** The iterations of one visit of a Map. */
export interface MapRun {
  readonly map: string;
  readonly iterations: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Milliseconds of those that ended; null when there is none. */
  readonly shortest: number | null;
  readonly median: number | null;
  readonly longest: number | null;
  /** The first ones. */
  readonly kept: readonly Iteration[];
}

/** Rows over time, by what was done with them. */
export interface RowSeries {
  readonly since: number;
  /** Milliseconds that a bucket stands for. */
  readonly interval: number;
  readonly phases: Readonly<Record<string, readonly number[]>>;
}

/** How far a state is: those inside of a Map are told of by the Map. */
export interface StateProgress extends Pick<StateRecord, 'name' | 'type' | 'status' | 'milliseconds'> {
  /** Of a Map that goes through the file. */
  readonly rows?: number;
  readonly bytes?: number;
  /** Of the whole file; undefined while it is not known. */
  readonly totalBytes?: number;
}

export interface RejectedRecord {
  /** Physical line in the file, the first being 1. */
  readonly line: number;
  readonly column: string;
  readonly code: string;
  readonly reason: string;
  /** The row's cells, cut to {@link MAX_ROW_CHARACTERS}. */
  readonly row: string;
}

/** What was rejected: at most {@link MAX_REJECTED_ROWS}. */
export interface Rejected {
  /** All of them. */
  readonly total: number;
  readonly rows: readonly RejectedRecord[];
  /** Why there are none here, or not all. */
  readonly note?: string;
}

/** What a run recorder knows at any moment. */
export interface Course {
  readonly states: readonly StateRecord[];
  readonly maps: readonly MapRun[];
  readonly rows: RowSeries;
}

/** An amount of something that is paid for. */
export interface CostItem {
  /** The state that it is for; null for the run as a whole. */
  readonly state: string | null;
  readonly what: string;
  readonly amount: number;
  readonly unit: string;
  readonly dollars: number;
}

export interface Costs {
  readonly items: readonly CostItem[];
  readonly dollars: number;
  /** Of which prices they are, and what is left out. */
  readonly notes: readonly string[];
}

/** A label and what it says. */
export type Fact = readonly [label: string, value: string];

export interface RunRecord extends Span, Course {
  readonly name: string;
  /** `local`: on this machine. */
  readonly place: 'local' | 'aws';
  readonly status: RunStatus;
  readonly error?: ErrorRecord;
  readonly input: Payload | null;
  readonly output: Payload | null;
  readonly graph: Graph;
  /** The file, and what was detected of it. */
  readonly file: readonly Fact[];
  /** Rows read, loaded and so on, as far as it got. */
  readonly counts: Readonly<Record<string, number>>;
  readonly rejected: Rejected;
  readonly costs: Costs;
}

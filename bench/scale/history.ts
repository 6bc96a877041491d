/**
 * Counts the events that Step Functions writes to the history of a successful execution. The benchmark and the
 * documentation both use these rules.
 *
 * AWS documents these events ("HistoryEvent" in the API reference), but not which of them a state writes. The rules come
 * from real histories.
 */

import type { StateSummary } from '../../local/machine/state-recorder.ts';

/** The most events in the history of a Standard execution; source: "Step Functions service quotas". */
export const MAX_HISTORY_EVENTS = 25_000;

/** `ExecutionStarted`, `ExecutionSucceeded`. */
const EXECUTION = 2;

/** `…StateEntered`, `…StateExited`, for a state of any type. */
const VISIT = 2;

/** `LambdaFunctionScheduled`, `LambdaFunctionStarted`, `LambdaFunctionSucceeded` or `LambdaFunctionFailed`; again for each retry. */
const ATTEMPT = 3;

/** `MapStateStarted`, `MapStateSucceeded`; for a DISTRIBUTED Map `MapRunStarted`, `MapRunSucceeded`. */
const MAP = 2;

/** `MapIterationStarted`, `MapIterationSucceeded`. */
const ITERATION = 2;

type State = Pick<StateSummary, 'type' | 'attempts' | 'iterations'>;

/** The transitions and events of an execution. */
export interface History {
  /** The transitions that are billed: each state entered, and each retry; source: "AWS Step Functions pricing". */
  readonly transitions: number;
  /** The events of the execution if its Maps are INLINE, and write to its history. */
  readonly inline: number;
  /** The events of the execution if its Maps are DISTRIBUTED. */
  readonly parent: number;
  /** The events of all children of DISTRIBUTED Maps. Each child has its own history. */
  readonly children: number;
}

/**
 * Counts the transitions and events of an execution.
 * @param states all states of the execution; only those inside a Map may have been retried
 * @param chunks the number of iterations of each Map
 */
export function historyOf(states: readonly State[], chunks: number): History {
  const inner = states.filter(({ iterations }) => iterations !== undefined);
  const outer = states.filter(({ iterations }) => iterations === undefined);
  const maps = sum(outer.map(({ type, attempts }) => (type === 'Map' ? attempts : 0)));
  const innerEvents = sum(inner.map(events));
  const parent = EXECUTION + sum(outer.map(events));
  return {
    transitions: sum(states.map(({ attempts }) => attempts)),
    inline: parent + innerEvents + maps * chunks * ITERATION,
    parent,
    children: innerEvents + maps * chunks * EXECUTION,
  };
}

function events({ type, attempts, iterations: visits = attempts }: State): number {
  return visits * VISIT + (type === 'Task' ? attempts * ATTEMPT : type === 'Map' ? visits * MAP : 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

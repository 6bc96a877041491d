/**
 * How many events Step Functions writes into the history of an execution that succeeds: the one place where the rules
 * stand by which the bench counts and the documentation computes.
 *
 * That these events exist is what AWS documents ("HistoryEvent" in the API reference). That a visit of a state writes
 * just these is what histories show, and AWS promises it nowhere.
 */

import type { StateSummary } from '../../local/machine/state-recorder.ts';

/** The most that a Standard execution's history holds; source: "Step Functions service quotas". */
export const MAX_HISTORY_EVENTS = 25_000;

/** `ExecutionStarted`, `ExecutionSucceeded`. */
const EXECUTION = 2;

/** `…StateEntered`, `…StateExited`, of a state of any type. */
const VISIT = 2;

/** `LambdaFunctionScheduled`, `LambdaFunctionStarted`, `LambdaFunctionSucceeded` or `LambdaFunctionFailed`; again for each retry. */
const ATTEMPT = 3;

/** `MapStateStarted`, `MapStateSucceeded`; of a DISTRIBUTED Map `MapRunStarted`, `MapRunSucceeded`. */
const MAP = 2;

/** `MapIterationStarted`, `MapIterationSucceeded`. */
const ITERATION = 2;

type State = Pick<StateSummary, 'type' | 'attempts' | 'iterations'>;

/** What an execution comes to, by its states. */
export interface History {
  /** What Step Functions bills: each state entered, and each retry; source: "AWS Step Functions pricing". */
  readonly transitions: number;
  /** Events of the execution where its Maps are INLINE, and write into its own history. */
  readonly inline: number;
  /** Events of the execution where its Maps are DISTRIBUTED. */
  readonly parent: number;
  /** Events of all the Maps' children then, each in a history of its own. */
  readonly children: number;
}

/**
 * @param states all of them, none of which was retried outside of a Map.
 * @param chunks iterations of each Map.
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

/** Passes the interpreter's events to the run's recorder, and sums up the states for printing. */

import type { StateMachine } from 'aws-local-stepfunctions';
import type { StateRecord } from '../../report/record/run-record.ts';
import type { RunRecorder } from '../../report/record/run-recorder.ts';
import { isInserted } from './for-interpreter.ts';

type Copied = 'name' | 'type' | 'milliseconds' | 'attempts' | 'inputBytes' | 'outputBytes' | 'counts';

/** What happened in one state of the definition. The iterations of a Map are added up. */
export interface StateSummary extends Pick<StateRecord, Copied> {
  /** ABORTED: the state was running when the execution ended. */
  readonly status: 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  /** How often the state was entered; only for a state inside a Map. */
  readonly iterations?: number;
  /** The error of the last failed attempt. */
  readonly error?: string;
  readonly cause?: string;
}

type Run = ReturnType<StateMachine['run']>;
export type StateEvent = Run['eventLogs'] extends AsyncGenerator<infer Event> ? Event : never;

/** Passes the interpreter's events to a run's recorder. */
export class StateRecorder {
  readonly #run: RunRecorder;

  constructor(run: RunRecorder) {
    this.#run = run;
  }

  add(event: StateEvent): void {
    const { timestamp } = event;
    if (event.type === 'MapIterationStarted') {
      this.#run.iterationStarted(timestamp, event.parentState.name, event.index);
    } else if (event.type === 'MapIterationSucceeded' || event.type === 'MapIterationFailed') {
      const hasSucceeded = event.type === 'MapIterationSucceeded';
      this.#run.iterationEnded(timestamp, event.parentState.name, event.index, hasSucceeded);
    }
    if (!('state' in event) || isInserted(event.state.name)) return;
    const { state, index } = event;
    switch (event.type) {
      case 'StateEntered':
        this.#run.entered(timestamp, state.name, index, state.input);
        break;
      case 'StateRetried':
        this.#run.retried(timestamp, state.name, index);
        break;
      case 'StateFailed':
        this.#run.failed(timestamp, state.name, index, event.Error, String(event.Cause));
        break;
      case 'StateExited':
        this.#run.exited(timestamp, state.name, index, state.output);
        break;
      default:
    }
  }
}

/** The summaries of the states of a finished execution. */
export function summaries(states: readonly StateRecord[]): StateSummary[] {
  return states.map(({ name, type, map, status, milliseconds, attempts, entered, error, ...rest }) => {
    const { inputBytes, outputBytes, counts } = rest;
    return {
      name,
      type,
      // A failure that the definition catches is still a failure.
      status: status === 'CAUGHT' ? 'FAILED' : status === 'RUNNING' ? 'ABORTED' : status,
      milliseconds,
      attempts,
      ...(map !== undefined && { iterations: entered }),
      inputBytes,
      outputBytes,
      counts,
      ...(error && { error: error.name, cause: error.cause }),
    };
  });
}

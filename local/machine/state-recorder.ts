/** The interpreter's events, as a run's recorder takes them, and what is printed of the states. */

import type { StateMachine } from 'aws-local-stepfunctions';
import type { StateRecord } from '../../report/record/run-record.ts';
import type { RunRecorder } from '../../report/record/run-recorder.ts';
import { isInserted } from './for-interpreter.ts';

/** How one state of the definition went; the iterations of a Map are summed up. */
export interface StateSummary {
  readonly name: string;
  readonly type: string;
  /** ABORTED: it was under way when the execution ended. */
  readonly status: 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  /** Of all iterations together, for a state inside a Map. */
  readonly milliseconds: number;
  /** Of all iterations together, for a state inside a Map. */
  readonly attempts: number;
  /** How often it was entered; only for a state inside a Map. */
  readonly iterations?: number;
  /** Of the largest input and output, as JSON in UTF-8. */
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** What its tasks counted, added up. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of the attempt that failed last. */
  readonly error?: string;
  readonly cause?: string;
}

type Run = ReturnType<StateMachine['run']>;
export type StateEvent = Run['eventLogs'] extends AsyncGenerator<infer Event> ? Event : never;

/** Tells a run's recorder of the interpreter's events. */
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

/** The states of an execution that is over. */
export function summaries(states: readonly StateRecord[]): StateSummary[] {
  return states.map(({ name, type, map, status, milliseconds, attempts, entered, error, ...rest }) => {
    const { inputBytes, outputBytes, counts } = rest;
    return {
      name,
      type,
      // A failure that the definition goes on with is one all the same.
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

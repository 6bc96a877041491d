/** Passes the history of an execution on AWS to a run's recorder. */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { RunRecorder } from '../report/record/run-recorder.ts';

/** The state and iteration of an event. An event itself names only the event before it. */
interface Location {
  readonly state?: string;
  /** The Map of the iteration. */
  readonly map?: string;
  readonly iteration?: number;
}

interface Visit {
  /** When the running attempt started, in milliseconds since 1970. */
  started: number | undefined;
  /** Whether the failure of the last attempt has been recorded. */
  isFailureRecorded: boolean;
}

interface Failure {
  readonly error: string;
  readonly cause: string;
}

/**
 * Takes the events of a history in the order of their ids. It keeps the location of each event; a history has at most
 * 25,000.
 */
export class HistoryReader {
  readonly #recorder: RunRecorder;
  readonly #outer: Location;
  readonly #locations = new Map<number, Location>();
  /** Visits in progress. */
  readonly #visits = new Map<string, Visit>();
  #lastError: Failure = { error: '', cause: '' };

  /** @param outer the iteration, if the history is of a child execution of a DISTRIBUTED Map */
  constructor(recorder: RunRecorder, outer: Location = {}) {
    this.#recorder = recorder;
    this.#outer = outer;
  }

  /** The state an event is about. */
  stateOf(event: HistoryEvent): string | undefined {
    return this.#locationOf(event).state;
  }

  add(event: HistoryEvent): void {
    const { id = 0, type = '', timestamp } = event;
    const at = timestamp?.getTime() ?? 0;
    const location = this.#locationOf(event);
    this.#locations.set(id, location);
    const { state, iteration } = location;
    const started = event.mapIterationStartedEventDetails;
    if (started !== undefined) {
      this.#recorder.iterationStarted(at, started.name ?? '', started.index ?? 0);
      return;
    }
    const ended =
      event.mapIterationSucceededEventDetails ??
      event.mapIterationFailedEventDetails ??
      event.mapIterationAbortedEventDetails;
    if (ended !== undefined) {
      const hasSucceeded = type === 'MapIterationSucceeded';
      if (!hasSucceeded) this.#recordFailure(at, location, this.#lastError);
      this.#recorder.iterationEnded(at, ended.name ?? '', ended.index ?? 0, hasSucceeded);
      return;
    }
    if (state === undefined) return;
    if (event.stateEnteredEventDetails !== undefined) {
      this.#visits.set(key(location), { started: undefined, isFailureRecorded: false });
      this.#recorder.entered(at, state, iteration, json(event.stateEnteredEventDetails.input));
    } else if (event.stateExitedEventDetails !== undefined) {
      this.#recorder.exited(at, state, iteration, json(event.stateExitedEventDetails.output));
      this.#visits.delete(key(location));
    } else if (event.executionFailedEventDetails !== undefined) {
      const { error = this.#lastError.error, cause = this.#lastError.cause } =
        event.executionFailedEventDetails;
      this.#recordFailure(at, location, { error, cause });
    } else if (type === 'MapStateFailed') {
      this.#recordFailure(at, location, this.#lastError);
    } else {
      this.#task(event, type, at, location);
    }
  }

  #task(event: HistoryEvent, type: string, at: number, location: Location): void {
    const { state = '', iteration } = location;
    const visit = this.#visits.get(key(location));
    if (visit === undefined) return;
    if (type === 'LambdaFunctionScheduled') {
      if (visit.isFailureRecorded) this.#recorder.retried(at, state, iteration);
      visit.isFailureRecorded = false;
      return;
    }
    if (type === 'LambdaFunctionStarted') {
      visit.started = at;
      return;
    }
    const output = event.lambdaFunctionSucceededEventDetails?.output;
    const error = errorOf(event, type);
    if (output === undefined && error === undefined) return;
    if (visit.started !== undefined) this.#recorder.invoked(state, at - visit.started);
    visit.started = undefined;
    if (output !== undefined) this.#recorder.result(at, state, json(output));
    if (error === undefined) return;
    this.#lastError = error;
    this.#recordFailure(at, location, error);
  }

  /** Records a failure once. A Fail state and an INLINE Map have no event with their error, so theirs comes from elsewhere. */
  #recordFailure(at: number, location: Location, { error, cause }: Failure): void {
    const visit = this.#visits.get(key(location));
    if (location.state === undefined || visit === undefined || visit.isFailureRecorded) return;
    visit.isFailureRecorded = true;
    this.#recorder.failed(at, location.state, location.iteration, error, cause);
  }

  #locationOf(event: HistoryEvent): Location {
    const { previousEventId = 0, type = '' } = event;
    const previous = this.#locations.get(previousEventId) ?? this.#outer;
    const iteration = event.mapIterationStartedEventDetails;
    if (iteration !== undefined) return { map: iteration.name ?? '', iteration: iteration.index ?? 0 };
    const name = event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name;
    // After the last event of an iteration, the Map itself continues.
    const isMap = /^Map(?:State|Run)/.test(type) && type !== 'MapStateEntered';
    const state = isMap ? (name ?? previous.map ?? previous.state) : name;
    if (isMap) return { ...this.#outer, ...(state !== undefined && { state }) };
    return state === undefined ? previous : { ...previous, state };
  }
}

/** The error in an event's details. */
function errorOf(event: HistoryEvent, type: string): Failure | undefined {
  const details =
    event.lambdaFunctionFailedEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.lambdaFunctionStartFailedEventDetails ??
    event.lambdaFunctionScheduleFailedEventDetails ??
    event.mapRunFailedEventDetails ??
    event.evaluationFailedEventDetails;
  if (details === undefined) return undefined;
  const fallback = type.endsWith('TimedOut') ? 'States.Timeout' : 'States.TaskFailed';
  return { error: details.error ?? fallback, cause: details.cause ?? '' };
}

function key({ state = '', iteration = -1 }: Location): string {
  return `${iteration} ${state}`;
}

/** A state's parsed input or output; the string itself if AWS has cut it off. */
function json(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The history of an execution on AWS, told to a run's recorder. */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { RunRecorder } from '../report/record/run-recorder.ts';

/** Where an event belongs: events tell only which one was before them. */
interface Place {
  readonly state?: string;
  /** The Map whose iteration it is in. */
  readonly map?: string;
  readonly iteration?: number;
}

interface Visit {
  /** When its function was started, if it runs. */
  started: number | undefined;
  /** Whether the recorder was told that its last attempt failed. */
  isTold: boolean;
}

interface OpenError {
  readonly error: string;
  readonly cause: string;
}

/**
 * Takes a history event by event, in the order of their ids. It keeps a few words for each event, of which a history
 * has 25,000 at the most.
 */
export class HistoryReader {
  readonly #recorder: RunRecorder;
  readonly #outside: Place;
  readonly #places = new Map<number, Place>();
  /** Visits that are under way. */
  readonly #visits = new Map<string, Visit>();
  #lastError: OpenError = { error: '', cause: '' };

  /** @param outside the iteration that all of the history is, where it is a child's of a DISTRIBUTED Map */
  constructor(recorder: RunRecorder, outside: Place = {}) {
    this.#recorder = recorder;
    this.#outside = outside;
  }

  /** The state that an event is about. */
  stateOf(event: HistoryEvent): string | undefined {
    return this.#placeOf(event).state;
  }

  add(event: HistoryEvent): void {
    const { id = 0, type = '', timestamp } = event;
    const at = timestamp?.getTime() ?? 0;
    const place = this.#placeOf(event);
    this.#places.set(id, place);
    const { state, iteration } = place;
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
      if (!hasSucceeded) this.#failUntold(at, place, this.#lastError);
      this.#recorder.iterationEnded(at, ended.name ?? '', ended.index ?? 0, hasSucceeded);
      return;
    }
    if (state === undefined) return;
    if (event.stateEnteredEventDetails !== undefined) {
      this.#visits.set(key(place), { started: undefined, isTold: false });
      this.#recorder.entered(at, state, iteration, json(event.stateEnteredEventDetails.input));
    } else if (event.stateExitedEventDetails !== undefined) {
      this.#recorder.exited(at, state, iteration, json(event.stateExitedEventDetails.output));
      this.#visits.delete(key(place));
    } else if (event.executionFailedEventDetails !== undefined) {
      const { error = this.#lastError.error, cause = this.#lastError.cause } =
        event.executionFailedEventDetails;
      this.#failUntold(at, place, { error, cause });
    } else if (type === 'MapStateFailed') {
      this.#failUntold(at, place, this.#lastError);
    } else {
      this.#task(event, type, at, place);
    }
  }

  #task(event: HistoryEvent, type: string, at: number, place: Place): void {
    const { state = '', iteration } = place;
    const visit = this.#visits.get(key(place));
    if (visit === undefined) return;
    if (type === 'LambdaFunctionScheduled') {
      if (visit.isTold) this.#recorder.retried(at, state, iteration);
      visit.isTold = false;
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
    this.#failUntold(at, place, error);
  }

  /** A Fail state, and an INLINE Map, have no event of their own that says why they failed. */
  #failUntold(at: number, place: Place, { error, cause }: OpenError): void {
    const visit = this.#visits.get(key(place));
    if (place.state === undefined || visit === undefined || visit.isTold) return;
    visit.isTold = true;
    this.#recorder.failed(at, place.state, place.iteration, error, cause);
  }

  #placeOf(event: HistoryEvent): Place {
    const { previousEventId = 0, type = '' } = event;
    const before = this.#places.get(previousEventId) ?? this.#outside;
    const iteration = event.mapIterationStartedEventDetails;
    if (iteration !== undefined) return { map: iteration.name ?? '', iteration: iteration.index ?? 0 };
    const name = event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name;
    // Behind an iteration's last event comes the Map itself again.
    const isMap = /^Map(?:State|Run)/.test(type) && type !== 'MapStateEntered';
    const state = isMap ? (name ?? before.map ?? before.state) : name;
    if (isMap) return { ...this.#outside, ...(state !== undefined && { state }) };
    return state === undefined ? before : { ...before, state };
  }
}

/** The error that an event tells of. */
function errorOf(event: HistoryEvent, type: string): OpenError | undefined {
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

function key({ state = '', iteration = -1 }: Place): string {
  return `${iteration} ${state}`;
}

/** What a state's input or output says; the text itself where AWS has cut it. */
function json(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

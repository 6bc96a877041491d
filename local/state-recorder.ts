import type { StateMachine } from 'aws-local-stepfunctions';
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

/** Numbers of a task's result that can be added up. */
const COUNTS = ['read', 'rejected', 'loaded', 'duplicates'];

interface Visit {
  readonly since: number;
  failed: boolean;
}

interface Counted {
  readonly type: string;
  readonly inMap: boolean;
  /** Visits that have not ended, by the iteration's number, -1 outside of a Map. */
  readonly visits: Map<number, Visit>;
  entered: number;
  attempts: number;
  milliseconds: number;
  failed: boolean;
  readonly counts: Record<string, number>;
  inputBytes: number;
  outputBytes: number;
  error?: { readonly name: string; readonly cause: string };
}

/** Adds up the interpreter's events. */
export class StateRecorder {
  readonly #states = new Map<string, Counted>();
  /** By task and chunk, what its last result counted. */
  readonly #counted = new Map<string, Readonly<Record<string, number>>>();

  add(event: StateEvent): void {
    if (!('state' in event) || isInserted(event.state.name)) return;
    const { state, timestamp, index = -1 } = event;
    const counted = this.#state(state.name, state.type, event.index !== undefined);
    const visit = counted.visits.get(index);
    switch (event.type) {
      case 'StateEntered':
        counted.visits.set(index, { since: timestamp, failed: false });
        counted.entered += 1;
        counted.attempts += 1;
        counted.inputBytes = Math.max(counted.inputBytes, jsonBytes(state.input));
        break;
      case 'StateRetried':
        counted.attempts += 1;
        if (visit !== undefined) visit.failed = false;
        break;
      case 'StateFailed':
        if (visit !== undefined) visit.failed = true;
        counted.error = { name: event.Error, cause: String(event.Cause) };
        break;
      case 'StateExited':
        counted.outputBytes = Math.max(counted.outputBytes, jsonBytes(state.output));
        this.#end(counted, index, timestamp);
        break;
      default:
    }
  }

  /** Takes the result of a task that is under way. Of the results for one chunk, the last one counts. */
  count(name: string, result: unknown): void {
    const counts = this.#states.get(name)?.counts;
    if (counts === undefined || typeof result !== 'object' || result === null) return;
    const chunk = 'start' in result ? `${name} ${result.start}` : undefined;
    const before = (chunk !== undefined && this.#counted.get(chunk)) || {};
    const now: Record<string, number> = {};
    for (const [field, value] of Object.entries(result)) {
      if (!COUNTS.includes(field) || typeof value !== 'number') continue;
      now[field] = value;
      counts[field] = (counts[field] ?? 0) + value - (before[field] ?? 0);
    }
    if (chunk !== undefined) this.#counted.set(chunk, now);
  }

  /** The states in the order in which they were first entered. Call it once, when the execution is over. */
  summaries(): StateSummary[] {
    const now = Date.now();
    return [...this.#states].map(([name, counted]) => {
      let aborted = false;
      for (const [index, visit] of counted.visits) {
        aborted ||= !visit.failed;
        this.#end(counted, index, now);
      }
      return {
        name,
        type: counted.type,
        status: counted.failed ? 'FAILED' : aborted ? 'ABORTED' : 'SUCCEEDED',
        milliseconds: counted.milliseconds,
        attempts: counted.attempts,
        ...(counted.inMap && { iterations: counted.entered }),
        inputBytes: counted.inputBytes,
        outputBytes: counted.outputBytes,
        counts: counted.counts,
        ...(counted.error && { error: counted.error.name, cause: counted.error.cause }),
      };
    });
  }

  #state(name: string, type: string, inMap: boolean): Counted {
    let counted = this.#states.get(name);
    if (counted === undefined) {
      const none = { entered: 0, attempts: 0, milliseconds: 0, inputBytes: 0, outputBytes: 0 };
      counted = { type, inMap, visits: new Map(), failed: false, counts: {}, ...none };
      this.#states.set(name, counted);
    }
    return counted;
  }

  #end(counted: Counted, index: number, timestamp: number): void {
    const visit = counted.visits.get(index);
    if (visit === undefined) return;
    counted.visits.delete(index);
    counted.milliseconds += timestamp - visit.since;
    counted.failed ||= visit.failed;
  }
}

/** Bytes of the value as JSON in UTF-8, as Step Functions measures it. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

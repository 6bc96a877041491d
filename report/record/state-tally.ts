import type { GraphNode } from '../graph/graph.ts';
import { jsonBytes, payload } from './bounded.ts';
import { CountSum } from './counts.ts';
import {
  type Attempt,
  type ErrorRecord,
  MAX_ATTEMPTS,
  MAX_INNER_VISITS,
  MAX_VISITS,
  type Outcome,
  type Payload,
  type StateRecord,
  type Visit,
} from './run-record.ts';

interface OpenVisit {
  readonly since: number;
  readonly input: Payload | null;
  readonly attempts: Attempt[];
  attemptSince: number;
  /** Error of the last failed attempt. */
  error?: ErrorRecord;
  hasFailed: boolean;
  /** When the last attempt failed, until it is retried. */
  failedAt?: number;
}

/** Counts and keeps the visits of one state. */
export class StateTally {
  readonly #node: GraphNode;
  readonly #map: string | undefined;
  readonly #isCaught: boolean;
  readonly #counts = new CountSum();
  /** Visits in progress, by the index of the iteration; -1 outside a Map. */
  readonly #open = new Map<number, OpenVisit>();
  readonly #kept: Visit[] = [];
  #keptSucceeded = 0;
  #keptFailed = 0;
  #entered = 0;
  #attempts = 0;
  #milliseconds = 0;
  #functionMilliseconds = 0;
  #invocations = 0;
  #inputBytes = 0;
  #outputBytes = 0;
  #status: Outcome = 'SUCCEEDED';
  #error: ErrorRecord | undefined;

  /** @param isCaught whether the state has a Catch */
  constructor(node: GraphNode, map: string | undefined, isCaught: boolean) {
    this.#node = node;
    this.#map = map;
    this.#isCaught = isCaught;
  }

  enter(at: number, iteration: number, input: unknown): void {
    this.#entered += 1;
    this.#attempts += 1;
    this.#inputBytes = Math.max(this.#inputBytes, jsonBytes(input));
    const mayBeKept = this.#hasRoom(true) || this.#hasRoom(false);
    this.#open.set(iteration, {
      since: at,
      attemptSince: at,
      input: mayBeKept ? payload(JSON.stringify(input)) : null,
      attempts: [],
      hasFailed: false,
    });
  }

  retry(at: number, iteration: number): void {
    this.#attempts += 1;
    const open = this.#open.get(iteration);
    if (open === undefined) return;
    open.attemptSince = at;
    open.hasFailed = false;
    delete open.failedAt;
  }

  fail(at: number, iteration: number, error: ErrorRecord): void {
    this.#error = error;
    const open = this.#open.get(iteration);
    if (open === undefined) return;
    open.hasFailed = true;
    open.failedAt = at;
    open.error = error;
    if (open.attempts.length < MAX_ATTEMPTS)
      open.attempts.push({ since: open.attemptSince, until: at, error });
  }

  exit(at: number, iteration: number, output: unknown): void {
    this.#outputBytes = Math.max(this.#outputBytes, jsonBytes(output));
    const hasFailed = this.#open.get(iteration)?.hasFailed === true;
    const status = !hasFailed ? 'SUCCEEDED' : this.#isCaught ? 'CAUGHT' : 'FAILED';
    this.#end(at, iteration, status, JSON.stringify(output));
  }

  /** Ends the visits in progress. */
  end(at: number): void {
    for (const [iteration, { hasFailed }] of [...this.#open])
      this.#end(at, iteration, hasFailed ? 'FAILED' : 'ABORTED', undefined);
  }

  count(result: unknown): void {
    this.#counts.add(result);
  }

  invoked(milliseconds: number): void {
    this.#invocations += 1;
    this.#functionMilliseconds += milliseconds;
  }

  /** The state's progress at some time. */
  progress(now: number): Pick<StateRecord, 'name' | 'type' | 'status' | 'milliseconds'> {
    const { name, type } = this.#node;
    const inFlight = this.#open.values().reduce((sum, { since }) => sum + now - since, 0);
    const status = this.#open.size > 0 ? 'RUNNING' : this.#status;
    return { name, type, status, milliseconds: this.#milliseconds + inFlight };
  }

  record(): StateRecord {
    const { name, type } = this.#node;
    const inFlight = [...this.#open].slice(0, MAX_INNER_VISITS).map(([iteration, open]): Visit => {
      return visit(iteration, open, null, 'RUNNING', undefined);
    });
    return {
      name,
      type,
      ...(this.#map !== undefined && { map: this.#map }),
      status: this.#open.size > 0 ? 'RUNNING' : this.#status,
      entered: this.#entered,
      attempts: this.#attempts,
      milliseconds: this.#milliseconds,
      functionMilliseconds: this.#functionMilliseconds,
      invocations: this.#invocations,
      inputBytes: this.#inputBytes,
      outputBytes: this.#outputBytes,
      counts: { ...this.#counts.total },
      ...(this.#error && { error: this.#error }),
      visits: [...this.#kept, ...inFlight],
    };
  }

  #hasRoom(hasSucceeded: boolean): boolean {
    if (this.#map === undefined) return this.#kept.length < MAX_VISITS;
    return (hasSucceeded ? this.#keptSucceeded : this.#keptFailed) < MAX_INNER_VISITS;
  }

  #end(at: number, iteration: number, status: Outcome, output: string | undefined): void {
    const open = this.#open.get(iteration);
    if (open === undefined) return;
    this.#open.delete(iteration);
    this.#milliseconds += at - open.since;
    this.#status = worse(this.#status, status);
    const hasSucceeded = status === 'SUCCEEDED';
    if (!this.#hasRoom(hasSucceeded)) return;
    if (hasSucceeded) this.#keptSucceeded += 1;
    else this.#keptFailed += 1;
    this.#kept.push(visit(iteration, open, at, status, output));
  }
}

/** From best to worst. */
const OUTCOMES: readonly Outcome[] = ['SUCCEEDED', 'RUNNING', 'ABORTED', 'CAUGHT', 'FAILED'];

function worse(one: Outcome, other: Outcome): Outcome {
  return OUTCOMES.indexOf(one) > OUTCOMES.indexOf(other) ? one : other;
}

function visit(
  iteration: number,
  open: OpenVisit,
  until: number | null,
  status: Outcome,
  output: string | undefined,
): Visit {
  const { since, input, attempts, attemptSince, failedAt } = open;
  const last = failedAt === undefined ? [{ since: attemptSince, until }] : [];
  return {
    ...(iteration >= 0 && { iteration }),
    since,
    until,
    status,
    input,
    output: payload(output),
    attempts: [...attempts, ...last],
  };
}

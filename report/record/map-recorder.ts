import { type ErrorRecord, type Iteration, MAX_ATTEMPTS, MAX_ITERATIONS, type MapRun } from './run-record.ts';

/** Durations that are kept to compute the median; a file has fewer chunks. */
const MAX_DURATIONS = 10_000;

interface OpenIteration {
  readonly since: number;
  readonly retries: number[];
  /** Index among the kept iterations; undefined if the iteration is not kept. */
  readonly keptIndex?: number;
  error?: ErrorRecord;
}

/** Summarizes the iterations of one visit of a Map. */
export class MapRecorder {
  readonly #map: string;
  readonly #open = new Map<number, OpenIteration>();
  readonly #kept: Iteration[] = [];
  readonly #durations: number[] = [];
  #started = 0;
  #succeeded = 0;
  #failed = 0;
  #shortest = Number.POSITIVE_INFINITY;
  #longest = Number.NEGATIVE_INFINITY;
  #isFinished = false;

  constructor(map: string) {
    this.#map = map;
  }

  start(at: number, index: number): void {
    // The local interpreter keeps starting iterations after their Map has failed.
    if (this.#isFinished || this.#open.has(index)) return;
    this.#started += 1;
    const keptIndex = this.#kept.length;
    const isKept = keptIndex < MAX_ITERATIONS;
    this.#open.set(index, { since: at, retries: [], ...(isKept && { keptIndex }) });
    if (isKept) this.#kept.push({ index, since: at, until: null, status: 'RUNNING', retries: [] });
  }

  retry(at: number, index: number): void {
    const open = this.#open.get(index);
    if (open !== undefined && open.retries.length < MAX_ATTEMPTS) open.retries.push(at);
  }

  fail(index: number, error: ErrorRecord): void {
    const open = this.#open.get(index);
    if (open !== undefined) open.error = error;
  }

  end(at: number, index: number, hasSucceeded: boolean): void {
    if (hasSucceeded) this.#succeeded += this.#open.has(index) ? 1 : 0;
    else this.#failed += this.#open.has(index) ? 1 : 0;
    this.#close(at, index, hasSucceeded ? 'SUCCEEDED' : 'FAILED');
  }

  /** Ends the Map, and aborts the iterations that are still running. */
  finish(at: number): void {
    this.#isFinished = true;
    for (const index of [...this.#open.keys()]) this.#close(at, index, 'ABORTED');
  }

  run(): MapRun {
    const sorted = this.#durations.toSorted((one, other) => one - other);
    const hasDurations = sorted.length > 0;
    return {
      map: this.#map,
      iterations: this.#started,
      succeeded: this.#succeeded,
      failed: this.#failed,
      shortest: hasDurations ? this.#shortest : null,
      median: sorted[Math.floor((sorted.length - 1) / 2)] ?? null,
      longest: hasDurations ? this.#longest : null,
      kept: [...this.#kept],
    };
  }

  #close(at: number, index: number, status: Iteration['status']): void {
    const open = this.#open.get(index);
    if (open === undefined) return;
    this.#open.delete(index);
    const { since, retries, keptIndex, error } = open;
    const duration = at - since;
    if (status !== 'ABORTED') {
      this.#shortest = Math.min(this.#shortest, duration);
      this.#longest = Math.max(this.#longest, duration);
      if (this.#durations.length < MAX_DURATIONS) this.#durations.push(duration);
    }
    if (keptIndex === undefined) return;
    // An iteration that a retry fixed does not show its error.
    const hasError = status !== 'SUCCEEDED' && error !== undefined;
    this.#kept[keptIndex] = { index, since, until: at, status, retries, ...(hasError && { error }) };
  }
}

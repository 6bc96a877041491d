import { type ErrorRecord, type Iteration, MAX_ATTEMPTS, MAX_ITERATIONS, type MapRun } from './run-record.ts';

/** Durations by which the median is found: so many of them, which is as many as the pipeline has chunks, and more. */
const MAX_DURATIONS = 10_000;

interface OpenIteration {
  readonly since: number;
  readonly retries: number[];
  /** Its place among those that are kept; undefined if it is not. */
  readonly place?: number;
  error?: ErrorRecord;
}

/** Sums up the iterations of one visit of a Map. */
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
  #isOver = false;

  constructor(map: string) {
    this.#map = map;
  }

  start(at: number, index: number): void {
    // The local interpreter goes on to start the iterations of a Map that has failed.
    if (this.#isOver || this.#open.has(index)) return;
    this.#started += 1;
    const place = this.#kept.length;
    const isKept = place < MAX_ITERATIONS;
    this.#open.set(index, { since: at, retries: [], ...(isKept && { place }) });
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

  /** The Map is over, and with it what is still under way. */
  over(at: number): void {
    this.#isOver = true;
    for (const index of [...this.#open.keys()]) this.#close(at, index, 'ABORTED');
  }

  run(): MapRun {
    const sorted = this.#durations.toSorted((one, other) => one - other);
    const hasEnded = sorted.length > 0;
    return {
      map: this.#map,
      iterations: this.#started,
      succeeded: this.#succeeded,
      failed: this.#failed,
      shortest: hasEnded ? this.#shortest : null,
      median: sorted[Math.floor((sorted.length - 1) / 2)] ?? null,
      longest: hasEnded ? this.#longest : null,
      kept: [...this.#kept],
    };
  }

  #close(at: number, index: number, status: Iteration['status']): void {
    const open = this.#open.get(index);
    if (open === undefined) return;
    this.#open.delete(index);
    const { since, retries, place, error } = open;
    const duration = at - since;
    if (status !== 'ABORTED') {
      this.#shortest = Math.min(this.#shortest, duration);
      this.#longest = Math.max(this.#longest, duration);
      if (this.#durations.length < MAX_DURATIONS) this.#durations.push(duration);
    }
    if (place === undefined) return;
    // An iteration that was mended by a retry is not told of its error.
    const isError = status !== 'SUCCEEDED' && error !== undefined;
    this.#kept[place] = { index, since, until: at, status, retries, ...(isError && { error }) };
  }
}

/** Finds how fast a writer may write, from what the table accepts and refuses. */

/** Maximum number of items in a request; source: BatchWriteItem in the DynamoDB API reference. */
export const REQUEST_ITEMS = 25;

/** Seconds' worth of the rate that one request may hold. A slow table refuses larger requests when a few coincide. */
const REQUEST_SECONDS = 0.05;

/** Items per second at the start: the lowest rate at which requests are full. */
const INITIAL_RATE = REQUEST_ITEMS / REQUEST_SECONDS;

/** Minimum rate in items per second, no matter how much is refused. */
const MIN_RATE = 1;

/** Seconds in which the rate doubles until the table first refuses something. */
const INITIAL_DOUBLING_SECONDS = 0.25;

/** Fraction by which the rate after a refusal stays below what the table accepted. */
const MARGIN = 0.02;

/** Minimum time in seconds for which the rate is held after a refusal. */
const MIN_HOLD_SECONDS = 3;

/** Seconds after a refusal from which the rate grows again even if {@link SUCCESSES_PER_REFUSAL} is not met. */
const MAX_HOLD_SECONDS = 30;

/** Requests that must succeed for each refused one before the rate grows again. */
const SUCCESSES_PER_REFUSAL = 30;

/** Growth of the rate per second when it starts to grow again. The growth then doubles every second. */
const MIN_GROWTH = 0.01;

/** Maximum growth of the rate per second. */
const MAX_GROWTH = 2;

/** Maximum seconds of growth for one request, so that a slow writer learns of a refusal before it grows further. */
const MAX_STEP_SECONDS = 0.25;

/** Milliseconds of delay by a busy event loop that are made up for; the table's burst capacity absorbs them. */
const SLACK_MS = 100;

/** The same for a writer with a cap, in milliseconds: small enough that no second exceeds the cap. */
const CAPPED_SLACK_MS = 20;

/** Maximum pause in milliseconds, after a refusal, for the responses to requests in flight. */
const MAX_PAUSE_MS = 250;

/** Milliseconds between two checks whether such a pause is over. */
const PAUSE_CHECK_MS = 5;

export interface WriteRateSettings {
  /** Maximum items per second; null for as many as the table accepts. */
  readonly cap: number | null;
  /** Returns uniform random numbers from 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** Items per second to begin with, if a rate is known from earlier. */
  readonly initial?: number | undefined;
}

/**
 * Paces the requests of one writer. The rate doubles until the table refuses something. Then nothing is sent until the
 * requests in flight are answered, and the share of them that was accepted reveals the table's rate. With several
 * writers, each sees the same share and cuts its rate by it, so that together they stay just below the table's rate.
 * After a while without a refusal the rate grows again, slowly at first and then ever faster. Probing for more capacity
 * thus wastes few requests, and a table whose capacity doubles is fully used within seconds.
 *
 * It has no timers. All times are milliseconds of one clock, the caller's.
 */
export class WriteRate {
  readonly #random: () => number;
  readonly #cap: number;
  readonly #slack: number;
  #rate: number;
  /** When the next request is due. */
  #due = 0;
  #inFlight = 0;
  #everRefused = false;
  /** Outcome of the requests in flight at a refusal, until the last of them is answered. */
  #refusal: { items: number; accepted: number; readonly until: number } | undefined;
  /** Seconds since the last refusal in which the rate was fully used. */
  #held = 0;
  /** Requests that must succeed before the rate grows again. */
  #owed = 0;
  #growth = MIN_GROWTH;

  constructor({ cap, random, initial = INITIAL_RATE }: WriteRateSettings) {
    this.#random = random;
    this.#cap = cap ?? Infinity;
    this.#slack = cap === null ? SLACK_MS : CAPPED_SLACK_MS;
    this.#rate = Math.min(initial, this.#cap);
  }

  /** Items per second. */
  get rate(): number {
    return this.#rate;
  }

  /** Items that the next request may hold. */
  get items(): number {
    return Math.min(REQUEST_ITEMS, Math.ceil(this.#rate * REQUEST_SECONDS));
  }

  /** Milliseconds after which to ask again; 0 if a request may be sent now. */
  delay(now: number): number {
    if (this.#refusal !== undefined) {
      if (now < this.#refusal.until) return Math.min(PAUSE_CHECK_MS, this.#refusal.until - now);
      this.#cut(this.#refusal, now);
    }
    return Math.max(0, this.#due - now);
  }

  /** Records that a request with this number of items is sent. */
  sent(items: number, now: number): void {
    // If there is less to write than the rate allows, acceptance says nothing about the table, so the rate stays.
    const isFullyUsed = now - this.#due <= this.#slack;
    const seconds = items / this.#rate;
    this.#due = Math.max(this.#due, now - this.#slack) + seconds * 1_000;
    this.#inFlight += 1;
    if (isFullyUsed) this.#grow(seconds);
  }

  /** Records the response to a request: of `items` items the table accepted `accepted`. */
  answered(items: number, accepted: number, now: number): void {
    this.#inFlight -= 1;
    if (accepted === items) {
      this.#owed = Math.max(0, this.#owed - 1);
    } else {
      this.#owed += SUCCESSES_PER_REFUSAL;
      this.#refusal ??= { items: 0, accepted: 0, until: now + MAX_PAUSE_MS };
    }
    if (this.#refusal === undefined) return;
    this.#refusal.items += items;
    this.#refusal.accepted += accepted;
    if (this.#inFlight === 0) this.#cut(this.#refusal, now);
  }

  #grow(seconds: number): void {
    this.#held += seconds;
    if (this.#held >= MAX_HOLD_SECONDS) this.#owed = 0;
    if (!this.#everRefused) {
      this.#rate *= 2 ** (seconds / INITIAL_DOUBLING_SECONDS);
    } else if (this.#held >= MIN_HOLD_SECONDS && this.#owed === 0) {
      const step = Math.min(seconds, MAX_STEP_SECONDS);
      this.#growth = Math.min(MAX_GROWTH, this.#growth * 2 ** step);
      this.#rate *= Math.exp(this.#growth * step);
    }
    this.#rate = Math.min(this.#rate, this.#cap);
  }

  #cut({ items, accepted }: { readonly items: number; readonly accepted: number }, now: number): void {
    // One more request counts as accepted: the table had some capacity left for the first of them, and they may be few.
    const allowance = this.items;
    const share = (accepted + allowance) / (items + allowance);
    this.#rate = Math.max(Math.min(MIN_RATE, this.#cap), this.#rate * share * (1 - MARGIN));
    // The pause lets the table regain capacity for the retries. It is random, so that writers do not resume together.
    this.#due = now + (1 + 2 * this.#random()) * (this.items / this.#rate) * 1_000;
    this.#refusal = undefined;
    this.#everRefused = true;
    this.#held = 0;
    this.#growth = MIN_GROWTH;
  }
}

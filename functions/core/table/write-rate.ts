/** How fast a writer may go, found out from what the table accepts and refuses. */

/** Items in a request; source: BatchWriteItem in the DynamoDB API reference. */
export const REQUEST_ITEMS = 25;

/** Seconds of the rate that one request may hold: a slow table refuses large requests at every small cluster. */
const REQUEST_SECONDS = 0.05;

/** Items a second to begin with, so that the first requests are full ones, and at least, whatever is refused. */
const [FIRST_RATE, LOWEST_RATE] = [REQUEST_ITEMS / REQUEST_SECONDS, 1];

/** Seconds in which the rate doubles as long as the table has not refused anything. */
const FIRST_DOUBLING = 0.25;

/** After a refusal the rate becomes what the table took of it, less this share. */
const MARGIN = 0.02;

/** Seconds for which the rate then stays as it is: at least, and at most. */
const [SHORTEST_HOLD, LONGEST_HOLD] = [3, 30];

/** Requests that must go well for each refused one before the rate grows again, unless that takes too long. */
const REQUESTS_FOR_REFUSAL = 30;

/** Growth of the rate afterwards, per second: at first, and at most. It doubles each second in between. */
const [SLOWEST_GROWTH, FASTEST_GROWTH] = [0.01, 2];

/** Seconds that one request may count for, so that a slow writer hears of a refusal before it grows further. */
const LONGEST_STEP = 0.25;

/**
 * Milliseconds that requests may be late and yet made up for, because a busy event loop is: many, which the table's
 * burst capacity takes, or so few that a cap is kept in each second.
 */
const [SLACK, SLACK_BELOW_CAP] = [100, 20];

/** Milliseconds: the longest pause for the answers under way after a refusal, and how often its end is looked for. */
const [LONGEST_PAUSE, LOOK_AGAIN] = [250, 5];

export interface WriteRateSettings {
  /** Items a second that are not exceeded; null for as many as the table takes. */
  readonly cap: number | null;
  /** Uniform, from 0 up to 1. */
  readonly random: () => number;
  /** Items a second to begin with, where more is known of the table than nothing. */
  readonly first?: number | undefined;
}

/**
 * Paces the requests of one writer. The rate doubles until the table refuses something. Then nothing is sent until
 * what is under way is answered, and the share of it that was taken tells the table's own rate: of any number of
 * writers each is refused the same share, so each cuts its rate by it and together they stay just below the table's.
 * After a while without a refusal the rate grows again, hardly at first and then ever faster, so that a look for more
 * wastes few requests and a table that takes twice as much is made use of within seconds.
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
  /** What came of the requests that were under way at a refusal, until the last of them is answered. */
  #refusal: { items: number; taken: number; readonly until: number } | undefined;
  /** Seconds since the last refusal, as far as the rate was made use of. */
  #held = 0;
  /** Requests that have to go well before the rate grows again. */
  #owed = 0;
  #growth = SLOWEST_GROWTH;

  constructor({ cap, random, first = FIRST_RATE }: WriteRateSettings) {
    this.#random = random;
    this.#cap = cap ?? Infinity;
    this.#slack = cap === null ? SLACK : SLACK_BELOW_CAP;
    this.#rate = Math.min(first, this.#cap);
  }

  /** Items a second. */
  get rate(): number {
    return this.#rate;
  }

  /** Items that the next request may hold. */
  get items(): number {
    return Math.min(REQUEST_ITEMS, Math.ceil(this.#rate * REQUEST_SECONDS));
  }

  /** Milliseconds after which to ask again, or 0 when a request may be sent now. */
  delay(now: number): number {
    if (this.#refusal !== undefined) {
      if (now < this.#refusal.until) return Math.min(LOOK_AGAIN, this.#refusal.until - now);
      this.#cut(this.#refusal, now);
    }
    return Math.max(0, this.#due - now);
  }

  /** A request of so many items goes out. */
  sent(items: number, now: number): void {
    // When there is less to write than the rate allows, it says nothing about the table that all was taken.
    const madeUseOf = now - this.#due <= this.#slack;
    const seconds = items / this.#rate;
    this.#due = Math.max(this.#due, now - this.#slack) + seconds * 1_000;
    this.#inFlight += 1;
    if (madeUseOf) this.#grow(seconds);
  }

  /** The answer to a request of so many items is that the table took so many of them. */
  answered(items: number, taken: number, now: number): void {
    this.#inFlight -= 1;
    if (taken === items) {
      this.#owed = Math.max(0, this.#owed - 1);
    } else {
      this.#owed += REQUESTS_FOR_REFUSAL;
      this.#refusal ??= { items: 0, taken: 0, until: now + LONGEST_PAUSE };
    }
    if (this.#refusal === undefined) return;
    this.#refusal.items += items;
    this.#refusal.taken += taken;
    if (this.#inFlight === 0) this.#cut(this.#refusal, now);
  }

  #grow(seconds: number): void {
    this.#held += seconds;
    if (this.#held >= LONGEST_HOLD) this.#owed = 0;
    if (!this.#everRefused) {
      this.#rate *= 2 ** (seconds / FIRST_DOUBLING);
    } else if (this.#held >= SHORTEST_HOLD && this.#owed === 0) {
      const step = Math.min(seconds, LONGEST_STEP);
      this.#growth = Math.min(FASTEST_GROWTH, this.#growth * 2 ** step);
      this.#rate *= Math.exp(this.#growth * step);
    }
    this.#rate = Math.min(this.#rate, this.#cap);
  }

  #cut({ items, taken }: { readonly items: number; readonly taken: number }, now: number): void {
    // One request more counts as taken: the table had something left for the first of them, and they may be few.
    const doubt = this.items;
    const share = (taken + doubt) / (items + doubt);
    this.#rate = Math.max(Math.min(LOWEST_RATE, this.#cap), this.#rate * share * (1 - MARGIN));
    // The table gathers something for what is sent again, and writers that were refused at once do not start at once.
    this.#due = now + (1 + 2 * this.#random()) * (this.items / this.#rate) * 1_000;
    this.#refusal = undefined;
    this.#everRefused = true;
    this.#held = 0;
    this.#growth = SLOWEST_GROWTH;
  }
}

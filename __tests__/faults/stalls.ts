/** Milliseconds by which a timer is late when the machine may be too busy for a load that has only a few seconds. */
const STALL = 250;

/** Milliseconds between two timers. */
const INTERVAL = 50;

/** Notices when this process, and so probably each function's, did not get to run for a while. */
class Stalls {
  #last = Number.NEGATIVE_INFINITY;
  #expected = performance.now() + INTERVAL;

  constructor() {
    setInterval(() => {
      const now = performance.now();
      if (now - this.#expected > STALL) this.#last = now;
      this.#expected = now + INTERVAL;
    }, INTERVAL).unref();
  }

  /** Whether there was one since a time of `performance.now`. */
  hasAnySince(time: number): boolean {
    return this.#last >= time;
  }
}

export const stalls = new Stalls();

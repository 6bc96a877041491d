/** A virtual clock, and the random numbers of simulations. */

/** A generator of pseudo-random numbers from 0 up to 1 (mulberry32), so that every run is the same. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The events to come. */
export class EventQueue {
  /** The latest first. */
  readonly #events: { readonly at: number; readonly event: (now: number) => void }[] = [];

  add(at: number, event: (now: number) => void): void {
    let [from, to] = [0, this.#events.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#events[middle]?.at ?? 0) > at) from = middle + 1;
      else to = middle;
    }
    this.#events.splice(from, 0, { at, event });
  }

  run(end: number): void {
    for (let next = this.#events.pop(); next !== undefined && next.at <= end; next = this.#events.pop())
      next.event(next.at);
  }
}

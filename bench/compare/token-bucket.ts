/** A table's capacity: so many writes a second, and what was not used of it for so many seconds. */
export class TokenBucket {
  #writesPerSecond: number;
  readonly #burstSeconds: number;
  #tokens: number;
  #at = 0;

  /** @param burstSeconds how long the table saves what it is not asked for; it starts with all of it saved. */
  constructor(writesPerSecond: number, burstSeconds: number) {
    this.#writesPerSecond = writesPerSecond;
    this.#burstSeconds = burstSeconds;
    this.#tokens = writesPerSecond * burstSeconds;
  }

  /** Takes as many of the items as there is capacity for, at a time in milliseconds. */
  take(items: number, now: number): number {
    this.#refill(now);
    const taken = Math.min(items, Math.floor(this.#tokens));
    this.#tokens -= taken;
    return taken;
  }

  change(writesPerSecond: number, now: number): void {
    this.#refill(now);
    this.#writesPerSecond = writesPerSecond;
    this.#tokens = Math.min(this.#tokens, writesPerSecond * this.#burstSeconds);
  }

  #refill(now: number): void {
    const most = this.#writesPerSecond * this.#burstSeconds;
    this.#tokens = Math.min(most, this.#tokens + ((now - this.#at) / 1_000) * this.#writesPerSecond);
    this.#at = now;
  }
}

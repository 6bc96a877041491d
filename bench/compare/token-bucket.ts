/** The capacity of a table: a number of writes per second, plus a few seconds of capacity that was not used. */
export class TokenBucket {
  #writesPerSecond: number;
  readonly #burstSeconds: number;
  #tokens: number;
  #at = 0;

  /** @param burstSeconds the seconds of unused capacity that the table saves; it starts with all of them */
  constructor(writesPerSecond: number, burstSeconds: number) {
    this.#writesPerSecond = writesPerSecond;
    this.#burstSeconds = burstSeconds;
    this.#tokens = writesPerSecond * burstSeconds;
  }

  /**
   * Accepts as many items as the capacity allows.
   * @param now in milliseconds
   * @returns the number of items that are accepted
   */
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

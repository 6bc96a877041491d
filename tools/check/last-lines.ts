import { hash } from 'node:crypto';

/**
 * Keys that are held: more would take more than 96 MiB. Among so many, two different ones are taken for one with a
 * probability of less than one in a million.
 */
export const MAX_KEYS = 5_000_000;

/** Slots to begin with; a power of two, as it is after each doubling. */
const FIRST_SLOTS = 2 ** 12;

/** Part of the slots that is taken at the most. */
const MAX_LOAD = 0.75;

/** The line on which each key of a file stood last. It holds 64 bits of a digest of each key, and 32 of the line. */
export class LastLines {
  readonly #max: number;
  /** A digest, or zero where there is none. */
  #digests = new BigUint64Array(FIRST_SLOTS);
  #lines = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether there were too many keys, and none is held any more. */
  get isFull(): boolean {
    return this.#size > this.#max;
  }

  /** @returns the line on which the key stood last before; undefined if it did not, or there are too many keys. */
  replace(key: string, line: number): number | undefined {
    if (this.isFull) return undefined;
    const digest = hash('sha1', key, 'buffer').readBigUInt64LE() || 1n;
    const slot = this.#find(digest);
    const former = this.#digests[slot] === digest ? this.#lines[slot] : undefined;
    this.#digests[slot] = digest;
    this.#lines[slot] = line;
    if (former !== undefined) return former;
    this.#size += 1;
    if (this.isFull) this.#resize(0);
    else if (this.#size > MAX_LOAD * this.#digests.length) this.#resize(2 * this.#digests.length);
    return undefined;
  }

  /** Where a digest is, or where there is room for it. */
  #find(digest: bigint): number {
    const mask = this.#digests.length - 1;
    let slot = Number(BigInt.asUintN(32, digest)) & mask;
    while (this.#digests[slot] !== 0n && this.#digests[slot] !== digest) slot = (slot + 1) & mask;
    return slot;
  }

  #resize(slots: number): void {
    const [digests, lines] = [this.#digests, this.#lines];
    this.#digests = new BigUint64Array(slots);
    this.#lines = new Uint32Array(slots);
    if (slots === 0) return;
    for (const [former, digest] of digests.entries()) {
      if (digest === 0n) continue;
      const slot = this.#find(digest);
      this.#digests[slot] = digest;
      this.#lines[slot] = lines[former] ?? 0;
    }
  }
}

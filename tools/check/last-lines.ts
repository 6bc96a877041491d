import { hash } from 'node:crypto';

/**
 * Distinct keys that are held, in up to 96 MiB. The probability that two of them have the same 64-bit digest is less than
 * one in a million.
 */
export const MAX_KEYS = 5_000_000;

/** Initial number of slots. A power of two stays one when it is doubled. */
const INITIAL_SLOTS = 2 ** 12;

/** Maximum fraction of slots in use. */
const MAX_LOAD = 0.75;

function digestOf(key: string): bigint {
  return hash('sha1', key, 'buffer').readBigUInt64LE() || 1n;
}

/** Remembers the last line of each key, or of each value of a unique column. It holds 64 bits of each key's digest, and 32 bits of its line. */
export class LastLines {
  readonly #max: number;
  /** Zero marks a free slot. */
  #digests = new BigUint64Array(INITIAL_SLOTS);
  #lines = new Uint32Array(INITIAL_SLOTS);
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether there were too many keys; then no key is held any more. */
  get isFull(): boolean {
    return this.#size > this.#max;
  }

  /** Whether a line is the last of its key so far. If there were too many keys, any line may be. */
  isLast(key: string, line: number): boolean {
    return this.isFull || this.#lines[this.#find(digestOf(key))] === line;
  }

  /** @returns the previous line of the key; undefined if there is none, or there are too many keys */
  replace(key: string, line: number): number | undefined {
    if (this.isFull) return undefined;
    const digest = digestOf(key);
    const slot = this.#find(digest);
    const previous = this.#digests[slot] === digest ? this.#lines[slot] : undefined;
    this.#digests[slot] = digest;
    this.#lines[slot] = line;
    if (previous !== undefined) return previous;
    this.#size += 1;
    if (this.isFull) this.#resize(0);
    else if (this.#size > MAX_LOAD * this.#digests.length) this.#resize(2 * this.#digests.length);
    return undefined;
  }

  /** The slot of a digest, or the free slot for it. */
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
    for (const [oldSlot, digest] of digests.entries()) {
      if (digest === 0n) continue;
      const slot = this.#find(digest);
      this.#digests[slot] = digest;
      this.#lines[slot] = lines[oldSlot] ?? 0;
    }
  }
}

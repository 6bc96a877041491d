/** Writes items to DynamoDB, and reports up to which item all of them are confirmed. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredItem } from '../dataset/dataset.ts';
import { sumOfWrites, type WriteCounts } from '../dataset/load.ts';
import { LoadTimeoutError } from '../errors.ts';
import { httpStatus, isTransient } from '../storage/aws.ts';
import type { Answer, ItemWriter, Write } from './item-writer.ts';
import { WriteRate } from './write-rate.ts';

/** Maximum number of requests in flight: enough for 40,000 writes per second with responses that take 40 ms. */
export const MAX_IN_FLIGHT = 64;

/**
 * Maximum bytes of the items in flight, as JSON: enough for 40,000 write units of 1 KB per second with responses that take
 * 200 ms. An item takes up to three times its bytes of memory while it is in flight.
 */
export const MAX_IN_FLIGHT_BYTES = 8 * 1024 ** 2;

/** Bytes from which on a request takes no further item, so that several requests of long items are in flight. */
const FULL_REQUEST_BYTES = 1024 ** 2;

/** Milliseconds before the function's timeout after which no request is sent. */
const LAST_REQUEST_MS = 3_000;

/** Milliseconds before the function's timeout at which requests in flight are aborted. */
const LAST_RESPONSE_MS = 1_000;

/** Milliseconds between two checks, during a long wait, whether the load has failed or its time has run out. */
const CHECK_INTERVAL_MS = 100;

export interface TableWriterSettings {
  /** Maximum writes per second; null for as many as the table accepts. */
  readonly writesPerSecond: number | null;
  /** Writes per second to begin with: the rate that an earlier writer of the same load reached. */
  readonly initialRate?: number | undefined;
  /** Milliseconds until the function times out. */
  readonly remaining: () => number;
  /** Called when a request gets no response. Its rows may still be written, at any later time. */
  readonly unanswered: () => void;
}

/** The progress of a writer, with the counts of the items up to the mark; those that are zero may be absent. */
export interface Checkpoint<Mark> extends WriteCounts {
  /** The mark of the last item up to which all items are confirmed. */
  readonly mark: Mark;
}

/** A batch that is not confirmed, or that follows one that is not. */
interface Batch<Mark> {
  readonly mark: Mark;
  counts: WriteCounts;
  confirmed: boolean;
}

/**
 * Writes items as fast as the table accepts them. No two items may have the same key: DynamoDB would refuse them in one
 * batch, and of two batches either item could be the one that stays.
 * @typeParam Mark what the caller needs to resume after an item.
 */
export class TableWriter<Mark> {
  readonly #writer: ItemWriter;
  readonly #settings: TableWriterSettings;
  readonly #rate: WriteRate;
  readonly #lastAnswer: AbortSignal;
  #puts: Write[] = [];
  /** Bytes of the items that are put but not sent, and of those in flight. */
  readonly #bytes = { put: 0, inFlight: 0 };
  /** The first batch that is not confirmed and all batches after it, in the order of their items. */
  readonly #batches: Batch<Mark>[] = [];
  #checkpoint: Checkpoint<Mark> | undefined;
  readonly #slots = new Set<Promise<void>>();
  #lastTurn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Wakes the caller of `put` when a slot is free. */
  #freed: () => void = () => undefined;
  #failure: { readonly error: unknown } | undefined;
  #isStopped = false;
  /** The last transient error, for the cause of a timeout. */
  #lastTransient: unknown;

  constructor(writer: ItemWriter, settings: TableWriterSettings) {
    this.#writer = writer;
    this.#settings = settings;
    this.#rate = new WriteRate({
      cap: settings.writesPerSecond,
      random: Math.random,
      initial: settings.initialRate,
    });
    this.#lastAnswer = AbortSignal.timeout(Math.max(0, Math.floor(settings.remaining()) - LAST_RESPONSE_MS));
  }

  /**
   * Takes an item, and waits while the table accepts no more. Items that are put when the function's time is nearly
   * over are not written, and no checkpoint includes them.
   * @param mark of this item.
   * @returns undefined if there is nothing to wait for, as for most items.
   * @throws the first permanent error of any batch so far.
   */
  put(item: StoredItem, mark: Mark): Promise<void> | undefined {
    const put = this.#writer.writeOf(item);
    this.#puts.push(put);
    this.#bytes.put += put.bytes;
    const isFull = this.#puts.length === this.#writer.maxItems || this.#bytes.put >= FULL_REQUEST_BYTES;
    return isFull ? this.#flush(mark) : undefined;
  }

  /**
   * Sends the remaining items and waits until all are confirmed or the function's time is nearly over. No request is
   * in flight when it returns.
   * @param mark where the caller resumes if all items are confirmed.
   * @returns the checkpoint from which the caller resumes.
   * @throws LoadTimeoutError when no batch was confirmed, and whatever {@link put} throws.
   */
  async close(mark: Mark): Promise<Checkpoint<Mark>> {
    if (this.#puts.length > 0) await this.#flush(mark);
    await Promise.all(this.#slots);
    await this.#rethrow();
    if (this.#batches.length === 0) return { loaded: 0, ...this.#checkpoint, mark };
    if (this.#checkpoint !== undefined) return this.#checkpoint;
    throw new LoadTimeoutError(
      "DynamoDB did not confirm a single batch of rows before the function's timeout. Raise the table's capacity or the function's timeout, then start the execution again: it writes the same rows to the same keys.",
      { cause: this.#lastTransient },
    );
  }

  /**
   * Sends no further request, and waits until none is in flight. That takes until {@link LAST_RESPONSE_MS} before the
   * function's timeout at most, when they are aborted. Never throws.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#slots);
  }

  /** Writes per second that the table accepts from this writer, by its latest estimate. */
  get rate(): number {
    return this.#rate.rate;
  }

  /** Throws the error of a failed batch, once no request is in flight. */
  async #rethrow(): Promise<void> {
    if (this.#failure === undefined) return;
    await Promise.all(this.#slots);
    throw this.#failure.error;
  }

  async #flush(mark: Mark): Promise<void> {
    const puts = this.#puts;
    const bytes = this.#bytes.put;
    const deleted = puts.filter(({ outcome }) => outcome === 'deleted').length;
    const counts = { loaded: puts.length - deleted, ...(deleted > 0 && { deleted }) };
    const batch: Batch<Mark> = { mark, counts, confirmed: false };
    this.#batches.push(batch);
    this.#puts = [];
    this.#bytes.put = 0;
    // Refused items go first, so that few batches are half written and the checkpoint advances.
    while (this.#waiting > 0) await this.#lastTurn;
    while (this.#isFull(bytes)) {
      // Promise.race would add a reaction to every pending promise on every call.
      await new Promise<void>((resolve) => {
        this.#freed = resolve;
      });
    }
    await this.#rethrow();
    this.#bytes.inFlight += bytes;
    const write = this.#write(puts, batch)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#slots.delete(write);
        this.#bytes.inFlight -= bytes;
        this.#freed();
      });
    this.#slots.add(write);
  }

  /** Whether a request with this number of bytes has to wait for others. */
  #isFull(bytes: number): boolean {
    const { size } = this.#slots;
    return size >= MAX_IN_FLIGHT || (size > 0 && this.#bytes.inFlight + bytes > MAX_IN_FLIGHT_BYTES);
  }

  /** Sends a batch, and its refused items again, until all are confirmed or time runs out. */
  async #write(puts: readonly Write[], batch: Batch<Mark>): Promise<void> {
    let left = puts;
    while (left.length > 0) {
      const count = await this.#turn(left.length);
      if (count === 0) return;
      const { refused, unmet } = await this.#send(left.slice(0, count));
      left = [...refused, ...left.slice(count)];
      if (unmet !== undefined) batch.counts = { loaded: 0, [unmet]: 1 };
    }
    batch.confirmed = true;
    for (let first = this.#batches[0]; first?.confirmed; first = this.#batches[0]) {
      this.#batches.shift();
      const earlier = this.#checkpoint ?? { loaded: 0 };
      this.#checkpoint = { mark: first.mark, ...sumOfWrites([earlier, first.counts]) };
    }
  }

  #hasTime(): boolean {
    if (this.#isStopped || this.#failure !== undefined || this.#lastAnswer.aborted) return false;
    return this.#settings.remaining() >= LAST_REQUEST_MS;
  }

  /**
   * Waits in line until the rate allows a request.
   * @returns the number of items that the request may hold; 0 when it is too late to send one.
   */
  async #turn(items: number): Promise<number> {
    this.#waiting += 1;
    const turn = this.#lastTurn.then(async () => {
      let count = 0;
      while (this.#hasTime()) {
        const wait = this.#rate.delay(performance.now());
        if (wait === 0) {
          count = Math.min(items, this.#rate.items);
          this.#rate.sent(count, performance.now());
          break;
        }
        await sleep(Math.min(wait, CHECK_INTERVAL_MS));
      }
      this.#waiting -= 1;
      return count;
    });
    this.#lastTurn = turn;
    return turn;
  }

  /** @returns the items that DynamoDB did not confirm, and what has become of the only one if its condition does not hold. */
  async #send(puts: readonly Write[]): Promise<Answer> {
    let answer: Answer = { refused: puts };
    try {
      answer = await this.#writer.write(puts, this.#lastAnswer);
    } catch (error) {
      if (httpStatus(error) === undefined) this.#settings.unanswered();
      if (!isTransient(error) && !this.#lastAnswer.aborted) throw error;
      this.#lastTransient = error;
    }
    this.#rate.answered(puts.length, puts.length - answer.refused.length, performance.now());
    return answer;
  }
}

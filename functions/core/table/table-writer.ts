/** Writes items to DynamoDB in batches, and tells up to where each of them is confirmed. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { StoredItem } from '../dataset/dataset.ts';
import { LoadTimeoutError } from '../errors.ts';
import { httpStatus, isTransient } from '../storage/aws.ts';
import { BatchWriter, type Put, putOf } from './batch-write.ts';
import { REQUEST_ITEMS, WriteRate } from './write-rate.ts';

/** Requests under way at once, at most: 40,000 writes a second whose answers take 40 ms. Seldom are so many needed. */
export const MAX_IN_FLIGHT = 64;

/** Milliseconds before the end of the function's time from which nothing is sent, and no answer is awaited. */
const [LAST_REQUEST, LAST_ANSWER] = [3_000, 1_000];

/** Milliseconds after which a long wait looks whether the load has failed or its time has run out. */
const GLANCE = 100;

export interface TableWriterSettings {
  readonly table: string;
  /** Writes a second that are not exceeded; null for as many as the table takes. */
  readonly writesPerSecond: number | null;
  /** Writes a second to begin with: what an earlier writer of the same load has found out. */
  readonly firstRate?: number | undefined;
  /** Milliseconds until the function is stopped. */
  readonly remaining: () => number;
  /** Is called when a request had no answer: its rows may still be written, whatever is done meanwhile. */
  readonly unanswered: () => void;
}

/** How far a writer has come. */
export interface Checkpoint<Mark> {
  /** Of the last item up to which every one is confirmed. */
  readonly mark: Mark;
  /** Items up to there that DynamoDB's answers confirm. */
  readonly loaded: number;
}

/** What is known of a batch while it, or one before it, is not confirmed. */
interface Batch<Mark> extends Checkpoint<Mark> {
  confirmed: boolean;
}

/**
 * Puts items as fast as the table takes them. No two of them may have the same key: in one batch DynamoDB would refuse
 * them, and of two batches it would be chance which one stays.
 * @typeParam Mark what the caller has to know to go on behind an item.
 */
export class TableWriter<Mark> {
  readonly #writer: BatchWriter;
  readonly #settings: TableWriterSettings;
  readonly #rate: WriteRate;
  readonly #lastAnswer: AbortSignal;
  #puts: Put[] = [];
  /** From the first batch on that is not confirmed, in the order of their items. */
  readonly #batches: Batch<Mark>[] = [];
  #checkpoint: Checkpoint<Mark> | undefined;
  readonly #slots = new Set<Promise<void>>();
  #lastTurn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Tells the one who puts items that a slot is free. */
  #freed: () => void = () => undefined;
  #failure: { readonly error: unknown } | undefined;
  /** The last passing error that DynamoDB answered with. */
  #refusal: unknown;

  constructor(client: DynamoDBDocumentClient, settings: TableWriterSettings) {
    this.#writer = new BatchWriter(client, settings.table);
    this.#settings = settings;
    this.#rate = new WriteRate({
      cap: settings.writesPerSecond,
      random: Math.random,
      first: settings.firstRate,
    });
    this.#lastAnswer = AbortSignal.timeout(Math.max(0, Math.floor(settings.remaining()) - LAST_ANSWER));
  }

  /**
   * Takes an item, and waits while the table does not take more. What is put when the function's time is nearly over
   * is not written, and no checkpoint is behind it.
   * @param mark of this item.
   * @returns undefined where there is nothing to wait for, as for most items.
   * @throws what DynamoDB refuses for good, of any batch so far.
   */
  put(item: StoredItem, mark: Mark): Promise<void> | undefined {
    this.#puts.push(putOf(item));
    return this.#puts.length === REQUEST_ITEMS ? this.#flush(mark) : undefined;
  }

  /**
   * Sends what is left, and waits until everything is confirmed or the function's time is nearly over. Then no request
   * is under way.
   * @param mark where the caller goes on when everything is confirmed.
   * @returns from where on the writing has to be repeated, if anything is left of it.
   * @throws LoadTimeoutError when that is where it began; and what {@link put} throws.
   */
  async close(mark: Mark): Promise<Checkpoint<Mark>> {
    if (this.#puts.length > 0) await this.#flush(mark);
    await Promise.all(this.#slots);
    await this.#rethrow();
    if (this.#batches.length === 0) return { loaded: 0, ...this.#checkpoint, mark };
    if (this.#checkpoint !== undefined) return this.#checkpoint;
    throw new LoadTimeoutError(
      "The function's time ran out before DynamoDB had taken a single batch of rows. Starting again writes the same rows to the same keys. Raise the table's capacity or the function's timeout.",
      { cause: this.#refusal },
    );
  }

  /** Writes a second that the table takes of this writer, as far as it knows. */
  get rate(): number {
    return this.#rate.rate;
  }

  /** Throws what a batch failed with, once none is under way any more. */
  async #rethrow(): Promise<void> {
    if (this.#failure === undefined) return;
    await Promise.all(this.#slots);
    throw this.#failure.error;
  }

  async #flush(mark: Mark): Promise<void> {
    const puts = this.#puts;
    const batch = { mark, loaded: puts.length, confirmed: false };
    this.#batches.push(batch);
    this.#puts = [];
    // What was refused goes first, so that few batches are half written and the checkpoint moves on.
    while (this.#waiting > 0) await this.#lastTurn;
    while (this.#slots.size >= MAX_IN_FLIGHT) {
      // Promise.race would leave something behind with each of them, each time.
      await new Promise<void>((resolve) => {
        this.#freed = resolve;
      });
    }
    await this.#rethrow();
    const write = this.#write(puts, batch)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#slots.delete(write);
        this.#freed();
      });
    this.#slots.add(write);
  }

  /** Sends a batch, and again what was refused of it, until it is confirmed or there is no more time. */
  async #write(puts: readonly Put[], batch: Batch<Mark>): Promise<void> {
    let left = puts;
    while (left.length > 0) {
      const count = await this.#turn(left.length);
      if (count === 0) return;
      const refused = await this.#send(left.slice(0, count));
      left = [...refused, ...left.slice(count)];
    }
    batch.confirmed = true;
    for (let first = this.#batches[0]; first?.confirmed; first = this.#batches[0]) {
      this.#batches.shift();
      this.#checkpoint = {
        mark: first.mark,
        loaded: (this.#checkpoint?.loaded ?? 0) + first.loaded,
      };
    }
  }

  #hasTime(): boolean {
    if (this.#failure !== undefined || this.#lastAnswer.aborted) return false;
    return this.#settings.remaining() >= LAST_REQUEST;
  }

  /**
   * Waits in line until the rate allows a request.
   * @returns how many of the items it may hold; 0 when nothing may be sent any more.
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
        await sleep(Math.min(wait, GLANCE));
      }
      this.#waiting -= 1;
      return count;
    });
    this.#lastTurn = turn;
    return turn;
  }

  /** @returns the items that were not written, as far as DynamoDB tells. */
  async #send(puts: readonly Put[]): Promise<readonly Put[]> {
    let refused = puts;
    try {
      refused = await this.#writer.write(puts, this.#lastAnswer);
    } catch (error) {
      if (httpStatus(error) === undefined) this.#settings.unanswered();
      if (!isTransient(error) && !this.#lastAnswer.aborted) throw error;
      this.#refusal = error;
    }
    this.#rate.answered(puts.length, puts.length - refused.length, performance.now());
    return refused;
  }
}

/** Writes items to DynamoDB in batches, until each of them is confirmed. */

import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isTransient } from './aws.ts';
import type { Item } from './contract.ts';
import { LoadTimeoutError } from './errors.ts';

/** Items in a request; source: BatchWriteItem in the DynamoDB API reference. */
const BATCH_ITEMS = 25;

/** Milliseconds: the bound of the first wait before a batch is sent again, and of any. */
const [FIRST_WAIT, LONGEST_WAIT] = [50, 5_000];

/** Milliseconds that are kept for the function to report that its time is running out. */
const RESERVE = 3_000;

export interface TableWriterSettings {
  readonly table: string;
  /** Batches under way at once. */
  readonly concurrency: number;
  /** Milliseconds until the function is stopped. */
  readonly remaining: () => number;
}

/** Puts items. A later item replaces an earlier one with the same key, also while that one is on its way. */
export class TableWriter {
  readonly #client: DynamoDBDocumentClient;
  readonly #settings: TableWriterSettings;
  #batch = new Map<string, Item>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #slots = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  #loaded = 0;
  #duplicates = 0;

  constructor(client: DynamoDBDocumentClient, settings: TableWriterSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  /** Items whose write DynamoDB has confirmed. */
  get loaded(): number {
    return this.#loaded;
  }

  /** Items that were replaced by a later one before they were sent. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /**
   * Takes an item, and waits while too much is under way.
   * @throws LoadTimeoutError when the function's time runs out before all that was sent is written.
   */
  async put(item: Item): Promise<void> {
    if (this.#batch.delete(item.pk)) this.#duplicates += 1;
    this.#batch.set(item.pk, item);
    if (this.#batch.size === BATCH_ITEMS) await this.#flush();
  }

  /**
   * Sends what is left and waits until everything is confirmed.
   * @throws LoadTimeoutError as {@link put} does.
   */
  async close(): Promise<void> {
    if (this.#batch.size > 0) await this.#flush();
    await Promise.all(this.#slots);
    await this.#rethrow();
  }

  /** Throws what a batch failed with, once none is under way any more. */
  async #rethrow(): Promise<void> {
    if (this.#failure === undefined) return;
    await Promise.all(this.#slots);
    throw this.#failure.error;
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = new Map();
    while (this.#slots.size >= this.#settings.concurrency) await Promise.race(this.#slots);
    // Two writes of one key must not overtake each other.
    for (const key of batch.keys()) await this.#underWay.get(key);
    await this.#rethrow();
    const write = this.#write([...batch.values()])
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#slots.delete(write);
        for (const key of batch.keys()) this.#underWay.delete(key);
      });
    this.#slots.add(write);
    for (const key of batch.keys()) this.#underWay.set(key, write);
  }

  /** Sends a batch, and again what was not written of it, with exponential backoff and full jitter. */
  async #write(batch: readonly Item[]): Promise<void> {
    const { table, remaining } = this.#settings;
    let items = batch;
    for (let attempt = 0; ; attempt += 1) {
      let failure: unknown;
      try {
        const response = await this.#client.send(
          new BatchWriteCommand({
            RequestItems: { [table]: items.map((Item) => ({ PutRequest: { Item } })) },
          }),
        );
        // Matched by key, because numbers in the answer have been through JavaScript's own.
        const unprocessed = new Set(
          response.UnprocessedItems?.[table]?.map((write) => write.PutRequest?.Item?.pk),
        );
        const left = items.filter((item) => unprocessed.has(item.pk));
        this.#loaded += items.length - left.length;
        items = left;
      } catch (error) {
        if (!isTransient(error)) throw error;
        failure = error;
      }
      // Another batch's failure ends the load, and this one's waiting with it.
      if (items.length === 0 || this.#failure !== undefined) return;
      const wait = Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
      if (remaining() - wait < RESERVE) {
        throw new LoadTimeoutError(
          `The function's time ran out while DynamoDB was still refusing rows: ${this.#loaded} of the chunk are written, and starting again writes them once more to the same keys. Raise the table's capacity or the function's timeout.`,
          { cause: failure },
        );
      }
      await sleep(wait);
    }
  }
}

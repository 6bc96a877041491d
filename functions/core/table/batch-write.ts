/** Writes items with BatchWriteItem, many in a request. */

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { StoredItem } from '../dataset/dataset.ts';
import { isDeletion, type Operation } from '../dataset/load.ts';
import { attributesOf, keyIn, type TableKey } from '../dataset/shape/table-key.ts';
import { attributes } from './attributes.ts';
import type { ItemWriter, Write } from './item-writer.ts';
import { ActionRequests } from './requests.ts';
import { REQUEST_ITEMS } from './write-rate.ts';

/** Builds the put request of an item. */
export function putOf(item: StoredItem): Write {
  const json = `{"PutRequest":{"Item":${attributes(item)}}}`;
  return { json, bytes: Buffer.byteLength(json), outcome: 'loaded' };
}

/** Builds the delete request of the item with a key. */
export function deleteOf(key: TableKey, item: StoredItem): Write {
  const json = `{"DeleteRequest":{"Key":${attributes(keyIn(key, item))}}}`;
  return { json, bytes: Buffer.byteLength(json), outcome: 'deleted' };
}

/** Builds the put request of an item, or the delete request of its key if its row deletes it. */
export function putOrDelete(key: TableKey, operation: Operation): ItemWriter['writeOf'] {
  return (item) =>
    isDeletion({ operation }, item) ? deleteOf(key, item) : putOf({ ...item, [operation.column]: undefined });
}

/** Writes and deletes batches in one table. An item replaces another one with its key. */
export class BatchWriter implements ItemWriter {
  readonly maxItems = REQUEST_ITEMS;
  readonly writeOf: ItemWriter['writeOf'];
  readonly #requests: ActionRequests;
  readonly #table: string;
  readonly #key: TableKey;

  constructor(
    client: DynamoDBDocumentClient,
    table: string,
    key: TableKey,
    writeOf: ItemWriter['writeOf'] = putOf,
  ) {
    this.writeOf = writeOf;
    this.#key = key;
    this.#requests = new ActionRequests(client, table, 'BatchWriteItem');
    this.#table = table;
  }

  async write(puts: readonly Write[], abortSignal: AbortSignal) {
    const answer = await this.#requests.send(this.#body(puts), abortSignal);
    const { UnprocessedItems = {} }: BatchWriteResponse = JSON.parse(answer);
    const unprocessed = new Set(UnprocessedItems[this.#table]?.map((request) => this.#keyOf(request)));
    if (unprocessed.size === 0) return { refused: [] };
    const refused = puts.filter(({ json }) => unprocessed.has(this.#keyOf(JSON.parse(json))));
    // Writing all of them again is right, too, should DynamoDB write a number in another way.
    return { refused: refused.length === unprocessed.size ? refused : puts };
  }

  #keyOf({ PutRequest, DeleteRequest }: WriteRequest): string {
    const item = PutRequest?.Item ?? DeleteRequest?.Key;
    return JSON.stringify(attributesOf(this.#key).map(({ name }) => item?.[name]));
  }

  /** In a method of its own, because an asynchronous one would keep the intermediate strings until it has the response. */
  #body(puts: readonly Write[]): Buffer {
    const requests = puts.map(({ json }) => json).join();
    return Buffer.from(`{"RequestItems":{${JSON.stringify(this.#table)}:[${requests}]}}`);
  }
}

/** The part of DynamoDB's response that is used here. */
interface BatchWriteResponse {
  readonly UnprocessedItems?: Readonly<Record<string, readonly WriteRequest[]>>;
}

interface WriteRequest {
  readonly PutRequest?: { readonly Item: KeyAttributes };
  readonly DeleteRequest?: { readonly Key: KeyAttributes };
}

type KeyAttributes = Readonly<Record<string, unknown>>;

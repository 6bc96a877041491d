/** Writes items with BatchWriteItem, many in a request. */

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { keyOf, type StoredItem } from '../dataset/dataset.ts';
import { isDeletion, type Operation } from '../dataset/load.ts';
import { attributes } from './attributes.ts';
import type { ItemWriter, Write } from './item-writer.ts';
import { ActionRequests } from './requests.ts';
import { REQUEST_ITEMS } from './write-rate.ts';

/** Builds the put request of an item. */
export function putOf(item: StoredItem): Write {
  const json = `{"PutRequest":{"Item":${attributes(item)}}}`;
  return { pk: item.pk, sk: item.sk, json, bytes: Buffer.byteLength(json), outcome: 'loaded' };
}

/** Builds the delete request of the item with a key. */
export function deleteOf({ pk, sk }: StoredItem): Write {
  const json = `{"DeleteRequest":{"Key":${attributes({ pk, sk })}}}`;
  return { pk, sk, json, bytes: Buffer.byteLength(json), outcome: 'deleted' };
}

/** Builds the put request of an item, or the delete request of its key if its row deletes it. */
export function putOrDelete(operation: Operation): ItemWriter['writeOf'] {
  return (item) =>
    isDeletion({ operation }, item) ? deleteOf(item) : putOf({ ...item, [operation.column]: undefined });
}

/** Writes and deletes batches in one table. An item replaces another one with its key. */
export class BatchWriter implements ItemWriter {
  readonly maxItems = REQUEST_ITEMS;
  readonly writeOf: ItemWriter['writeOf'];
  readonly #requests: ActionRequests;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string, writeOf: ItemWriter['writeOf'] = putOf) {
    this.writeOf = writeOf;
    this.#requests = new ActionRequests(client, table, 'BatchWriteItem');
    this.#table = table;
  }

  async write(puts: readonly Write[], abortSignal: AbortSignal) {
    const answer = await this.#requests.send(this.#body(puts), abortSignal);
    const { UnprocessedItems = {} }: BatchWriteResponse = JSON.parse(answer);
    const unprocessed = new Set(
      UnprocessedItems[this.#table]?.map(({ PutRequest, DeleteRequest }) => {
        const { pk, sk } = PutRequest?.Item ?? DeleteRequest?.Key ?? {};
        return keyOf({ pk: pk?.S, sk: sk?.S });
      }),
    );
    const refused = unprocessed.size === 0 ? [] : puts.filter((put) => unprocessed.has(keyOf(put)));
    return { refused };
  }

  /** In a method of its own, because an asynchronous one would keep the intermediate strings until it has the response. */
  #body(puts: readonly Write[]): Buffer {
    const requests = puts.map(({ json }) => json).join();
    return Buffer.from(`{"RequestItems":{${JSON.stringify(this.#table)}:[${requests}]}}`);
  }
}

/** The part of DynamoDB's response that is used here. */
interface BatchWriteResponse {
  readonly UnprocessedItems?: Readonly<Record<string, readonly UnprocessedItem[]>>;
}

interface UnprocessedItem {
  readonly PutRequest?: { readonly Item: KeyAttributes };
  readonly DeleteRequest?: { readonly Key: KeyAttributes };
}

type KeyAttributes = Readonly<Partial<Record<'pk' | 'sk', { readonly S?: string }>>>;

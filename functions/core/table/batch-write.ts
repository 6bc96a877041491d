/** Writes items with BatchWriteItem, many in a request. */

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { keyOf, type StoredItem } from '../dataset/dataset.ts';
import { attributes } from './attributes.ts';
import type { ItemWriter, Write } from './item-writer.ts';
import { ActionRequests } from './requests.ts';
import { REQUEST_ITEMS } from './write-rate.ts';

/** Builds the put request of an item. */
export function putOf(item: StoredItem): Write {
  const json = `{"PutRequest":{"Item":${attributes(item)}}}`;
  return { pk: item.pk, sk: item.sk, json, bytes: Buffer.byteLength(json) };
}

/** Writes batches to one table. An item replaces another one with its key. */
export class BatchWriter implements ItemWriter {
  readonly maxItems = REQUEST_ITEMS;
  readonly unmet = undefined;
  readonly writeOf = putOf;
  readonly #requests: ActionRequests;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#requests = new ActionRequests(client, table, 'BatchWriteItem');
    this.#table = table;
  }

  async write(puts: readonly Write[], abortSignal: AbortSignal) {
    const answer = await this.#requests.send(this.#body(puts), abortSignal);
    const { UnprocessedItems = {} }: BatchWriteResponse = JSON.parse(answer);
    const unprocessed = new Set(
      UnprocessedItems[this.#table]?.map(({ PutRequest: { Item } }) =>
        keyOf({ pk: Item.pk?.S, sk: Item.sk?.S }),
      ),
    );
    const refused = unprocessed.size === 0 ? [] : puts.filter((put) => unprocessed.has(keyOf(put)));
    return { refused, isUnmet: false };
  }

  /** In a method of its own, because an asynchronous one would keep the intermediate strings until it has the response. */
  #body(puts: readonly Write[]): Buffer {
    const requests = puts.map(({ json }) => json).join();
    return Buffer.from(`{"RequestItems":{${JSON.stringify(this.#table)}:[${requests}]}}`);
  }
}

/** The part of DynamoDB's response that is used here. */
interface BatchWriteResponse {
  readonly UnprocessedItems?: Readonly<Record<string, readonly PutRequest[]>>;
}

interface PutRequest {
  readonly PutRequest: { readonly Item: Readonly<Record<string, { readonly S?: string } | undefined>> };
}

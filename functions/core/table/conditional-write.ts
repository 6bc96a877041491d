/** Writes items on a condition: one in a request, because BatchWriteItem has no conditions. */

import { hash } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { StoredItem } from '../dataset/dataset.ts';
import { UPLOAD_ATTRIBUTE, UPLOAD_NAME_LENGTH } from '../dataset/load.ts';
import type { Source } from '../messages.ts';
import { attributes } from './attributes.ts';
import type { Answer, ItemWriter, Write } from './item-writer.ts';
import { ActionRequests } from './requests.ts';

/**
 * Names an upload, the same for all executions that load it: 128 bits of a hash of its object, version and ETag. In a
 * bucket without versions, uploads of the same content have one name.
 */
export function uploadName({ bucket, key, versionId = '', etag }: Source): string {
  const upload = JSON.stringify([bucket, key, versionId, etag]);
  return hash('sha256', upload, 'base64url').slice(0, UPLOAD_NAME_LENGTH);
}

/** Inserts items into one table: an item stays as it is unless the same upload has inserted it. */
export class InsertWriter implements ItemWriter {
  readonly maxItems = 1;
  readonly unmet = 'existing';
  readonly #requests: ActionRequests;
  readonly #before: string;
  readonly #after: string;

  /** @param upload as {@link uploadName} returns it; a repeated request finds its own item by it. */
  constructor(client: DynamoDBDocumentClient, table: string, upload: string) {
    this.#requests = new ActionRequests(client, table, 'PutItem');
    const added = attributes({ [UPLOAD_ATTRIBUTE]: upload }).slice(1);
    const condition = {
      ConditionExpression: 'attribute_not_exists(pk) OR #upload = :upload',
      ExpressionAttributeNames: { '#upload': UPLOAD_ATTRIBUTE },
      ExpressionAttributeValues: { ':upload': { S: upload } },
    };
    this.#before = `{"TableName":${JSON.stringify(table)},"Item":`;
    this.#after = `,${added},${JSON.stringify(condition).slice(1)}`;
  }

  writeOf = (item: StoredItem): Write => {
    const json = `${this.#before}${attributes(item).slice(0, -1)}${this.#after}`;
    return { pk: item.pk, sk: item.sk, json, bytes: Buffer.byteLength(json) };
  };

  async write([put]: readonly Write[], abortSignal: AbortSignal): Promise<Answer> {
    try {
      await this.#requests.send(Buffer.from(put?.json ?? ''), abortSignal);
      return { refused: [], isUnmet: false };
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
      return { refused: [], isUnmet: true };
    }
  }
}

/** Puts items on a condition: one in a request, because BatchWriteItem has no conditions. */

import { hash } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { StoredItem } from '../dataset/dataset.ts';
import { UPLOAD_ATTRIBUTE, UPLOAD_NAME_LENGTH } from '../dataset/load.ts';
import type { TableKey } from '../dataset/shape/table-key.ts';
import type { Source } from '../messages.ts';
import { attributes } from './attributes.ts';
import type { Answer, ItemWriter, Write } from './item-writer.ts';
import { ActionRequests } from './requests.ts';

/** Hexadecimal digits of the hash of a key in an upload's time. */
const KEY_DIGITS = 4;

/**
 * Names an upload, the same for all executions that load it: 128 bits of a hash of its object, version and ETag. In a
 * bucket without versions, uploads of the same content have one name.
 */
export function uploadName({ bucket, key, versionId = '', etag }: Source): string {
  const upload = JSON.stringify([bucket, key, versionId, etag]);
  return hash('sha256', upload, 'base64url').slice(0, UPLOAD_NAME_LENGTH);
}

/**
 * When an upload was made, as text that sorts in order: `2026-11-29T12:00:00.000Z-3fa9`. The digits of a hash of the key
 * order uploads of different keys in the same second, so that one of them is the newer one in every row.
 */
export function uploadTimeOf({ key, uploaded }: Pick<Source, 'key' | 'uploaded'>): string {
  return `${uploaded}-${hash('sha256', key).slice(0, KEY_DIGITS)}`;
}

/** An attribute that each item gets, and the condition on the one of the item in the table. */
export interface Condition {
  readonly attribute: string;
  readonly value: string;
  /** A DynamoDB condition expression, in which `#attribute` is its name and `:value` its value. */
  readonly expression: string;
  /** Names for which the expression has other placeholders. */
  readonly names?: Readonly<Record<string, string>>;
  readonly unmet: NonNullable<Answer['unmet']>;
}

/** Inserts items: one that exists stays as it is, unless the same upload has inserted it. */
export function inserted(source: Source, [partition]: TableKey): Condition {
  return {
    attribute: UPLOAD_ATTRIBUTE,
    value: uploadName(source),
    expression: 'attribute_not_exists(#key) OR #attribute = :value',
    names: { '#key': partition.name },
    unmet: 'existing',
  };
}

/** Replaces items, unless a newer upload has written them. The rows of a repeated request count as written. */
export function notNewer(source: Source, attribute: string): Condition {
  return {
    attribute,
    value: uploadTimeOf(source),
    expression: 'attribute_not_exists(#attribute) OR #attribute <= :value',
    unmet: 'stale',
  };
}

/**
 * Sends one write.
 * @param unmet what has become of the item if the write's condition does not hold.
 */
export async function sendOnCondition(
  requests: ActionRequests,
  write: Write | undefined,
  unmet: Condition['unmet'] | undefined,
  abortSignal: AbortSignal,
): Promise<Answer> {
  try {
    await requests.send(Buffer.from(write?.json ?? ''), abortSignal);
    return { refused: [] };
  } catch (error) {
    const isUnmet = error instanceof Error && error.name === 'ConditionalCheckFailedException';
    if (!isUnmet || unmet === undefined) throw error;
    return { refused: [], unmet };
  }
}

/** Puts items into one table on a condition. */
export class ConditionalWriter implements ItemWriter {
  readonly maxItems = 1;
  readonly #unmet: Condition['unmet'];
  readonly #requests: ActionRequests;
  readonly #before: string;
  readonly #after: string;

  constructor(
    client: DynamoDBDocumentClient,
    table: string,
    { attribute, value, expression, names, unmet }: Condition,
  ) {
    this.#unmet = unmet;
    this.#requests = new ActionRequests(client, table, 'PutItem');
    const added = attributes({ [attribute]: value }).slice(1);
    const condition = {
      ConditionExpression: expression,
      ExpressionAttributeNames: { ...names, '#attribute': attribute },
      ExpressionAttributeValues: { ':value': { S: value } },
    };
    this.#before = `{"TableName":${JSON.stringify(table)},"Item":`;
    this.#after = `,${added},${JSON.stringify(condition).slice(1)}`;
  }

  writeOf = (item: StoredItem): Write => {
    const json = `${this.#before}${attributes(item).slice(0, -1)}${this.#after}`;
    return { json, bytes: Buffer.byteLength(json), outcome: 'loaded' };
  };

  write([put]: readonly Write[], abortSignal: AbortSignal): Promise<Answer> {
    return sendOnCondition(this.#requests, put, this.#unmet, abortSignal);
  }
}

/** Identifies the table of a dataset, and what its items are. */

import { hash } from 'node:crypto';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Dataset, StoredItem } from '../dataset/dataset.ts';
import { HASH_BYTES } from '../dataset/item.ts';
import { attributesOf } from '../dataset/shape/table-key.ts';
import { classified } from '../storage/aws.ts';
import { itemText } from './attributes.ts';

/** The way in which {@link itemHash} hashes an item: to be increased whenever it changes. */
const HASH_FORMAT = 2;

/** A hash of an item as it is stored: {@link HASH_BYTES} bytes, each as a character. */
export function itemHash(item: StoredItem): string {
  return hash('sha256', itemText(item), 'binary').slice(0, HASH_BYTES);
}

/**
 * Identifies a table and the items of a dataset in it: if it changes, nothing is known of the items that the table has.
 * A table that is created again under the same name is another one.
 * @throws ServiceUnavailableError when DynamoDB does not answer.
 */
export async function tableIdentity(
  client: DynamoDBDocumentClient,
  table: string,
  { key }: Pick<Dataset, 'key'>,
): Promise<string> {
  const { Table } = await client
    .send(new DescribeTableCommand({ TableName: table }))
    .catch((error: unknown) => {
      throw classified(error, `Describing the table ${table}`);
    });
  const keyTemplates = attributesOf(key).map(({ template }) => template);
  const parts = [Table?.TableArn, Table?.TableId, keyTemplates, HASH_FORMAT];
  return hash('sha256', JSON.stringify(parts)).slice(0, 32);
}

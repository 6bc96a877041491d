/** Reads items of a dataset's table, to look at what was loaded. */

import { type AttributeValue, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Dataset } from '../functions/core/dataset/dataset.ts';
import { attributesOf, isKeyText, type KeyAttribute } from '../functions/core/dataset/shape/table-key.ts';
import { UsageError } from '../report/terminal/errors.ts';
import { plainItem } from '../report/terminal/item-line.ts';

/** What `items --json` prints. */
export interface FoundItems {
  readonly dataset: string;
  readonly table: string;
  /** Each with its keys first. */
  readonly items: readonly unknown[];
  /** Whether there are more items than were to be read. */
  readonly more: boolean;
}

/** Which items are read. */
export interface Wanted {
  /** The value of the partition key, as text; all items if it is undefined. */
  readonly key: string | undefined;
  /** The most items. */
  readonly limit: number;
}

/**
 * Reads items: those of one partition key in the order of the sort key, or any in the order in which a scan finds them.
 * @throws UsageError when the key is not of the type that the table has.
 */
export async function findItems(
  dynamodb: DynamoDBDocumentClient,
  table: string,
  { name: dataset, key: tableKey }: Pick<Dataset, 'name' | 'key'>,
  { key, limit }: Wanted,
): Promise<FoundItems> {
  const [partition] = tableKey;
  const names = attributesOf(tableKey).map(({ name }) => name);
  const condition = key === undefined ? undefined : conditionOf(partition, key);
  const items: unknown[] = [];
  let from: Record<string, AttributeValue> | undefined;
  // One more than is shown tells whether there are more.
  do {
    const page = {
      TableName: table,
      ConsistentRead: true,
      Limit: limit + 1 - items.length,
      ExclusiveStartKey: from,
    };
    const { Items = [], LastEvaluatedKey } =
      condition === undefined
        ? await dynamodb.send(new ScanCommand(page))
        : await dynamodb.send(new QueryCommand({ ...page, ...condition }));
    items.push(...Items.map((item) => plainItem(item, names)));
    from = LastEvaluatedKey;
  } while (from !== undefined && items.length <= limit);
  return { dataset, table, items: items.slice(0, limit), more: items.length > limit };
}

function conditionOf(partition: KeyAttribute, key: string) {
  if (!isKeyText([partition], `${key}\0`)) {
    const type = partition.type === 'N' ? 'a number' : 'bytes in Base64';
    throw new UsageError(
      `The key ${JSON.stringify(key)} is not ${type}, which the attribute ${partition.name} has.`,
    );
  }
  return {
    KeyConditionExpression: '#key = :key',
    ExpressionAttributeNames: { '#key': partition.name },
    ExpressionAttributeValues: { ':key': attributeOf(partition, key) },
  };
}

function attributeOf({ type }: KeyAttribute, key: string): AttributeValue {
  switch (type) {
    case 'S':
      return { S: key };
    case 'N':
      return { N: key };
    case 'B':
      return { B: Buffer.from(key, 'base64') };
  }
}

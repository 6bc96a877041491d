/** A DynamoDB table: for a dataset's rows, or for the ledger. */

import type { Construct } from 'constructs';
import { DynamodbTable } from '#aws/dynamodb-table';
import { type KeySettings, preventDestroyIf } from './data-protection.ts';

/** An attribute of a key, with its type as DynamoDB calls it. */
interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** A global secondary index, and what it has of an item besides its keys. */
interface Index {
  readonly name: string;
  readonly key: readonly [KeyAttribute, ...KeyAttribute[]];
  readonly projection: 'all' | 'keys' | readonly string[];
}

export interface KeyedTableProps extends KeySettings {
  readonly name: string;
  /** The attributes of its key: the partition key, and the sort key if it has one. */
  readonly key: readonly [KeyAttribute, ...KeyAttribute[]];
  readonly indexes?: readonly Index[];
  /** The attribute that says when an item expires. */
  readonly ttl?: string | undefined;
  readonly deletionProtection: boolean;
}

/** A table in on-demand mode, because loads come in bursts. */
export function keyedTable(scope: Construct, id: string, props: KeyedTableProps): DynamodbTable {
  const { name, key, indexes = [], ttl, deletionProtection, keyArn } = props;
  const [partition, sort] = key;
  const all = [...key, ...indexes.flatMap((index) => index.key)];
  const types = new Map(all.map((attribute) => [attribute.name, attribute.type]));
  return new DynamodbTable(scope, id, {
    name,
    billingMode: 'PAY_PER_REQUEST',
    hashKey: partition.name,
    ...(sort !== undefined && { rangeKey: sort.name }),
    attribute: [...types].map(([attribute, type]) => ({ name: attribute, type })),
    ...(indexes.length > 0 && { globalSecondaryIndex: indexes.map(indexOf) }),
    ...(ttl !== undefined && { ttl: { attributeName: ttl, enabled: true } }),
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true, ...(keyArn !== undefined && { kmsKeyArn: keyArn }) },
    deletionProtectionEnabled: deletionProtection,
    ...preventDestroyIf(deletionProtection),
  });
}

function indexOf({ name, key: [partition, sort], projection }: Index) {
  return {
    name,
    hashKey: partition.name,
    ...(sort !== undefined && { rangeKey: sort.name }),
    ...(typeof projection === 'string'
      ? { projectionType: projection === 'all' ? 'ALL' : 'KEYS_ONLY' }
      : { projectionType: 'INCLUDE', nonKeyAttributes: [...projection] }),
  };
}

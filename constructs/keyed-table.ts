/** A DynamoDB table: for a dataset's rows, or for the ledger. */

import type { Construct } from 'constructs';
import { DynamodbTable } from '#aws/dynamodb-table';
import { type KeySettings, preventDestroyIf } from './data-protection.ts';

/** An attribute of a key, with its type as DynamoDB calls it. */
interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

export interface KeyedTableProps extends KeySettings {
  readonly name: string;
  /** The attributes of its key: the partition key, and the sort key if it has one. */
  readonly key: readonly [KeyAttribute, ...KeyAttribute[]];
  readonly deletionProtection: boolean;
}

/** A table in on-demand mode, because loads come in bursts. */
export function keyedTable(scope: Construct, id: string, props: KeyedTableProps): DynamodbTable {
  const { name, key, deletionProtection, keyArn } = props;
  const [partition, sort] = key;
  return new DynamodbTable(scope, id, {
    name,
    billingMode: 'PAY_PER_REQUEST',
    hashKey: partition.name,
    ...(sort !== undefined && { rangeKey: sort.name }),
    attribute: key.map(({ name: attribute, type }) => ({ name: attribute, type })),
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true, ...(keyArn !== undefined && { kmsKeyArn: keyArn }) },
    deletionProtectionEnabled: deletionProtection,
    ...preventDestroyIf(deletionProtection),
  });
}

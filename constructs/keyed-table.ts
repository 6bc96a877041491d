/** A DynamoDB table: for a dataset's rows, or for the ledger. */

import type { Construct } from 'constructs';
import { DynamodbTable } from '#aws/dynamodb-table';
import { type KeySettings, preventDestroyIf } from './data-protection.ts';

export interface KeyedTableProps extends KeySettings {
  readonly name: string;
  /** Whether the table has the sort key `sk` besides the partition key `pk`. */
  readonly hasSortKey: boolean;
  readonly deletionProtection: boolean;
}

/** A table with the partition key `pk`, in on-demand mode because loads come in bursts. */
export function keyedTable(scope: Construct, id: string, props: KeyedTableProps): DynamodbTable {
  const { name, hasSortKey, deletionProtection, keyArn } = props;
  return new DynamodbTable(scope, id, {
    name,
    billingMode: 'PAY_PER_REQUEST',
    hashKey: 'pk',
    ...(hasSortKey && { rangeKey: 'sk' }),
    attribute: (hasSortKey ? ['pk', 'sk'] : ['pk']).map((key) => ({ name: key, type: 'S' })),
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true, ...(keyArn !== undefined && { kmsKeyArn: keyArn }) },
    deletionProtectionEnabled: deletionProtection,
    ...preventDestroyIf(deletionProtection),
  });
}

/** A table: of a dataset's rows, or the ledger. */

import type { Construct } from 'constructs';
import { DynamodbTable } from '#aws/dynamodb-table';
import { keptIf } from './kept.ts';

export interface KeyedTableProps {
  readonly name: string;
  /** Whether the table has the sort key `sk` beside the key `pk`. */
  readonly hasSortKey: boolean;
  readonly deletionProtection: boolean;
}

/** A table with the key `pk`; on demand, because loads come in bursts. */
export function keyedTable(scope: Construct, id: string, props: KeyedTableProps): DynamodbTable {
  const { name, hasSortKey, deletionProtection } = props;
  return new DynamodbTable(scope, id, {
    name,
    billingMode: 'PAY_PER_REQUEST',
    hashKey: 'pk',
    ...(hasSortKey && { rangeKey: 'sk' }),
    attribute: (hasSortKey ? ['pk', 'sk'] : ['pk']).map((key) => ({ name: key, type: 'S' })),
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true },
    deletionProtectionEnabled: deletionProtection,
    ...keptIf(deletionProtection),
  });
}

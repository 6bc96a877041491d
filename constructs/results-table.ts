/** The table that the rows are loaded into. */

import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table/index.js';
import type { Construct } from 'constructs';

export interface ResultsTableProps {
  readonly name: string;
  readonly deletionProtection: boolean;
}

/** A table with the key `pk`; on demand, because loads come in bursts. */
export function resultsTable(scope: Construct, id: string, props: ResultsTableProps): DynamodbTable {
  return new DynamodbTable(scope, id, {
    name: props.name,
    billingMode: 'PAY_PER_REQUEST',
    hashKey: 'pk',
    attribute: [{ name: 'pk', type: 'S' }],
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true },
    deletionProtectionEnabled: props.deletionProtection,
  });
}

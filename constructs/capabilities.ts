/** The IAM statements for the capabilities in a function's manifest. */

import type { Capability } from '../functions/core/runtime/manifest.ts';
import { allow, type Statement } from './iam.ts';

/** ARNs of the resources that the functions use. */
export interface Resources {
  readonly sourceBucket: string;
  /** Prefixes of the keys of the datasets' files. */
  readonly prefixes: readonly string[];
  readonly reportsBucket: string;
  readonly tables: readonly {
    readonly arn: string;
    /** The actions of DynamoDB that its dataset's load needs. */
    readonly actions: readonly string[];
    /** Whether what its dataset has loaded is kept in indexes. */
    readonly hasIndex: boolean;
    /** Whether keys that its files lack are deleted. */
    readonly removes: boolean;
  }[];
  readonly ledger: string;
}

/** Returns the statements for a capability. */
type Statements = (resources: Resources) => readonly Statement[];

const inWork =
  (...actions: readonly string[]): Statements =>
  ({ reportsBucket }) => [allow(actions, [`${reportsBucket}/working/*`])];

const inReports =
  (...actions: readonly string[]): Statements =>
  ({ reportsBucket }) => [allow(actions, [`${reportsBucket}/reports/*`])];

/** Only where a dataset has indexes. */
const inIndexes =
  (...actions: readonly string[]): Statements =>
  ({ reportsBucket, tables }) =>
    tables.some(({ hasIndex }) => hasIndex) ? [allow(actions, [`${reportsBucket}/indexes/*`])] : [];

const listIndexes: Statements = ({ reportsBucket, tables }) =>
  tables.some(({ hasIndex }) => hasIndex)
    ? [
        {
          ...allow(['s3:ListBucket'], [reportsBucket]),
          Condition: { StringLike: { 's3:prefix': 'indexes/*' } },
        },
      ]
    : [];

const STATEMENTS: Readonly<Record<Capability, Statements>> = {
  readSource: ({ sourceBucket, prefixes }) => [
    allow(
      // Reading a version of an object requires a separate permission.
      ['s3:GetObject', 's3:GetObjectVersion'],
      (prefixes.includes('') ? [''] : prefixes).map((prefix) => `${sourceBucket}/${prefix}*`),
    ),
    // Without this permission, S3 answers 403 instead of 404 for an object that does not exist.
    allow(['s3:ListBucket'], [sourceBucket]),
  ],
  readWork: inWork('s3:GetObject'),
  listWork: ({ reportsBucket }) => [
    {
      ...allow(['s3:ListBucket'], [reportsBucket]),
      Condition: { StringLike: { 's3:prefix': 'working/*' } },
    },
  ],
  writeWork: inWork('s3:PutObject'),
  uploadWork: inWork('s3:PutObject', 's3:AbortMultipartUpload'),
  deleteWork: inWork('s3:DeleteObject'),
  readIndexes: (resources) => [...inIndexes('s3:GetObject')(resources), ...listIndexes(resources)],
  writeIndexes: inIndexes('s3:PutObject'),
  deleteIndexes: (resources) => [...inIndexes('s3:DeleteObject')(resources), ...listIndexes(resources)],
  updateReports: inReports('s3:GetObject', 's3:PutObject'),
  uploadReports: inReports('s3:PutObject', 's3:AbortMultipartUpload'),
  identifyTables: ({ tables }) => {
    const indexed = tables.filter(({ hasIndex }) => hasIndex);
    return indexed.length === 0
      ? []
      : [
          allow(
            ['dynamodb:DescribeTable'],
            indexed.map(({ arn }) => arn),
          ),
        ];
  },
  removeItems: ({ tables }) => {
    const removing = tables.filter(({ removes }) => removes);
    const arns = removing.map(({ arn }) => arn);
    return arns.length === 0 ? [] : [allow(['dynamodb:BatchWriteItem'], arns)];
  },
  writeTables: ({ tables }) => {
    const actions = new Set(tables.flatMap((table) => table.actions));
    return [...actions].map((action) =>
      allow(
        [`dynamodb:${action}`],
        tables.flatMap((table) => (table.actions.includes(action) ? [table.arn] : [])),
      ),
    );
  },
  // Whose upload it is now has to be read, if the lease cannot be renewed.
  renewLease: ({ ledger }) => [allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [ledger])],
  claimUpload: ({ ledger }) => [allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [ledger])],
};

/** The IAM statements for the given capabilities. */
export function statementsFor(capabilities: readonly Capability[], resources: Resources): Statement[] {
  return capabilities.flatMap((capability) => STATEMENTS[capability](resources));
}

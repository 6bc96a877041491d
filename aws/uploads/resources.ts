/** The resources of an environment's stack that hold, record and load its uploads, and the clients for them. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Environment } from '../../environments/schema.ts';
import { clientConfiguration, explaining } from '../client.ts';

export interface UploadResources {
  readonly sourceBucket: string;
  readonly reportsBucket: string;
  /** The prefix of the keys of each dataset's files, by dataset name. */
  readonly prefixes: Readonly<Record<string, string>>;
  /** The table of each dataset, by dataset name. */
  readonly tables: Readonly<Record<string, string>>;
  readonly ledgerTable: string;
  readonly stateMachineArn: string;
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly sfn: SFNClient;
}

/** Attempts of a request, which AWS may throttle while many executions are watched. */
const MAX_ATTEMPTS = 8;

/**
 * The resources by their names, which follow from the environment. All calls of the clients throw AwsRequestError.
 * @throws UsageError as {@link clientConfiguration} does.
 */
export function uploadResources(environment: Environment): UploadResources {
  const { accountId, region, datasets, emulated } = environment;
  const name = `csv-pipeline-${environment.name}`;
  const configuration = { ...clientConfiguration(environment), maxAttempts: MAX_ATTEMPTS };
  return {
    sourceBucket: `${name}-source-${accountId}`,
    reportsBucket: `${name}-reports-${accountId}`,
    tables: Object.fromEntries(Object.keys(datasets).map((dataset) => [dataset, `${name}-${dataset}`])),
    prefixes: Object.fromEntries(Object.entries(datasets).map(([dataset, prefix = '']) => [dataset, prefix])),
    ledgerTable: `${name}-ledger`,
    stateMachineArn: `arn:aws:states:${region}:${accountId}:stateMachine:${name}`,
    s3: explaining('S3', new S3Client({ ...configuration, forcePathStyle: emulated })),
    dynamodb: DynamoDBDocumentClient.from(explaining('DynamoDB', new DynamoDBClient(configuration))),
    sfn: explaining('Step Functions', new SFNClient(configuration)),
  };
}

/** The resources of an environment's stack that hold, record and load its uploads, and the clients for them. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Environment } from '../../environments/schema.ts';
import { clientConfiguration, explaining } from '../client.ts';

export interface ResourceNames {
  readonly sourceBucket: string;
  readonly reportsBucket: string;
  /** The prefix of the keys of each dataset's files, by dataset name. */
  readonly prefixes: Readonly<Record<string, string>>;
  /** The table of each dataset, by dataset name. */
  readonly tables: Readonly<Record<string, string>>;
  readonly ledgerTable: string;
  readonly stateMachineArn: string;
}

export interface UploadResources extends ResourceNames {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly sfn: SFNClient;
}

/** Attempts of a request, which AWS may throttle while many executions are watched. */
const MAX_ATTEMPTS = 8;

/** The names of the resources, which follow from the environment. */
export function resourceNames({
  name: environment,
  accountId,
  region,
  datasets,
}: Environment): ResourceNames {
  const name = `csv-pipeline-${environment}`;
  return {
    sourceBucket: `${name}-source-${accountId}`,
    reportsBucket: `${name}-reports-${accountId}`,
    tables: Object.fromEntries(Object.keys(datasets).map((dataset) => [dataset, `${name}-${dataset}`])),
    prefixes: Object.fromEntries(Object.entries(datasets).map(([dataset, prefix = '']) => [dataset, prefix])),
    ledgerTable: `${name}-ledger`,
    stateMachineArn: `arn:aws:states:${region}:${accountId}:stateMachine:${name}`,
  };
}

/**
 * The resources, and clients whose calls throw AwsRequestError.
 * @throws UsageError as {@link clientConfiguration} does.
 */
export function uploadResources(environment: Environment): UploadResources {
  const configuration = { ...clientConfiguration(environment), maxAttempts: MAX_ATTEMPTS };
  const { emulated } = environment;
  return {
    ...resourceNames(environment),
    s3: explaining('S3', new S3Client({ ...configuration, forcePathStyle: emulated })),
    dynamodb: DynamoDBDocumentClient.from(explaining('DynamoDB', new DynamoDBClient(configuration))),
    sfn: explaining('Step Functions', new SFNClient(configuration)),
  };
}

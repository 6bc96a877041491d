/** Makes the buckets and the tables of a stack, where they do not exist yet. */

import { setTimeout } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import {
  BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  NotFound,
  PutBucketVersioningCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Bucket, Table } from '../stack/synthesized.ts';

/** @param versions whether the endpoint has versions; the embedded S3 has none */
export async function makeBucket(
  s3: S3Client,
  { name, versioned }: Bucket,
  versions: boolean,
): Promise<void> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: name }));
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    await s3.send(new CreateBucketCommand({ Bucket: name, ...(await location(s3)) }));
  }
  if (versioned && versions) {
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
    );
  }
}

/** S3 wants the region named everywhere but in us-east-1, which is no constraint. */
async function location(s3: S3Client) {
  const region = await s3.config.region();
  const constraint = Object.values(BucketLocationConstraint).find((known) => known === region);
  return constraint === undefined ? {} : { CreateBucketConfiguration: { LocationConstraint: constraint } };
}

export async function makeTable(dynamodb: DynamoDBClient, table: Table): Promise<void> {
  const { name, hash_key, range_key, billing_mode, read_capacity = 1, write_capacity = 1 } = table;
  const throughput = { ReadCapacityUnits: read_capacity, WriteCapacityUnits: write_capacity };
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: billing_mode,
        ...(billing_mode === 'PROVISIONED' && { ProvisionedThroughput: throughput }),
        AttributeDefinitions: table.attribute.map(({ name: AttributeName, type: AttributeType }) => ({
          AttributeName,
          AttributeType,
        })),
        KeySchema: [
          { AttributeName: hash_key, KeyType: 'HASH' },
          ...(range_key === undefined ? [] : [{ AttributeName: range_key, KeyType: 'RANGE' as const }]),
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  const describe = new DescribeTableCommand({ TableName: name });
  while ((await dynamodb.send(describe)).Table?.TableStatus !== 'ACTIVE') await setTimeout(50);
}

/** Creates the buckets and tables of a stack unless they exist already. */

import { setTimeout } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
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

export async function ensureBucket(s3: S3Client, { name, versioned }: Bucket): Promise<void> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: name }));
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    await s3.send(new CreateBucketCommand({ Bucket: name, ...(await location(s3)) }));
  }
  if (versioned) {
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
    );
  }
}

/** S3 requires a location constraint in every region except us-east-1, where it allows none. */
async function location(s3: S3Client) {
  const region = await s3.config.region();
  const constraint = Object.values(BucketLocationConstraint).find((known) => known === region);
  return constraint === undefined ? {} : { CreateBucketConfiguration: { LocationConstraint: constraint } };
}

export async function ensureTable(dynamodb: DynamoDBClient, table: Table): Promise<void> {
  const {
    name,
    hash_key,
    range_key,
    global_secondary_index: indexes = [],
    billing_mode,
    read_capacity = 1,
    write_capacity = 1,
  } = table;
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
        KeySchema: keySchema({ hash_key, range_key }),
        ...(indexes.length > 0 && {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: keySchema(index),
            Projection: {
              ProjectionType: index.projection_type,
              ...(index.non_key_attributes && { NonKeyAttributes: index.non_key_attributes }),
            },
          })),
        }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  const describe = new DescribeTableCommand({ TableName: name });
  while ((await dynamodb.send(describe)).Table?.TableStatus !== 'ACTIVE') await setTimeout(50);
}

function keySchema({
  hash_key,
  range_key,
}: {
  hash_key: string;
  range_key?: string | undefined;
}): KeySchemaElement[] {
  return [
    { AttributeName: hash_key, KeyType: 'HASH' },
    ...(range_key === undefined ? [] : [{ AttributeName: range_key, KeyType: 'RANGE' as const }]),
  ];
}

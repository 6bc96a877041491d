/** One Lambda function as in most Node.js examples: csv-parse into an array, then `BatchWriteCommand` in a loop. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { parse } from 'csv-parse/sync';
import { reportUsage } from './report-usage.ts';

const s3 = new S3Client({ forcePathStyle: true });
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({}));

async function handler(bucket: string, key: string, table: string): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const rows = parse<Record<string, string>>((await Body?.transformToString()) ?? '', { columns: true });
  const items = rows.flatMap(({ id, name, amount, date }) => {
    const [value, time] = [Number(amount), new Date(`${date}T00:00:00Z`)];
    if (!id || !name || Number.isNaN(value) || Number.isNaN(time.getTime())) return [];
    return [{ pk: `ROW#${id}`, id, name, amount: value, date: time.toISOString() }];
  });
  for (let from = 0; from < items.length; from += 25) {
    const writes = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await dynamodb.send(new BatchWriteCommand({ RequestItems: { [table]: writes } }));
  }
}

const { BUCKET = '', KEY = '', TABLE = '' } = process.env;
void handler(BUCKET, KEY, TABLE).then(() => reportUsage());

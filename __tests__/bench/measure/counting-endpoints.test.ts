import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  COUNTS_PATH,
  CountingEndpoints,
  type Counts,
  keyOf,
  NIGHT_PATH,
} from '../../../bench/measure/counting-endpoints.ts';
import { CHANGED_ROWS, csvFile } from '../../../bench/measure/csv-file.ts';

const configuration = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const Key = keyOf(1_000_000);

let endpoints: CountingEndpoints;
let url: string;
let s3: S3Client;
beforeEach(async () => {
  endpoints = new CountingEndpoints('');
  url = `http://127.0.0.1:${await endpoints.listen()}`;
  s3 = new S3Client({ ...configuration, endpoint: url, forcePathStyle: true });
});
afterEach(() => endpoints.close());

const counts = async (method = 'GET'): Promise<Counts> =>
  JSON.parse(await (await fetch(url + COUNTS_PATH, { method })).text());

test('S3 returns a range of a pinned version, and counts its bytes', async () => {
  const file = csvFile(1_000_000);
  const head = await s3.send(new HeadObjectCommand({ Bucket: 'bucket', Key }));
  expect(head.ContentLength).toBe(file.size);
  const get = new GetObjectCommand({
    Bucket: 'bucket',
    Key,
    IfMatch: head.ETag,
    Range: 'bytes=120000-320000',
  });
  const range = Buffer.from((await (await s3.send(get)).Body?.transformToByteArray()) ?? []);
  expect(range.equals(Buffer.concat([...file.read(120_000, 320_001)]))).toBe(true);
  expect(await counts()).toMatchObject({ bytesServed: 200_001, requests: { HEAD: 1, GET: 1 } });
});

test.each([
  ['another version', { IfMatch: '"another"' }, 412],
  ['a range after the end', { Range: 'bytes=1000000-1000001' }, 416],
  ['another key', { Key: 'another.csv' }, 404],
])('S3 refuses %s', async (_, input, status) => {
  const get = s3.send(new GetObjectCommand({ Bucket: 'bucket', Key, ...input }));
  await expect(get).rejects.toMatchObject({ $metadata: { httpStatusCode: status } });
  expect((await counts()).bytesServed).toBe(0);
});

test('S3 accepts an object', async () => {
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'working/part', Body: 'anything' }));
  expect((await counts()).requests.PUT).toBe(1);
});

test('DynamoDB counts each row once, and counts rows that are written again', async () => {
  const dynamodb = new DynamoDBClient({ ...configuration, endpoint: url });
  const put = (...ids: string[]) =>
    dynamodb.send(
      new BatchWriteItemCommand({
        RequestItems: { table: ids.map((id) => ({ PutRequest: { Item: { pk: { S: `ROW#${id}` } } } })) },
      }),
    );
  expect((await put('000000000000', '000000000001')).UnprocessedItems).toEqual({});
  await put('000099999999', '000000000001');
  expect(await counts()).toMatchObject({ rows: 3, rowsAgain: 1, requests: { BatchWriteItem: 2 } });
});

test('S3 lists what was put, and deletes it', async () => {
  for (const key of ['a/2', 'a/1', 'b/1']) {
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: key, Body: 'anything' }));
  }
  const list = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'a/' }));
    return Contents.map((object) => object.Key);
  };
  expect(await list()).toEqual(['a/1', 'a/2']);
  await s3.send(new DeleteObjectsCommand({ Bucket: 'bucket', Delete: { Objects: [{ Key: 'a/1' }] } }));
  expect(await list()).toEqual(['a/2']);
  expect((await counts()).requests).toMatchObject({ LIST: 2, PUT: 3, POST: 0 });
});

test('one row in a hundred is another one every night, and the counts begin again', async () => {
  const read = async () => {
    const { Body, ETag, LastModified } = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key }));
    return { lines: String(await Body?.transformToString()).split(/^(?=0000)/m), ETag, LastModified };
  };
  const first = await read();
  await fetch(`${url}${NIGHT_PATH}1`, { method: 'PUT' });
  expect(await counts()).toMatchObject({ bytesServed: 0, requests: { GET: 0 } });
  const second = await read();
  const changed = second.lines.filter((line, index) => line !== first.lines[index]);
  expect(changed.length).toBe(Math.ceil(csvFile(1_000_000).rows / CHANGED_ROWS));
  expect(changed[0]).toContain(',2025-');
  expect(second.ETag).not.toBe(first.ETag);
  expect(Number(second.LastModified) - Number(first.LastModified)).toBe(86_400_000);
});

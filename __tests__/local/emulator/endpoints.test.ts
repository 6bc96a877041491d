/** Endpoints other than the embedded ones, and what the embedded S3 has besides s3rver. */

import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { startEndpoints } from '../../../local/emulator/endpoints.ts';
import { ensureBucket } from '../../../local/emulator/resources.ts';
import { Workspace } from '../../../local/workspace.ts';
import { startServer } from '../../support/server.ts';

let workspace: Workspace;
let server: Awaited<ReturnType<typeof startServer>>;
let requests: string[];
const environment = { ...process.env };

/** A server in place of S3. A bucket exists if its name starts with `there`. */
beforeEach(async () => {
  workspace = new Workspace();
  requests = [];
  server = await startServer((request, _body, response) => {
    requests.push(`${request.method} ${request.url}`);
    const found = request.method !== 'HEAD' || request.url?.startsWith('/there');
    response.writeHead(found ? 200 : 404).end();
  });
});
afterEach(async () => {
  process.env = { ...environment };
  await server.close();
  await workspace.close();
});

const start = () => startEndpoints(workspace, workspace.directory, 'eu-central-1');

test('endpoints that are set are used with their credentials, and no service is embedded', async () => {
  const set = {
    AWS_ENDPOINT_URL_S3: server.url,
    AWS_ENDPOINT_URL_DYNAMODB: `${server.url}/dynamodb`,
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  Object.assign(process.env, set);
  jest.spyOn(workspace, 'fork').mockImplementation(() => {
    throw new Error('A process was started.');
  });
  const { variables, embeddedS3 } = await start();
  expect(variables).toMatchObject(set);
  expect(embeddedS3).toBe(false);
});

test('real credentials never reach the embedded services', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' });
  const { variables, embeddedS3 } = await start();
  expect(variables).toMatchObject({
    AWS_ACCESS_KEY_ID: 'S3RVER',
    AWS_SECRET_ACCESS_KEY: 'S3RVER',
    AWS_ENDPOINT_URL_S3: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    // With other values, the embedded S3 would store the framing of a streamed upload.
    AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_REQUIRED',
    AWS_RESPONSE_CHECKSUM_VALIDATION: 'WHEN_REQUIRED',
  });
  expect(embeddedS3).toBe(true);
});

test.each([
  [
    'creates a missing bucket and enables versioning',
    'new',
    true,
    ['HEAD /new', 'PUT /new', 'PUT /new?versioning'],
  ],
  ['enables versioning of an existing bucket', 'there', true, ['HEAD /there', 'PUT /there?versioning']],
  ['leaves an existing bucket without versioning unchanged', 'there', false, ['HEAD /there']],
])('%s', async (_what, name, versioned, expected) => {
  Object.assign(process.env, { AWS_ENDPOINT_URL_S3: server.url, AWS_ENDPOINT_URL_DYNAMODB: server.url });
  const { s3 } = await start();
  await ensureBucket(s3, { name, versioned, emitsEvents: true });
  expect(requests.map((request) => request.replace(/\/(?=\?|$)|=$/g, ''))).toEqual(expected);
});

describe('a bucket with versioning in the embedded S3', () => {
  const Key = 'a.csv';
  const shared = new Workspace();
  let s3: Awaited<ReturnType<typeof start>>['s3'];
  beforeAll(async () => {
    ({ s3 } = await startEndpoints(shared, shared.directory, 'eu-central-1'));
  });
  afterAll(() => shared.close());

  /** Creates a bucket, and returns functions that use it. */
  async function bucket(name: string, versioned = true) {
    const Bucket = name;
    await ensureBucket(s3, { name, versioned, emitsEvents: false });
    const put = async (key: string, Body: string) =>
      (await s3.send(new PutObjectCommand({ Bucket, Key: key, Body }))).VersionId ?? '';
    const read = async (VersionId?: string, Range?: string) => {
      const answer = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId, Range }));
      return [answer.VersionId, await answer.Body?.transformToString()];
    };
    return { Bucket, put, read };
  }

  test('keeps every version that was put, and reads the newest unless another is named', async () => {
    const { Bucket, put, read } = await bucket('kept');
    const one = await put(Key, 'one');
    const two = await put(Key, 'twice');
    expect(one).not.toBe(two);
    expect(await read()).toEqual([two, 'twice']);
    expect(await read(one)).toEqual([one, 'one']);
    expect(await read(one, 'bytes=1-1')).toEqual([one, 'n']);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key, VersionId: one }));
    expect(head).toMatchObject({ VersionId: one, ContentLength: 3 });
    const current = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents).toMatchObject([{ Key: 'a.csv', Size: 5, ETag: current.ETag }]);
  });

  test('lists the versions by key, and of each key the newest first', async () => {
    const { Bucket, put } = await bucket('listed');
    const name = 'a/b & c.csv';
    const [one, other, two] = [await put(name, '1'), await put('a-b.csv', '1'), await put(name, '22')];
    const list = async (Prefix: string) =>
      (await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, EncodingType: 'url' }))).Versions;
    const encoded = encodeURIComponent(name);
    const versions = [
      { Key: encoded, VersionId: two, IsLatest: true, Size: 2, ETag: expect.any(String) },
      { Key: encoded, VersionId: one, IsLatest: false, Size: 1, LastModified: expect.any(Date) },
    ];
    expect(await list('a')).toMatchObject([
      { Key: 'a-b.csv', VersionId: other, IsLatest: true },
      ...versions,
    ]);
    expect(await list('a/')).toMatchObject(versions);
    expect(await list('a-b.csv/')).toBeUndefined();
  });

  test('has no version of an object that was deleted', async () => {
    const { Bucket, put, read } = await bucket('deleted');
    const one = await put(Key, 'one');
    await expect(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: one }))).rejects.toThrow(
      'cannot delete a single version',
    );
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await expect(read()).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(read(one)).rejects.toMatchObject({ name: 'NoSuchVersion' });
    await expect(read('one')).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  test('another bucket has none', async () => {
    const { put, read } = await bucket('unversioned', false);
    expect(await put(Key, 'one')).toBe('');
    expect(await read()).toEqual([undefined, 'one']);
  });
});

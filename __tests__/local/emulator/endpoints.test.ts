/** Endpoints other than the embedded ones. */

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
  await ensureBucket(s3, { name, versioned, emitsEvents: true }, true);
  expect(requests.map((request) => request.replace(/\/(?=\?|$)|=$/g, ''))).toEqual(expected);
});

import type { IncomingMessage, ServerResponse } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import type { Source } from '../../../../functions/core/messages.ts';
import { pinSource, readRange } from '../../../../functions/core/storage/source.ts';
import { startServer } from '../../../support/server.ts';

const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
const source: Source = { bucket: 'b', key: 'k.csv', etag: 'one', size: content.length, uploaded: '' };

/** The byte range that a request asks for. */
function range(request: IncomingMessage): { start: number; end: number } {
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  return { start: Number(start), end: Number(end) + 1 };
}

/** Responds with the whole range. */
function serve(request: IncomingMessage, response: ServerResponse, etag = 'one'): void {
  const { start, end } = range(request);
  response.writeHead(206, { etag: `"${etag}"`, 'content-length': end - start });
  response.end(content.subarray(start, end));
}

/** Runs `use` with a client of a server that answers with `answer`; `requests` are those it received. */
async function withS3<Result>(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  use: (s3: S3Client, requests: IncomingMessage[]) => Promise<Result>,
): Promise<Result> {
  const requests: IncomingMessage[] = [];
  const server = await startServer((request, _, response) => {
    requests.push(request);
    answer(request, response, requests.length);
  });
  const s3 = new S3Client({
    endpoint: server.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
  try {
    return await use(s3, requests);
  } finally {
    s3.destroy();
    await server.close();
  }
}

async function readAll(s3: S3Client, start = 0, end = content.length, of: Source = source): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const bytes of readRange(s3, of, start, end)) pieces.push(Buffer.from(bytes));
  return Buffer.concat(pieces);
}

/** Responds with an error as S3 does. */
function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
}

describe('readRange', () => {
  test('requests the pinned version and the range, and yields exactly its bytes', async () => {
    await withS3(
      (request, response) => serve(request, response),
      async (s3, requests) => {
        const read = await readAll(s3, 10, 5_000, { ...source, versionId: 'v7' });
        expect(read.equals(content.subarray(10, 5_000))).toBe(true);
        expect(requests.map(({ headers }) => [headers.range, headers['if-match']])).toEqual([
          ['bytes=10-4999', '"one"'],
        ]);
        expect(requests[0]?.url).toContain('versionId=v7');
      },
    );
  });

  test.each([
    ['is reset', (response: ServerResponse) => response.destroy()],
    ['ends early', (response: ServerResponse) => response.end()],
  ])('a body that %s midway is resumed at the right byte', async (_, stop) => {
    await withS3(
      (request, response, count) => {
        const { start, end } = range(request);
        if (count > 3) return serve(request, response);
        response.writeHead(206, { etag: '"one"' });
        response.write(content.subarray(start, Math.min(end, start + 20_000)), () =>
          setTimeout(() => stop(response), 20),
        );
      },
      async (s3, requests) => {
        expect((await readAll(s3)).equals(content)).toBe(true);
        expect(requests.map(({ headers }) => headers.range)).toEqual([
          'bytes=0-99999',
          'bytes=20000-99999',
          'bytes=40000-99999',
          'bytes=60000-99999',
        ]);
      },
    );
  });

  test('an endpoint that keeps returning 503 is unavailable after 6 requests', async () => {
    await withS3(
      (_, response) => fail(response, 503, 'SlowDown'),
      async (s3, requests) => {
        await expect(readAll(s3)).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
        expect(requests).toHaveLength(6);
      },
    );
  });

  test('a body that ends before its size is an error, not a short read', async () => {
    await withS3(
      (_, response) => {
        response.writeHead(206, { etag: '"one"' });
        response.end();
      },
      async (s3) => {
        await expect(readAll(s3)).rejects.toMatchObject({
          name: 'ServiceUnavailableError',
          message:
            'Reading s3://b/k.csv stopped at byte 0 of 100000, and 5 retries returned no more. A later attempt may succeed.',
        });
      },
    );
  });

  test.each([
    [
      '412, because of another ETag',
      (_: IncomingMessage, response: ServerResponse) => fail(response, 412, 'PreconditionFailed'),
    ],
    [
      '404, because it was deleted',
      (_: IncomingMessage, response: ServerResponse) => fail(response, 404, 'NoSuchKey'),
    ],
    [
      '416, because it is shorter',
      (_: IncomingMessage, response: ServerResponse) => fail(response, 416, 'InvalidRange'),
    ],
    [
      'another ETag, from an endpoint that ignores If-Match',
      (request: IncomingMessage, response: ServerResponse) => serve(request, response, 'two'),
    ],
  ])('an overwritten object is recognized by %s', async (_, answer) => {
    await withS3(answer, async (s3, requests) => {
      await expect(readAll(s3)).rejects.toMatchObject({ name: 'SourceChangedError' });
      expect(requests).toHaveLength(1);
    });
  });

  test('an object that is archived while it is being read is refused as archived, not as denied', async () => {
    await withS3(
      (_, response) => fail(response, 403, 'InvalidObjectState'),
      async (s3) => {
        await expect(readAll(s3)).rejects.toMatchObject({
          name: 'SourceNotFoundError',
          message:
            's3://b/k.csv is archived and cannot be read. Restore it or copy it to S3 Standard, then start the execution again.',
        });
      },
    );
  });

  test('an object that changes while it is being read yields no byte of the other version', async () => {
    await withS3(
      (request, response, count) => {
        if (count > 1) return serve(request, response, 'two');
        response.writeHead(206, { etag: '"one"' });
        response.write(content.subarray(0, 30_000), () => setTimeout(() => response.destroy(), 20));
      },
      async (s3) => {
        const pieces: Buffer[] = [];
        const reading = (async () => {
          for await (const bytes of readRange(s3, source, 0, content.length)) pieces.push(Buffer.from(bytes));
        })();
        await expect(reading).rejects.toMatchObject({ name: 'SourceChangedError' });
        expect(Buffer.concat(pieces).equals(content.subarray(0, 30_000))).toBe(true);
      },
    );
  });
});

describe('pinSource', () => {
  test('pins the version and the ETag', async () => {
    await withS3(
      (_, response) => {
        response.writeHead(200, {
          etag: '"one"',
          'content-length': 7,
          'x-amz-version-id': 'v7',
          'last-modified': 'Mon, 01 Jan 2024 00:00:07 GMT',
        });
        response.end();
      },
      async (s3, requests) => {
        const key = 'a b/+%"[x]日本.csv';
        expect(await pinSource(s3, { bucket: 'b', key })).toEqual({
          source: {
            bucket: 'b',
            key,
            etag: 'one',
            versionId: 'v7',
            size: 7,
            uploaded: '2024-01-01T00:00:07.000Z',
          },
          modified: Date.UTC(2024, 0, 1, 0, 0, 7),
        });
        expect(decodeURIComponent(requests[0]?.url ?? '')).toBe(`/b/${key}`);
      },
    );
  });

  test.each([
    [404, {}, 'SourceNotFoundError', 'There is no s3://b/k.csv.'],
    [404, { versionId: 'v1', etag: 'one' }, 'SourceNotFoundError', 'There is no version v1 of s3://b/k.csv.'],
    [403, {}, 'SourceNotFoundError', 'Access to s3://b/k.csv was denied.'],
    [503, {}, 'ServiceUnavailableError', 'Reading s3://b/k.csv failed with a transient error'],
  ])('status %d for %j is a %s', async (status, pinned, name, message) => {
    await withS3(
      (_, response) => {
        response.writeHead(status);
        response.end();
      },
      async (s3) => {
        const pinning = pinSource(s3, { bucket: 'b', key: 'k.csv', ...pinned });
        await expect(pinning).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
      },
    );
  });

  test.each([
    ['GLACIER', undefined, true],
    ['DEEP_ARCHIVE', 'ongoing-request="true"', true],
    ['GLACIER', 'ongoing-request="false", expiry-date="Fri, 21 Dec 2029 00:00:00 GMT"', false],
    ['GLACIER_IR', undefined, false],
    ['STANDARD_IA', undefined, false],
  ])('storage class %s with restore status %s is refused: %s', async (storageClass, restore, isRefused) => {
    await withS3(
      (_, response) => {
        response.writeHead(200, {
          etag: '"one"',
          'content-length': 7,
          'x-amz-storage-class': storageClass,
          ...(restore && { 'x-amz-restore': restore }),
        });
        response.end();
      },
      async (s3) => {
        const pinning = pinSource(s3, { bucket: 'b', key: 'k.csv' });
        if (!isRefused) return expect(await pinning).toMatchObject({ source: { size: 7 } });
        return expect(pinning).rejects.toMatchObject({
          name: 'SourceNotFoundError',
          message: expect.stringContaining(`is archived in the storage class ${storageClass}`),
        });
      },
    );
  });

  test.each([
    ['ARCHIVE_ACCESS', undefined, true],
    ['DEEP_ARCHIVE_ACCESS', 'ongoing-request="true"', true],
    ['ARCHIVE_ACCESS', 'ongoing-request="false"', false],
  ])(
    'the tier %s of Intelligent-Tiering with restore status %s is refused: %s',
    async (tier, restore, isRefused) => {
      await withS3(
        (_, response) => {
          response.writeHead(200, {
            etag: '"one"',
            'content-length': 7,
            'x-amz-storage-class': 'INTELLIGENT_TIERING',
            'x-amz-archive-status': tier,
            ...(restore && { 'x-amz-restore': restore }),
          });
          response.end();
        },
        async (s3) => {
          const pinning = pinSource(s3, { bucket: 'b', key: 'k.csv' });
          if (!isRefused) return expect(await pinning).toMatchObject({ source: { size: 7 } });
          return expect(pinning).rejects.toMatchObject({
            name: 'SourceNotFoundError',
            message: expect.stringContaining(
              `is archived in the storage class INTELLIGENT_TIERING (${tier}) and cannot be read.`,
            ),
          });
        },
      );
    },
  );

  test.each([
    [
      'InvalidArgument',
      'SourceNotFoundError',
      '"7 of 9" is not a version ID of S3, so no version of s3://b/k.csv',
    ],
    ['ExpiredToken', 'ExpiredToken', 'no'],
  ])('a request that is invalid because of %s is a %s', async (code, name, message) => {
    await withS3(
      (request, response) => {
        // As on S3, only GET says why.
        if (request.method === 'GET') return fail(response, 400, code);
        response.writeHead(400);
        return response.end();
      },
      async (s3) => {
        const pinning = pinSource(s3, { bucket: 'b', key: 'k.csv', versionId: '7 of 9' });
        await expect(pinning).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
      },
    );
  });

  test('a response with another version than the requested one is refused', async () => {
    await withS3(
      (_, response) => {
        response.writeHead(200, { etag: '"one"', 'content-length': 7 });
        response.end();
      },
      async (s3) => {
        await expect(pinSource(s3, { bucket: 'b', key: 'k.csv', versionId: 'v1' })).rejects.toMatchObject({
          name: 'SourceNotFoundError',
          message: expect.stringContaining(
            'Version v1 of s3://b/k.csv was requested, but S3 returned an object without versions',
          ),
        });
      },
    );
  });

  test('an object that has been overwritten since the event is refused', async () => {
    await withS3(
      (_, response) => {
        response.writeHead(200, { etag: '"two"', 'content-length': 7 });
        response.end();
      },
      async (s3) => {
        await expect(pinSource(s3, { bucket: 'b', key: 'k.csv', etag: 'one' })).rejects.toMatchObject({
          name: 'SourceChangedError',
        });
      },
    );
  });
});

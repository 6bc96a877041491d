/** The parts of S3 that reading and writing own objects needs, with the objects of one bucket in memory. */

import { S3Client } from '@aws-sdk/client-s3';
import { startServer } from './server.ts';

export interface MemoryS3 {
  readonly s3: S3Client;
  /** By key. */
  readonly objects: Map<string, Buffer>;
  readonly close: () => Promise<void>;
}

export async function startMemoryS3(): Promise<MemoryS3> {
  const objects = new Map<string, Buffer>();
  const server = await startServer((request, body, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const key = decodeURIComponent(pathname.split('/').slice(2).join('/'));
    if (request.method === 'PUT') {
      objects.set(key, body);
      response.end();
    } else if (key === '') {
      const prefix = searchParams.get('prefix') ?? '';
      const keys = [...objects.keys()].filter((each) => each.startsWith(prefix)).sort();
      const contents = keys.map((each) => `<Contents><Key>${each}</Key></Contents>`);
      response.end(
        `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`,
      );
    } else {
      const object = objects.get(key);
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (object === undefined) response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
      else if (start === undefined) response.end(object);
      else response.writeHead(206).end(object.subarray(Number(start), Number(end) + 1));
    }
  });
  const s3 = new S3Client({
    endpoint: server.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
  return {
    s3,
    objects,
    close: async () => {
      s3.destroy();
      await server.close();
    },
  };
}

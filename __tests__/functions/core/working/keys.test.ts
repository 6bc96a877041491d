import { S3Client } from '@aws-sdk/client-s3';
import { ServiceUnavailableError } from '../../../../functions/core/errors.ts';
import {
  BUCKETS,
  type KeyLocation,
  KeyWriter,
  keyEntries,
  openRun,
  readBuckets,
} from '../../../../functions/core/working/keys.ts';
import { startServer } from '../../../support/server.ts';

const location: KeyLocation = {
  bucket: 'b',
  execution: 'e',
  encoding: 'utf-8',
  comparison: 0,
  chunkStart: 0,
};

/**
 * Writes a run of two keys and reads it.
 * @param short number of the response without its last byte: 1 is the index, 2 the keys.
 */
async function writeAndRead(short?: number): Promise<string[]> {
  let object: Buffer = Buffer.alloc(0);
  let answers = 0;
  const server = await startServer((request, body, response) => {
    if (request.method === 'PUT') {
      object = body;
      response.end();
      return;
    }
    answers += 1;
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const bytes = object.subarray(Number(start), Number(end) + (answers === short ? 0 : 1));
    response.writeHead(206, { 'content-length': bytes.length });
    response.end(bytes);
  });
  const s3 = new S3Client({
    endpoint: server.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
  try {
    const writer = new KeyWriter(s3, location, { unique: [], salt: 'e' }, { runs: 0, repeated: 0 });
    await writer.add({ pk: 'one' }, 0);
    await writer.add({ pk: 'other' }, 1);
    await writer.close(false);
    const buckets = await readBuckets(s3, await openRun(s3, location, 0), 0, BUCKETS);
    return [...keyEntries(buckets, 0)].map(({ key }) => key.replace('\0', '')).sort();
  } finally {
    s3.destroy();
    await server.close();
  }
}

test('keys are read as they were written', async () => {
  expect(await writeAndRead()).toEqual(['one', 'other']);
});

test.each([1, 2])(
  'response %d without its last byte is a transient error, not another key',
  async (short) => {
    await expect(writeAndRead(short)).rejects.toThrow(ServiceUnavailableError);
  },
);

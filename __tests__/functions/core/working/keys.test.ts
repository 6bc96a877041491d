import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ServiceUnavailableError } from '../../../../functions/core/errors.ts';
import {
  EarlierDuplicatesReader,
  writeEarlierDuplicates,
} from '../../../../functions/core/working/earlier-duplicates.ts';
import {
  BUCKETS,
  bucketOfKey,
  type KeyLocation,
  KeyWriter,
  keyEntries,
  openRun,
  readBuckets,
} from '../../../../functions/core/working/keys.ts';
import { memoryS3 } from '../../../support/memory-s3.ts';
import { startServer } from '../../../support/server.ts';
import { PK } from '../../../support/table-key.ts';

const location: KeyLocation = {
  bucket: 'b',
  execution: 'e',
  encoding: 'utf-8',
  comparison: 0,
  chunkStart: 0,
  salt: 's',
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
    const writer = new KeyWriter(s3, location, { key: PK, unique: [] }, { runs: 0, repeated: 0 });
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

test('rows that are validated again with another salt overwrite nothing, and nothing late overwrites theirs', async () => {
  const { s3 } = memoryS3();
  const write = async (salt: string) => {
    const writer = new KeyWriter(
      s3,
      { ...location, salt },
      { key: PK, unique: [] },
      { runs: 0, repeated: 0 },
    );
    for (let row = 0; row < 100; row += 1) await writer.add({ pk: `${row}` }, row);
    await writer.close(false);
  };
  for (const salt of ['first', 'second', 'first']) await write(salt);
  for (const salt of ['first', 'second']) {
    const run = await openRun(s3, { ...location, salt }, 0);
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const keys = [...keyEntries(await readBuckets(s3, run, bucket, bucket + 1), 0)].map(({ key }) => key);
      expect(keys.map((key) => bucketOfKey(key, salt))).toEqual(keys.map(() => bucket));
    }
  }
});

test.each([
  ['once, if they are kept', 100, 2],
  ['each time, if they are too many', 3, 4],
])('the earlier duplicates of two chunks are listed %s', async (_, maxRows, listings) => {
  const { s3 } = memoryS3();
  let listed = 0;
  const send = async (command: unknown) => {
    if (command instanceof ListObjectsV2Command) listed += 1;
    return Reflect.apply(s3.send, s3, [command]);
  };
  const chunks = [0, 1_000].map((chunkStart) => ({ ...location, chunkStart }));
  for (const chunk of chunks) await writeEarlierDuplicates(s3, chunk, 'x', [chunk.chunkStart, 1, 4, 2_000]);
  const reader = new EarlierDuplicatesReader(Object.create(s3, { send: { value: send } }), [8, 0], maxRows);
  for (const chunk of [...chunks, ...chunks]) {
    const { comparisonOf } = await reader.of(chunk);
    const found = [0, 1, 2, 4, 1_000, 2_000].filter((row) => comparisonOf(row) === 0);
    expect(found).toEqual(chunk.chunkStart === 0 ? [0, 1, 4, 2_000] : [1, 4, 1_000, 2_000]);
  }
  expect(listed).toBe(listings);
});

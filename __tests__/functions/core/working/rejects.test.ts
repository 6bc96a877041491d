import { S3Client } from '@aws-sdk/client-s3';
import type { Reject } from '../../../../functions/core/csv/report-rows.ts';
import { RejectWriter, readRejects } from '../../../../functions/core/working/rejects.ts';
import { getJson, putJson, rejectCounts } from '../../../../functions/core/working/summary.ts';
import { startServer } from '../../../support/server.ts';

const place = { bucket: 'b', execution: 'e', chunkStart: 10 };
const reject: Reject = {
  column: 'price',
  code: 'not_a_decimal',
  reason: 'is not a decimal number',
  line: 3,
  raw: 'eA==',
  value: '"x"',
};

const objects = new Map<string, Buffer>();
let server: Awaited<ReturnType<typeof startServer>>;
let s3: S3Client;
beforeAll(async () => {
  server = await startServer((request, body, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    if (request.method === 'PUT') objects.set(path, body);
    response.end(objects.get(path));
  });
  s3 = new S3Client({
    endpoint: server.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    // Else the body has checksums between its parts.
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
});
afterAll(async () => {
  s3.destroy();
  await server.close();
});

test('rejects are read as they were written', async () => {
  const writer = new RejectWriter(s3, place, 0);
  const broken: Reject = { column: null, code: 'stray_quote', reason: 'r', line: 4, raw: '', isBroken: true };
  await writer.add(reject);
  await writer.add(broken);
  expect(await writer.close()).toBe(1);
  expect(await readRejects(s3, place, 0)).toEqual([reject, broken]);
});

test.each([
  ['a code that there is not', { ...reject, code: 'no_such_code' }],
  ['a line that is not a number', { ...reject, line: '3' }],
  ['no row', { ...reject, raw: undefined }],
])('rejects with %s are an error', async (_, line) => {
  objects.set('/b/working/e/rejects/10-7.jsonl', Buffer.from(`${JSON.stringify(line)}\n`));
  await expect(readRejects(s3, place, 7)).rejects.toThrow();
});

test('counts are read as they were written, and others are an error', async () => {
  const counts = [{ code: 'empty', column: 'price', rows: 2 }];
  await putJson(s3, 'b', 'counts.json', counts);
  expect(await getJson(s3, 'b', 'counts.json', rejectCounts)).toEqual(counts);
  await putJson(s3, 'b', 'counts.json', [{ code: 'empty', column: 'price' }]);
  await expect(getJson(s3, 'b', 'counts.json', rejectCounts)).rejects.toThrow();
});

import { setTimeout as sleep } from 'node:timers/promises';
import { results } from '../../../../datasets/results.ts';
import { SourceChangedError } from '../../../../functions/core/errors.ts';
import type { LoadEvent, LoadedChunk } from '../../../../functions/core/messages.ts';
import { type LoadMark, loadChunk } from '../../../../functions/core/steps/load.ts';
import { s3Client } from '../../../../functions/core/storage/aws.ts';
import { BatchWriter } from '../../../../functions/core/table/batch-write.ts';
import { documentClient } from '../../../../functions/core/table/connections.ts';
import { MAX_IN_FLIGHT, TableWriter } from '../../../../functions/core/table/table-writer.ts';
import { startServer } from '../../../support/server.ts';
import { PK } from '../../../support/table-key.ts';

const ROWS = 5_000;
const header = 'id,name,amount,date\r\n';

/** Every tenth row is rejected, and some contain a line break. */
const rows = Array.from({ length: ROWS }, (_, index) => {
  const name = index % 3 === 0 ? `"a\r\nb ""${index}"""` : `name ${index}`;
  return `${index},${name},${index % 10 === 0 ? 'x' : '1.5'},2024-01-01\r\n`;
});
const content = Buffer.from(header + rows.join(''));
const accepted = new Map(rows.map((_, index) => [index, index] as const).filter(([, row]) => row % 10 !== 0));

const format: LoadEvent['format'] = {
  dataset: 'results',
  compression: 'none',
  encoding: 'utf-8',
  size: content.length,
  delimiter: ',',
  width: 4,
  isPadded: false,
  columns: [0, 1, 2, 3],
  headerEnd: header.length,
  headerLines: 1,
  ignored: [],
  warnings: [],
};

const environment = { ...process.env };
beforeAll(() => {
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' });
});
afterAll(() => {
  process.env = environment;
});

/**
 * Loads into a table that leaves some items of some requests unprocessed, in as many invocations as it takes.
 * @param time milliseconds of each invocation.
 * @param requestTime milliseconds of them that each request takes.
 */
async function loadInInvocations({ time, requestTime }: { time: number; requestTime: number }) {
  const table = new Map<string, string>();
  let answered = 0;
  let remaining = 0;
  const bucket = await startServer((request, _, response) => {
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const bytes = content.subarray(Number(start), Number(end) + 1);
    response.writeHead(206, { etag: '"one"', 'content-length': bytes.length });
    response.end(bytes);
  });
  const server = await startServer((_, body, response) => {
    const puts = JSON.parse(body.toString()).RequestItems.results;
    answered += 1;
    remaining -= requestTime;
    const taken = answered % 5 === 0 && answered <= 10 ? Math.floor(puts.length / 2) : puts.length;
    for (const put of puts.slice(0, taken)) table.set(put.PutRequest.Item.pk.S, put.PutRequest.Item.name.S);
    const refused = puts.slice(taken);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ UnprocessedItems: refused.length > 0 ? { results: refused } : {} }));
  });
  process.env.AWS_ENDPOINT_URL_S3 = bucket.url;
  process.env.AWS_ENDPOINT_URL_DYNAMODB = server.url;
  const s3 = s3Client();
  const client = documentClient(MAX_IN_FLIGHT);
  const start = header.length;
  let chunk: LoadedChunk = {
    start,
    end: content.length,
    at: start,
    read: 0,
    rejected: 0,
    loaded: 0,
    duplicates: 0,
  };
  const source = { bucket: 'b', key: 'k.csv', etag: 'one', size: content.length, uploaded: '' };
  let invocations = 0;
  for (; chunk.at < chunk.end; invocations += 1) {
    remaining = time;
    const writer = new TableWriter<LoadMark>(new BatchWriter(client, 'results', PK), {
      writesPerSecond: null,
      remaining: () => remaining,
      unanswered: () => undefined,
    });
    const event = {
      execution: 'e',
      source,
      format,
      feed: null,
      load: '1-e',
      chunk,
      dataEnd: format.size,
      writesPerSecond: null,
      repeated: [0],
    };
    const before = chunk.at;
    chunk = await loadChunk(s3, writer, event, results, {
      reportsBucket: 'r',
      hasTime: () => remaining > 6_000,
    });
    expect(chunk.at).toBeGreaterThan(before);
    // It stopped on its own, well before the writer would have given up.
    expect(remaining).toBeGreaterThan(4_000);
  }
  s3.destroy();
  client.destroy();
  await Promise.all([bucket.close(), server.close()]);
  return { chunk, invocations, table };
}

test.each([
  ['one invocation', { time: 900_000, requestTime: 0 }],
  ['many invocations', { time: 7_000, requestTime: 20 }],
])(
  'in %s, every accepted row is written, and each record is counted once',
  async (how, each) => {
    const { chunk, invocations, table } = await loadInInvocations(each);
    expect(invocations > 1).toBe(how === 'many invocations');
    expect(chunk).toMatchObject({ at: content.length, read: ROWS, rejected: ROWS / 10 });
    expect(chunk.loaded + chunk.rejected + chunk.duplicates).toBe(ROWS);
    expect(table.size).toBe(accepted.size);
    for (const [id, row] of accepted)
      expect(table.get(`ROW#${id}`)).toBe(row % 3 === 0 ? `a\r\nb "${row}"` : `name ${row}`);
  },
  30_000,
);

test('when reading fails, nothing is sent any more and no write is in flight once the error is thrown', async () => {
  const piece = Buffer.from(rows.slice(0, 150).join(''));
  let reads = 0;
  const bucket = await startServer((_, __, response) => {
    reads += 1;
    // The object is overwritten while it is read, so that the rest of it is gone.
    response.writeHead(reads === 1 ? 206 : 412, { etag: '"one"' });
    response.end(reads === 1 ? piece : undefined);
  });
  const times = { received: 0, answered: 0 };
  const table = await startServer((_, body, response) => {
    times.received += 1;
    const { results: puts } = JSON.parse(body.toString()).RequestItems;
    setTimeout(() => {
      times.answered += 1;
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ UnprocessedItems: { results: puts.slice(1) } }));
    }, 500);
  });
  process.env.AWS_ENDPOINT_URL_S3 = bucket.url;
  process.env.AWS_ENDPOINT_URL_DYNAMODB = table.url;
  const s3 = s3Client();
  const client = documentClient(MAX_IN_FLIGHT);
  const writer = new TableWriter<LoadMark>(new BatchWriter(client, 'results', PK), {
    writesPerSecond: null,
    remaining: () => 900_000,
    unanswered: () => undefined,
  });
  const event = {
    execution: 'e',
    source: { bucket: 'b', key: 'k.csv', etag: 'one', size: content.length, uploaded: '' },
    format,
    feed: null,
    load: '1-e',
    chunk: { start: header.length, end: content.length },
    dataEnd: format.size,
    writesPerSecond: null,
    repeated: [0],
  };
  const error: unknown = await loadChunk(s3, writer, event, results, {
    reportsBucket: 'r',
    hasTime: () => true,
  }).catch((thrown: unknown) => thrown);
  const atTheEnd = { ...times };
  await sleep(600);
  s3.destroy();
  client.destroy();
  await Promise.all([bucket.close(), table.close()]);
  expect(error).toBeInstanceOf(SourceChangedError);
  expect(atTheEnd.received).toBeGreaterThan(0);
  expect(atTheEnd.answered).toBe(atTheEnd.received);
  expect(times).toEqual(atTheEnd);
});

import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type { results } from '../../../../datasets/results.ts';
import type { ItemOf } from '../../../../functions/core/dataset/dataset.ts';
import { BatchWriter } from '../../../../functions/core/table/batch-write.ts';
import { documentClient } from '../../../../functions/core/table/connections.ts';
import {
  type Checkpoint,
  MAX_IN_FLIGHT,
  MAX_IN_FLIGHT_BYTES,
  TableWriter,
} from '../../../../functions/core/table/table-writer.ts';
import { startServer } from '../../../support/server.ts';
import { PK } from '../../../support/table-key.ts';

/** A put as it is sent over HTTP. */
interface Put {
  readonly PutRequest: { readonly Item: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

function item(id: number, name = 'n'): ItemOf<typeof results> {
  return {
    pk: `ROW#${id}`,
    id: String(id),
    name,
    amount: NumberValue.from('12345678901234567890.123456789012345678'),
    date: '2024-01-01T00:00:00.000',
  };
}

/** Writes items to a server that answers each batch with `answer`, and returns what the table holds afterwards. */
async function write(
  items: Iterable<ItemOf<typeof results>>,
  answer: (
    puts: readonly Put[],
    store: (puts: readonly Put[]) => void,
    response: ServerResponse,
    count: number,
  ) => void,
  {
    remaining = () => 900_000,
    writesPerSecond = null,
  }: { remaining?: () => number; writesPerSecond?: number | null } = {},
) {
  const table = new Map<string, Put['PutRequest']['Item']>();
  let requests = 0;
  let inFlight = 0;
  let maxInFlight = 0;
  let unanswered = 0;
  const server = await startServer((_, body, response) => {
    requests += 1;
    inFlight += 1;
    maxInFlight = Math.max(maxInFlight, inFlight);
    response.on('close', () => {
      inFlight -= 1;
    });
    const puts: readonly Put[] = JSON.parse(body.toString()).RequestItems.results;
    const store = (stored: readonly Put[]) => {
      for (const put of stored) table.set(put.PutRequest.Item.pk?.S ?? '', put.PutRequest.Item);
    };
    answer(puts, store, response, requests);
  });
  process.env.AWS_ENDPOINT_URL_DYNAMODB = server.url;
  // More connections than the writer may have requests in flight, so that only the writer limits them.
  const client = documentClient(1_000);
  const writer = new TableWriter<number>(new BatchWriter(client, 'results', PK), {
    writesPerSecond,
    remaining,
    unanswered: () => {
      unanswered += 1;
    },
  });
  let put = 0;
  let checkpoint: Partial<Checkpoint<number>> = {};
  let error: unknown;
  try {
    for (const one of items) {
      put += 1;
      await writer.put(one, put);
    }
    checkpoint = await writer.close(put);
  } catch (thrown) {
    error = thrown;
  }
  // The server sees an aborted connection close a moment later.
  await sleep(50);
  const inFlightAtTheEnd = inFlight;
  client.destroy();
  await server.close();
  return { table, requests, maxInFlight, inFlightAtTheEnd, unanswered, ...checkpoint, error };
}

/** Responds as DynamoDB does. */
function reply(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(body));
}

const items = (count: number) => Array.from({ length: count }, (_, index) => item(index));

const environment = { ...process.env };
beforeAll(() => {
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' });
});
afterAll(() => {
  process.env = environment;
});

describe('TableWriter', () => {
  test('writes batches of 25 items and keeps all digits of numbers', async () => {
    const sizes: number[] = [];
    const { table, loaded, mark, error } = await write(items(60), (puts, store, response) => {
      sizes.push(puts.length);
      store(puts);
      reply(response, {});
    });
    expect({ loaded, mark, error, sizes: sizes.sort((a, b) => b - a) }).toEqual({
      loaded: 60,
      mark: 60,
      error: undefined,
      sizes: [25, 25, 10],
    });
    expect(table.size).toBe(60);
    expect(table.get('ROW#7')).toEqual({
      pk: { S: 'ROW#7' },
      id: { S: '7' },
      name: { S: 'n' },
      amount: { N: '12345678901234567890.123456789012345678' },
      date: { S: '2024-01-01T00:00:00.000' },
    });
  });

  test('retries unprocessed items, and counts an item once and only when it is confirmed', async () => {
    const { table, loaded, requests, error } = await write(items(100), (puts, store, response, count) => {
      const refused = count < 6 ? puts.slice(Math.floor(puts.length / 3)) : [];
      store(puts.filter((put) => !refused.includes(put)));
      reply(response, refused.length > 0 ? { UnprocessedItems: { results: refused } } : {});
    });
    expect({ loaded, error, size: table.size }).toEqual({ loaded: 100, error: undefined, size: 100 });
    expect(requests).toBeGreaterThan(5);
    for (const stored of table.values())
      expect(stored.amount).toEqual({ N: '12345678901234567890.123456789012345678' });
  });

  test.each([
    ['ProvisionedThroughputExceededException', 400],
    ['ThrottlingException', 400],
    ['RequestLimitExceeded', 400],
    ['InternalServerError', 500],
  ])('continues after %s', async (name, status) => {
    const { table, loaded, error } = await write(items(50), (puts, store, response, count) => {
      if (count <= 4)
        return reply(response, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no' }, status);
      store(puts);
      reply(response, {});
    });
    expect({ loaded, error, size: table.size }).toEqual({ loaded: 50, error: undefined, size: 50 });
  });

  test('continues after a connection reset, even if the items were written', async () => {
    const { table, loaded, error } = await write(items(50), (puts, store, response, count) => {
      store(puts);
      if (count <= 3) response.destroy();
      else reply(response, {});
    });
    expect({ loaded, error, size: table.size }).toEqual({ loaded: 50, error: undefined, size: 50 });
  });

  test('a permanent error ends the load at once', async () => {
    const { error, requests, table } = await write(items(5_000), (_, __, response) =>
      reply(
        response,
        { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', message: 'no table' },
        400,
      ),
    );
    expect(error).toMatchObject({ name: 'ResourceNotFoundException' });
    // Without the error it would send 200 requests.
    expect(requests).toBeLessThanOrEqual(MAX_IN_FLIGHT);
    expect(table.size).toBe(0);
  });

  test('a table that refuses items until time runs out is an error, not a silent loss', async () => {
    let remaining = 4_000;
    const { table, error, loaded } = await write(
      items(30),
      (puts, store, response) => {
        remaining -= 300;
        store(puts.slice(0, 1));
        reply(response, { UnprocessedItems: { results: puts.slice(1) } });
      },
      { remaining: () => remaining },
    );
    expect(error).toMatchObject({ name: 'LoadTimeoutError' });
    expect(loaded).toBeUndefined();
    expect(table.size).toBeGreaterThan(0);
    expect(table.size).toBeLessThan(30);
  });

  test('when time runs out, returns the mark up to which everything is confirmed', async () => {
    let remaining = 5_000;
    const { table, error, mark, loaded } = await write(
      items(200),
      (puts, store, response) => {
        const stuck = puts.filter((put) => put.PutRequest.Item.pk?.S === 'ROW#60');
        if (stuck.length > 0) remaining -= 500;
        store(puts.filter((put) => !stuck.includes(put)));
        reply(response, stuck.length > 0 ? { UnprocessedItems: { results: stuck } } : {});
      },
      { remaining: () => remaining },
    );
    // Item 60 is in the third batch. Items written after it will be written again.
    expect({ error, mark, loaded }).toEqual({ error: undefined, mark: 50, loaded: 50 });
    expect(table.size).toBeGreaterThan(50);
    expect(table.has('ROW#60')).toBe(false);
  });

  test('finishes batches before it starts others, so that a slow load makes progress', async () => {
    let remaining = 6_000;
    const { error, mark } = await write(
      items(1_000),
      (puts, store, response) => {
        remaining -= 100;
        store(puts);
        reply(response, {});
      },
      { remaining: () => remaining, writesPerSecond: 100 },
    );
    expect(error).toBeUndefined();
    // It has time for 30 requests with 5 items each.
    expect(mark).toBeGreaterThanOrEqual(75);
  });

  test('the counts of several invocations add up, no matter what is refused in each', async () => {
    const rows = items(300);
    const total = { loaded: 0, invocations: 0 };
    const stored = new Set<string>();
    for (let at = 0; at < rows.length; ) {
      let remaining = 4_000;
      const { mark, loaded, error, table } = await write(
        rows.slice(at),
        (puts, store, response, count) => {
          remaining -= 100;
          const refused = count % 3 === 0 ? puts.slice(puts.length / 2) : [];
          store(puts.filter((put) => !refused.includes(put)));
          reply(response, refused.length > 0 ? { UnprocessedItems: { results: refused } } : {});
        },
        { remaining: () => remaining },
      );
      expect(error).toBeUndefined();
      at += mark ?? Number.NaN;
      total.loaded += loaded ?? Number.NaN;
      total.invocations += 1;
      for (const key of table.keys()) stored.add(key);
    }
    expect(stored).toEqual(new Set(rows.map((row) => row.pk)));
    expect(total.invocations).toBeGreaterThan(1);
    expect(total.loaded).toBe(rows.length);
  });

  test.each(['succeeds', 'fails'])('leaves no request in flight when it %s', async (how) => {
    const start = performance.now();
    const { inFlightAtTheEnd, unanswered, error } = await write(
      items(200),
      (puts, store, response, count) => {
        if (count === 3 && how === 'fails')
          return reply(response, { __type: 'x#ResourceNotFoundException', message: 'no table' }, 400);
        store(puts);
        // The second is never answered.
        if (count !== 2) setTimeout(() => reply(response, {}), 20);
      },
      { remaining: () => 4_500 - (performance.now() - start) },
    );
    expect(inFlightAtTheEnd).toBe(0);
    // The caller learns that the items of the second request may still be written.
    expect(unanswered).toBeGreaterThan(0);
    if (how === 'fails') expect(error).toMatchObject({ name: 'ResourceNotFoundException' });
    else expect(error).toBeUndefined();
  });

  test('limits the bytes in flight, whatever the size of an item', async () => {
    const COUNT = 45;
    const sizes: number[] = [];
    let received = 0;
    let bytes = { now: 0, most: 0 };
    let held: ServerResponse[] = [];
    const long = Array.from({ length: COUNT }, (_, id) => item(id, '–'.repeat(130_000)));
    const { loaded, error } = await write(long, (puts, _, response) => {
      sizes.push(puts.length);
      received += puts.length;
      const now = bytes.now + Buffer.byteLength(JSON.stringify(puts));
      bytes = { now, most: Math.max(bytes.most, now) };
      held.push(response);
      // Once half of the bytes are in flight, there is time for too many before all are answered.
      if (received < COUNT && now < MAX_IN_FLIGHT_BYTES / 2) return;
      setTimeout(() => {
        for (const each of held) reply(each, {});
        held = [];
        bytes = { ...bytes, now: 0 };
      }, 200);
    });
    expect({ loaded, error }).toEqual({ loaded: COUNT, error: undefined });
    expect(bytes.most).toBeLessThanOrEqual(MAX_IN_FLIGHT_BYTES);
    // Several requests are in flight, each with a few items.
    expect(bytes.most).toBeGreaterThan(MAX_IN_FLIGHT_BYTES / 2);
    expect(Math.max(...sizes)).toBe(3);
  });

  test('limits the number of requests in flight', async () => {
    const { maxInFlight, loaded } = await write(items(2_500), (puts, store, response) => {
      store(puts);
      setTimeout(() => reply(response, {}), 1_000);
    });
    expect(maxInFlight).toBeGreaterThan(MAX_IN_FLIGHT / 2);
    expect(maxInFlight).toBeLessThanOrEqual(MAX_IN_FLIGHT);
    expect(loaded).toBe(2_500);
  });

  test('does not exceed the given writes per second', async () => {
    const perSecond: number[] = [];
    const start = performance.now();
    const { loaded } = await write(
      items(600),
      (puts, store, response) => {
        const second = Math.floor((performance.now() - start) / 1_000);
        perSecond[second] = (perSecond[second] ?? 0) + puts.length;
        store(puts);
        reply(response, {});
      },
      { writesPerSecond: 200 },
    );
    expect(loaded).toBe(600);
    for (const writes of perSecond) expect(writes).toBeLessThanOrEqual(210);
  });
});

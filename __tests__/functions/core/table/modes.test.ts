/** After any uploads, retries, lost answers and invocations that die, the table is what the dataset's load says. */

import { once } from 'node:events';
import type { Server } from 'node:http';
import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import fc from 'fast-check';
import { text } from '../../../../functions/core/dataset/columns.ts';
import type { StoredItem } from '../../../../functions/core/dataset/dataset.ts';
import {
  type LoadOptions,
  loadOf,
  noWrites,
  sumOfWrites,
  UPLOAD_ATTRIBUTE,
  type WriteCounts,
} from '../../../../functions/core/dataset/load.ts';
import { LoadTimeoutError } from '../../../../functions/core/errors.ts';
import type { Source } from '../../../../functions/core/messages.ts';
import { uploadName, uploadTimeOf } from '../../../../functions/core/table/conditional-write.ts';
import { documentClient } from '../../../../functions/core/table/connections.ts';
import {
  type Checkpoint,
  MAX_IN_FLIGHT,
  TableWriter,
} from '../../../../functions/core/table/table-writer.ts';
import { writerFor } from '../../../../functions/core/table/writer-for.ts';
import { inFull } from '../../../support/full-run.ts';
import { startServer } from '../../../support/server.ts';
import { PK } from '../../../support/table-key.ts';

const TABLE = 'rows';
const ROWS = 12;
const UPLOADS = 3;

/** What happens to a request: it is answered, or its answer is lost; or it is refused, or lost itself. */
type Fate = 'answered' | 'answer lost' | 'refused' | 'lost';

/** One invocation of the load of an upload. */
const invocation = fc.record({
  upload: fc.nat({ max: UPLOADS - 1 }),
  /** Whether it resumes where the last one of this upload stopped, or starts at the first row, as after a redrive. */
  resumes: fc.boolean(),
  /** Requests after which its time is over. */
  requests: fc.oneof(fc.nat({ max: ROWS }), fc.constant(1_000)),
  fates: fc.infiniteStream(
    fc.constantFrom<Fate>('answered', 'answered', 'answered', 'answered', 'answer lost', 'refused', 'lost'),
  ),
});
type Invocation = typeof invocation extends fc.Arbitrary<infer Value> ? Value : never;

/** An item of the table. */
interface Row extends StoredItem {
  readonly pk: string;
}

/** The rows of an upload, as key and value: those whose number is in its half of the keys, which overlap. */
function rowsOf(upload: number): Row[] {
  return Array.from({ length: ROWS }, (_, index) => {
    const pk = `ROW#${upload * 4 + index}`;
    return { pk, name: `${upload} ${pk}`, note: index % 2 === 0 ? `n${upload}` : undefined };
  });
}

/** An upload, of a key of its own; all but the first are of the same second. */
function sourceOf(upload: number): Source {
  const uploaded = new Date(upload === 0 ? 1e12 : 1e12 - 1_000).toISOString();
  return { bucket: 'b', key: `k${upload}.csv`, versionId: `v${upload}`, etag: 'e', size: 1, uploaded };
}

/** The rows of an upload, where some delete their keys. */
function operationsOf(upload: number): Row[] {
  return rowsOf(upload).map((row, index) =>
    (index + upload) % 3 === 0 ? { pk: row.pk, op: 'D' } : { ...row, op: 'U' },
  );
}

const COLUMNS = { name: text(), note: text(), op: text() };
const NAMES = Object.keys(COLUMNS).map((name) => ({ name, path: [name] }) as const);

/** The columns that the file of an upload has. They matter where rows are merged. */
function columnsOf(upload: number): readonly string[] {
  return upload === 1 ? ['name', 'op'] : ['name', 'note', 'op'];
}

const sources = Array.from({ length: UPLOADS }, (_, upload) => sourceOf(upload));
const names = sources.map(uploadName);
const times = sources.map(uploadTimeOf);

const environment = { ...process.env };
const database: Server = dynalite({ path: '', createTableMs: 0 });
let faulty: Awaited<ReturnType<typeof startServer>>;
/** The fate of the next request. */
let nextFate: () => Fate = () => 'answered';

beforeAll(async () => {
  database.listen(0, '127.0.0.1');
  await once(database, 'listening');
  const address = database.address();
  if (address === null || typeof address === 'string') throw new Error('dynalite listens on no port.');
  const url = `http://127.0.0.1:${address.port}`;
  faulty = await startServer(async ({ headers }, body, response) => {
    const fate = nextFate();
    if (fate === 'lost') return void response.destroy();
    if (fate === 'refused') {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      return void response.end('{"__type":"x#ProvisionedThroughputExceededException","message":"no"}');
    }
    const { host: _, 'content-length': __, connection: ___, ...sent } = headers;
    const answer = await fetch(url, {
      method: 'POST',
      headers: sent as Record<string, string>,
      body: new Uint8Array(body),
    });
    const text = await answer.text();
    if (fate === 'answer lost') return void response.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
  });
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' });
  process.env.AWS_ENDPOINT_URL_DYNAMODB = faulty.url;
});
afterAll(async () => {
  process.env = environment;
  database.closeAllConnections();
  database.close();
  await faulty.close();
});

type Table = ReadonlyMap<string, Row>;

/** What an invocation did. */
interface After {
  readonly upload: number;
  readonly before: Table;
  readonly table: Table;
  /** The rows that it confirmed, and their counts. */
  readonly rows: readonly Row[];
  readonly counts: WriteCounts;
  /** The counts since the first row; undefined unless the upload is complete. */
  readonly complete: WriteCounts | undefined;
}

/** Runs invocations on a new table, and calls `check` after each. */
async function run(invocations: readonly Invocation[], options: LoadOptions, check: (after: After) => void) {
  nextFate = () => 'answered';
  const load = loadOf(options, COLUMNS);
  const client = documentClient(64);
  const name = `${TABLE}-${process.hrtime.bigint()}`;
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  // Somebody else's item, which no load has written.
  await client.send(
    new PutItemCommand({
      TableName: name,
      Item: { pk: { S: 'ROW#5' }, name: { S: 'theirs' }, other: { S: 'x' } },
    }),
  );
  const stored = async (): Promise<Table> => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: name, ConsistentRead: true }));
    return new Map(Items.map((item) => [String(item.pk), item as Row]));
  };
  let table = await stored();
  const progress = Array.from({ length: UPLOADS }, (): Checkpoint<number> => ({ mark: 0, loaded: 0 }));
  for (const { upload, resumes, requests, fates } of invocations) {
    let sent = 0;
    nextFate = () => {
      sent += 1;
      return fates.next().value ?? 'answered';
    };
    const before = table;
    const all = options.operation === undefined ? rowsOf(upload) : operationsOf(upload);
    const from = resumes && progress[upload] !== undefined ? progress[upload] : { mark: 0, loaded: 0 };
    const dataset = { key: PK, additions: [], load, columns: NAMES };
    const columns = NAMES.map((column, index) => (columnsOf(upload).includes(column.path[0]) ? index : -1));
    const items = writerFor(client, name, dataset, { source: sourceOf(upload), format: { columns } });
    const writer = new TableWriter<number>(items, {
      writesPerSecond: null,
      initialRate: 1e6,
      remaining: () => (sent < requests ? 900_000 : 0),
      unanswered: () => undefined,
    });
    let counts: WriteCounts = { loaded: 0 };
    try {
      let { mark } = from;
      for (const row of all.slice(from.mark)) {
        mark += 1;
        await writer.put(row, mark);
      }
      const { mark: end, ...written } = await writer.close(mark);
      const { mark: _, ...earlier } = from;
      counts = sumOfWrites([noWrites(load), written]);
      progress[upload] = { mark: end, ...sumOfWrites([earlier, counts]) };
    } catch (error) {
      // The invocation fails, and the execution may be redriven.
      if (!(error instanceof LoadTimeoutError)) throw error;
      progress[upload] = from;
    } finally {
      await writer.stop();
    }
    nextFate = () => 'answered';
    table = await stored();
    const { mark, ...sum } = progress[upload] ?? from;
    const rows = all.slice(from.mark, mark);
    check({ upload, before, table, rows, counts, complete: mark === ROWS ? sum : undefined });
  }
  client.destroy();
}

const invocations = fc.array(invocation, { minLength: 1, maxLength: 6 });
const settings = { numRuns: inFull(150, 3) };

test('insert: the first upload with a key has the item, and each upload counts its own rows as loaded', async () => {
  await fc.assert(
    fc.asyncProperty(invocations, async (all) => {
      const owners = new Map<string, unknown>([['ROW#5', undefined]]);
      await run(all, { mode: 'insert' }, ({ table, upload, complete }) => {
        const rows = rowsOf(upload);
        for (const { pk } of rows) {
          const owner = table.get(pk)?.[UPLOAD_ATTRIBUTE];
          if (table.has(pk) && !owners.has(pk)) {
            expect(owner).toBe(names[upload]);
            owners.set(pk, owner);
          }
        }
        expect(new Set(table.keys())).toEqual(new Set(owners.keys()));
        for (const [pk, item] of table) {
          expect(item[UPLOAD_ATTRIBUTE]).toBe(owners.get(pk));
          const owner = names.indexOf(String(owners.get(pk)));
          const row = rowsOf(owner).find((each) => each.pk === pk);
          expect(item.name).toBe(owner === -1 ? 'theirs' : row?.name);
          expect(item.note).toBe(row?.note);
        }
        if (complete === undefined) return;
        const own = rows.filter(({ pk }) => owners.get(pk) === names[upload]);
        expect(rows.every(({ pk }) => table.has(pk))).toBe(true);
        expect(complete).toEqual({ loaded: own.length, existing: ROWS - own.length });
        expect(Object.keys(complete)).toEqual(loadOf({ mode: 'insert' }).outcomes);
      });
    }),
    settings,
  );
}, 120_000);

test('newest: a row never replaces what a newer upload wrote, and counts as stale', async () => {
  await fc.assert(
    fc.asyncProperty(invocations, async (all) => {
      await run(all, { newest: { attribute: 'at' } }, ({ upload, before, table, rows, counts, complete }) => {
        const time = times[upload] ?? '';
        for (const [pk, item] of table) {
          const owner = times.indexOf(String(item.at));
          const row = rowsOf(owner).find((each) => each.pk === pk);
          expect(item.name).toBe(owner === -1 ? 'theirs' : row?.name);
          expect(item.note).toBe(row?.note);
          expect(String(item.at ?? '') >= String(before.get(pk)?.at ?? '')).toBe(true);
        }
        for (const { pk } of rows) expect(String(table.get(pk)?.at) >= time).toBe(true);
        if (rows.length > 0) {
          const stale = rows.filter(({ pk }) => String(before.get(pk)?.at ?? '') > time);
          expect(counts).toEqual({ loaded: rows.length - stale.length, stale: stale.length });
        }
        expect((complete?.loaded ?? ROWS) + (complete?.stale ?? 0)).toBe(ROWS);
      });
    }),
    settings,
  );
}, 120_000);

test('the time of an upload has an order, also within a second, and takes no more bytes than are counted', () => {
  const [late = '', ...early] = times;
  expect(new Set(times).size).toBe(UPLOADS);
  expect(early.every((time) => time < late)).toBe(true);
  for (const time of times) {
    expect(time).toMatch(/^2001-09-09T01:46:\d\d\.000Z-[\da-f]{4}$/);
    expect(Buffer.byteLength(`at${time}`)).toBe(loadOf({ newest: { attribute: 'at' } }).addedBytes);
  }
});

function withoutUndefined(item: object) {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}

const operation = { column: 'op', delete: ['D'] } as const;

test.each<[string, LoadOptions]>([
  ['merge: the columns of the file are set, and other attributes stay', { mode: 'merge' }],
  [
    'merge, newest: only where no newer upload wrote the item',
    { mode: 'merge', newest: { attribute: 'at' } },
  ],
  ['upsert, operation: rows replace or delete the items of their keys', { operation }],
  ['merge, operation: rows change or delete the items of their keys', { mode: 'merge', operation }],
])(
  '%s',
  async (_, options) => {
    const isOrdered = options.newest !== undefined;
    await fc.assert(
      fc.asyncProperty(invocations, async (all) => {
        await run(all, options, ({ upload, before, table, rows, counts }) => {
          const time = times[upload] ?? '';
          const isStale = (item: Row | undefined) => isOrdered && String(item?.at ?? '') > time;
          const written = (row: Row) => {
            const item = before.get(row.pk);
            if (item !== undefined && isStale(item)) return item;
            if (row.op === 'D') return undefined;
            const isMerged = options.mode === 'merge';
            const columns = (isMerged ? columnsOf(upload) : ['name', 'note']).filter((name) => name !== 'op');
            return withoutUndefined({
              ...(isMerged && item),
              pk: row.pk,
              ...Object.fromEntries(columns.map((column) => [column, row[column]])),
              ...(isOrdered && { at: time }),
            });
          };
          for (const row of rows) expect(table.get(row.pk)).toEqual(written(row));
          // What an invocation did not confirm is either done or not.
          const ofUpload = options.operation === undefined ? rowsOf(upload) : operationsOf(upload);
          for (const pk of new Set([...before.keys(), ...table.keys()])) {
            const row = ofUpload.find((each) => each.pk === pk);
            expect([before.get(pk), ...(row === undefined ? [] : [written(row)])]).toContainEqual(
              table.get(pk),
            );
          }
          if (rows.length === 0) return;
          const stale = rows.filter(({ pk }) => isStale(before.get(pk))).length;
          const deleted = rows.filter(({ op }) => op === 'D').length;
          expect(counts).toEqual({
            loaded: rows.length - stale - deleted,
            ...(isOrdered && { stale }),
            ...(options.operation !== undefined && { deleted }),
          });
        });
      }),
      settings,
    );
  },
  120_000,
);

test('as many columns can be merged as a dataset may declare, in an expression of at most 4 KB', () => {
  const columns = Array.from(
    { length: 500 },
    (_, index) => ({ name: '', path: [`column ${index}`] }) as const,
  );
  const client = documentClient(1);
  const dataset = {
    key: PK,
    additions: [],
    load: loadOf({ mode: 'merge', newest: { attribute: 'at' } }),
    columns,
  };
  const format = { columns: columns.map((_, index) => index) };
  const items = writerFor(client, TABLE, dataset, { source: sourceOf(0), format });
  // An empty cell takes as much as one that is not.
  const row = Object.fromEntries(columns.slice(1).map(({ path: [name] }) => [name, 'x']));
  const { UpdateExpression: expression } = JSON.parse(items.writeOf({ pk: 'a', ...row }).json);
  expect(expression.length).toBeGreaterThan(3_900);
  expect(expression.length).toBeLessThanOrEqual(4_096);
  expect(expression).toMatch(/ REMOVE #0$/);
  client.destroy();
});

test('inserts are bounded like batches: one row in a request, and at most so many requests in flight', async () => {
  const counts = { inFlight: 0, most: 0, put: 0 };
  const server = await startServer((_, body, response) => {
    expect(Object.keys(JSON.parse(body.toString()).Item)).toContain('pk');
    counts.put += 1;
    counts.inFlight += 1;
    counts.most = Math.max(counts.most, counts.inFlight);
    setTimeout(() => {
      counts.inFlight -= 1;
      response.end('{}');
    }, 300);
  });
  process.env.AWS_ENDPOINT_URL_DYNAMODB = server.url;
  // More connections than the writer may use.
  const client = documentClient(1_000);
  const dataset = { key: PK, additions: [], load: loadOf({ mode: 'insert' }), columns: NAMES };
  const items = writerFor(client, TABLE, dataset, { source: sourceOf(0), format: { columns: [0, 1] } });
  const writer = new TableWriter<number>(items, {
    writesPerSecond: null,
    initialRate: 1e6,
    remaining: () => 900_000,
    unanswered: () => undefined,
  });
  for (let row = 1; row <= 200; row += 1) await writer.put({ pk: `ROW#${row}` }, row);
  const checkpoint = await writer.close(200);
  client.destroy();
  await server.close();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = faulty.url;
  expect(checkpoint).toEqual({ mark: 200, loaded: 200 });
  expect(counts.put).toBe(200);
  expect(counts.most).toBeGreaterThan(MAX_IN_FLIGHT / 2);
  expect(counts.most).toBeLessThanOrEqual(MAX_IN_FLIGHT);
});

test('an upload has a name of its own, and the same one each time', () => {
  const source = sourceOf(0);
  const { versionId: _, ...unversioned } = source;
  const others = [source, { ...source, versionId: 'v1' }, { ...source, key: 'k1.csv' }, unversioned];
  expect(new Set(others.map(uploadName)).size).toBe(4);
  expect(uploadName({ ...source, size: 2 })).toBe(uploadName(source));
  const added = Buffer.byteLength(UPLOAD_ATTRIBUTE + uploadName(source));
  expect(added).toBe(loadOf({ mode: 'insert' }).addedBytes);
});

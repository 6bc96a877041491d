/** The newest upload of an object is in the table in the end, and each upload is loaded once. */

import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { FunctionName } from '../../asl/pipeline.ts';
import { beforeInvocations } from '../support/invocations.ts';
import { Pipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.start('local', {
    // Leaves some keys without a dataset.
    'environments/local.ts': { "results: '',": "results: 'results/'," },
    // With short waits, and chunks so small that a small file has several.
    'asl/pipeline.ts': {
      'WRITER_WAIT = 10;': 'WRITER_WAIT = 1;',
      'EXECUTION_WAIT = 60;': 'EXECUTION_WAIT = 1;',
    },
    'functions/core/csv/plan.ts': {
      'MIN_CHUNK_BYTES = 8 * MEBIBYTE;': 'MIN_CHUNK_BYTES = 16_384;',
      'MIN_WINDOW_BYTES = 64 * KIBIBYTE;': 'MIN_WINDOW_BYTES = KIBIBYTE;',
      'MAX_WINDOW_BYTES = MEBIBYTE;': 'MAX_WINDOW_BYTES = KIBIBYTE;',
    },
  });
});
afterAll(() => pipeline.close());

let key: string;
let keys = 0;
beforeEach(() => {
  keys += 1;
  key = `results/file-${keys}.csv`;
});

/** Rows whose IDs only the current test uses. */
function csv(name: string, rows = 2): string {
  const lines = Array.from({ length: rows }, (_, row) => `${keys}-${row},${name},${row},2024-01-01`);
  return ['id,name,amount,date', ...lines, ''].join('\n');
}

/** The names in the current test's items. */
async function names(): Promise<unknown[]> {
  const items = await pipeline.items('results');
  return items.filter(({ id }) => String(id).startsWith(`${keys}-`)).map(({ name }) => name);
}

const start = (input: Parameters<typeof pipeline.stack.execute>[0]) => pipeline.stack.execute(input);
const startManually = (more: { readonly force?: boolean; readonly versionId?: string } = {}) =>
  start({ bucket: pipeline.stack.synthesized.sourceBucket, key, ...more });
const visited = ({ states }: Awaited<ReturnType<typeof start>>) => states.map(({ name }) => name);

/** The upload that an event describes. */
function uploadOf(input: unknown) {
  const { etag, sequencer } = z.object({ etag: z.string(), sequencer: z.string() }).parse(input);
  return { etag, sequencer, modified: 0 };
}

/** Claims an upload of the object for an execution that does nothing else. */
async function claim(execution: string, upload: ReturnType<typeof uploadOf>, lease: number) {
  const entry = pipeline.ledgerEntry(key, execution);
  await entry.claim(upload, lease, async () => true, { started: Date.now(), force: true });
  return entry;
}

const LATER = { etag: 'later', sequencer: 'F', modified: Date.now() + 1e9 };
const hourFromNow = () => Date.now() + 3_600_000;

describe('an upload that is loaded', () => {
  test('is not loaded again for the same event, whose execution reports the first load', async () => {
    const input = await pipeline.upload(key, csv('Ada'));
    const first = await start(input);
    expect(first).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'loaded', loaded: 2 } });
    const second = await start(input);
    expect(second).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        outcome: 'already-loaded',
        source_key: key,
        message: expect.stringContaining(`The execution ${first.name} has already loaded this upload`),
        recorded: {
          status: 'LOADED',
          execution: first.name,
          etag: uploadOf(input).etag,
          ended: expect.stringMatching(/Z$/),
          read: 2,
          loaded: 2,
          rejected: 0,
          duplicates: 0,
        },
      },
    });
    expect(visited(second)).toEqual(['FetchCsv', 'IsClaimed', 'AlreadyLoaded']);
  });

  test('is loaded again only with "force", by a manual start or by an event', async () => {
    const input = await pipeline.upload(key, csv('Ada', 1));
    await start(input);
    const table = pipeline.stack.dataset('results').table;
    const remove = new DeleteItemCommand({ TableName: table, Key: { pk: { S: `ROW#${keys}-0` } } });
    await pipeline.stack.endpoints.dynamodb.send(remove);
    expect(visited(await startManually())).toEqual(['FetchCsv', 'IsClaimed', 'AlreadyLoaded']);
    expect(await names()).toEqual([]);
    expect(await startManually({ force: true })).toMatchObject({ output: { outcome: 'loaded', loaded: 1 } });
    expect(await names()).toEqual(['Ada']);
    await pipeline.stack.endpoints.dynamodb.send(remove);
    const again = await start({ ...Object(input), force: true });
    expect(again).toMatchObject({ output: { outcome: 'loaded', loaded: 1 } });
    expect(await names()).toEqual(['Ada']);
    // A forced load is recorded like any other.
    expect(visited(await start(input))).toContain('AlreadyLoaded');
  });
});

test('an event that arrives after the event of a newer upload changes nothing', async () => {
  const older = await pipeline.upload(key, csv('old', 3));
  const newer = await pipeline.upload(key, csv('new', 2));
  const loaded = await start(newer);
  const before = await pipeline.ledger();
  const result = await start(older);
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      outcome: 'superseded',
      source_key: key,
      recorded: { status: 'LOADED', execution: loaded.name },
    },
  });
  expect(visited(result)).toEqual(['FetchCsv', 'IsClaimed', 'Superseded']);
  expect(await names()).toEqual(['new', 'new']);
  expect(await pipeline.ledger()).toEqual(before);
});

test('an event with a key without the prefix of any dataset is refused, and changes nothing', async () => {
  const input = await pipeline.upload(key, csv('Ada'));
  await start(input);
  const before = await pipeline.ledger();
  const result = await start({ ...Object(input), key: 'elsewhere/a.csv' });
  expect(result).toMatchObject({
    status: 'FAILED',
    error: 'InvalidInputError',
    cause: expect.stringContaining('does not start with the prefix of any dataset'),
  });
  expect(visited(result)).toEqual(['FetchCsv', 'InputRefused']);
  expect(await pipeline.ledger()).toEqual(before);
});

test('of many simultaneous executions of the same event, one loads, and the others report that', async () => {
  const input = await pipeline.upload(key, csv('Ada', 5));
  const results = await Promise.all(Array.from({ length: 5 }, () => start(input)));
  const outcomes = results.map(
    (result) =>
      result.status === 'SUCCEEDED' && z.object({ outcome: z.string() }).parse(result.output).outcome,
  );
  expect(outcomes.sort()).toEqual([...Array.from({ length: 4 }, () => 'already-loaded'), 'loaded']);
  expect(await names()).toHaveLength(5);
});

describe('after an execution that failed', () => {
  test('because of its file, a manual start runs at once, and fails in the same way', async () => {
    const input = await pipeline.upload(key, csv('Ada').replace('0,2024', 'zero,2024'));
    expect(await start(input)).toMatchObject({ status: 'FAILED', error: 'ValidationError' });
    for (const again of [() => startManually(), () => start(input)]) {
      const result = await again();
      expect(result).toMatchObject({ status: 'FAILED', error: 'ValidationError' });
      expect(visited(result)).not.toContain('AwaitExecution');
    }
  });

  test('because of the table, a manual start runs at once, and loads', async () => {
    const table = pipeline.table(pipeline.stack.dataset('results').table);
    const stop = beforeInvocations(async ({ name }) => {
      if (name === 'load-to-dynamodb') await pipeline.dropTable(table);
      return undefined;
    });
    const failed = await start(await pipeline.upload(key, csv('Ada'))).finally(stop);
    expect(failed).toMatchObject({ status: 'FAILED', error: 'ResourceNotFoundException' });
    // Not caught, so that a redrive would resume here.
    expect(visited(failed).at(-1)).toBe('LoadChunk');
    await pipeline.createTable(table);
    const result = await startManually();
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'loaded', loaded: 2 } });
    expect(visited(result)).not.toContain('AwaitExecution');
    expect(await names()).toHaveLength(2);
  });
});

describe('an upload that another execution has claimed', () => {
  test('is taken over if that execution is dead', async () => {
    const input = await pipeline.upload(key, csv('Ada'));
    await claim('dead', uploadOf(input), Date.now() - 1);
    const result = await start(input);
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'loaded', loaded: 2 } });
    expect(visited(result)).not.toContain('AwaitExecution');
  });

  /** Uploads a file. Returns the upload as S3 describes it, and the input of an event or a manual start. */
  async function uploadFor(who: string) {
    const input = await pipeline.upload(key, csv('Ada'));
    const { sourceBucket } = pipeline.stack.synthesized;
    const command = new HeadObjectCommand({ Bucket: sourceBucket, Key: key });
    const { LastModified } = await pipeline.stack.endpoints.s3.send(command);
    const upload = { ...uploadOf(input), modified: LastModified?.getTime() ?? 0 };
    return { upload, input: who === 'an event' ? input : { bucket: sourceBucket, key } };
  }

  const STARTS = ['an event', 'a manual start'];

  test.each(STARTS)('is loaded by %s once that execution counts as dead', async (who) => {
    const { upload, input } = await uploadFor(who);
    const lease = Date.now() + 4_000;
    await claim('dying', upload, lease);
    const result = await start(input);
    expect(Date.now()).toBeGreaterThan(lease);
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'loaded', loaded: 2 } });
    expect(visited(result)).toContain('AwaitExecution');
  });

  test.each(STARTS)('is not loaded by %s if that execution succeeds in the meantime', async (who) => {
    const { upload, input } = await uploadFor(who);
    const entry = await claim('alive', upload, hourFromNow());
    let invocationCount = 0;
    const stop = beforeInvocations(async () => {
      invocationCount += 1;
      if (invocationCount === 3) await entry.finish({ read: 9, loaded: 9, rejected: 0, duplicates: 0 });
      return undefined;
    });
    const result = await start(input).finally(stop);
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: { outcome: 'already-loaded', recorded: { execution: 'alive', loaded: 9 } },
    });
    expect(await names()).toEqual([]);
    expect(visited(result)).toEqual(['FetchCsv', 'IsClaimed', 'AwaitExecution', 'AlreadyLoaded']);
  });
});

describe('the load of a newer upload begins', () => {
  /** Claims an older upload, with a writer whose lease ends at this time. */
  async function olderWriter(until: number) {
    const older = await claim('older', { etag: 'older', sequencer: '0', modified: 0 }, hourFromNow());
    return { older, writer: await older.startWriting({ writer: until, execution: hourFromNow() }) };
  }

  /** Starts the newer upload, and returns when its load began. */
  async function load() {
    let begun = 0;
    const stop = beforeInvocations(async ({ name }) => {
      if (name === 'load-to-dynamodb') begun = Date.now();
      return undefined;
    });
    const result = await start(await pipeline.upload(key, csv('Ada'))).finally(stop);
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'loaded', loaded: 2 } });
    return { result, begun };
  }

  test("when the lease of the older upload's last writer has ended", async () => {
    const until = Date.now() + 8_000;
    await olderWriter(until);
    const { result, begun } = await load();
    expect(visited(result)).toContain('AwaitWriter');
    expect(begun).toBeGreaterThan(until);
  });

  test('when that writer has stopped', async () => {
    const { older, writer } = await olderWriter(hourFromNow());
    let invocationCount = 0;
    const stop = beforeInvocations(async ({ name }) => {
      if (name === 'begin-load') invocationCount += 1;
      if (invocationCount === 3) await older.stopWriting(writer);
      return undefined;
    });
    const { result } = await load().finally(stop);
    expect(visited(result)).toContain('AwaitWriter');
    expect(invocationCount).toBe(3);
  });
});

describe('an execution whose upload is superseded', () => {
  /** Checks that the execution stopped, and that the ledger has the other execution's entry without writers. */
  async function expectStopped(result: Awaited<ReturnType<typeof start>>): Promise<void> {
    expect(result.status).toBe('SUCCEEDED');
    expect(visited(result).at(-1)).toBe('Superseded');
    const recorded = await pipeline.ledgerEntry(key, 'other').read();
    expect(recorded).toMatchObject({ execution: 'other', status: 'CHECKING', sequencer: LATER.sequencer });
    expect(recorded?.writers).toEqual({});
  }

  /** More rows than fit into a chunk, with a duplicate key. */
  const large = () => `${csv('Ada', 2_000)}${keys}-0,last,0,2024-01-01\n`;

  // For a compressed file, the second invocation of fetch-csv is ScanCsv's.
  test.each<[FunctionName, number]>([
    ['fetch-csv', 2],
    ['validate-csv', 1],
    ['judge-csv', 1],
    ['find-duplicates', 1],
    ['report-rejects', 1],
    ['begin-load', 1],
    ['load-to-dynamodb', 1],
    ['reconcile-load', 1],
  ])('ends before it runs %s', async (name, invocation) => {
    const isCompressed = name === 'fetch-csv';
    let invocations = 0;
    let claiming: Promise<unknown> | undefined;
    const invoked = new Set<FunctionName>();
    const stop = beforeInvocations(async (next) => {
      invoked.add(next.name);
      if (next.name !== name) return undefined;
      invocations += 1;
      if (invocations === invocation) claiming = claim('other', LATER, hourFromNow());
      // Every iteration of a Map waits for the claim.
      await claiming;
      return undefined;
    });
    const input = await pipeline.upload(key, isCompressed ? gzipSync(large()) : large());
    await expectStopped(await start(input).finally(stop));
    // Later steps write nothing.
    if (name !== 'reconcile-load') expect(await names()).toEqual([]);
    const isLast = name === 'load-to-dynamodb' || name === 'reconcile-load';
    expect(invoked.has('load-to-dynamodb')).toBe(isLast);
  });

  test('stops writing in the middle of a chunk', async () => {
    let isWriting: Promise<unknown> | undefined;
    const stop = beforeInvocations(async ({ name, event }) => {
      if (name !== 'load-to-dynamodb') return undefined;
      isWriting = (async () => {
        while ((await names()).length === 0) await sleep(100);
        await claim('other', LATER, hourFromNow());
      })();
      // So slow that the load would take 20 seconds.
      return JSON.stringify({ ...JSON.parse(event), writesPerSecond: 20 });
    });
    const result = await start(await pipeline.upload(key, csv('Ada', 400))).finally(stop);
    await isWriting;
    await expectStopped(result);
    const written = (await names()).length;
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(300);
    await sleep(2_000);
    expect(await names()).toHaveLength(written);
  });
});

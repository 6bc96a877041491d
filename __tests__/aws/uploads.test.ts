/**
 * `csv-pipeline uploads` with the embedded S3 and DynamoDB, and with a ledger that the pipeline's own code writes. Only
 * Step Functions is replaced, by a server that ends each execution as its file's name says.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { compareUploads } from '../../aws/uploads/compare.ts';
import { type StartedUpload, startUploads } from '../../aws/uploads/start.ts';
import { main } from '../../cli/program.ts';
import { datasetNamed } from '../../datasets/index.ts';
import { loadOf } from '../../functions/core/dataset/load.ts';
import { LedgerEntry } from '../../functions/core/ledger/ledger.ts';
import { StoredEntry } from '../../functions/core/ledger/stored-entry.ts';
import type { Upload } from '../../functions/core/ledger/upload-order.ts';
import { type Endpoints, startEndpoints } from '../../local/emulator/endpoints.ts';
import { ensureTable } from '../../local/emulator/resources.ts';
import { Workspace } from '../../local/workspace.ts';
import { startServer } from '../support/server.ts';

const BUCKET = 'csv-pipeline-dev-source-111122223333';
const LEDGER = 'csv-pipeline-dev-ledger';
const MACHINE = 'arn:aws:states:eu-central-1:111122223333:stateMachine:csv-pipeline-dev';

const CREDENTIALS = { accessKeyId: 'x', secretAccessKey: 'x' };

const UPLOAD = {
  key: 'file.csv',
  dataset: 'results',
  status: 'never-seen' as const,
  uploaded: '2026-01-01T00:00:00.000Z',
  size: 1,
  etag: 'a',
  ...{ execution: null, claimed: null, ended: null, error: null },
  ...{
    read: null,
    loaded: null,
    unchanged: null,
    existing: null,
    stale: null,
    deleted: null,
    added: null,
    changed: null,
    removed: null,
    kept: null,
    rejected: null,
    duplicates: null,
  },
};

/** The ledger's item of a loaded upload, as DynamoDB returns it. */
const ITEM = {
  etag: { S: 'a' },
  modified: { N: String(Date.parse(UPLOAD.uploaded)) },
  status: { S: 'LOADED' },
  execution: { S: 'run' },
  lease: { N: '0' },
  writers: { M: {} },
  claimed: { S: UPLOAD.uploaded },
};

const workspace = new Workspace();
let endpoints: Endpoints;
let ledger: DynamoDBDocumentClient;

beforeAll(async () => {
  endpoints = await startEndpoints(workspace, workspace.directory, 'eu-central-1');
  ledger = DynamoDBDocumentClient.from(endpoints.dynamodb);
  await endpoints.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const attribute = [{ name: 'pk', type: 'S' as const }];
  await ensureTable(endpoints.dynamodb, {
    name: LEDGER,
    hash_key: 'pk',
    billing_mode: 'PAY_PER_REQUEST',
    attribute,
  });
  for (const key of ['new.csv', 'more/new.csv.gz', 'orders/new.csv', 'notes.txt', 'orders/x/'])
    await put(key);
  await (await claimed('loaded.csv')).finish({ read: 1_300, loaded: 1_250, rejected: 50, duplicates: 0 });
  await (await claimed('failed.csv')).fail('LoadTimeoutError');
  await (await claimed('orders/header.csv')).fail('HeaderError');
  await (await claimed('orders/rows.csv')).fail('ValidationError');
  await claimed('running.csv');
  await claimed('died.csv', {}, Date.now() - 1);
  const older = await claimed('again.csv', { etag: 'older', modified: 1_000 });
  await older.finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 });
  const undone = await claimed('undone.csv', { versionId: 'v2' });
  const former = { etag: 'former', modified: 1_000, versionId: 'v1' };
  await undone.claim(former, 0, async () => true, { started: Date.now() + 1, force: false, undo: 'v2' });
  await claimed('superseded.csv', { etag: 'newer', modified: Date.now() + 60_000 });
});
afterAll(() => workspace.close());

async function put(key: string): Promise<Upload> {
  await endpoints.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key }));
  const { ETag = '', LastModified } = await endpoints.s3.send(
    new HeadObjectCommand({ Bucket: BUCKET, Key: key }),
  );
  return { etag: ETag.replaceAll('"', ''), modified: LastModified?.getTime() ?? 0 };
}

/** Uploads an object, and claims that upload, or another one of the object, for an execution with the key's name. */
async function claimed(key: string, changes: Partial<Upload> = {}, lease = Date.now() + 3_600_000) {
  const upload = { ...(await put(key)), sequencer: '0055AED6DCD90281E5', ...changes };
  const entry = new LedgerEntry(
    new StoredEntry(ledger, LEDGER, `s3://${BUCKET}/${key}`),
    { bucket: BUCKET, key },
    `run-of-${key}`,
  );
  await entry.claim(upload, lease, async () => true, { started: Date.now(), force: false });
  return entry;
}

afterEach(() => jest.restoreAllMocks());

/** Runs the command in this process. */
async function uploads(variables: Readonly<Record<string, string>>, ...args: string[]) {
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      printed[stream] += text;
      return true;
    });
  }
  jest.replaceProperty(process, 'env', { ...process.env, ...endpoints.variables, ...variables });
  const code = await main(['uploads', '--env', 'dev', ...args]);
  jest.restoreAllMocks();
  return { code, ...printed };
}

const statuses = (stdout: string) =>
  Object.fromEntries(
    JSON.parse(stdout).uploads.map(({ key, status }: { key: string; status: string }) => [key, status]),
  );

const ALL = {
  'again.csv': 'never-seen',
  'died.csv': 'failed',
  'failed.csv': 'failed',
  'loaded.csv': 'loaded',
  'more/new.csv.gz': 'never-seen',
  'new.csv': 'never-seen',
  'notes.txt': 'ignored',
  'orders/header.csv': 'rejected',
  'orders/new.csv': 'never-seen',
  'orders/rows.csv': 'rejected',
  'orders/x/': 'ignored',
  'running.csv': 'running',
  'superseded.csv': 'superseded',
  'undone.csv': 'undone',
};

describe('without --start', () => {
  test('each object is listed with its status, in the order of the keys, and counted by dataset', async () => {
    const { code, stdout, stderr } = await uploads({}, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(Object.entries(statuses(stdout))).toEqual(Object.entries(ALL));
    const { uploads: listed, summary } = JSON.parse(stdout);
    expect(listed[3]).toEqual({
      key: 'loaded.csv',
      dataset: 'results',
      status: 'loaded',
      uploaded: expect.stringMatching(/:\d\d\.000Z$/),
      size: 10,
      etag: expect.stringMatching(/^[\da-f]{32}$/),
      execution: 'run-of-loaded.csv',
      claimed: expect.stringMatching(/Z$/),
      ended: expect.stringMatching(/Z$/),
      error: null,
      read: 1_300,
      loaded: 1_250,
      unchanged: null,
      existing: null,
      stale: null,
      deleted: null,
      added: null,
      changed: null,
      removed: null,
      kept: null,
      rejected: 50,
      duplicates: 0,
    });
    // The ledger has another upload of this object.
    expect(listed[0]).toMatchObject({ key: 'again.csv', execution: null, ended: null, loaded: null });
    expect(listed[7]).toMatchObject({ dataset: 'orders', error: 'HeaderError', loaded: null });
    expect(summary).toMatchObject([
      { dataset: 'orders', status: 'rejected', uploads: 2 },
      { dataset: 'orders', status: 'never-seen', uploads: 1 },
      { dataset: 'orders', status: 'ignored', uploads: 1 },
      {
        dataset: 'results',
        status: 'loaded',
        uploads: 1,
        oldest: listed[3].uploaded,
        newest: listed[3].uploaded,
      },
      { dataset: 'results', status: 'failed', uploads: 2 },
      { dataset: 'results', status: 'running', uploads: 1 },
      { dataset: 'results', status: 'never-seen', uploads: 3 },
      { dataset: 'results', status: 'superseded', uploads: 1 },
      { dataset: 'results', status: 'undone', uploads: 1 },
      { dataset: 'results', status: 'ignored', uploads: 1 },
    ]);
  });

  test('the same as lines for a person', async () => {
    const { stdout } = await uploads({}, '--status', 'loaded', 'failed');
    const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;
    const lines = stdout.replaceAll(time, 'TIME').split('\n');
    expect(lines.map((each) => each.trim().replaceAll(/ {2,}/g, '  ')).slice(0, 7)).toEqual([
      'Status  Uploaded  Finished  Loaded  Rejected  File',
      'failed  TIME  died.csv',
      'failed  TIME  TIME  failed.csv  LoadTimeoutError',
      'loaded  TIME  TIME  1,250  50  loaded.csv',
      '',
      'Dataset  Status  Files  Oldest  Newest',
      'orders  rejected  2  TIME  TIME',
    ]);
    expect(lines).toHaveLength(5 + 1 + 10 + 1);
  });

  test.each([
    ['of a dataset', 'orders/', ['orders/header.csv', 'orders/new.csv', 'orders/rows.csv', 'orders/x/']],
    ['across datasets', 'o', ['orders/header.csv', 'orders/new.csv', 'orders/rows.csv', 'orders/x/']],
    ['within a dataset', 'orders/n', ['orders/new.csv']],
    ['without objects', 'z', []],
  ])('--prefix lists the objects %s once', async (_, prefix, keys) => {
    const { stdout } = await uploads({}, '--prefix', prefix, '--json');
    expect(Object.keys(statuses(stdout))).toEqual(keys);
  });

  test('--status and --prefix choose what is listed; all statuses are counted', async () => {
    const { stdout } = await uploads({}, '--prefix', 'orders/', '--status', 'rejected', '--json');
    expect(statuses(stdout)).toEqual({ 'orders/header.csv': 'rejected', 'orders/rows.csv': 'rejected' });
    expect(JSON.parse(stdout).summary).toHaveLength(3);
  });
});

interface Behaviour {
  /** No execution ends until so many are running. */
  readonly atOnce?: number;
  /** Key of the file whose execution cannot be started. No other execution ends before that has happened. */
  readonly refused?: string;
  /** Looks at an execution until it ends. */
  readonly looks?: number;
}

/** Ends executions as the names of their files say. */
class StepFunctions {
  /** The inputs of the executions. */
  readonly inputs: Readonly<Record<string, unknown>>[] = [];
  /** Executions that ran at the same time. */
  most = 0;
  readonly #behaviour: Behaviour;
  readonly #looks = new Map<string, number>();
  #running = 0;
  #open: () => void = () => undefined;
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  constructor(behaviour: Behaviour = {}) {
    this.#behaviour = behaviour;
  }

  start() {
    return startServer(async (request, body, response) => {
      const operation = String(request.headers['x-amz-target']).split('.')[1];
      const message = JSON.parse(body.toString());
      const [status, answer] =
        operation === 'StartExecution' ? this.#start(message) : [200, await this.#describe(message)];
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer));
    });
  }

  /** Runs the command with this service. */
  async with(...args: string[]) {
    const server = await this.start();
    const finished = await uploads({ AWS_ENDPOINT_URL: server.url }, '--start', ...args);
    await server.close();
    return finished;
  }

  get keys() {
    return this.inputs.map(({ key }) => key).sort();
  }

  #start({ stateMachineArn, input = '', ...rest }: Record<string, string>): [number, unknown] {
    const { atOnce = 1, refused } = this.#behaviour;
    expect({ stateMachineArn, ...rest }).toEqual({ stateMachineArn: MACHINE });
    this.inputs.push(JSON.parse(input));
    if (this.inputs.at(-1)?.key === refused) {
      // The program has the answer by then.
      void sleep(100).then(this.#open);
      return [400, { __type: 'StateMachineDoesNotExist', message: 'There is none.' }];
    }
    this.#running += 1;
    this.most = Math.max(this.most, this.#running);
    if (refused === undefined && this.#running >= atOnce) this.#open();
    return [200, { executionArn: `${MACHINE}:${this.inputs.length - 1}`, startDate: 1 }];
  }

  async #describe({ executionArn = '' }: Record<string, string>): Promise<unknown> {
    const looks = (this.#looks.get(executionArn) ?? 0) + 1;
    this.#looks.set(executionArn, looks);
    if (looks < (this.#behaviour.looks ?? 1)) return { status: 'RUNNING' };
    await this.#opened;
    const key = String(this.inputs[Number(executionArn.split(':').at(-1))]?.key);
    this.#running -= 1;
    if (key === 'failed.csv') return { status: 'TIMED_OUT' };
    if (key.startsWith('orders/')) {
      return { status: 'FAILED', error: 'HeaderError', cause: 'No \u001b[1mid.' };
    }
    return { status: 'SUCCEEDED', output: key === 'new.csv' ? '{}' : '{"outcome":"loaded"}' };
  }
}

test('the program ends quietly when nobody reads the rest, as with head', async () => {
  await uploads({}, '--prefix', 'loaded');
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exited');
  });
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  expect(() => process.stdout.emit('error', broken)).toThrow('exited');
  expect(exit).toHaveBeenCalledWith(141);
});

describe('--start', () => {
  test('starts what was never seen, always its newest version, and prints how each execution ends', async () => {
    const service = new StepFunctions();
    const { code, stdout, stderr } = await service.with('--concurrency', '1');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(service.inputs).toEqual(
      ['again.csv', 'more/new.csv.gz', 'new.csv', 'orders/new.csv'].map((key) => ({ bucket: BUCKET, key })),
    );
    expect(stdout.split('\n')).toEqual([
      `started         again.csv  ${MACHINE}:0`,
      'loaded          again.csv',
      `started         more/new.csv.gz  ${MACHINE}:1`,
      'loaded          more/new.csv.gz',
      `started         new.csv  ${MACHINE}:2`,
      'superseded      new.csv',
      `started         orders/new.csv  ${MACHINE}:3`,
      'rejected        orders/new.csv  HeaderError: No \\u001b[1mid.',
      '',
      '2 loaded, 1 superseded, 1 rejected',
      '',
    ]);
  });

  test('keeps as many executions running as it may, and no more', async () => {
    const service = new StepFunctions({ atOnce: 3 });
    await service.with('--concurrency', '3');
    expect(service.most).toBe(3);
    expect(service.inputs).toHaveLength(4);
  });

  test('--status adds what failed or was rejected; --prefix limits it', async () => {
    const service = new StepFunctions();
    const { code, stdout } = await service.with('--status', 'failed', '--json');
    expect(code).toBe(1);
    expect(service.keys).toEqual([
      'again.csv',
      'died.csv',
      'failed.csv',
      'more/new.csv.gz',
      'new.csv',
      'orders/new.csv',
    ]);
    const { started, outcomes } = JSON.parse(stdout);
    expect(outcomes).toEqual({ loaded: 3, failed: 1, superseded: 1, rejected: 1 });
    expect(started).toContainEqual({
      key: 'failed.csv',
      dataset: 'results',
      execution: expect.stringContaining(MACHINE),
      outcome: 'failed',
      error: 'TIMED_OUT',
      cause: null,
    });
    const other = new StepFunctions();
    await other.with('--status', 'rejected', '--prefix', 'orders/');
    expect(other.keys).toEqual(['orders/header.csv', 'orders/new.csv', 'orders/rows.csv']);
  });

  test('with nothing to start succeeds', async () => {
    const service = new StepFunctions();
    expect(await service.with('--prefix', 'loaded')).toMatchObject({
      code: 0,
      stdout: 'There was nothing to start.\n',
    });
  });

  test('starts no more after an error, but waits for what it has started', async () => {
    const service = new StepFunctions({ refused: 'orders/new.csv' });
    const { code, stdout, stderr } = await service.with(
      ...['--status', 'rejected', '--prefix', 'orders/', '--concurrency', '2'],
    );
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'error: The request to Step Functions failed with StateMachineDoesNotExist: There is none.\n',
    });
    expect(stdout.split('\n')).toEqual([
      expect.stringContaining('started         orders/header.csv'),
      expect.stringContaining('rejected        orders/header.csv'),
      '',
    ]);
    expect(service.keys).toEqual(['orders/header.csv', 'orders/new.csv']);
  });

  test('looks at a running execution until it ends', async () => {
    const server = await new StepFunctions({ looks: 3 }).start();
    const ended: StartedUpload[] = [];
    async function* one() {
      yield UPLOAD;
    }
    const sfn = new SFNClient({ region: 'eu-central-1', endpoint: server.url, credentials: CREDENTIALS });
    await startUploads(sfn, one(), {
      stateMachineArn: MACHINE,
      sourceBucket: BUCKET,
      concurrency: 1,
      interval: 1,
      onStart: async () => undefined,
      onEnd: async (each) => void ended.push(each),
    });
    await server.close();
    expect(ended).toMatchObject([{ key: 'file.csv', outcome: 'loaded' }]);
  });

  test.each([
    [
      'a status that cannot be started',
      ['--start', '--status', 'failed', 'loaded'],
      'but not those that are loaded.',
    ],
    ['an unknown status', ['--status', 'lost'], 'Allowed choices are loaded, rejected, failed, running,'],
    ['no concurrency', ['--start', '--concurrency', '0'], 'It must be a whole number above 0.'],
  ])('%s ends with 2', async (_, args, message) => {
    const { code, stdout, stderr } = await uploads({}, ...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('a list of several pages', () => {
  const KEYS = Array.from(
    { length: 250 },
    (_, number) => `file ${String(number).padStart(3, '0')}+\u001b.csv`,
  );
  const PAGES = [KEYS.slice(0, 150), KEYS.slice(150)];

  const page = (number: number) => {
    const contents = PAGES[number]?.map(
      (key) =>
        `<Contents><Key>${encodeURIComponent(key).replaceAll('%20', '+')}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;a&quot;</ETag><Size>1</Size></Contents>`,
    );
    return `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${number === 0}</IsTruncated>${number === 0 ? '<NextContinuationToken>1</NextContinuationToken>' : ''}${contents?.join('')}</ListBucketResult>`;
  };

  /** Answers for both services, and logs the requests. */
  async function serve() {
    const requests: string[] = [];
    const server = await startServer((request, body, response) => {
      if (request.method === 'GET') {
        const number = Number(new URL(request.url ?? '', server.url).searchParams.get('continuation-token'));
        requests.push(`page ${number}`);
        response.end(page(number));
        return;
      }
      // Of each request, the items after the sixtieth are left for another request.
      const { Keys } = JSON.parse(body.toString()).RequestItems[LEDGER];
      requests.push(`${Keys.length} items`);
      const rest = Keys.slice(60);
      const UnprocessedKeys = rest.length > 0 ? { [LEDGER]: { Keys: rest } } : {};
      const items = Keys.slice(0, 60).map((key: object) => ({ ...key, ...ITEM }));
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify({ Responses: { [LEDGER]: items }, UnprocessedKeys }));
    });
    const configuration = { region: 'eu-central-1', endpoint: server.url, credentials: CREDENTIALS };
    return {
      ...server,
      requests,
      resources: {
        s3: new S3Client(configuration),
        dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(configuration)),
        sourceBucket: BUCKET,
        ledgerTable: LEDGER,
        prefixes: { results: 'file' },
      },
    };
  }

  test('is read only as far as it is used, and items that DynamoDB leaves out are asked for again', async () => {
    const { requests, resources, close } = await serve();
    const list = compareUploads(resources, '');
    expect((await list.next()).value).toMatchObject({ key: KEYS[0], status: 'loaded' });
    expect(requests).toEqual(['page 0', '100 items', '40 items']);
    const rest: string[] = [];
    for await (const { key, status } of list) rest.push(`${status} ${key}`);
    expect(rest).toEqual(KEYS.slice(1).map((key) => `loaded ${key}`));
    expect(requests.filter((each) => each.startsWith('page'))).toEqual(['page 0', 'page 1']);
    await close();
  });

  test('a prefix that no dataset has is wrong usage', async () => {
    const { requests, resources, close } = await serve();
    await expect(compareUploads(resources, 'orders/').next()).rejects.toThrow(
      'No dataset of the environment has keys that begin with "orders/". The prefixes are file (results).',
    );
    expect(requests).toEqual([]);
    await close();
  });
});

describe('where all files of a dataset are one feed', () => {
  const keys = ['orders/z-1.csv', 'orders/z-2.csv'] as const;
  const others = Object.keys(ALL).filter((key) => key.startsWith('orders/') && key !== 'orders/x/');
  /** The statuses of its files; only the listed ones are not superseded. */
  const expected = (own: Readonly<Record<string, string>>) => ({
    ...Object.fromEntries([...others, ...keys].map((key) => [key, 'superseded'])),
    'orders/x/': 'ignored',
    ...own,
  });
  const follow = () =>
    jest.replaceProperty(datasetNamed('orders'), 'load', loadOf({ mode: 'replace', feed: 'dataset' }));
  const listed = async (prefix = 'orders/') => {
    follow();
    return statuses((await uploads({}, '--prefix', prefix, '--json')).stdout);
  };
  const started = async () => {
    follow();
    const service = new StepFunctions();
    await service.with('--prefix', 'orders/');
    return service.keys;
  };
  const entryOf = (key: string) =>
    new LedgerEntry(new StoredEntry(ledger, LEDGER, 'dataset:orders'), { bucket: BUCKET, key }, key);
  const counts = { read: 1, loaded: 1, rejected: 0, duplicates: 0 };

  test('the newest file is shown and started alone, and older ones are superseded', async () => {
    const [older, newer] = [await put(keys[0]), await put(keys[1])];
    expect(await listed()).toEqual(expected({ [keys[1]]: 'never-seen' }));
    expect(await listed(keys[0])).toEqual({ [keys[0]]: 'superseded' });
    expect(await started()).toEqual([keys[1]]);
    const claim = async (index: 0 | 1, upload: Upload, undo?: string) => {
      const start = { started: Date.now() + index, force: false, undo };
      const versioned = { ...upload, versionId: `v${index}` };
      await entryOf(keys[index]).claim(versioned, Date.now() + 60_000, async () => true, start);
      await entryOf(keys[index]).finish(counts);
    };
    await claim(0, older);
    expect(await listed()).toEqual(expected({ [keys[0]]: 'loaded', [keys[1]]: 'never-seen' }));
    await claim(1, newer);
    expect(await listed()).toEqual(expected({ [keys[1]]: 'loaded' }));
    await claim(0, older, 'v1');
    expect(await listed()).toEqual(expected({ [keys[0]]: 'loaded', [keys[1]]: 'undone' }));
    expect(await started()).toEqual([]);
  });
});

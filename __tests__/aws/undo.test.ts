/** The commands `undo` and `items`, with an embedded S3 and DynamoDB, and answers of Step Functions. */

import { Readable } from 'node:stream';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
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
const EXECUTION = 'arn:aws:states:eu-central-1:111122223333:execution:csv-pipeline-dev:undo';
const HEADER = 'id,name,amount,date\n';

const workspace = new Workspace();
let endpoints: Endpoints;
let ledger: DynamoDBDocumentClient;

beforeAll(async () => {
  endpoints = await startEndpoints(workspace, workspace.directory, 'eu-central-1');
  ledger = DynamoDBDocumentClient.from(endpoints.dynamodb);
  const { s3 } = endpoints;
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }));
  const attribute = [{ name: 'pk', type: 'S' as const }];
  await ensureTable(endpoints.dynamodb, {
    name: LEDGER,
    hash_key: 'pk',
    billing_mode: 'PAY_PER_REQUEST',
    attribute,
  });
});
afterAll(() => workspace.close());
afterEach(() => jest.restoreAllMocks());

test('items: those of a key are printed in the order of the sort key, with all digits', async () => {
  const table = 'csv-pipeline-dev-orders';
  await ensureTable(endpoints.dynamodb, {
    name: table,
    hash_key: 'pk',
    range_key: 'sk',
    billing_mode: 'PAY_PER_REQUEST',
    attribute: ['pk', 'sk'].map((name) => ({ name, type: 'S' as const })),
  });
  for (const [pk, sk] of [
    ['B', '2'],
    ['A', '1'],
    ['B', '1'],
  ] as const) {
    const Item = { n: { N: '12345678901234567890' }, sk: { S: sk }, pk: { S: `ORDER#${pk}` } };
    await endpoints.dynamodb.send(new PutItemCommand({ TableName: table, Item }));
  }
  const printed = { stdout: '', stderr: '' };
  const items = async (...args: readonly string[]) => {
    Object.assign(printed, { stdout: '', stderr: '' });
    for (const stream of ['stdout', 'stderr'] as const) {
      jest.spyOn(process[stream], 'write').mockImplementation((text) => {
        printed[stream] += text;
        return true;
      });
    }
    jest.replaceProperty(process, 'env', { ...process.env, ...endpoints.variables });
    const code = await main(['items', '--env', 'dev', '--dataset', 'orders', ...args]);
    jest.restoreAllMocks();
    return { code, ...printed };
  };
  const line = (sk: number) => `{"pk":"ORDER#B","sk":"${sk}","n":12345678901234567890}\n`;
  const both = { code: 0, stdout: line(1) + line(2), stderr: '' };
  expect(await items('--key', 'ORDER#B')).toEqual(both);
  expect(await items('--key', 'ORDER#B', '--limit', '1')).toEqual({
    code: 0,
    stdout: line(1),
    stderr: 'There are more items; --limit 10 shows up to 10.\n',
  });
  expect(await items('--key', 'ORDER#C')).toEqual({
    code: 0,
    stdout: '',
    stderr: `${table} has no such items.\n`,
  });
  const { code, stdout } = await items('--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ dataset: 'orders', table, more: false });
  expect(JSON.parse(stdout).items).toHaveLength(3);
});

/** Uploads a file, and claims the upload; `loaded` records that it is in the table. */
async function uploaded(
  key: string,
  content: string,
  loaded: boolean,
  header = HEADER,
  feed = `s3://${BUCKET}/${key}`,
): Promise<Upload> {
  await endpoints.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: header + content }));
  const { ETag = '', VersionId: versionId } = await endpoints.s3.send(
    new HeadObjectCommand({ Bucket: BUCKET, Key: key }),
  );
  const upload = { etag: ETag, versionId, modified: Date.now(), sequencer: Date.now().toString(16) };
  const entry = new LedgerEntry(
    new StoredEntry(ledger, LEDGER, feed),
    { bucket: BUCKET, key },
    `run-${versionId}`,
  );
  await entry.claim(upload, Date.now() + 60_000, async () => true, { started: Date.now(), force: false });
  if (loaded) await entry.finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 });
  return upload;
}

/** Runs the command in this process. Step Functions starts an execution, which has succeeded at once. */
async function undo(typed: string, ...args: string[]) {
  const inputs: unknown[] = [];
  const answers: Readonly<Record<string, (message: Record<string, string>) => unknown>> = {
    StartExecution: ({ stateMachineArn, input = '' }) => {
      expect(stateMachineArn).toBe(MACHINE);
      inputs.push(JSON.parse(input));
      return { executionArn: EXECUTION, startDate: 1 };
    },
    DescribeExecution: () => ({ status: 'SUCCEEDED', name: 'undo', startDate: 1, stopDate: 2, output: '{}' }),
    DescribeStateMachineForExecution: () => ({
      definition: JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } }),
    }),
    GetExecutionHistory: () => ({ events: [] }),
  };
  const server = await startServer((request, body, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answers[operation]?.(JSON.parse(body.toString()))));
  });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      printed[stream] += text;
      return true;
    });
  }
  const stdin = Object.assign(Readable.from([`${typed}\n`]), { fd: 0 as const });
  jest.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as typeof process.stdin);
  jest.replaceProperty(process, 'env', {
    ...process.env,
    ...endpoints.variables,
    AWS_ENDPOINT_URL: server.url,
  });
  try {
    const code = await main(['undo', '--env', 'dev', ...args]);
    return { code, inputs, ...printed };
  } finally {
    jest.restoreAllMocks();
    await server.close();
  }
}

test('the version that was loaded before is loaded again, once a person has seen what that changes', async () => {
  const former = await uploaded('again.csv', '1,a,1,2024-01-01\n2,b,1,2024-01-01\n', true);
  const { versionId: wrong } = await uploaded('again.csv', '1,wrong,1,2024-01-01\n', true);
  const refused = await undo('no', '--key', 'again.csv');
  expect(refused).toMatchObject({ code: 1, inputs: [] });
  expect(refused.stderr).toContain('Type yes to load this version: ');
  expect(refused.stderr).toContain('Nothing was changed.');
  const { code, inputs, stdout, stderr } = await undo('yes', '--key', 'again.csv');
  const { versionId } = former;
  const input = { bucket: BUCKET, key: 'again.csv', versionId, undo: wrong, allowRemovals: true };
  expect({ code, inputs }).toEqual({ code: 0, inputs: [input] });
  expect(stdout).toContain(`Version ${versionId} of again.csv, uploaded at 20`);
  expect(stdout).toContain('2 to write, 0 rejected');
  expect(stderr).toContain('Rows whose keys this version lacks stay in the table as they are.');
  expect(stdout).toContain('SUCCEEDED  undo');
  expect(stderr).toContain(`Started ${EXECUTION}`);
});

test('a version can be chosen, and nobody is asked with --auto-approve', async () => {
  const { versionId = '' } = await uploaded('chosen.csv', '1,a,1,2024-01-01\n', false);
  await uploaded('chosen.csv', '2,b,1,2024-01-01\n', true);
  const { code, inputs } = await undo('no', '--key', 'chosen.csv', '--to', versionId, '--auto-approve');
  expect({ code, inputs }).toMatchObject({ code: 0, inputs: [{ versionId }] });
});

test('a version that its dataset would refuse is not loaded', async () => {
  await uploaded('bad.csv', '1,a,one,2024-01-01\n', true);
  await uploaded('bad.csv', '1,a,1,2024-01-01\n', true);
  const { code, inputs, stdout } = await undo('yes', '--key', 'bad.csv');
  expect({ code, inputs }).toEqual({ code: 1, inputs: [] });
  expect(stdout).toContain('The load would fail');
});

describe('nothing is started', () => {
  const refused = async (key: string, message: string, ...args: string[]) => {
    const { code, inputs, stderr } = await undo('yes', '--key', key, ...args);
    expect({ code, inputs }).toEqual({ code: 2, inputs: [] });
    expect(stderr).toContain(message);
  };

  test('if nothing was loaded', () => refused('none.csv', 'was loaded, so there is nothing to undo'));

  test('while an execution works on the file', async () => {
    await uploaded('running.csv', '1,a,1,2024-01-01\n', true);
    await uploaded('running.csv', '2,a,1,2024-01-01\n', false);
    await refused('running.csv', 'is working on an upload of');
  });

  test('if the ledger knows of no other version', async () => {
    const { versionId = '' } = await uploaded('first.csv', '1,a,1,2024-01-01\n', true);
    await refused('first.csv', `list-object-versions --bucket ${BUCKET} --prefix "first.csv", and name`);
    await refused('first.csv', 'is the one that was loaded last', '--to', versionId);
    await refused(
      'first.csv',
      'does not exist: the bucket keeps a former version for 7 days',
      '--to',
      'unknown',
    );
  });

  test('if the version has expired', async () => {
    const key = 'expired.csv';
    await uploaded(key, '1,a,1,2024-01-01\n', true);
    await uploaded(key, '2,a,1,2024-01-01\n', true);
    const former = { versionId: 'f'.repeat(32), etag: 'f', modified: 1 };
    const entry = new LedgerEntry(
      new StoredEntry(ledger, LEDGER, `s3://${BUCKET}/${key}`),
      { bucket: BUCKET, key },
      'former',
    );
    await entry.claim(former, 0, async () => true, { started: Date.now() + 1, force: true });
    await entry.finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 });
    await uploaded(key, '3,a,1,2024-01-01,\n', true);
    await refused(key, 'does not exist any more: the bucket keeps a former version for 7 days');
  });
});

describe('where all files of a dataset are one feed', () => {
  const ORDERS = 'Bestell-Nr;Position;Kunden-Nr;Artikel;Menge;Preis;Bestellt am;Versandt am;Status\n';
  const row = (id: number) => `${id};1;C;A;1;1,00;03.01.2025;;offen\n`;
  const keyOf = (day: number) => `orders/day-${day}.csv`;
  const versions: string[] = [];

  beforeAll(async () => {
    await ensureTable(endpoints.dynamodb, {
      name: 'csv-pipeline-dev-orders',
      hash_key: 'pk',
      range_key: 'sk',
      billing_mode: 'PAY_PER_REQUEST',
      attribute: [
        { name: 'pk', type: 'S' },
        { name: 'sk', type: 'S' },
      ],
    });
    for (const day of [1, 2, 3]) {
      versions.push((await uploaded(keyOf(day), row(day), true, ORDERS, 'dataset:orders')).versionId ?? '');
    }
  });

  const undoDataset = (typed: string, ...args: string[]) => {
    jest.replaceProperty(datasetNamed('orders'), 'load', loadOf({ mode: 'replace', feed: 'dataset' }));
    return undo(typed, ...args);
  };

  test('the file that was loaded before is loaded again, though its key is another', async () => {
    const { code, inputs, stdout } = await undoDataset('yes', '--dataset', 'orders');
    const [, versionId, last] = versions;
    const input = { bucket: BUCKET, key: keyOf(2), versionId, undo: last, allowRemovals: true };
    expect({ code, inputs }).toEqual({ code: 0, inputs: [input] });
    expect(stdout).toContain(`Version ${versionId} of orders/day-2.csv, uploaded at 20`);
    expect(stdout).toContain('No load of this feed has left an index yet');
  });

  test.each([
    ['', ''],
    [', and one of its versions', '?versionId='],
  ])('a file can be chosen%s', async (_, separator) => {
    const to = `${keyOf(1)}${separator}${separator && versions[0]}`;
    const { code, inputs } = await undoDataset('yes', '--dataset', 'orders', '--to', to);
    expect({ code, inputs }).toMatchObject({
      code: 0,
      inputs: [{ key: keyOf(1), versionId: versions[0], undo: versions[2] }],
    });
  });

  test.each([
    [
      'the load is chosen by its key',
      'are one feed. To undo its last load, name it with --dataset orders',
      '--key',
      keyOf(3),
    ],
    [
      'the file is the one that was loaded last',
      'is the one that was loaded last',
      '--dataset',
      'orders',
      '--to',
      keyOf(3),
    ],
    [
      'the file does not exist',
      's3://csv-pipeline-dev-source-111122223333/orders/none.csv does not exist',
      '--dataset',
      'orders',
      '--to',
      'orders/none.csv',
    ],
    [
      'the file is of another dataset',
      'again.csv is no file of the dataset orders',
      '--dataset',
      'orders',
      '--to',
      'again.csv',
    ],
    [
      'another dataset has a feed for each key',
      'Name the file with --key, not with --dataset',
      '--dataset',
      'results',
    ],
    ['nothing is named', 'Name the file with --key or'],
  ])('nothing is started if %s', async (_, message, ...args) => {
    const { code, inputs, stderr } = await undoDataset('yes', ...args);
    expect({ code, inputs }).toEqual({ code: 2, inputs: [] });
    expect(stderr).toContain(message);
  });
});

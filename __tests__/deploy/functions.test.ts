/** Deploys look after the functions: their code in `$LATEST`, and their old versions. A server replaces Lambda. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { restorationNote, restoreCode } from '../../deploy/code.ts';
import { readPlan } from '../../deploy/drift.ts';
import { pruneVersions } from '../../deploy/versions.ts';
import { redrivableDays } from '../../environments/redrive.ts';
import { startServer } from '../support/server.ts';

const DAY = 86_400_000;

/** Versions that Lambda returns at most in one response. */
const PAGE = 50;

interface Version {
  readonly number: number;
  /** Days since it was published. */
  readonly age: number;
}

/** Lambda, with the functions that {@link having} adds. Deleting a version can be refused. */
let server: Awaited<ReturnType<typeof startServer>>;
let requests: string[] = [];
let uploaded: Buffer | undefined;
let functions: Record<string, readonly Version[]> = {};
let refused: string | undefined;

const client = () =>
  new LambdaClient({
    region: 'eu-central-1',
    endpoint: server.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });

beforeAll(async () => {
  server = await startServer((request, body, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://lambda');
    const [, , , name = '', rest] = pathname.split('/');
    const answer = (value: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (rest === 'versions') {
      const start = Number(searchParams.get('Marker') ?? 0);
      const all = (functions[name] ?? []).map(({ number, age }) => ({
        Version: String(number),
        LastModified: new Date(Date.now() - age * DAY).toISOString().replace('Z', '+0000'),
      }));
      const some = [{ Version: '$LATEST', LastModified: new Date().toISOString() }, ...all];
      const NextMarker = start + PAGE < some.length ? String(start + PAGE) : undefined;
      answer({ Versions: some.slice(start, start + PAGE), NextMarker });
      return;
    }
    const what = `${request.method} ${name} ${rest ?? searchParams.get('Qualifier') ?? ''}`.trim();
    requests.push(what);
    if (what === refused) {
      answer({ Type: 'User', message: 'An alias points to it.' }, 409);
    } else if (rest === 'code') {
      uploaded = Buffer.from(JSON.parse(body.toString()).ZipFile, 'base64');
      answer({});
    } else if (request.method === 'DELETE') {
      response.writeHead(204).end();
    } else answer({ Configuration: { LastUpdateStatus: 'Successful' } });
  });
});
afterAll(() => server.close());
beforeEach(() => {
  requests = [];
  uploaded = undefined;
  functions = {};
  refused = undefined;
});

const address = (name: string) => `aws_lambda_function.${name}_function`;

/** Deployed functions with the versions that the state machine invokes. */
const resources = (versions: Readonly<Record<string, string>>) => [
  { address: 'aws_sqs_queue.queue', type: 'aws_sqs_queue', values: {} },
  ...Object.entries(versions).map(([name, version]) => ({
    address: address(name),
    type: 'aws_lambda_function',
    values: { function_name: name, version },
  })),
];

describe('old versions', () => {
  const kept = 16;

  test.each([
    [1, 15],
    [720, 15],
    [721, 16],
    [525_600, 744],
  ])(
    'are kept for a redrive after 14 days, and for two attempts of %d minutes: for %d days',
    (minutes, days) => {
      expect(redrivableDays({ executionTimeoutMinutes: minutes })).toBe(days);
    },
  );

  test('are deleted once they were replaced long enough ago, and never the one in use or a newer one', async () => {
    functions = {
      // Version 2 was replaced 17 days ago, version 3 only 15 days ago, however old it is.
      load: [
        { number: 1, age: 90 },
        { number: 2, age: 80 },
        { number: 3, age: 17 },
        { number: 4, age: 15 },
      ],
      // In use, although newer ones were published by hand.
      judge: [
        { number: 7, age: 100 },
        { number: 8, age: 99 },
        { number: 9, age: 98 },
      ],
      fetch: [{ number: 1, age: 400 }],
    };
    await expect(
      pruneVersions(resources({ load: '4', judge: '7', fetch: '1' }), kept, client()),
    ).resolves.toBe(2);
    expect(requests).toEqual(['DELETE load 1', 'DELETE load 2']);
  });

  test('on all pages are found, and a run deletes 25 of a function, the oldest first', async () => {
    functions = {
      load: Array.from({ length: 120 }, (_, index) => ({ number: index + 1, age: 300 - index })),
    };
    await expect(pruneVersions(resources({ load: '120' }), kept, client())).resolves.toBe(25);
    expect(requests).toEqual(Array.from({ length: 25 }, (_, index) => `DELETE load ${index + 1}`));
    functions = { load: functions.load?.slice(100) ?? [] };
    requests = [];
    await expect(pruneVersions(resources({ load: '120' }), kept, client())).resolves.toBe(19);
    expect(requests.at(-1)).toBe('DELETE load 119');
  });

  test('of a function that is not published are left alone', async () => {
    functions = {
      load: [
        { number: 1, age: 90 },
        { number: 2, age: 80 },
      ],
    };
    await expect(pruneVersions(resources({ load: '$LATEST' }), kept, client())).resolves.toBe(0);
    expect(requests).toEqual([]);
  });

  test('that cannot be deleted are an error', async () => {
    functions = {
      load: [
        { number: 1, age: 90 },
        { number: 2, age: 80 },
      ],
    };
    refused = 'DELETE load 1';
    await expect(pruneVersions(resources({ load: '2' }), kept, client())).rejects.toThrow(
      'An alias points to it.',
    );
  });
});

test('code that was replaced by hand is uploaded again, without replacing the function', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'code-'));
  try {
    writeFileSync(join(folder, 'load.zip'), 'the zip');
    const at = (name: string, code_sha256: string) => ({
      address: address(name),
      type: 'aws_lambda_function',
      values: { function_name: name, filename: `${name}.zip`, source_code_hash: 'built', code_sha256 },
    });
    const root_module = { resources: [at('fetch', 'built'), at('load', 'another')] };
    const plan = readPlan(
      JSON.stringify({ prior_state: { values: { root_module } }, planned_values: { root_module } }),
    );
    expect(restorationNote(plan)).toBe(
      'The code of aws_lambda_function.load_function was replaced by hand. It is uploaded again.\n',
    );
    await restoreCode(plan, folder, client());
    expect(requests).toEqual(['PUT load code', 'GET load']);
    expect(uploaded?.toString()).toBe('the zip');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

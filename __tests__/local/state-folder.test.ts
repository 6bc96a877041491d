/** A folder that keeps S3 and DynamoDB between runs. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { LocalStack } from '../../local/local-stack.ts';
import { runFile } from '../../local/run.ts';
import { readSynthesized, type SynthesizedStack } from '../../local/stack/synthesized.ts';
import { StateFolder } from '../../local/state-folder.ts';
import { Workspace } from '../../local/workspace.ts';
import { onlyInFull } from '../support/full-run.ts';
import { synthesizedFolder } from '../support/stack/stack.ts';

let folder: string;
let path: string;
let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await readSynthesized(synthesizedFolder('local'));
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
  path = join(folder, 'kept');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Opens the folder, changes its data, and closes it. */
async function change(content: string, commit: boolean): Promise<string[]> {
  const state = await StateFolder.open(path);
  try {
    const data = await state.checkOut(stack);
    const before = readdirSync(data);
    writeFileSync(join(data, content), content);
    if (commit) await state.commit();
    return before;
  } finally {
    await state.close();
  }
}

test('a run continues with what the last one kept, and one that does not end changes nothing', async () => {
  expect(await change('one', true)).toEqual([]);
  expect(await change('lost', false)).toEqual(['one']);
  // As a killed run leaves it.
  mkdirSync(join(path, 'csv-pipeline-data-01234567'));
  writeFileSync(join(path, 'state.json.new'), '{');
  expect(await change('two', true)).toEqual(['one']);
  expect(await change('three', false)).toEqual(['one', 'two']);
  expect(readdirSync(path).filter((name) => name.startsWith('csv-pipeline-data-'))).toHaveLength(1);
});

test('a run is refused while another is using the folder, but not after that was killed', async () => {
  const module = join(__dirname, '../../local/state-folder.ts');
  const script = `
    const { StateFolder } = await import(${JSON.stringify(module)});
    await StateFolder.open(${JSON.stringify(path)});
    console.log('open');
    setInterval(() => undefined, 1_000);`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout, 'data');
  await expect(StateFolder.open(path)).rejects.toThrow(`Another run is using ${path}. Wait until it ends`);
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(await change('one', true)).toEqual([]);
});

describe('a folder is refused, and stays as it is, that', () => {
  test('is a file, or has other files', async () => {
    writeFileSync(path, '');
    await expect(StateFolder.open(path)).rejects.toThrow(
      /kept cannot keep the state: EEXIST.*Choose another folder\.$/,
    );
    await expect(StateFolder.open(folder)).rejects.toThrow(
      `${folder} is no folder of an earlier run: it contains kept. Choose a new or an empty folder.`,
    );
    expect(readdirSync(folder)).toEqual(['kept']);
  });

  test.each<[string, Partial<SynthesizedStack>, string]>([
    [
      'another environment made',
      { machine: { ...({} as SynthesizedStack['machine']), arn: 'another' } },
      'the state machine was arn:aws:states:us-east-1:123456789012:stateMachine:csv-pipeline-local, and is now another.',
    ],
    [
      'was made before a dataset got another prefix',
      { datasets: [{ name: 'results', prefix: 'new/', table: 'csv-pipeline-local-results' }] },
      'the dataset results was {"prefix":"","table":"csv-pipeline-local-results"}, and is now {"prefix":"new/",',
    ],
    ['has a table that is gone', { tables: [] }, 'the table csv-pipeline-local-airports was '],
  ])('%s', async (_, changes, message) => {
    await change('one', true);
    const before = readFileSync(join(path, 'state.json'), 'utf8');
    const state = await StateFolder.open(path);
    await expect(state.checkOut({ ...stack, ...changes })).rejects.toThrow(message);
    await state.close();
    expect(readFileSync(join(path, 'state.json'), 'utf8')).toBe(before);
    expect(await change('two', true)).toEqual(['one']);
  });

  test.each([
    ['another version made', (text: string) => text.replace('"format": 1', '"format": 0')],
    ['has another state.json', () => 'no JSON'],
    ['lacks its data', (text: string) => text.replace(/data-\w+/, 'data-00000000')],
  ])('%s', async (_, changed) => {
    await change('one', true);
    const file = join(path, 'state.json');
    writeFileSync(file, changed(readFileSync(file, 'utf8')));
    await expect(change('two', true)).rejects.toThrow(`${file} was not written by this version`);
    expect(readdirSync(path).filter((name) => name.startsWith('csv-pipeline-data-'))).toHaveLength(1);
  });
});

onlyInFull(() => {
  test('two runs in one folder are as two uploads to one bucket: one counts once, a newer one is loaded', async () => {
    /** Starts a stack that continues with the folder's data. */
    async function run<T>(work: (local: LocalStack) => Promise<T>): Promise<T> {
      const workspace = new Workspace();
      const state = await StateFolder.open(path);
      try {
        const result = await work(await LocalStack.start(workspace, synthesizedFolder('local'), state));
        await workspace.close();
        await state.commit();
        return result;
      } finally {
        await workspace.close();
        await state.close();
      }
    }
    const file = join(folder, 'file.csv');
    const write = (...names: string[]) => {
      const rows = names.map((name, row) => `${row},${name},1,2024-01-01\n`);
      writeFileSync(file, `id,name,amount,date\n${rows.join('')}`);
    };
    const load = (local: LocalStack) => runFile(local, file, { reports: folder });

    write('Ada', 'Bob');
    expect(await run(load)).toMatchObject({ output: { outcome: 'loaded', loaded: 2 }, state: path });
    await run(async (local) => {
      expect(await load(local)).toMatchObject({ output: { outcome: 'already-loaded' }, state: path });
      write('Eve');
      expect(await load(local)).toMatchObject({ output: { outcome: 'loaded', loaded: 1 } });
      const { dynamodb } = local.endpoints;
      const { Items } = await dynamodb.send(new ScanCommand({ TableName: local.dataset(undefined).table }));
      expect(Items?.map(({ name }) => name?.S).sort()).toEqual(['Bob', 'Eve']);
      const version = async () => Object(await local.upload(file, 'file.csv'))['version-id'];
      const uploaded = await version();
      expect(await version()).toBe(uploaded);
      // The same content is another upload, if it was written again.
      utimesSync(file, 1, 1);
      expect(await version()).not.toBe(uploaded);
    });
  });
});

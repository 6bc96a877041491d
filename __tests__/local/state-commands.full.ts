/** The plan and the undo of loads into a folder that keeps the data of its runs. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

jest.setTimeout(600_000);

const CLI = join(__dirname, '../../cli/index.ts');
const RUN = ['run', 'articles.csv', '--dataset', 'articles', '--json', '--state', 'kept'];
const UNDO = ['undo', '--key', 'articles/articles.csv', '--state', 'kept'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file with a price for each article. */
function write(prices: Readonly<Record<string, number>>): void {
  const rows = Object.entries(prices).map(([article, price]) => `${article},Mug,${price},1\n`);
  writeFileSync(join(folder, 'articles.csv'), `article,name,price,stock\n${rows.join('')}`);
}

function command(args: readonly string[], typed = '') {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    encoding: 'utf8',
    input: typed,
  });
  return { code: status, stdout, stderr };
}

/** What `csv-pipeline run` prints as JSON. */
function run(...args: readonly string[]) {
  const { code, stdout } = command([...RUN, ...args]);
  return { code, ...JSON.parse(stdout === '' ? '{}' : stdout) };
}

test('a plan says what the next run does, and an undo loads the file before it; neither changes the folder unasked', () => {
  const state = () => readFileSync(join(folder, 'kept/state.json'), 'utf8');
  const path = join(folder, 'items.jsonl');
  const items = () => readFileSync(path, 'utf8').replaceAll(/"name":"Mug",|,"stock":1/g, '');
  write({ a: 1, b: 1, c: 1, e: 1, f: 1, g: 1 });
  expect(run('--check')).toEqual({ code: 1 });
  expect(command(UNDO)).toMatchObject({ code: 2, stderr: expect.stringContaining('kept does not exist.') });
  expect(run('--items', path)).toMatchObject({ code: 0, output: { loaded: 6 } });
  const former = items();
  const one = command(['items', '--state', 'kept', '--dataset', 'articles', '--key', 'ARTICLE#a', '--json']);
  expect(one).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(one.stdout)).toMatchObject({ items: [{ name: 'Mug', price: 1 }], more: false });
  expect(run('--check')).toMatchObject({ code: 0, outcome: 'none', plan: { unchanged: 6 } });
  expect(command(UNDO)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/does not know which version .* Load the former file again instead\.\n$/),
  });

  write({ a: 1, b: 2, d: 1, e: 1, f: 1, g: 1 });
  const before = state();
  const planned = { add: 1, change: 1, remove: 1, unchanged: 4, kept: 0, rejected: 0 };
  expect(run('--check')).toMatchObject({ code: 2, index: 'complete', plan: planned });
  expect(state()).toBe(before);
  expect(run()).toMatchObject({ code: 0, output: { loaded: 2, unchanged: 4, removed: 1 } });

  const loaded = state();
  const refused = command(UNDO, 'no\n');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was changed.') });
  expect(refused.stdout).toContain('1 to add, 1 to change, 1 to remove, 4 unchanged, 0 rejected');
  expect(state()).toBe(loaded);
  const unknown = command([...UNDO, '--to', 'f'.repeat(32)]);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('does not exist. Upload') });
  const undone = command(UNDO, 'yes\n');
  expect(undone).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/SUCCEEDED.*\n {2}outcome: loaded/),
  });
  // Its event, if it comes again, does not bring the undone file back.
  expect(run('--items', path)).toMatchObject({ code: 0, output: { outcome: 'superseded' } });
  expect(items()).toBe(former);

  write({});
  expect(run('--check')).toMatchObject({ code: 1, error: 'RemovalGuardError', plan: { remove: 6 } });
});

/** The program plans the load of a file into a folder that keeps the data of its runs. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MODES } from '../support/modes.ts';
import { synthesizeChanged } from '../support/stack/changed-program.ts';
import { root } from '../support/stack/program.ts';

jest.setTimeout(300_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('--check with --state says what the next run does, and changes nothing in the folder', async () => {
  const program = join(folder, 'program');
  await synthesizeChanged(program, 'local', MODES);
  for (const room of ['aws', 'bench', 'cli', 'report', 'tools']) {
    cpSync(join(root, room), join(program, room), { recursive: true });
  }
  const file = join(folder, 'feed.csv');
  const run = (...args: readonly string[]) => {
    const command = [
      join(program, 'cli/index.ts'),
      'run',
      file,
      '--dataset',
      'replaced',
      '--json',
      '--state',
      'kept',
    ];
    const { stdout, status } = spawnSync(process.execPath, [...command, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { code: status, ...JSON.parse(stdout === '' ? '{}' : stdout) };
  };
  expect(run('--check')).toEqual({ code: 1 });
  writeFileSync(file, 'id,name\na,one\nb,one\nc,one\n');
  expect(run()).toMatchObject({ code: 0, output: { loaded: 3 } });
  expect(run('--check')).toMatchObject({ code: 0, outcome: 'none', plan: { unchanged: 3 } });
  writeFileSync(file, 'id,name\na,one\nb,two\nd,one\n');
  const before = readFileSync(join(folder, 'kept/state.json'), 'utf8');
  const planned = { add: 1, change: 1, remove: 1, unchanged: 1, kept: 0, rejected: 0 };
  expect(run('--check')).toMatchObject({ code: 2, index: 'complete', plan: planned });
  expect(readFileSync(join(folder, 'kept/state.json'), 'utf8')).toBe(before);
  expect(run()).toMatchObject({ code: 0, output: { loaded: 2, unchanged: 1, removed: 1 } });
  writeFileSync(file, 'id,name\n');
  expect(run('--check')).toMatchObject({ code: 1, error: 'RemovalGuardError', plan: { remove: 3 } });
});

/** The commands of docs/terrain.md that move a project to CDK Terrain for good. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copyProgram, root } from '../../bench/measure/changed-program.ts';
import { stacksIn, synthesizedUnder } from './stacks.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'terrain-move-'));
});
afterEach(() => rmSync(scratch, { recursive: true }));

test('they leave a project that has no package of CDKTF, and synthesizes the same stacks as before under the condition', () => {
  const project = path.join(scratch, 'project');
  copyProgram(project, [
    '.npmrc',
    'cdktf.json',
    'package-lock.json',
    'jest.terrain.config.js',
    'terrain/package.json',
    '__tests__/terrain',
  ]);
  unlinkSync(path.join(project, 'node_modules'));
  execFileSync('bash', ['-e', '-c', commands('Move for good')], {
    cwd: project,
    env: { ...process.env, CI: '1', npm_config_prefer_offline: 'true' },
    stdio: 'pipe',
  });
  expect(stacksIn(path.join(project, 'cdktf.out'))).toEqual(
    synthesizedUnder('terrain', path.join(scratch, 'out')),
  );
  for (const file of ['package.json', 'package-lock.json']) {
    expect(readFileSync(path.join(project, file), 'utf8')).not.toMatch(
      /"(node_modules\/)?(cdktf|@cdktf\/.*)"/,
    );
  }
});

/** The first block of commands below that heading. */
function commands(heading: string): string {
  const text = readFileSync(path.join(root, 'docs/terrain.md'), 'utf8');
  const [, block] = text.slice(text.indexOf(`## ${heading}`)).match(/```sh\n(.*?)```/s) ?? [];
  if (block === undefined) throw new Error(`docs/terrain.md has no commands under "${heading}".`);
  return block;
}

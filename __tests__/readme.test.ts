/** What the README shows of a run is what the run prints. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onlyInFull } from './support/full-run.ts';

const root = join(__dirname, '..');
const program = `"${process.execPath}" "${join(root, 'cli/index.ts')}"`;
const [feed = [], ...bad] = [
  ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```\n(\$ npm start --[^`]*)```/g),
].map(([, shown = '']) => shown.split(/^\$ /m).slice(1));

test('the README shows how a table follows a file, and two bad files', () => {
  expect(feed).toHaveLength(5);
  expect(bad.map((steps) => steps.length)).toEqual([1, 1]);
});

/** Runs the steps in a folder with the samples, and compares what they print. */
function expectShown(steps: readonly string[], codes: readonly number[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  try {
    cpSync(join(root, 'samples'), join(folder, 'samples'), { recursive: true });
    for (const [index, step] of steps.entries()) {
      const [command = '', ...output] = step.split('\n');
      const { stdout, stderr, status } = spawnSync(
        command.replace('npm start --', `${program} run`).replace('npx csv-pipeline', program),
        { cwd: folder, encoding: 'utf8', shell: true, input: 'yes\n' },
      );
      expect(status).toBe(codes[index]);
      // A terminal shows what is typed.
      const printed = (stdout + stderr.replace('Type yes to load this version: ', '$&yes\n')).split('\n');
      const lines = printed.map((line) => line.trimEnd());
      // A line of dots stands for any lines, and dots in a line for any text.
      const patterns = output.filter((line) => line !== '' && line !== '…');
      expect(patterns.length).toBeGreaterThan(0);
      for (const pattern of patterns) {
        const parts = pattern
          .split('…')
          .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
        expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${parts.join('.*')}$`)));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

onlyInFull(() => {
  test.each(bad.map(([step = '']) => [step.split('\n')[0], step]))('%s', (_, step) =>
    expectShown([step], [1]),
  );

  test('a table follows a file: load, change, plan, load, undo', () => {
    // diff ends with 1 if the files differ, and a plan with 2 if there is something to change.
    expectShown(feed, [0, 1, 2, 0, 0]);
  });
});

/** What the README shows of a run is what the run prints. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onlyInFull } from './support/full-run.ts';

const root = join(__dirname, '..');
const shown = [
  ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```\n\$ npm start -- (.*)\n([^`]*)```/g),
];

test('the README shows two bad files', () => {
  expect(shown).toHaveLength(2);
});

onlyInFull(() => {
  test.each(shown.map(([, command = '', output = '']) => [command, output]))(
    'npm start -- %s',
    (command, output) => {
      const folder = mkdtempSync(join(tmpdir(), 'readme-'));
      try {
        const args = command.split(' ').map((arg) => (arg.startsWith('samples/') ? join(root, arg) : arg));
        const { stdout, status } = spawnSync(process.execPath, [join(root, 'cli/index.ts'), 'run', ...args], {
          cwd: folder,
          encoding: 'utf8',
        });
        expect(status).toBe(1);
        const lines = stdout.split('\n').map((line) => line.trimEnd());
        // A line of dots stands for any lines, and dots in a line for any text.
        const patterns = output.split('\n').filter((line) => line !== '' && line !== '…');
        expect(patterns.length).toBeGreaterThan(0);
        for (const pattern of patterns) {
          const parts = pattern
            .split('…')
            .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
          expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${parts.join('.*')}$`)));
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../bench/measure/changed-program.ts';

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(path.join(tmpdir(), 'biome-'));
  for (const file of ['biome.json', '.gitignore']) cpSync(path.join(root, file), path.join(checkout, file));
});
afterEach(() => rmSync(checkout, { recursive: true }));

/** Writes a file that the formatter would change, and runs the linter as `npm run check` does. */
function checkWith(file: string) {
  mkdirSync(path.dirname(path.join(checkout, file)), { recursive: true });
  writeFileSync(path.join(checkout, file), '{"a"  :1}');
  const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
  return spawnSync(process.execPath, [biome, 'check', '--error-on-warnings', '.'], {
    cwd: checkout,
    encoding: 'utf8',
  });
}

test.each(['result.json', 'foo.ts', 'notes/data.json'])('a user’s own %s is not checked', (file) => {
  expect(checkWith(file)).toMatchObject({ status: 0, stderr: '' });
});

test.each(['main.ts', 'package.json', 'datasets/results.ts', 'functions/core/new/part.ts'])(
  '%s is checked',
  (file) => {
    const { status, stdout, stderr } = checkWith(file);
    expect(status).toBe(1);
    expect(stdout + stderr).toContain(path.normalize(file));
  },
);

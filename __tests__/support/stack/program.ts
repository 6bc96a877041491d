/** Runs a copy of the program. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Runs `main.ts` in the folder, with the folder as the working directory. */
export function runProgram(folder: string, env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, ['main.ts'], {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
}

/** The contents of all files in the folder, by their relative paths. */
export function filesUnder(folder: string): Map<string, Buffer> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(folder, file), readFileSync(file)]),
  );
}

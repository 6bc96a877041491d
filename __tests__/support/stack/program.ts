/** Copies the program to another folder, and runs it there. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../..');

/**
 * Creates the folder, copies everything that a synth reads into it, and links the packages.
 * @param more additional paths to copy.
 */
export function copyProgram(folder: string, more: readonly string[] = []): void {
  mkdirSync(folder, { recursive: true });
  for (const name of [
    'main.ts',
    'asl',
    'constructs',
    'datasets',
    'environments',
    'functions',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    ...more,
  ])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
}

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

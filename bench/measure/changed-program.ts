/** Copies the program to another folder, changes it, and synthesizes the copy. */

import { fork } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';
import { z } from 'zod';

export const root = resolvePath(import.meta.dirname, '../..');

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
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

/** Changes by file: strings that occur in it once, each with its replacement; or the content of a new file. */
export type Changes = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

const synthesis = z.union([z.object({ folder: z.string() }), z.object({ problem: z.string() })]);

/**
 * Makes the copy in a folder, and synthesizes a stack with it.
 * @returns the folder that contains `cdk.tf.json`
 * @throws Error when a string does not occur exactly once, or the copy cannot be synthesized.
 */
export async function synthesizeChanged(
  folder: string,
  environment: string,
  changes: Changes,
): Promise<string> {
  copyProgram(folder, ['local']);
  for (const [file, change] of Object.entries(changes)) {
    const path = join(folder, file);
    writeFileSync(path, typeof change === 'string' ? change : replaced(readFileSync(path, 'utf8'), change));
  }
  const child = fork(join(folder, 'local/stack/synthesize-process.ts'), [environment, join(folder, 'out')], {
    execArgv: [],
  });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  child.once('message', resolve).once('error', reject);
  child.once('exit', (code) => reject(new Error(`The synthesis ended with code ${code}.`)));
  const answer = synthesis.parse(await promise);
  if ('problem' in answer) throw new Error(answer.problem);
  return answer.folder;
}

function replaced(source: string, changes: Readonly<Record<string, string>>): string {
  let text = source;
  for (const [from, to] of Object.entries(changes)) {
    const [before, after, ...more] = text.split(from);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`${JSON.stringify(from)} does not occur exactly once in the source.`);
    }
    text = before + to + after;
  }
  return text;
}

/** Synthesizes a stack, and reads it back into memory. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../../bench/measure/changed-program.ts';
import { runProgram } from './program.ts';

export interface StackJson {
  readonly terraform: Readonly<Record<string, unknown>>;
  readonly provider: unknown;
  readonly output: unknown;
  readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

export interface Stack {
  readonly json: StackJson;
  /** By file name. */
  readonly assets: ReadonlyMap<string, Buffer>;
}

/**
 * The folder of an environment's stack, with `cdk.tf.json` and `assets`; nothing may be written into it. All stacks are
 * synthesized for the first file that asks for one, while the other workers wait.
 * @throws Error when the program cannot synthesize.
 */
export function synthesizedFolder(environmentName: string): string {
  const shared = process.env.SHARED_FOLDER ?? '';
  const outdir = path.join(shared, 'stacks');
  const outcome = path.join(shared, 'outcome.txt');
  if (isFirst(path.join(shared, 'asked'))) {
    const { status, stderr } = runProgram(root, { CDKTF_OUTDIR: outdir });
    writeFileSync(
      `${outcome}.part`,
      status === 0 ? '' : `The program ended with status ${status}: ${stderr}`,
    );
    renameSync(`${outcome}.part`, outcome);
  }
  while (!existsSync(outcome)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  const problem = readFileSync(outcome, 'utf8');
  if (problem !== '') throw new Error(problem);
  return path.join(outdir, 'stacks', `csv-pipeline-${environmentName}`);
}

/** Creates the folder, unless another worker has. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

export function synthesized(environmentName: string): Stack {
  return readStack(synthesizedFolder(environmentName));
}

export function readStack(folder: string): Stack {
  const assets = path.join(folder, 'assets');
  return {
    json: JSON.parse(readFileSync(path.join(folder, 'cdk.tf.json'), 'utf8'), withoutComments),
    assets: new Map(readdirSync(assets).map((name) => [name, readFileSync(path.join(assets, name))])),
  };
}

/** Removes the metadata that cdktf adds to each resource. */
function withoutComments(key: string, value: unknown): unknown {
  return key === '//' ? undefined : value;
}

/** All resources of a type whose names start with a prefix, by name. */
export function resources({ json }: Stack, type: string, prefix = '') {
  const all = Object.entries(json.resource[type] ?? {});
  return Object.fromEntries(all.filter(([name]) => name.startsWith(prefix)));
}

/** All resources whose names start with a prefix, by type and name. */
export function part({ json }: Stack, prefix: string) {
  const addresses = Object.entries(json.resource).flatMap(([type, named]) =>
    Object.entries(named).map(([name, resource]) => [`${type}.${name}`, name, resource] as const),
  );
  return Object.fromEntries(
    addresses
      .filter(([, name]) => name.startsWith(prefix))
      .map(([address, , resource]) => [address, resource]),
  );
}

/** Parses the JSON in a string attribute, such as a policy. */
export function parsed(resource: Readonly<Record<string, unknown>> | undefined, attribute: string): unknown {
  return JSON.parse(String(resource?.[attribute]));
}

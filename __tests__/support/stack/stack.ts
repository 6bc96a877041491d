/** Synthesizes a stack, and reads it back into memory. */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, runProgram } from './program.ts';

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
 * synthesized for the first file of a worker that asks for one.
 * @throws Error when the program cannot synthesize.
 */
export function synthesizedFolder(environmentName: string): string {
  const outdir = path.join(process.env.SHARED_FOLDER ?? '', `stacks-${process.env.JEST_WORKER_ID}`);
  if (!existsSync(outdir)) {
    const { status, stderr } = runProgram(root, { CDKTF_OUTDIR: outdir });
    if (status !== 0) {
      rmSync(outdir, { recursive: true, force: true });
      throw new Error(`The program ended with status ${status}: ${stderr}`);
    }
  }
  return path.join(outdir, 'stacks', `csv-pipeline-${environmentName}`);
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

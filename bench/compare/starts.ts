/** Measures how long processes take to load their code, how large that code is, and how long commands take. */

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { z } from 'zod';
import { CACHE_FOLDER } from '../../constructs/bundle/cache.ts';
import type { SynthesizedStack } from '../../local/stack/synthesized.ts';
import type { Workspace } from '../../local/workspace.ts';
import type { BundleSize, ColdStart } from './comparison.ts';
import { lastLine } from './contenders.ts';

const ROOT = join(import.meta.dirname, '../..');

const loaded = z.object({ cpuSeconds: z.number(), wallSeconds: z.number() });

/**
 * Prints the time that the process has used so far. That includes the processes it has started and waited for, such as
 * esbuild: fields 16 and 17 of its line in `/proc`, in hundredths of a second; source: proc(5).
 */
const PRINT = `const fields = process.getBuiltinModule('fs').readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
const children = (Number(fields[13]) + Number(fields[14])) / 100;
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6 + children, wallSeconds: performance.now() / 1e3 }));`;

const PYTHON = `import json, sys, time
from boto3 import client, resource
client("s3"), resource("dynamodb")
print(json.dumps({"cpuSeconds": time.process_time(), "wallSeconds": time.time() - float(sys.argv[1])}))`;

type Load = () => Promise<unknown>;

/** Measures several loads round by round, so that all of them meet the same noise. */
async function alternating(loads: Readonly<Record<string, Load>>, rounds: number): Promise<ColdStart[]> {
  const times = Object.keys(loads).map((name) => ({
    name,
    cpuSeconds: [] as number[],
    wallSeconds: [] as number[],
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, cpuSeconds, wallSeconds } of times) {
      const time = loaded.parse(await loads[name]?.());
      cpuSeconds.push(time.cpuSeconds);
      wallSeconds.push(time.wallSeconds);
    }
  }
  return times;
}

/** Extracts the functions' zips and returns the size of their code. */
export function extractBundles(workspace: Workspace, stack: SynthesizedStack): BundleSize[] {
  return stack.functions.map(({ name, zip }) => {
    const files = unzipSync(readFileSync(zip));
    for (const [entry, contents] of Object.entries(files)) {
      const file = join(workspace.directory, 'bundles', name, entry);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, contents);
    }
    return { name, code: files['index.js']?.length ?? Number.NaN, zip: statSync(zip).size };
  });
}

/**
 * Measures the start of Node.js alone, of Node.js with each function's code, and of Python with boto3 if it is installed.
 * @param names of functions whose zips {@link extractBundles} has extracted
 */
export function coldStarts(
  workspace: Workspace,
  stack: SynthesizedStack,
  names: readonly string[],
  hasPython: boolean,
  rounds: number,
): Promise<ColdStart[]> {
  const loads: Record<string, Load> = {
    'Node.js alone': () => lastLine(process.execPath, ['-e', PRINT]),
  };
  for (const { name, variables } of stack.functions) {
    if (!names.includes(name)) continue;
    const code = `require(${JSON.stringify(join(workspace.directory, 'bundles', name, 'index.js'))});\n${PRINT}`;
    loads[name] = () => lastLine(process.execPath, ['-e', code], { ...variables, AWS_REGION: 'us-east-1' });
  }
  if (hasPython) {
    const region = { AWS_DEFAULT_REGION: 'us-east-1' };
    loads['Python with boto3'] = () =>
      lastLine('python3', ['-c', PYTHON, String(Date.now() / 1_000)], region);
  }
  return alternating(loads, rounds);
}

/**
 * Measures a synth of this stack, and of the peer's stack, each in its own process.
 * @param cdkFolder has aws-cdk-lib installed; without it, the peer is left out
 */
export function synthTimes(
  workspace: Workspace,
  cdkFolder: string | undefined,
  rounds: number,
): Promise<ColdStart[]> {
  // Within these milliseconds Node.js notices that esbuild has ended, whose time then counts.
  const code = `import { synthesize } from ${JSON.stringify(join(ROOT, 'main.ts'))};
await synthesize('local', process.argv[1]);
await new Promise((resolve) => setTimeout(resolve, 10));\n${PRINT}`;
  const outdir = join(workspace.directory, 'synth-times');
  const loads: Record<string, Load> = {
    'this project, with bundling': () => {
      rmSync(join(ROOT, CACHE_FOLDER), { recursive: true, force: true });
      return lastLine(process.execPath, ['--input-type=module', '-e', code, outdir]);
    },
  };
  if (cdkFolder !== undefined) {
    const app = join(import.meta.dirname, '../peers/cdk-app.cjs');
    loads['CDK with Python functions'] = () =>
      lastLine(process.execPath, ['-e', `require(process.argv[1]);\n${PRINT}`, app], {
        NODE_PATH: join(cdkFolder, 'node_modules'),
        CDK_OUTDIR: join(workspace.directory, 'cdk-out'),
      });
  }
  return alternating(loads, rounds);
}

/**
 * Installs aws-cdk-lib into a folder of the workspace. It is far too large to be a dependency of this project.
 * @returns the folder; `undefined` if the installation fails
 */
export async function installCdk(workspace: Workspace): Promise<string | undefined> {
  const folder = join(workspace.directory, 'cdk');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  try {
    await promisify(execFile)('npm', ['install', '--no-save', 'aws-cdk-lib@2', 'constructs@10'], {
      cwd: folder,
      timeout: 300_000,
    });
    return folder;
  } catch {
    return undefined;
  }
}

/** Runs a command several times, one after the other, and returns the seconds that each run took. */
export async function secondsOf(command: string, args: readonly string[], rounds: number): Promise<number[]> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await promisify(execFile)(command, args, { cwd: ROOT, maxBuffer: 64 * 1024 ** 2 });
    seconds.push((performance.now() - started) / 1_000);
  }
  return seconds;
}

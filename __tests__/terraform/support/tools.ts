/** Checks the required tools, and runs commands. */

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output and error as they were printed, without colours. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** Variables to add to, or to replace in, those of this process; undefined removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called with the whole output so far whenever there is more. */
  readonly onOutput?: (output: string, interrupt: () => void) => void;
}

/** Runs a command until it ends, whatever its exit code. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In its own process group, so that it can be interrupted like a command in a terminal.
    detached: true,
  });
  const interrupt = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
  };
  // If this process ends, so does the command.
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      output += piece;
      options.onOutput?.(output, interrupt);
    });
  }
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject)),
  ]);
  process.off('exit', kill);
  return { code, stdout: plain(stdout), stderr: plain(stderr), output: plain(output) };
}

/** Removes terminal colours. */
function plain(printed: string): string {
  return printed.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
}

/** @throws Error that says what to install. */
export async function checkTools(): Promise<void> {
  const terraform = await versionOf('terraform', ['version', '-json']);
  if (terraform === undefined) {
    throw new Error(
      'These tests need Terraform 1.10 or later on the PATH: https://developer.hashicorp.com/terraform/install',
    );
  }
  const moto = await versionOf('moto_server', ['--help']);
  if (moto === undefined) {
    throw new Error("These tests need moto_server on the PATH: pip install 'moto[server]'");
  }
}

async function versionOf(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await exec(command, args)).stdout;
  } catch {
    return undefined;
  }
}

/** The variables that make Terraform install from a mirror, if a script next to the project finds one. */
export async function mirrorVariables(root: string): Promise<Readonly<Record<string, string>>> {
  const script = path.join(root, '../shared/bin/offline-terraform');
  if (!existsSync(script)) return {};
  const { stdout } = await exec('bash', ['-c', '. "$1" && env -0', 'bash', script]);
  const variables = stdout.split('\0').map((line) => {
    const [name = '', ...value] = line.split('=');
    return [name, value.join('=')] as const;
  });
  const wanted = ['TF_CLI_CONFIG_FILE', 'CHECKPOINT_DISABLE', 'OFFLINE_AWS_PROVIDER_VERSION'];
  return Object.fromEntries(variables.filter(([name]) => wanted.includes(name)));
}

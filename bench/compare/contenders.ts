/** The contenders of the benchmark, and how each of them runs. */

import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { z } from 'zod';
import type { SynthesizedStack } from '../../local/stack/synthesized.ts';
import type { Workspace } from '../../local/workspace.ts';
import { COUNTS_PATH, type Counts, keyOf } from '../measure/counting-endpoints.ts';
import { csvFile } from '../measure/csv-file.ts';
import { measure, oneAtATime } from '../measure/measure.ts';
import { MEASURED, type ObservedWorkspace } from '../measure/processes.ts';

const PEERS = join(import.meta.dirname, '../peers');

/** The table and bucket of the peers. The endpoints accept any name. */
const [TABLE, BUCKET] = ['rows', 'source'];

const effort = z.object({
  cpuSeconds: z.number(),
  /** The peak memory of its largest process, in bytes. */
  peakBytes: z.number(),
  /** The CPU seconds of each step, if it has several. */
  steps: z.record(z.string(), z.number()).optional(),
});

/** The resources that a contender used for one file. */
export type Effort = Readonly<z.output<typeof effort>>;

export interface Contender {
  readonly name: string;
  /** The parts of the work that it does. */
  readonly does: string;
  /** Loads the file that has at most `bytes` bytes, and returns what that took. */
  readonly run: (bytes: number) => Promise<Effort>;
}

/** A contender that cannot run on this machine. */
export interface Absent {
  readonly name: string;
  readonly why: string;
}

/** Runs a command to its end, and parses the last line that it prints as JSON. */
export async function lastLine(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { stdout } = await promisify(execFile)(command, args, {
    env: { PATH: process.env.PATH, LANG: 'en_US.UTF-8', TZ: 'UTC', ...env },
    maxBuffer: 64 * 1024 ** 2,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** Bundles a peer like a Lambda function. */
async function bundled(workspace: Workspace, peer: string): Promise<string> {
  const outfile = join(workspace.directory, `${peer}.cjs`);
  await build({
    entryPoints: [join(PEERS, `${peer}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    external: ['@duckdb/node-api'],
    define: { 'import.meta.main': 'false', 'import.meta.dirname': '""' },
  });
  return outfile;
}

/**
 * Prepares all contenders, the pipeline first, and lists those that cannot run here.
 * @param observed runs the process of the endpoints
 */
export async function contenders(
  workspace: Workspace,
  observed: ObservedWorkspace,
  stack: SynthesizedStack,
): Promise<{ readonly all: readonly Contender[]; readonly absent: readonly Absent[] }> {
  const port = await observed.start('bench/measure/endpoints-process.ts', [''], {});
  const endpoint = `http://127.0.0.1:${port}`;
  const oneLambda = await bundled(workspace, 'one-lambda');
  const floor = await bundled(workspace, 'floor');

  /** A peer that runs against the endpoints. It must write every row exactly once. */
  const loading = (name: string, does: string, command: string, args: readonly string[]): Contender => ({
    name,
    does,
    run: async (bytes) => {
      await fetch(endpoint + COUNTS_PATH, { method: 'DELETE' });
      const took = await lastLine('taskset', ['-c', MEASURED, command, ...args], {
        AWS_ACCESS_KEY_ID: 'bench',
        AWS_SECRET_ACCESS_KEY: 'bench',
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_ENDPOINT_URL_DYNAMODB: endpoint,
        ENDPOINT: endpoint,
        KEY: keyOf(bytes),
        SIZE: String(bytes),
        BUCKET,
        TABLE,
      });
      const { rows, rowsAgain }: Counts = JSON.parse(await (await fetch(endpoint + COUNTS_PATH)).text());
      if (rows !== csvFile(bytes).rows || rowsAgain !== 0) {
        throw new Error(
          `${name} wrote ${rows} of ${csvFile(bytes).rows} rows, and wrote ${rowsAgain} rows more than once.`,
        );
      }
      return effort.parse(took);
    },
  });

  const all: Contender[] = [
    {
      name: 'this pipeline',
      does: 'splits, parses, validates, compares keys, validates again, writes, reconciles',
      run: async (bytes) => {
        const { functions, counts, rows } = await measure(oneAtATime(stack), bytes);
        if (counts.written !== rows || counts.writtenAgain !== 0) {
          throw new Error(`The pipeline wrote ${counts.written} of ${rows} rows.`);
        }
        const usages = Object.entries(functions);
        return {
          cpuSeconds: usages.reduce((sum, [, { cpuSeconds }]) => sum + cpuSeconds, 0),
          peakBytes: Math.max(...usages.map(([, { peakBytes }]) => peakBytes)),
          steps: Object.fromEntries(usages.map(([name, { cpuSeconds }]) => [name, cpuSeconds])),
        };
      },
    },
    loading('one Node.js Lambda', 'parses, converts, writes', process.execPath, [oneLambda]),
    loading('plain node:http', 'reads, and sends prepared request bodies', process.execPath, [floor]),
  ];
  const absent: Absent[] = [];
  const missing = await pythonProblem();
  if (missing === undefined) {
    const tutorial = [join(PEERS, 'tutorial.py')];
    all.splice(1, 0, loading('Python, tutorial form', 'parses, validates, writes', 'python3', tutorial));
  } else absent.push({ name: 'Python, tutorial form', why: missing });
  all.push(duckdb(workspace));
  return { all, absent };
}

/** Why the Python peer cannot run here; `undefined` if it can. */
export async function pythonProblem(): Promise<string | undefined> {
  try {
    await lastLine('python3', ['-c', 'import boto3; print(1)']);
    return undefined;
  } catch {
    return 'python3 with boto3 is not installed';
  }
}

function duckdb(workspace: Workspace): Contender {
  const files = new Map<number, string>();
  return {
    name: 'DuckDB CSV reader',
    does: 'parses, checks types',
    run: async (bytes) => {
      const { size, rows, read } = csvFile(bytes);
      const file = files.get(bytes) ?? join(workspace.directory, keyOf(bytes));
      if (!files.has(bytes)) await pipeline(read(0, size), createWriteStream(file));
      files.set(bytes, file);
      const peer = [process.execPath, join(PEERS, 'duckdb.ts'), file, String(rows)];
      return effort.parse(await lastLine('taskset', ['-c', MEASURED, ...peer]));
    },
  };
}

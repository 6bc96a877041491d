/**
 * Compares the pipeline with the alternatives that people use. All of them take turns with the same file, the same
 * endpoints and the same machine.
 * `--quick` measures less and does not keep the figures, `--json` prints only the figures, `--profile` only repeats the
 * profile of the load, and `--rows` only the memory that long rows take. Exits with code 1 if a ratio is worse than its bound in `bounds.json`.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Workspace } from '../../local/workspace.ts';
import { csvFile } from '../measure/csv-file.ts';
import { nodeOptions, synthesizedStack } from '../measure/measure.ts';
import { ObservedWorkspace } from '../measure/processes.ts';
import { machine } from '../scale/results.ts';
import {
  type Comparison,
  LOCAL_RUN,
  PIPELINE,
  RESULTS_FILE,
  type RowMemory,
  ratios,
  worseThan,
} from './comparison.ts';
import { contenders, type Effort, lastLine, pythonProblem } from './contenders.ts';
import { comparisonTable } from './print-comparison.ts';
import type { Profile } from './profile.ts';
import { ROW_BYTES, rowMemory } from './row-memory.ts';
import { simulateAll } from './simulation.ts';
import { coldStarts, extractBundles, installCdk, secondsOf, synthTimes } from './starts.ts';

const BOUNDS_FILE = join(import.meta.dirname, 'bounds.json');

/** The bytes of the file, the rounds of each contender, and the rounds of each short measurement. */
const [FULL, QUICK] = [
  { bytes: 60e6, rounds: 3, shortRounds: 9 },
  { bytes: 10e6, rounds: 2, shortRounds: 3 },
];

/** The bytes of more files for which peak memory is compared. `results-scale.json` has the pipeline's memory for 1 GB. */
const MEMORY_SIZES = [10e6, 39e6];

async function compare(isQuick: boolean): Promise<Comparison> {
  const { bytes, rounds, shortRounds } = isQuick ? QUICK : FULL;
  const workspace = new Workspace();
  const observed = new ObservedWorkspace();
  const [loadAverage = 0] = loadavg();
  const note = (text: string) => process.stderr.write(`${text}\n`);
  try {
    note('synthesizing');
    const stack = await synthesizedStack(workspace);
    const bundles = extractBundles(workspace, stack);
    const { all, absent } = await contenders(workspace, observed, stack);
    const missing = [...absent];

    const efforts = all.map(({ name, does }) => ({ name, does, rounds: [] as Effort[] }));
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, { name, run }] of all.entries()) {
        note(`round ${round + 1}: ${name}`);
        efforts[index]?.rounds.push(await run(bytes));
      }
    }

    const memory = efforts.map(({ name, rounds: taken }) => ({
      name,
      bytes: csvFile(bytes).size,
      peakBytes: Math.max(...taken.map(({ peakBytes }) => peakBytes)),
    }));
    // The quick run compares two sizes too, but only for the pipeline.
    const sizes = isQuick ? [3 * bytes] : MEMORY_SIZES;
    for (const size of sizes) {
      for (const { name, run } of all) {
        if (name !== PIPELINE && isQuick) continue;
        note(`memory for ${size} bytes: ${name}`);
        memory.push({ name, bytes: csvFile(size).size, peakBytes: (await run(size)).peakBytes });
      }
    }
    memory.sort((one, other) => one.bytes - other.bytes);

    const rowMemories: RowMemory[] = [];
    for (const rowBytes of isQuick ? ROW_BYTES.slice(-1) : ROW_BYTES) {
      note(`memory for rows of ${rowBytes} bytes`);
      rowMemories.push(await rowMemory(stack, rowBytes));
    }

    note('cold starts');
    const measured = stack.functions
      .map(({ name }) => name)
      .filter((name) => !isQuick || name.endsWith('-load-to-dynamodb'));
    const hasPython = (await pythonProblem()) === undefined;
    const starts = await coldStarts(workspace, stack, measured, hasPython, shortRounds);

    note('synth');
    const cdk = isQuick ? undefined : await installCdk(workspace);
    if (cdk === undefined) {
      missing.push({
        name: 'CDK with Python functions',
        why: isQuick ? 'a quick run does not install it' : 'aws-cdk-lib could not be installed',
      });
    }
    const synth = await synthTimes(workspace, cdk, isQuick ? 1 : 3);
    const waits = isQuick ? [] : await waitsOf(workspace);
    return {
      machine: machine(),
      loadAverage,
      versions: await versions(nodeOptions(stack), hasPython, cdk),
      date: new Date().toISOString().slice(0, 10),
      bytes: csvFile(bytes).size,
      rows: csvFile(bytes).rows,
      series: efforts,
      memory,
      rowMemory: rowMemories,
      coldStarts: starts,
      bundles,
      synth,
      waits,
      throttled: throttledTables(),
      profile: isQuick ? {} : await profileOfLoad(),
      absent: missing,
    };
  } finally {
    await Promise.all([workspace.close(), observed.close()]);
  }
}

/**
 * Simulates tables of different capacities, each with 1, 4 and 16 writers. The tables save up to five seconds of unused
 * capacity. They are simulated because this machine cannot write that fast.
 */
function throttledTables(): Comparison['throttled'] {
  return [100, 1_000, 4_000, 10_000, 40_000].map((capacity) => {
    const length = capacity < 4_000 ? 600 : 100;
    const outcomes = simulateAll(
      [1, 4, 16].map((writers) => ({ capacity, writers, latency: 20, burst: 5, length, warmUp: 10 })),
    );
    return {
      capacity,
      busy: Math.min(...outcomes.map(({ busy }) => busy)),
      refused: Math.max(...outcomes.map(({ wasted }) => wasted)),
    };
  });
}

/** Profiles a load in its own process, on one processor. */
async function profileOfLoad(): Promise<Profile> {
  // With the option of a deployed function.
  const args = ['--max-semi-space-size=16', join(import.meta.dirname, 'profile.ts')];
  const shares = await lastLine(process.execPath, args, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  return z.record(z.string(), z.number()).parse(shares);
}

/** Measures the commands that a person waits for. */
async function waitsOf(workspace: Workspace): Promise<Comparison['waits']> {
  const cli = join(import.meta.dirname, '../../cli/index.ts');
  const waits = [
    {
      name: 'npm start on the sample',
      seconds: await secondsOf('npm', ['start', '--silent', '--', '--json'], 3),
    },
  ];
  if (availableParallelism() < 2) return waits;
  const file = join(workspace.directory, 'rows.csv');
  const { size, read } = csvFile(39e6);
  writeFileSync(file, [...read(0, size)].join(''));
  const [one, two] = [[] as number[], [] as number[]];
  for (let round = 0; round < 2; round += 1) {
    const run = (cores: string) =>
      secondsOf('taskset', ['-c', cores, process.execPath, cli, 'run', file, '--json'], 1);
    one.push(...(await run('0')));
    two.push(...(await run('0,1')));
  }
  return [
    ...waits,
    { name: `${LOCAL_RUN} one core`, seconds: one },
    { name: `${LOCAL_RUN} two cores`, seconds: two },
  ];
}

async function versions(
  options: string,
  hasPython: boolean,
  cdk: string | undefined,
): Promise<Record<string, string>> {
  const require = createRequire(import.meta.url);
  const ofPackage = (name: string): string => require(`${name}/package.json`).version;
  const python = hasPython
    ? await lastLine('python3', [
        '-c',
        'import boto3, json, platform; print(json.dumps([platform.python_version(), boto3.__version__]))',
      ])
    : undefined;
  return {
    'Node.js': process.version,
    "the functions' NODE_OPTIONS": options,
    '@aws-sdk/client-dynamodb': ofPackage('@aws-sdk/client-dynamodb'),
    'csv-parse': JSON.parse(
      readFileSync(join(import.meta.dirname, '../../node_modules/csv-parse/package.json'), 'utf8'),
    ).version,
    DuckDB: ofPackage('@duckdb/node-api'),
    ...(Array.isArray(python) && { Python: String(python[0]), boto3: String(python[1]) }),
    ...(cdk !== undefined && {
      'aws-cdk-lib': require(join(cdk, 'node_modules/aws-cdk-lib/package.json')).version,
    }),
  };
}

/** Replaces some of the figures of the last full run. */
function keep(figures: Partial<Comparison>): void {
  const kept: Comparison = { ...JSON.parse(readFileSync(RESULTS_FILE, 'utf8')), ...figures };
  writeFileSync(RESULTS_FILE, `${JSON.stringify({ ...kept, ratios: ratios(kept) }, undefined, 2)}\n`);
}

/** Measures only the memory that long rows take. */
async function memoryOfLongRows(): Promise<Comparison['rowMemory']> {
  const workspace = new Workspace();
  try {
    const stack = await synthesizedStack(workspace);
    const all: RowMemory[] = [];
    for (const rowBytes of ROW_BYTES) {
      all.push(await rowMemory(stack, rowBytes));
      process.stderr.write(`${JSON.stringify(all.at(-1))}\n`);
    }
    return all;
  } finally {
    await workspace.close();
  }
}

async function run(): Promise<void> {
  const {
    quick = false,
    json = false,
    profile = false,
    rows = false,
  } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      json: { type: 'boolean' },
      profile: { type: 'boolean' },
      rows: { type: 'boolean' },
    },
  }).values;
  if (profile) return keep({ profile: await profileOfLoad() });
  if (rows) return keep({ rowMemory: await memoryOfLongRows() });
  const comparison = await compare(quick);
  const found = ratios(comparison);
  const bounds = JSON.parse(readFileSync(BOUNDS_FILE, 'utf8'));
  const results = `${JSON.stringify({ ...comparison, ratios: found }, undefined, 2)}\n`;
  if (!quick) writeFileSync(RESULTS_FILE, results);
  process.stdout.write(json ? results : `${comparisonTable(comparison, bounds)}\n`);
  const problems = worseThan(bounds, found);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.main) void run();

/**
 * The program with smaller limits, so that small files go through everything that large ones do: many chunks, several
 * runs of keys, parts of rejects and files of a report, and invocations that stop and are resumed. It is a copy of the
 * sources with some constants changed and some datasets added, bundled and synthesized like the program itself.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root, synthesizeChanged } from '../../bench/measure/changed-program.ts';
import { DATASETS } from './datasets.ts';

/** The environment whose stack is synthesized. */
export const ENVIRONMENT = 'local';

/** Timeout of a function, in seconds. */
const TIMEOUT = 4;

/** Timeout of fetch-csv in seconds: longer, because an invocation must decompress at least one part of a file. */
const FETCH_TIMEOUT = 6;

/** Timeout of an execution in seconds; one that takes longer would never end. */
const EXECUTION_TIMEOUT = 150;

/** The changed constants by file, as they are declared. */
const SMALLER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'functions/core/csv/plan.ts': {
    MIN_CHUNK_BYTES: '1024',
    PROBED_FRACTION: '1 / 4',
    MIN_WINDOW_BYTES: '256',
    MAX_WINDOW_BYTES: '1024',
  },
  'functions/core/steps/fetch.ts': { GIGABYTE: '1e6' },
  'functions/core/csv/records.ts': { WINDOW_BYTES: '1024' },
  'functions/core/container/damage.ts': { PIECE_BYTES: '1024' },
  'functions/core/working/keys.ts': { MAX_RUN_KEYS: '15', GROUP_BYTES: '700' },
  'functions/core/steps/find-duplicates.ts': { MAX_HELD_ROWS: '5' },
  'functions/core/feed/compare.ts': { KEYS_PER_RANGE: '50' },
  'functions/core/steps/compare-index.ts': { MAX_HELD_ROWS: '5' },
  'functions/core/working/rejects.ts': { PART_BYTES: '400' },
  'functions/core/steps/report-rejects.ts': { MAX_FILE_ROWS: '4' },
  'functions/core/table/write-rate.ts': { REQUEST_ITEMS: '6', REQUEST_SECONDS: '0.012' },
  'functions/core/ledger/lease.ts': {
    EXECUTION_MARGIN: '1_500',
    WRITER_MARGIN: '1_500',
    CHECK_INTERVAL: '50',
  },
  // Of its 4 seconds, a function starts new work for 50 milliseconds, or in every other process for 1.2 seconds, so that it
  // reads and writes at the same time. The writer sends requests for 2.4 seconds and waits for responses for 2.8 seconds.
  // The rest is a reserve for busy machines.
  'functions/core/runtime/time.ts': { RESERVE: 'process.pid % 2 === 0 ? 3_950 : 2_800' },
  'functions/core/table/table-writer.ts': { LAST_REQUEST_MS: '1_600', LAST_RESPONSE_MS: '1_200' },
};

/** The parts of a synthesized stack that are changed. */
const synthesized = z.looseObject({
  resource: z.looseObject({
    aws_sfn_state_machine: z.record(z.string(), z.looseObject({ definition: z.string() })),
    aws_lambda_function: z.record(
      z.string(),
      z.looseObject({
        timeout: z.number(),
        memory_size: z.number(),
        environment: z.object({ variables: z.record(z.string(), z.string()) }),
      }),
    ),
  }),
});

/**
 * Makes the copy in a folder, and synthesizes a stack with it.
 * @returns the folder that contains `cdk.tf.json`
 * @throws Error when a file does not declare a constant exactly once.
 */
export async function synthesizeScaled(folder: string): Promise<string> {
  const smaller = Object.entries(SMALLER).map(([file, constants]) => [file, withConstants(file, constants)]);
  const stack = await synthesizeChanged(folder, ENVIRONMENT, { ...Object.fromEntries(smaller), ...DATASETS });
  const path = join(stack, 'cdk.tf.json');
  const json = synthesized.parse(JSON.parse(readFileSync(path, 'utf8')));
  for (const [name, lambda] of Object.entries(json.resource.aws_lambda_function)) {
    lambda.timeout = name.startsWith('fetch-csv') ? FETCH_TIMEOUT : TIMEOUT;
    lambda.memory_size = 256;
    const { variables } = lambda.environment;
    if ('MAX_DECOMPRESSED_GIGABYTES' in variables) variables.MAX_DECOMPRESSED_GIGABYTES = '1';
  }
  for (const machine of Object.values(json.resource.aws_sfn_state_machine)) {
    machine.definition = machine.definition
      .replaceAll(/"(IntervalSeconds|Seconds)":\d+/g, '"$1":1')
      .replaceAll(/"MaxDelaySeconds":\d+/g, '"MaxDelaySeconds":2')
      // The execution's own timeout, which follows the states.
      .replace(/"TimeoutSeconds":7200\b/, `"TimeoutSeconds":${EXECUTION_TIMEOUT}`);
    if (!machine.definition.includes(`"TimeoutSeconds":${EXECUTION_TIMEOUT},`)) {
      throw new Error('The definition has an unexpected timeout.');
    }
  }
  writeFileSync(path, JSON.stringify(json));
  return stack;
}

/** The content of a file with other values of some constants. */
function withConstants(file: string, constants: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(root, file), 'utf8');
  for (const [constant, value] of Object.entries(constants)) {
    const [before, after, ...more] = text.split(`const ${constant} = `);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`${file} does not declare ${constant} exactly once.`);
    }
    text = `${before}const ${constant} = ${value}${after.slice(after.indexOf(';'))}`;
  }
  return text;
}

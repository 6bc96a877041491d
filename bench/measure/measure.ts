/** Runs one generated file through the synthesized pipeline, and measures the resources it uses. */

import { join } from 'node:path';
import { z } from 'zod';
import { maxChunks } from '../../asl/limits.ts';
import { environment } from '../../environments/index.ts';
import { planLimits, windowBytes } from '../../functions/core/csv/plan.ts';
import { startEndpoints } from '../../local/emulator/endpoints.ts';
import { LambdaPool } from '../../local/emulator/lambda-pool.ts';
import { ensureTable } from '../../local/emulator/resources.ts';
import { executionName, synthesizeInto } from '../../local/local-stack.ts';
import { LocalMachine } from '../../local/machine/execution.ts';
import { readSynthesized, type SynthesizedStack } from '../../local/stack/synthesized.ts';
import { Workspace } from '../../local/workspace.ts';
import { historyOf } from '../scale/history.ts';
import { COUNTS_PATH, type Counts, keyOf, NIGHT_PATH } from './counting-endpoints.ts';
import { csvFile } from './csv-file.ts';
import { ObservedWorkspace, type Usage } from './processes.ts';

/** The environment whose stack is measured. Its Maps are INLINE. */
export const ENVIRONMENT = 'local';

/** The bytes of the window that is searched for the header. */
const HEADER_WINDOW_BYTES = 64 * 1024;

/** The parts of the pipeline's output that are measured. */
const outcome = z.object({
  read: z.int(),
  loaded: z.int(),
  unchanged: z.optional(z.int()),
  rejected: z.int(),
  duplicates: z.int(),
});
const planned = z.object({ chunks: z.array(z.unknown()) });

export interface Measurement {
  /** The bytes and rows of the file. */
  readonly size: number;
  readonly rows: number;
  readonly chunks: number;
  /** The bytes that S3 sent to plan the chunks, and their limit: a window for each chunk and one for the header. */
  readonly planBytes: number;
  readonly planBytesAllowed: number;
  /** All bytes that S3 sent. */
  readonly bytesServed: number;
  readonly requests: Counts['requests'];
  /** The bytes of the largest input or output of a state or task. */
  readonly largestPayload: number;
  readonly transitions: number;
  readonly historyEvents: number;
  readonly retries: boolean;
  /** The number of function invocations. */
  readonly invocations: number;
  /** The seconds from a state's start to its end. */
  readonly seconds: { readonly plan: number; readonly validate: number; readonly load: number };
  /** The resources of each function, by its name. */
  readonly functions: Readonly<Record<string, Usage>>;
  /** The counts that the pipeline reports, and those of the table. */
  readonly counts: z.output<typeof outcome> & { readonly written: number; readonly writtenAgain: number };
}

/**
 * Synthesizes the stack, and measures it with files of several sizes. Each file has new processes.
 * @param onMeasurement is called with each measurement
 * @returns the functions' `NODE_OPTIONS`
 */
export async function measureAll(
  sizes: readonly number[],
  onMeasurement: (measurement: Measurement) => void,
): Promise<string> {
  const workspace = new Workspace();
  try {
    const stack = await synthesizedStack(workspace);
    for (const size of sizes) onMeasurement(await measure(stack, size));
    return nodeOptions(stack);
  } finally {
    await workspace.close();
  }
}

/** The functions' `NODE_OPTIONS`. */
export function nodeOptions({ functions }: SynthesizedStack): string {
  return [...new Set(functions.map(({ variables }) => variables.NODE_OPTIONS ?? ''))].join(' or ');
}

/** Synthesizes the stack into the workspace. */
export async function synthesizedStack(workspace: Workspace): Promise<SynthesizedStack> {
  return readSynthesized(await synthesizeInto(workspace, ENVIRONMENT));
}

/** The stack with files in one chunk each, whatever their size. */
export function oneChunk(stack: SynthesizedStack): SynthesizedStack {
  const functions = stack.functions.map((fn) =>
    'MAX_CHUNKS' in fn.variables ? { ...fn, variables: { ...fn.variables, MAX_CHUNKS: '1' } } : fn,
  );
  return { ...stack, functions };
}

/** The stack with Maps that process one chunk at a time, because a peer has only one process. */
export function oneAtATime(stack: SynthesizedStack): SynthesizedStack {
  const definition = JSON.parse(JSON.stringify(stack.machine.definition), (key, value) =>
    key === 'MaxConcurrency' ? 1 : value,
  );
  return { ...stack, machine: { ...stack.machine, definition } };
}

/**
 * Runs a file of at most `nominalSize` bytes through a stack, whose functions run in their own processes.
 * @param rowBytes the least size of a row, for a file of long rows.
 * @param latency milliseconds until the table answers a write.
 */
export async function measure(
  stack: SynthesizedStack,
  nominalSize: number,
  { rowBytes = 0, latency = 0 }: { readonly rowBytes?: number; readonly latency?: number } = {},
): Promise<Measurement> {
  const workspace = new ObservedWorkspace();
  try {
    const url = await startCounting(workspace, stack, latency);
    return await measureUpload(stack, url, nominalSize, rowBytes);
  } finally {
    await workspace.close();
  }
}

/**
 * Runs a file that comes again every night through a stack, as {@link measure} does: each time with new processes.
 * @param nights number of them.
 */
export async function measureNights(
  stack: SynthesizedStack,
  nominalSize: number,
  nights: number,
): Promise<readonly Measurement[]> {
  const workspace = new ObservedWorkspace();
  try {
    const url = await startCounting(workspace, stack, 0);
    const measurements: Measurement[] = [];
    for (let night = 0; night < nights; night += 1) {
      await fetch(`${url}${NIGHT_PATH}${night}`, { method: 'PUT' });
      measurements.push(await measureUpload(stack, url, nominalSize, 0));
    }
    return measurements;
  } finally {
    await workspace.close();
  }
}

/** Starts the endpoints. @returns their URL */
async function startCounting(
  workspace: ObservedWorkspace,
  stack: SynthesizedStack,
  latency: number,
): Promise<string> {
  const { dynamodb, variables } = await startEndpoints(workspace, workspace.directory, stack.account.region);
  await Promise.all(stack.tables.map((table) => ensureTable(dynamodb, table)));
  const ledger = variables.AWS_ENDPOINT_URL_DYNAMODB ?? '';
  const port = await workspace.start('bench/measure/endpoints-process.ts', [ledger, String(latency)], {});
  return `http://127.0.0.1:${port}`;
}

async function measureUpload(
  stack: SynthesizedStack,
  url: string,
  nominalSize: number,
  rowBytes: number,
): Promise<Measurement> {
  const workspace = new ObservedWorkspace();
  try {
    const pool = await LambdaPool.create({
      workspace,
      functions: stack.functions,
      region: stack.account.region,
      directory: join(workspace.directory, 'functions'),
      variables: {
        AWS_ACCESS_KEY_ID: 'bench',
        AWS_SECRET_ACCESS_KEY: 'bench',
        AWS_ENDPOINT_URL_S3: url,
        AWS_ENDPOINT_URL_DYNAMODB: url,
      },
    });
    let plan: { readonly bytes: number; readonly chunks: number } | undefined;
    let largestPayload = 0;
    let invocations = 0;
    const result = await new LocalMachine(stack.machine).execute({
      name: executionName(),
      input: { bucket: stack.sourceBucket, key: keyOf(nominalSize, rowBytes) },
      invoke: async (name, event, signal) => {
        invocations += 1;
        const answer = await pool.invoke(name, event, signal);
        largestPayload = Math.max(largestPayload, Buffer.byteLength(event), Buffer.byteLength(answer));
        plan ??= {
          bytes: (await countsOf(url)).bytesServed,
          chunks: planned.parse(JSON.parse(answer)).chunks.length,
        };
        return answer;
      },
    });
    if (result.status === 'FAILED') {
      throw new Error(`The run failed: ${result.error}: ${result.cause}\n${result.log.join('\n')}`);
    }
    if (plan === undefined) throw new Error('The execution succeeded without invoking a function.');
    const { size, rows } = csvFile(nominalSize, rowBytes);
    const { bytesServed, requests, rows: written, rowsAgain: writtenAgain } = await countsOf(url);
    const { transitions, inline } = historyOf(result.states, plan.chunks);
    const window = windowBytes(planLimits(size, maxChunks(environment(ENVIRONMENT).mapMode)).minChunkBytes);
    const seconds = (state: string) =>
      (result.states.find(({ name }) => name === state)?.milliseconds ?? Number.NaN) / 1_000;
    return {
      size,
      rows,
      chunks: plan.chunks,
      planBytes: plan.bytes,
      planBytesAllowed: plan.chunks * window + HEADER_WINDOW_BYTES,
      bytesServed,
      requests,
      largestPayload: Math.max(
        largestPayload,
        ...result.states.flatMap(({ inputBytes, outputBytes }) => [inputBytes, outputBytes]),
      ),
      transitions,
      historyEvents: inline,
      invocations,
      retries: result.states.some(({ error }) => error !== undefined),
      seconds: {
        plan: seconds('FetchCsv'),
        validate: seconds('ValidateCsv'),
        load: seconds('LoadToDynamoDB'),
      },
      functions: workspace.usage(),
      counts: { ...outcome.parse(result.output), written, writtenAgain },
    };
  } finally {
    await workspace.close();
  }
}

async function countsOf(url: string): Promise<Counts> {
  return JSON.parse(await (await fetch(url + COUNTS_PATH)).text());
}

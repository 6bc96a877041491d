import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Graph } from '../report/graph/graph.ts';
import { EndpointError, NotTriggeredError, UnsupportedError, UsageError } from '../report/terminal/errors.ts';
import { chooseDataset } from './choose-dataset.ts';
import { type Endpoints, startEndpoints } from './emulator/endpoints.ts';
import { matchesPattern } from './emulator/event-pattern.ts';
import { LambdaPool } from './emulator/lambda-pool.ts';
import { ensureBucket, ensureTable } from './emulator/resources.ts';
import { objectCreatedEvent } from './emulator/s3-event.ts';
import { type ExecutionOptions, type ExecutionResult, LocalMachine } from './machine/execution.ts';
import { type DatasetPlace, readSynthesized, type SynthesizedStack } from './stack/synthesized.ts';
import type { StateFolder } from './state-folder.ts';
import { uploadedBefore, uploadFile } from './upload.ts';
import type { Workspace } from './workspace.ts';

/** JSON. */
export type ExecutionInput = ExecutionOptions['input'];

/**
 * The longest key, in bytes, that the embedded S3 can store. It adds up to 22 bytes to the key for a file name, and a
 * file name has at most 255 bytes.
 */
const MAX_EMBEDDED_KEY_BYTES = 233;

/** A synthesized stack, running on this machine. */
export class LocalStack {
  /** The synthesized stack. */
  readonly synthesized: SynthesizedStack;
  readonly endpoints: Endpoints;
  /** The path of the folder that keeps the data, if any. */
  readonly state: string | undefined;
  readonly #machine: LocalMachine;
  readonly #pool: LambdaPool;
  readonly #workspace: Workspace;

  private constructor(
    workspace: Workspace,
    synthesized: SynthesizedStack,
    endpoints: Endpoints,
    pool: LambdaPool,
    state: StateFolder | undefined,
  ) {
    this.#workspace = workspace;
    this.synthesized = synthesized;
    this.endpoints = endpoints;
    this.#machine = new LocalMachine(synthesized.machine);
    this.#pool = pool;
    this.state = state?.path;
  }

  /**
   * Synthesizes the stack of an environment and starts it.
   * @param workspace holds the processes and files; closing it stops the stack
   * @param state keeps the data; by default, the workspace has it
   * @throws UsageError when the environment is invalid, or the state is that of another stack.
   * @throws UnsupportedError when the local run cannot run a part of the stack like AWS; the message names the part.
   */
  static async synthesize(
    workspace: Workspace,
    environment: string,
    state?: StateFolder,
  ): Promise<LocalStack> {
    return LocalStack.start(workspace, await synthesizeInto(workspace, environment), state);
  }

  /**
   * Starts the endpoints and creates the stack's buckets and tables.
   * @param workspace holds the processes and files; closing it stops the stack
   * @param folder the folder of the synthesized stack
   * @param state keeps the data; by default, the workspace has it
   * @throws UsageError when the state is that of another stack.
   * @throws UnsupportedError when the local run cannot run a part of the stack like AWS; the message names the part.
   */
  static async start(workspace: Workspace, folder: string, state?: StateFolder): Promise<LocalStack> {
    const synthesized = await readSynthesized(folder);
    const { account, buckets, functions, tables } = synthesized;
    const data = (await state?.checkOut(synthesized)) ?? workspace.directory;
    const endpoints = await startEndpoints(workspace, data, account.region);
    const [pool] = await Promise.all([
      LambdaPool.create({
        workspace,
        functions,
        region: account.region,
        directory: join(workspace.directory, 'functions'),
        variables: endpoints.variables,
      }),
      ...buckets.map((bucket) => namingEndpoint('S3', ensureBucket(endpoints.s3, bucket))),
      ...tables.map((table) => namingEndpoint('DYNAMODB', ensureTable(endpoints.dynamodb, table))),
    ]);
    return new LocalStack(workspace, synthesized, endpoints, pool, state);
  }

  /** The state machine as a graph. */
  get graph(): Graph {
    return this.#machine.graph;
  }

  /**
   * Calls the listener with each line that a function logs.
   * @returns a function that removes the listener
   */
  onLogLine(listener: (line: string) => void): () => void {
    return this.#pool.onLogLine(listener);
  }

  /**
   * Uploads a file to the source bucket. If the data is kept, and the file is the newest version there already, it is
   * not uploaded again: its event comes a second time.
   * @returns the execution's input, as the stack's rule selects it from the event of S3
   * @throws NotTriggeredError when no rule starts the state machine for this key.
   */
  async upload(file: string, key: string): Promise<ExecutionInput> {
    const { account, buckets, sourceBucket } = this.synthesized;
    if (!buckets.find(({ name }) => name === sourceBucket)?.emitsEvents) {
      throw new NotTriggeredError(`The bucket ${sourceBucket} sends no events to EventBridge.`);
    }
    if (this.endpoints.embeddedS3 && Buffer.byteLength(key) > MAX_EMBEDDED_KEY_BYTES) {
      throw new NotTriggeredError(
        `The key ${JSON.stringify(key)} is too long for the embedded S3, which stores keys of at most ${MAX_EMBEDDED_KEY_BYTES} bytes. Rename the file.`,
      );
    }
    const { s3 } = this.endpoints;
    const place = { bucket: sourceBucket, key };
    const before = this.state === undefined ? undefined : await uploadedBefore(s3, place, file);
    const event = objectCreatedEvent(before ?? (await uploadFile(s3, place, file)), account);
    return this.#targetInput(event, key);
  }

  /**
   * Runs one execution to its end.
   * @param input the part of the event that {@link upload} returns, or what a person types for `start-execution`
   */
  async execute(
    input: ExecutionInput,
    options: Partial<Pick<ExecutionOptions, 'name' | 'onEvent' | 'onResult' | 'recorder'>> = {},
  ): Promise<ExecutionResult> {
    return this.#machine.execute({
      name: executionName(),
      ...options,
      input,
      invoke: (functionName, event, signal) => this.invoke(functionName, event, signal),
    });
  }

  /**
   * Invokes a function by its name, or by the ARN of its version.
   * @param event JSON
   * @param signal kills the function's process when it aborts
   * @returns the result as JSON
   * @throws LambdaError with the name of the error that Lambda reports.
   */
  invoke(functionName: string, event: string, signal: AbortSignal): Promise<string> {
    return this.#pool.invoke(functionName, event, signal);
  }

  /**
   * Where the files of a dataset come from, and where its rows go.
   * @param name of the dataset; `undefined` means the one without a prefix
   * @throws UsageError when the stack has no such dataset.
   */
  dataset(name: string | undefined): DatasetPlace {
    return chooseDataset(this.synthesized.datasets, name);
  }

  /** Writes the items of a dataset's table to a file, as JSON Lines sorted by key. */
  async writeItems(dataset: DatasetPlace, file: string): Promise<void> {
    const { tables, account } = this.synthesized;
    const table = tables.find(({ name }) => name === dataset.table);
    if (table === undefined) throw new UnsupportedError(`The stack has no table ${dataset.table}.`);
    const runs = await mkdtemp(join(this.#workspace.directory, 'items-'));
    const keys = [table.hash_key, ...(table.range_key === undefined ? [] : [table.range_key])];
    await this.#workspace.start('local/items/items-process.ts', [dataset.table, file, runs, ...keys], {
      ...this.endpoints.variables,
      AWS_REGION: account.region,
    });
  }

  #targetInput(event: ExecutionInput, key: string): ExecutionInput {
    const { triggers, machine } = this.synthesized;
    const [trigger, another] = triggers.filter(({ pattern }) => matchesPattern(pattern, event));
    if (trigger === undefined) {
      const rules = triggers.map(({ rule, pattern }) => `${rule} matches ${JSON.stringify(pattern)}`);
      throw new NotTriggeredError(
        `An object with the key ${JSON.stringify(key)} does not start the state machine ${machine.name}: ` +
          (rules.join('; ') || 'the stack has no rule for it'),
      );
    }
    if (another !== undefined) {
      throw new UnsupportedError(
        `The rules ${trigger.rule} and ${another.rule} would both start the state machine for ${key}. Change one of their patterns.`,
      );
    }
    return trigger.inputPath
      .split('.')
      .slice(1)
      .reduce((value, field) => {
        const part =
          typeof value === 'object' && value !== null && !Array.isArray(value) ? value[field] : undefined;
        if (part === undefined) {
          throw new UnsupportedError(
            `The event that the rule ${trigger.rule} matches has no value at the input path ${trigger.inputPath}.`,
          );
        }
        return part;
      }, event);
  }
}

/**
 * Synthesizes the stack of an environment into a workspace.
 * @returns the folder of the synthesized stack
 * @throws UsageError when the environment is invalid.
 */
export async function synthesizeInto(workspace: Workspace, environment: string): Promise<string> {
  const args = [environment, join(workspace.directory, 'synthesized')];
  const answer = await workspace.start('local/stack/synthesize-process.ts', args, process.env);
  const synthesis = z
    .union([z.object({ folder: z.string() }), z.object({ problem: z.string() })])
    .parse(answer);
  if ('problem' in synthesis) throw new UsageError(synthesis.problem);
  return synthesis.folder;
}

/** Adds the name of the endpoint's variable to an error, if the environment sets it. */
async function namingEndpoint(service: 'S3' | 'DYNAMODB', work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const variable = `AWS_ENDPOINT_URL_${service}`;
    const url = process.env[variable];
    if (!url) throw error;
    throw new EndpointError(
      `${variable} is ${url}, which cannot be used: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** A name that sorts by time. Its characters are valid for file systems, S3 and Step Functions. */
export function executionName(): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+Z$/g, '');
  return `${time}-${randomBytes(4).toString('hex')}`;
}

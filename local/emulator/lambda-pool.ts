/** The functions of a stack. Concurrent invocations have separate processes. */

import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { FUNCTION_VERSION } from '../stack/references.ts';
import type { LambdaFunction } from '../stack/synthesized.ts';
import type { Workspace } from '../workspace.ts';
import { LambdaEnvironment } from './lambda-environment.ts';

export interface LambdaPoolOptions {
  readonly workspace: Workspace;
  readonly functions: readonly LambdaFunction[];
  readonly region: string;
  /** The folder that the zips are extracted to. */
  readonly directory: string;
  /** Environment variables of every process, in addition to those that Lambda sets. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Like Lambda, it runs one invocation at a time in each execution environment, reuses warm environments, and starts a new
 * one if none is idle.
 */
export class LambdaPool {
  readonly #options: LambdaPoolOptions;
  readonly #idle = new Map<string, LambdaEnvironment[]>();
  readonly #logListeners = new Set<(line: string) => void>();

  private constructor(options: LambdaPoolOptions) {
    this.#options = options;
  }

  /** Extracts the functions' zips. */
  static async create(options: LambdaPoolOptions): Promise<LambdaPool> {
    await Promise.all(options.functions.map(({ name, zip }) => extract(zip, join(options.directory, name))));
    return new LambdaPool(options);
  }

  /**
   * Calls the listener with each line that a function logs.
   * @returns a function that removes the listener
   */
  onLogLine(listener: (line: string) => void): () => void {
    this.#logListeners.add(listener);
    return () => this.#logListeners.delete(listener);
  }

  /**
   * Invokes a function by its name, or by the ARN of its version.
   * @param event JSON
   * @returns the result as JSON
   * @throws LambdaError with the name of the error that Lambda reports.
   */
  async invoke(nameOrArn: string, event: string, signal: AbortSignal): Promise<string> {
    const fn = this.#options.functions.find(({ name, arn }) => nameOrArn === name || nameOrArn === arn);
    if (fn === undefined) throw new Error(`The stack has no function ${nameOrArn}.`);
    const idle = this.#idle.get(fn.arn) ?? [];
    this.#idle.set(fn.arn, idle);
    let environment = idle.pop();
    while (environment?.alive === false) environment = idle.pop();
    environment ??= this.#start(fn);
    try {
      return await environment.invoke(event, signal);
    } finally {
      if (environment.alive) idle.push(environment);
    }
  }

  #start(fn: LambdaFunction): LambdaEnvironment {
    const { workspace, directory, region, variables } = this.#options;
    return new LambdaEnvironment(workspace, {
      fn,
      directory: join(directory, fn.name),
      onLogLine: (line) => {
        for (const listener of this.#logListeners) listener(line);
      },
      variables: {
        ...variables,
        ...lambdaVariables(fn, region, join(directory, fn.name)),
      },
    });
  }
}

/** Extracts a zip into a folder. */
async function extract(zip: string, folder: string): Promise<void> {
  const archive = await openPromise(zip);
  for await (const entry of archive.eachEntry()) {
    const file = join(folder, entry.fileName);
    await mkdir(dirname(file), { recursive: true });
    await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(file));
  }
}

/**
 * The variables that Lambda itself sets; source: "Defined runtime environment variables" in the Lambda developer guide.
 * There is no PATH or any other variable of this machine, so that no function can depend on one.
 */
function lambdaVariables(fn: LambdaFunction, region: string, taskRoot: string): Record<string, string> {
  return {
    _HANDLER: fn.handler,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: FUNCTION_VERSION,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: region,
    LAMBDA_TASK_ROOT: taskRoot,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}

/** What the commands share that run the synthesized pipeline on this machine. */

import { existsSync } from 'node:fs';
import type { LocalResult, RunOptions } from '../local/run.ts';
import type { StateFolder } from '../local/state-folder.ts';
import { Workspace } from '../local/workspace.ts';
import { UsageError } from '../report/terminal/errors.ts';
import { openFile } from '../report/terminal/open.ts';
import { printResult } from '../report/terminal/print.ts';
import { DONE, type ExitCode, FAILED } from './exit-codes.ts';

/** Where a command runs the pipeline. */
export interface LocalPlace {
  readonly workspace: Workspace;
  /** The folder of `--state`, if there is one. */
  readonly state: StateFolder | undefined;
}

/**
 * Runs a command's work, and removes its processes and temporary files, even when a signal ends it.
 * @param folder of `--state`
 * @throws UsageError when the folder cannot be used.
 */
export async function inWorkspace(
  folder: string | undefined,
  work: (place: LocalPlace) => Promise<ExitCode>,
): Promise<ExitCode> {
  const state = folder === undefined ? undefined : await openState(folder);
  const workspace = new Workspace();
  const close = async () => {
    await workspace.close();
    await state?.close();
  };
  const stop = async (code: number) => {
    await close();
    process.exit(code);
  };
  // 128 plus the signal's number, as in a shell.
  process
    .on('SIGINT', () => stop(130))
    .on('SIGTERM', () => stop(143))
    .on('SIGHUP', () => stop(129));
  try {
    return await work({ workspace, state });
  } finally {
    await close();
  }
}

/**
 * Runs a command's work with the data that a folder keeps.
 * @throws UsageError when the folder does not exist, or cannot be used.
 */
export async function inState(
  folder: string,
  work: (place: LocalPlace) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (existsSync(folder)) return inWorkspace(folder, work);
  throw new UsageError(`${folder} does not exist. Load a file with --state ${folder} first.`);
}

/** Starts the stack of an environment, with clients for its S3 and DynamoDB. */
export async function startStack({ workspace, state }: LocalPlace, environment: string) {
  const [{ LocalStack }, { DynamoDBDocumentClient }] = await Promise.all([
    import('../local/local-stack.ts'),
    import('@aws-sdk/lib-dynamodb'),
  ]);
  const stack = await LocalStack.synthesize(workspace, environment, state);
  const { s3, dynamodb } = stack.endpoints;
  return { stack, s3, dynamodb: DynamoDBDocumentClient.from(dynamodb) };
}

/** Runs an execution with its progress on stderr, keeps what it has done in the folder of `--state`, and prints how it ended. */
export async function runHere(
  { workspace, state }: LocalPlace,
  execute: (options: Pick<RunOptions, 'onStart' | 'writePage'>) => Promise<LocalResult>,
  { json, open }: { readonly json?: boolean | undefined; readonly open?: boolean | undefined } = {},
): Promise<ExitCode> {
  // Imported only after the arguments are checked, because the AWS SDK takes a while to load.
  const [{ summary }, { writePage }, { RunProgress }] = await Promise.all([
    import('../local/print.ts'),
    import('../report/page.ts'),
    import('../report/terminal/progress.ts'),
  ]);
  // A program that reads the JSON does not need to see the progress.
  const progress = process.stderr.isTTY || !json ? new RunProgress(process.stderr) : undefined;
  try {
    const result = await execute({ writePage, onStart: (recorder) => progress?.follow(recorder) });
    progress?.stop();
    await workspace.close();
    await state?.commit();
    printResult(result, summary, json);
    if (open && result.page !== null) openFile(result.page);
    return result.status === 'SUCCEEDED' ? DONE : FAILED;
  } finally {
    progress?.stop();
  }
}

/** Opens the folder of `--state`. Imported only here, because other runs need neither the module nor its database. */
async function openState(path: string): Promise<StateFolder> {
  for (const variable of ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_DYNAMODB']) {
    if (process.env[variable]) {
      throw new UsageError(
        `--state keeps the embedded S3 and DynamoDB, but ${variable} names another. Unset it, or leave --state out.`,
      );
    }
  }
  const { StateFolder } = await import('../local/state-folder.ts');
  return StateFolder.open(path);
}

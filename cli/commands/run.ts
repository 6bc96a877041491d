import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Option } from 'commander';
import { environment } from '../../environments/index.ts';
import type { StateFolder } from '../../local/state-folder.ts';
import type { Workspace } from '../../local/workspace.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { checkWritable, readableSize } from '../../report/terminal/named-file.ts';
import { openFile } from '../../report/terminal/open.ts';
import { printResult } from '../../report/terminal/print.ts';
import { exitCodeOf } from '../errors.ts';
import { DONE, type ExitCode, FAILED } from '../exit-codes.ts';
import { datasetOption, environmentOption, jsonOption } from '../options.ts';
import { showPlan } from '../planned-file.ts';
import { Subcommand } from '../subcommand.ts';
import { type DryRunOptions, dryRun } from './check.ts';

interface Options extends DryRunOptions {
  readonly items?: string;
  readonly check?: boolean;
  readonly state?: string;
  readonly open?: boolean;
}

const SAMPLE = 'samples/sample.csv';

export const run = new Subcommand(
  'run',
  'Sends a CSV file through the synthesized pipeline, on this machine.',
)
  .addArgument(
    new Argument('[file]', 'the CSV file').default(join(import.meta.dirname, '../..', SAMPLE), SAMPLE),
  )
  .addOption(environmentOption('the environment to synthesize', { previews: false }).default('local'))
  .addOption(datasetOption)
  .addOption(jsonOption)
  .option('--items <file>', "write the table's items to this file, as JSON Lines")
  .option('--state <folder>', 'keep S3 and DynamoDB in this folder, and continue with what it has')
  .option('--open', 'open the page that shows the run in a browser')
  .addOption(
    new Option(
      '--check',
      'only check the file, like the command check; with --state, like the command data-plan',
    ).conflicts(['items', 'open']),
  )
  .does((file: string, options: Options) => {
    if (!options.check) return inWorkspace(file, options, runThrough);
    return options.state === undefined ? dryRun(file, options) : planInState(file, options, options.state);
  });

/** Works on the file, and removes its processes and temporary files, even when a signal ends it. */
async function inWorkspace(file: string, options: Options, work: typeof runThrough): Promise<ExitCode> {
  const { Workspace } = await import('../../local/workspace.ts');
  await readableSize(file);
  if (options.items !== undefined) await checkWritable(options.items, file);
  const state = options.state === undefined ? undefined : await openState(options.state);
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
    return await work(workspace, state, file, options);
  } finally {
    await close();
  }
}

/** Plans the load into the stack whose data the folder keeps, and leaves that as it is. Its exit codes are the plan's. */
async function planInState(file: string, options: Options, folder: string): Promise<ExitCode> {
  try {
    if (!existsSync(folder)) {
      throw new UsageError(`${folder} does not exist. Load a file with --state ${folder} first.`);
    }
    return await inWorkspace(file, options, (workspace, state) =>
      showPlan(file, options, async ({ name }) => {
        const [{ LocalStack }, { DynamoDBDocumentClient }] = await Promise.all([
          import('../../local/local-stack.ts'),
          import('@aws-sdk/lib-dynamodb'),
        ]);
        const { endpoints } = await LocalStack.synthesize(workspace, name, state);
        return { s3: endpoints.s3, dynamodb: DynamoDBDocumentClient.from(endpoints.dynamodb) };
      }),
    );
  } catch (error) {
    return exitCodeOf(error, FAILED);
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
  const { StateFolder } = await import('../../local/state-folder.ts');
  return StateFolder.open(path);
}

async function runThrough(
  workspace: Workspace,
  state: StateFolder | undefined,
  file: string,
  { env, json, items, dataset, open }: Options,
): Promise<ExitCode> {
  const { name } = environment(env);
  // Imported only after the arguments are checked, because the AWS SDK takes a while to load.
  const [{ LocalStack }, { summary }, { runFile }, { writePage }, { RunProgress }] = await Promise.all([
    import('../../local/local-stack.ts'),
    import('../../local/print.ts'),
    import('../../local/run.ts'),
    import('../../report/page.ts'),
    import('../../report/terminal/progress.ts'),
  ]);
  // A program that reads the JSON does not need to see the progress.
  const progress = process.stderr.isTTY || !json ? new RunProgress(process.stderr) : undefined;
  try {
    const stack = await LocalStack.synthesize(workspace, name, state);
    const result = await runFile(stack, file, {
      items,
      dataset,
      writePage,
      onStart: (recorder) => progress?.follow(recorder),
    });
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

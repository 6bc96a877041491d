/** `npm start`: one file through the pipeline on this machine. */

import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Argument, Command, CommanderError, Option } from 'commander';
import { datasetNamed, datasetNames } from '../datasets/index.ts';
import { environment, environmentNames } from '../environments/index.ts';
import type { Environment } from '../environments/schema.ts';
import { NotRunError, UsageError } from '../report/terminal/errors.ts';
import { openFile } from '../report/terminal/open.ts';
import { FileProgress, RunProgress } from '../report/terminal/progress.ts';
import { chooseDataset } from './choose-dataset.ts';
import { summary } from './print.ts';
import { Workspace } from './workspace.ts';

const SUCCEEDED = 0;
const FAILED = 1;
const NOT_RUN = 2;

interface Options {
  readonly env: string;
  readonly json: boolean;
  readonly items?: string;
  readonly dataset?: string;
  readonly check: boolean;
  readonly open: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  const command = new Command('npm start --')
    .description('Sends a CSV file through the pipeline, as it is synthesized, on this machine.')
    .addArgument(
      new Argument('[file]', 'the CSV file').default(join(import.meta.dirname, '../samples/sample.csv')),
    )
    .addOption(
      new Option('--env <name>', 'the environment to synthesize').choices(environmentNames).default('local'),
    )
    .addOption(
      new Option('--dataset <name>', "the file's dataset; by default the one without a prefix").choices(
        datasetNames,
      ),
    )
    .option('--json', 'print one JSON object and nothing else', false)
    .option('--items <file>', "write the table's items there, as JSON Lines")
    .option('--open', 'open the page that shows the run in a browser', false)
    .addOption(
      new Option('--check', 'only read the file, and say what would come of it; nothing is written')
        .default(false)
        .conflicts(['items', 'open']),
    )
    .exitOverride();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? SUCCEEDED : NOT_RUN;
    throw error;
  }
  const [file = ''] = command.processedArgs;
  const options = command.opts<Options>();
  try {
    return options.check ? await check(file, options) : await runInWorkspace(file, options);
  } catch (error) {
    if (!(error instanceof NotRunError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return NOT_RUN;
  }
}

/** The dry run: it needs neither processes nor files. */
async function check(file: string, { env, json, dataset }: Options): Promise<number> {
  const size = await readableSize(file);
  const { datasets, maxDecompressedGigabytes } = validEnvironment(env);
  const places = Object.entries(datasets).map(([name, prefix]) => ({ name, prefix }));
  const { name } = chooseDataset(places, dataset);
  const [{ checkFile }, { checkSummary }] = await Promise.all([
    import('../tools/check/check-file.ts'),
    import('../tools/check/print-check.ts'),
  ]);
  const progress = new FileProgress(process.stderr, size);
  try {
    const result = await checkFile(file, {
      dataset: datasetNamed(name),
      maxDecompressedBytes: maxDecompressedGigabytes * 1e9,
      onProgress: (bytes, rows) => progress.show(bytes, rows),
    });
    progress.stop();
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : checkSummary(result));
    return result.accepted ? SUCCEEDED : FAILED;
  } finally {
    progress.stop();
  }
}

/** @throws UsageError when a setting of it is wrong. */
function validEnvironment(name: string): Environment {
  try {
    return environment(name);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Runs the file, and leaves no process and no temporary file behind. */
async function runInWorkspace(file: string, options: Options): Promise<number> {
  const workspace = new Workspace();
  const stop = async (code: number) => {
    await workspace.close();
    process.exit(code);
  };
  // 128 and the signal's number, as shells have it.
  process
    .on('SIGINT', () => stop(130))
    .on('SIGTERM', () => stop(143))
    .on('SIGHUP', () => stop(129));
  try {
    return await run(workspace, file, options);
  } finally {
    await workspace.close();
  }
}

async function run(
  workspace: Workspace,
  file: string,
  { env, json, items, dataset, open: isOpened }: Options,
): Promise<number> {
  await readableSize(file);
  if (items !== undefined) await checkWritable(items, file);
  // Not before the arguments are known to be right: the AWS SDK takes a while to load.
  const [{ LocalStack }, { runFile }, { writePage }] = await Promise.all([
    import('./local-stack.ts'),
    import('./run.ts'),
    import('../report/page.ts'),
  ]);
  // A program that reads the JSON has no use for lines about how far it is.
  const progress = process.stderr.isTTY || !json ? new RunProgress(process.stderr) : undefined;
  try {
    const stack = await LocalStack.synthesize(workspace, env);
    const result = await runFile(stack, file, {
      items,
      dataset,
      writePage,
      onStart: (recorder) => progress?.follow(recorder),
    });
    progress?.stop();
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : summary(result));
    if (isOpened && result.page !== null) openFile(result.page);
    return result.status === 'SUCCEEDED' ? SUCCEEDED : FAILED;
  } finally {
    progress?.stop();
  }
}

/**
 * @returns bytes
 * @throws UsageError when the file cannot be read.
 */
async function readableSize(file: string): Promise<number> {
  try {
    const handle = await open(file);
    const stats = await handle.stat();
    await handle.close();
    if (stats.isFile()) return stats.size;
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  throw new UsageError(`${file} is not a file.`);
}

/** Looks without writing: whether there will be something to write is not known yet. */
async function checkWritable(file: string, input: string): Promise<void> {
  const existing = await stat(file).catch(() => undefined);
  const { dev, ino } = await stat(input);
  if (existing?.dev === dev && existing.ino === ino) {
    throw new UsageError(`${file} is the file to be read; the items would replace it.`);
  }
  if (existing !== undefined && !existing.isFile()) throw new UsageError(`${file} is not a file.`);
  try {
    await access(existing === undefined ? dirname(file) : file, constants.W_OK);
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : error}`);
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

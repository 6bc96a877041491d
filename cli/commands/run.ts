import { join } from 'node:path';
import { Argument, Option } from 'commander';
import { environment } from '../../environments/index.ts';
import type { Workspace } from '../../local/workspace.ts';
import { checkWritable, readableSize } from '../../report/terminal/named-file.ts';
import { openFile } from '../../report/terminal/open.ts';
import { printResult } from '../../report/terminal/print.ts';
import { DONE, type ExitCode, FAILED } from '../exit-codes.ts';
import { datasetOption, environmentOption, jsonOption } from '../options.ts';
import { Subcommand } from '../subcommand.ts';
import { type DryRunOptions, dryRun } from './check.ts';

interface Options extends DryRunOptions {
  readonly items?: string;
  readonly check?: boolean;
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
  .option('--open', 'open the page that shows the run in a browser')
  .addOption(
    new Option('--check', 'only check the file, like the command check').conflicts(['items', 'open']),
  )
  .does((file: string, options: Options) =>
    options.check ? dryRun(file, options) : runInWorkspace(file, options),
  );

/** Runs the file, and removes its processes and temporary files, even when a signal ends it. */
async function runInWorkspace(file: string, options: Options): Promise<ExitCode> {
  const { Workspace } = await import('../../local/workspace.ts');
  const workspace = new Workspace();
  const stop = async (code: number) => {
    await workspace.close();
    process.exit(code);
  };
  // 128 plus the signal's number, as in a shell.
  process
    .on('SIGINT', () => stop(130))
    .on('SIGTERM', () => stop(143))
    .on('SIGHUP', () => stop(129));
  try {
    return await runThrough(workspace, file, options);
  } finally {
    await workspace.close();
  }
}

async function runThrough(
  workspace: Workspace,
  file: string,
  { env, json, items, dataset, open }: Options,
): Promise<ExitCode> {
  await readableSize(file);
  if (items !== undefined) await checkWritable(items, file);
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
    const stack = await LocalStack.synthesize(workspace, name);
    const result = await runFile(stack, file, {
      items,
      dataset,
      writePage,
      onStart: (recorder) => progress?.follow(recorder),
    });
    progress?.stop();
    printResult(result, summary, json);
    if (open && result.page !== null) openFile(result.page);
    return result.status === 'SUCCEEDED' ? DONE : FAILED;
  } finally {
    progress?.stop();
  }
}

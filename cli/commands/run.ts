import { join } from 'node:path';
import { Argument, Option } from 'commander';
import { environment } from '../../environments/index.ts';
import { checkWritable, readableSize } from '../../report/terminal/named-file.ts';
import { exitCodeOf } from '../errors.ts';
import { type ExitCode, FAILED } from '../exit-codes.ts';
import { inState, inWorkspace, runHere, startStack } from '../local-run.ts';
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
    if (!options.check) return runThrough(file, options);
    return options.state === undefined ? dryRun(file, options) : planInState(file, options, options.state);
  });

async function runThrough(
  file: string,
  { env, json, items, dataset, open, state }: Options,
): Promise<ExitCode> {
  await readableSize(file);
  if (items !== undefined) await checkWritable(items, file);
  return inWorkspace(state, async (place) => {
    const { name } = environment(env);
    // Imported only after the arguments are checked, because the AWS SDK takes a while to load.
    const { runFile } = await import('../../local/run.ts');
    return runHere(
      place,
      async (options) => {
        const { stack } = await startStack(place, name);
        return runFile(stack, file, { ...options, items, dataset });
      },
      { json, open },
    );
  });
}

/** Plans the load into the stack whose data the folder keeps, and leaves that as it is. Its exit codes are the plan's. */
async function planInState(file: string, options: Options, folder: string): Promise<ExitCode> {
  try {
    return await inState(folder, (place) => showPlan(file, options, ({ name }) => startStack(place, name)));
  } catch (error) {
    return exitCodeOf(error, FAILED);
  }
}

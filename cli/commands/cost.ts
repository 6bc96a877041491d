import { InvalidArgumentError } from 'commander';
import { datasetNamed } from '../../datasets/index.ts';
import { environment } from '../../environments/index.ts';
import { DONE } from '../exit-codes.ts';
import { environmentOption, wholeNumber } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

/** Writes per second that a new on-demand table accepts; source: DynamoDB developer guide. */
export const NEW_TABLE_WRITES = 4_000;

interface Options {
  readonly env: string;
  readonly dataset?: string;
  readonly rows?: number;
  readonly unchanged?: number;
  readonly writesPerSecond: number;
}

export const cost = new Subcommand('cost', 'Estimates what it costs to load a file, at list prices.')
  .argument('<file-or-size>', 'a CSV file, or a size such as 250MB')
  .addOption(environmentOption('the environment to load into', { previews: true }).default('prod'))
  .option(
    '--dataset <name>',
    "the file's dataset, if its load writes one row in a request, which takes longer",
  )
  .option('--rows <count>', 'rows of the file; by default estimated', wholeNumber)
  .option(
    '--unchanged <share>',
    'share of the rows that a load which follows its feed need not write, from 0 to 1',
    shareOf,
  )
  .option(
    '--writes-per-second <count>',
    'writes per second that the table accepts',
    wholeNumber,
    NEW_TABLE_WRITES,
  )
  .does(async (what: string, { env, dataset, rows, unchanged, writesPerSecond }: Options) => {
    const [{ workloadOf, writesOf }, { fileCost }, { costSummary }] = await Promise.all([
      import('../../bench/cost/workload.ts'),
      import('../../bench/cost/file-cost.ts'),
      import('../../bench/cost/print-cost.ts'),
    ]);
    const settings = environment(env);
    const file = await workloadOf(what, rows);
    const followed =
      unchanged === undefined ? undefined : { written: Math.round(file.rows * (1 - unchanged)), removed: 0 };
    const workload = { ...file, ...(dataset && writesOf(datasetNamed(dataset))), writesPerSecond, followed };
    process.stdout.write(costSummary(await fileCost(settings, workload)));
    return DONE;
  });

function shareOf(value: string): number {
  if (/^(?:0|0?\.\d+|1)$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

import { Option } from 'commander';
import { datasetNamed, datasetNames } from '../../datasets/index.ts';
import { environment } from '../../environments/index.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { asJson, printMessage } from '../../report/terminal/print.ts';
import { DONE, type ExitCode } from '../exit-codes.ts';
import { inState, startStack } from '../local-run.ts';
import { environmentOption, jsonOption, wholeNumber } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

interface Options {
  readonly env?: string;
  readonly state?: string;
  readonly dataset: string;
  readonly key?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** The most items that are shown by default. */
const LIMIT = 20;

export const items = new Subcommand('items', "Shows items of a dataset's table.")
  .addOption(environmentOption('the environment of the table', { previews: true }))
  .option('--state <folder>', 'the table that npm start -- --state has loaded in this folder')
  .addOption(
    new Option('--dataset <name>', 'the dataset of the table').choices(datasetNames).makeOptionMandatory(),
  )
  .option('--key <value>', 'only items with this partition key, such as ORDER#000417')
  .option('--limit <count>', 'the most items to show', wholeNumber, LIMIT)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: csv-pipeline items --env prod --dataset orders --key ORDER#000417')
  .does(async (options: Options) => {
    const { env, state } = options;
    if (state !== undefined) return itemsInState(state, env ?? 'local', options);
    if (env !== undefined) return itemsOnAws(env, options);
    throw new UsageError('Name the environment of the table with --env, or a folder with --state.');
  });

async function itemsOnAws(env: string, options: Options): Promise<ExitCode> {
  const { uploadResources } = await import('../../aws/uploads/resources.ts');
  return showItems(uploadResources(environment(env)), env, options);
}

async function itemsInState(folder: string, env: string, options: Options): Promise<ExitCode> {
  const settings = environment(env);
  return inState(folder, async (place) => {
    const [{ resourceNames }, { dynamodb }] = await Promise.all([
      import('../../aws/uploads/resources.ts'),
      startStack(place, settings.name),
    ]);
    return showItems({ ...resourceNames(settings), dynamodb }, env, options);
  });
}

/** Where the tables are. */
type Place = Pick<
  ReturnType<typeof import('../../aws/uploads/resources.ts').uploadResources>,
  'tables' | 'dynamodb'
>;

async function showItems(
  { tables, dynamodb }: Place,
  env: string,
  { dataset, key, limit, json = false }: Options,
): Promise<ExitCode> {
  const { [dataset]: table } = tables;
  if (table === undefined) {
    throw new UsageError(
      `The environment ${env} does not have the dataset ${dataset}, only ${Object.keys(tables).join(', ')}.`,
    );
  }
  const { findItems } = await import('../../aws/items.ts');
  const found = await findItems(dynamodb, table, datasetNamed(dataset), { key, limit });
  const shown = json ? [found] : found.items;
  for (const each of shown) process.stdout.write(`${asJson(each)}\n`);
  if (!json && found.items.length === 0) printMessage(`${table} has no such items.`);
  if (!json && found.more)
    printMessage(`There are more items; --limit ${10 * limit} shows up to ${10 * limit}.`);
  return DONE;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Option } from 'commander';
import type { FormerVersion } from '../../aws/undo.ts';
import type { UploadResources } from '../../aws/uploads/resources.ts';
import { environment } from '../../environments/index.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { printMessage } from '../../report/terminal/print.ts';
import { confirmed } from '../confirm.ts';
import { type ExitCode, FAILED } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import { inState, runHere, startStack } from '../local-run.ts';
import { autoApproveOption, environmentOption } from '../options.ts';
import { showPlan } from '../planned-file.ts';
import { Subcommand } from '../subcommand.ts';
import type { UndoneOptions } from '../undone-load.ts';

interface Options extends UndoneOptions {
  readonly env?: string;
  readonly state?: string;
  readonly autoApprove?: boolean;
}

/** The resources of a stack, on AWS or on this machine, and how to load a version with it. */
interface UndoPlace {
  readonly resources: Omit<UploadResources, 'sfn'>;
  /** Undefined if former versions do not expire. */
  readonly formerVersionDays: number | undefined;
  /** Starts the execution that loads the version, and follows it to its end. */
  readonly load: (former: FormerVersion) => Promise<ExitCode>;
}

/** Seconds between two looks at the execution. */
const INTERVAL = 2;

export const undo = new Subcommand(
  'undo',
  'Loads the version of a file that was loaded before, after showing what that changes.',
)
  .addOption(environmentOption('the environment of the file', { previews: true }))
  .option('--state <folder>', 'undo a load that npm start -- --state has made in this folder')
  .addOption(new Option('--key <key>', 'the key of the file in the source bucket').conflicts('dataset'))
  .option('--dataset <name>', 'the dataset, instead of --key, if all its files are one feed')
  .option(
    '--to <version>',
    'what to load, by default what was loaded before: with --key the ID of a version, with --dataset the key of a file, or KEY?versionId=ID',
  )
  .addOption(autoApproveOption)
  .addHelpText('after', '\nExample: csv-pipeline undo --env prod --key orders/orders.csv')
  .does((options: Options) => {
    const { env, state } = options;
    if (state !== undefined) return undoInState(state, env ?? 'local', options);
    if (env !== undefined) return undoOnAws(env, options);
    throw new UsageError('Name the environment of the file with --env, or a folder with --state.');
  });

async function undoOnAws(env: string, options: Options): Promise<ExitCode> {
  const settings = environment(env);
  const [{ startUndo }, { uploadResources }] = await Promise.all([
    import('../../aws/undo.ts'),
    import('../../aws/uploads/resources.ts'),
  ]);
  const resources = uploadResources(settings);
  const { formerVersionDays } = settings;
  const load = async (former: FormerVersion) => {
    const execution = await startUndo(resources, former);
    printMessage(`Started ${execution}`);
    return follow(execution, INTERVAL);
  };
  return undoLoad({ resources, formerVersionDays, load }, env, options);
}

async function undoInState(folder: string, env: string, options: Options): Promise<ExitCode> {
  const settings = environment(env);
  return inState(folder, async (place) => {
    const [{ undoInput }, { resourceNames }, { runInput }, { stack, ...clients }] = await Promise.all([
      import('../../aws/undo.ts'),
      import('../../aws/uploads/resources.ts'),
      import('../../local/run.ts'),
      startStack(place, settings.name),
    ]);
    const resources = { ...resourceNames(settings), ...clients };
    const load = (former: FormerVersion) =>
      runHere(place, (run) => runInput(stack, former.key, undoInput(former), run));
    return undoLoad({ resources, formerVersionDays: undefined, load }, env, options);
  });
}

/** Finds the version, shows the plan of its load, asks, and loads it. */
async function undoLoad(
  { resources, formerVersionDays, load }: UndoPlace,
  env: string,
  { autoApprove = false, ...chosen }: Options,
): Promise<ExitCode> {
  const [{ download, formerVersion }, { undoneLoad }] = await Promise.all([
    import('../../aws/undo.ts'),
    import('../undone-load.ts'),
  ]);
  const undone = undoneLoad(chosen, resources);
  const { dataset } = undone;
  const former = await formerVersion(resources, undone, formerVersionDays);
  const { key } = former;
  const folder = await mkdtemp(join(tmpdir(), 'csv-pipeline-undo-'));
  try {
    const file = join(folder, basename(key));
    await download(resources, former, file);
    const title = `Version ${former.versionId} of ${key}, uploaded at ${former.uploaded},`;
    const options = { env, dataset: dataset.name, key, title, allowRemovals: true };
    if ((await showPlan(file, options, async () => resources)) === FAILED) return FAILED;
  } finally {
    await rm(folder, { recursive: true });
  }
  if (dataset.load.mode !== 'replace') {
    printMessage('Rows whose keys this version lacks stay in the table as they are.');
  }
  if (!autoApprove && !(await confirmed('load this version'))) {
    printMessage('Nothing was changed.');
    return FAILED;
  }
  return load(former);
}

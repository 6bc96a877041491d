import { InvalidArgumentError, Option } from 'commander';
import { STATUSES, type UploadStatus } from '../../aws/uploads/status.ts';
import { environment } from '../../environments/index.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { DONE, FAILED } from '../exit-codes.ts';
import { environmentOption, jsonOption, wholeNumber } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

interface Options {
  readonly env: string;
  readonly prefix?: string;
  readonly status?: readonly UploadStatus[];
  readonly start?: boolean;
  readonly concurrency: number;
  readonly json?: boolean;
}

/** Executions at a time: few enough for an account that may run ten functions at once. */
const CONCURRENCY = 4;

/** Source: the functions that an account may run at once by default, "Lambda quotas", Lambda developer guide. */
const MAX_CONCURRENCY = 1_000;

/** Statuses of uploads that an execution can still load. */
const STARTABLE: readonly UploadStatus[] = ['never-seen', 'failed', 'rejected'];

export const uploads = new Subcommand(
  'uploads',
  'Shows which files in the source bucket are loaded, and loads those that are not.',
)
  .addOption(environmentOption('the environment of the bucket', { previews: true }).makeOptionMandatory())
  .option('--prefix <prefix>', 'only files whose keys begin with this')
  .addOption(
    new Option(
      '--status <status...>',
      `only files with this status; with --start, what to start besides ${STARTABLE[0]}`,
    ).choices(STATUSES),
  )
  .option('--start', 'start an execution for each file that was never seen, and wait until all have ended')
  .option('--concurrency <count>', 'with --start, executions at a time', concurrencyOf, CONCURRENCY)
  .addOption(jsonOption)
  .does(async ({ env, prefix = '', status, start = false, concurrency, json = false }: Options) => {
    const settings = environment(env);
    const refused = status?.filter((each) => start && !STARTABLE.includes(each)) ?? [];
    if (refused.length > 0) {
      throw new UsageError(
        `--start can start files that are ${STARTABLE.join(', ')}, but not those that are ${refused.join(', ')}.`,
      );
    }
    const { showUploads, loadUploads } = await import('../../aws/uploads/run.ts');
    if (!start) {
      await showUploads(settings, { prefix, json, statuses: status ?? STATUSES });
      return DONE;
    }
    const statuses = ['never-seen', ...(status ?? [])] as const;
    const areLoaded = await loadUploads(settings, { prefix, json, statuses, concurrency });
    return areLoaded ? DONE : FAILED;
  });

function concurrencyOf(value: string): number {
  const count = wholeNumber(value);
  if (count <= MAX_CONCURRENCY) return count;
  throw new InvalidArgumentError(`It must be at most ${MAX_CONCURRENCY.toLocaleString('en')}.`);
}

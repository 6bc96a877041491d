/** Plans the load of a file, and shows the plan. */

import { basename } from 'node:path';
import type { UploadResources } from '../aws/uploads/resources.ts';
import { datasetNamed } from '../datasets/index.ts';
import { environment } from '../environments/index.ts';
import type { Environment } from '../environments/schema.ts';
import { chooseDataset } from '../local/choose-dataset.ts';
import { readableSize } from '../report/terminal/named-file.ts';
import { printResult } from '../report/terminal/print.ts';
import type { DataPlan } from '../tools/data-plan/plan.ts';
import type { PricedPlan } from '../tools/data-plan/print-plan.ts';
import { NEW_TABLE_WRITES } from './commands/cost.ts';
import { DIFFERENT, DONE, type ExitCode, FAILED } from './exit-codes.ts';

export interface PlanOptions {
  readonly env: string;
  readonly dataset?: string;
  readonly key?: string;
  readonly json?: boolean;
  /** What the plan calls the file; its path by default. */
  readonly title?: string;
  /** Whether the load may remove any number of keys. */
  readonly allowRemovals?: boolean;
}

const EXIT_CODES = { none: DONE, changes: DIFFERENT, 'would-fail': FAILED } as const;

/**
 * Plans the load of a file, and prints the plan.
 * @param open the clients for the resources of an environment; called only if the dataset has an index
 */
export async function showPlan(
  file: string,
  { env, dataset: name, key, json, title = file, allowRemovals = false }: PlanOptions,
  open: (settings: Environment) => Promise<Pick<UploadResources, 's3' | 'dynamodb'>>,
): Promise<ExitCode> {
  const size = await readableSize(file);
  const settings = environment(env);
  const places = Object.entries(settings.datasets).map(([each, prefix]) => ({ name: each, prefix }));
  const { name: chosen, prefix = '' } = chooseDataset(places, name);
  const dataset = datasetNamed(chosen);
  const [{ planLoad }, { readFeed, verifyKey }, { planSummary }, { resourceNames }, { FileProgress }] =
    await Promise.all([
      import('../tools/data-plan/plan.ts'),
      import('../tools/data-plan/read-feed.ts'),
      import('../tools/data-plan/print-plan.ts'),
      import('../aws/uploads/resources.ts'),
      import('../report/terminal/progress.ts'),
    ]);
  const object = key ?? `${prefix}${basename(file)}`;
  const names = resourceNames(settings);
  verifyKey(names.prefixes, object, dataset);
  const followed =
    dataset.load.feed === undefined
      ? undefined
      : await readFeed({ ...names, ...(await open(settings)) }, dataset, object, allowRemovals);
  const progress = new FileProgress(process.stderr, size);
  try {
    const options = {
      dataset,
      maxDecompressedBytes: settings.maxDecompressedGigabytes * 1e9,
      maxRows: settings.maxRows,
      onProgress: (bytes: number, rows: number) => progress.show(bytes, rows),
    };
    const plan = await planLoad(file, options, followed);
    progress.stop();
    const priced: PricedPlan = {
      ...plan,
      file: title,
      object: `s3://${names.sourceBucket}/${object}`,
      cost: await costOf(settings, plan, dataset),
    };
    printResult(priced, planSummary, json);
    return EXIT_CODES[plan.outcome];
  } finally {
    progress.stop();
  }
}

/** Of the load, and of a load of all rows. */
async function costOf(
  settings: Environment,
  { outcome, index, accepted, writes, plan: { remove } }: DataPlan,
  dataset: ReturnType<typeof datasetNamed>,
): Promise<PricedPlan['cost']> {
  const { rows, bytes } = accepted;
  if (outcome === 'would-fail' || rows === 0) return null;
  const [{ fileCost }, { writesOf }] = await Promise.all([
    import('../bench/cost/file-cost.ts'),
    import('../bench/cost/workload.ts'),
  ]);
  const workload = { rows, size: bytes + rows, writesPerSecond: NEW_TABLE_WRITES, ...writesOf(dataset) };
  const { cost: all } = await fileCost(settings, workload);
  if (index === 'none') return { load: all.dollars, allRows: all.dollars };
  const removed = remove ?? 0;
  const followed = { written: writes - removed, removed };
  const { cost } = await fileCost(settings, { ...workload, followed });
  return { load: cost.dollars, allRows: all.dollars };
}

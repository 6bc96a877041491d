/** Finds out which load a person wants to undo. */

import { datasetOfKey, type UndoneLoad } from '../aws/undo.ts';
import type { ResourceNames } from '../aws/uploads/resources.ts';
import { datasetNamed } from '../datasets/index.ts';
import { chooseDataset } from '../local/choose-dataset.ts';
import { UsageError } from '../report/terminal/errors.ts';

/** The options of the command that say so. */
export interface UndoneOptions {
  readonly key?: string;
  readonly dataset?: string;
  readonly to?: string;
}

/**
 * The load that the options name.
 * @param names of the environment's resources.
 * @throws UsageError when there is no such dataset, when its load cannot be undone, or when its feeds are named by the
 * other option.
 */
export function undoneLoad(
  { key, dataset: named, to }: UndoneOptions,
  { prefixes }: Pick<ResourceNames, 'prefixes'>,
): UndoneLoad & { readonly dataset: ReturnType<typeof datasetNamed> } {
  if (key === undefined && named === undefined) {
    throw new UsageError(
      'Name the file with --key or, if all files of a dataset are one feed, the dataset with --dataset.',
    );
  }
  const places = Object.entries(prefixes).map(([name, prefix]) => ({ name, prefix }));
  const dataset = datasetNamed(
    key === undefined ? chooseDataset(places, named).name : datasetOfKey({ prefixes }, key),
  );
  const { name, load } = dataset;
  if (!load.canUndo) {
    throw new UsageError(
      `A load of the dataset ${name} cannot be undone: what its rows change depends on what the table has. See "Undo" in docs/cli.md.`,
    );
  }
  if (load.feed === 'dataset' && key !== undefined) {
    throw new UsageError(
      `All files of the dataset ${name} are one feed. To undo its last load, name it with --dataset ${name}, not with --key.`,
    );
  }
  if (load.feed !== 'dataset' && key === undefined) {
    throw new UsageError(
      `Each key of the dataset ${name} has its own versions. Name the file with --key, not with --dataset.`,
    );
  }
  return {
    dataset,
    key,
    to: to === undefined ? undefined : key === undefined ? fileOf(to) : { versionId: to },
  };
}

/** Between the key and the ID of a version, as in the URLs of S3. */
const VERSION = '?versionId=';

function fileOf(to: string): UndoneLoad['to'] {
  const end = to.lastIndexOf(VERSION);
  return end < 0 ? { key: to } : { key: to.slice(0, end), versionId: to.slice(end + VERSION.length) };
}

/** The datasets. To add one, write its file and list it here; each environment names the datasets that it has. */

import type { Dataset } from '../functions/core/dataset/dataset.ts';
import { didYouMean } from '../functions/core/dataset/names.ts';
import { ConfigurationError } from '../functions/core/errors.ts';
import { airports } from './airports.ts';
import { articles } from './articles.ts';
import { orders } from './orders.ts';
import { results } from './results.ts';

const datasets: readonly Dataset[] = [results, orders, airports, articles];

/** The names of all datasets. */
export const datasetNames = datasets.map(({ name }) => name);

/**
 * Returns the dataset with that name.
 * @throws ConfigurationError if there is none, if there are two, or if its definition is invalid.
 */
export function datasetNamed(name: string): Dataset {
  const [found, another] = datasets.filter((candidate) => candidate.name === name);
  if (found === undefined) {
    throw new ConfigurationError(
      `There is no dataset ${JSON.stringify(name)}${didYouMean(name, datasetNames)}; there are ${datasetNames.join(', ')}.`,
    );
  }
  if (another !== undefined) {
    throw new ConfigurationError(`Two datasets are called ${JSON.stringify(name)}; rename one of them.`);
  }
  if (found.problem !== undefined) throw new ConfigurationError(found.problem);
  return found;
}

/** What the infrastructure knows of a dataset. */
export type DatasetTable = Pick<Dataset, 'name' | 'key' | 'indexes' | 'ttl' | 'load'>;

/**
 * Returns the table that a dataset needs.
 * @throws ConfigurationError as {@link datasetNamed} does.
 */
export function tableOf(dataset: string): DatasetTable {
  const { name, key, indexes, ttl, load } = datasetNamed(dataset);
  return { name, key, indexes, ttl, load };
}

/** The datasets. To add one, write its file and list it here; an environment says which of them it takes. */

import type { Dataset } from '../functions/core/dataset/dataset.ts';
import { ConfigurationError } from '../functions/core/errors.ts';
import { airports } from './airports.ts';
import { orders } from './orders.ts';
import { results } from './results.ts';

const datasets: readonly Dataset[] = [results, orders, airports];

/** The names of all datasets. */
export const datasetNames = datasets.map(({ name }) => name);

/**
 * The dataset of that name.
 * @throws ConfigurationError when there is none.
 */
export function datasetNamed(name: string): Dataset {
  const found = datasets.find((candidate) => candidate.name === name);
  if (found === undefined) {
    throw new ConfigurationError(
      `There is no dataset ${JSON.stringify(name)}; there are ${datasetNames.join(', ')}.`,
    );
  }
  return found;
}

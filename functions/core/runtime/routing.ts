/** Which dataset an object belongs to, and which table its rows go to. */

import { ConfigurationError, InvalidInputError } from '../errors.ts';

/**
 * Name of the dataset that an object belongs to: the one with the longest prefix that its key starts with.
 * @param prefixes by the names of the datasets.
 * @throws InvalidInputError when there is none.
 */
export function datasetAt(prefixes: Readonly<Record<string, string>>, key: string): string {
  const all = Object.entries(prefixes);
  const [found] = all
    .filter(([, prefix]) => key.startsWith(prefix))
    .sort(([, one], [, other]) => other.length - one.length);
  if (found === undefined) {
    const known = all.map(([name, prefix]) => `${prefix} (${name})`).join(', ');
    throw new InvalidInputError(
      `The key ${JSON.stringify(key)} starts with the prefix of no dataset; the prefixes are ${known}. Upload the file there, or add a dataset to the environment.`,
    );
  }
  return found[0];
}

/**
 * The table that a dataset's rows are loaded into.
 * @param tables names of tables, by the names of the datasets.
 * @throws ConfigurationError when there is none.
 */
export function tableOf(tables: Readonly<Record<string, string>>, dataset: string): string {
  const table = Object.hasOwn(tables, dataset) ? tables[dataset] : undefined;
  if (table === undefined) {
    throw new ConfigurationError(
      `The environment has no table for the dataset ${dataset}. Add it to the environment's datasets and deploy the stack again.`,
    );
  }
  return table;
}

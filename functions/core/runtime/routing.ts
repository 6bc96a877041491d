/** Finds the dataset that an object belongs to, and the table for its rows. */

import { ConfigurationError, InvalidInputError } from '../errors.ts';

/**
 * Name of the dataset that an object belongs to: the one with the longest prefix that the object's key starts with.
 * @param prefixes by dataset name.
 * @throws InvalidInputError when no prefix matches.
 */
export function datasetForKey(prefixes: Readonly<Record<string, string>>, key: string): string {
  const all = Object.entries(prefixes);
  const [found] = all
    .filter(([, prefix]) => key.startsWith(prefix))
    .sort(([, one], [, other]) => other.length - one.length);
  if (found === undefined) {
    const known = all.map(([name, prefix]) => `${prefix} (${name})`).join(', ');
    throw new InvalidInputError(
      `The key ${JSON.stringify(key)} does not start with the prefix of any dataset: ${known}. Upload the file under one of these prefixes, or add a dataset to the environment.`,
    );
  }
  return found[0];
}

/**
 * Name of the table that a dataset's rows are loaded into.
 * @param tables table names by dataset name.
 * @throws ConfigurationError when the dataset has no table.
 */
export function tableFor(tables: Readonly<Record<string, string>>, dataset: string): string {
  const table = Object.hasOwn(tables, dataset) ? tables[dataset] : undefined;
  if (table === undefined) {
    throw new ConfigurationError(
      `The environment has no table for the dataset ${dataset}. Add it to the environment's datasets and deploy the stack again.`,
    );
  }
  return table;
}

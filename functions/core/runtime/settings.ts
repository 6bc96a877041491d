import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { ConfigurationError, InvalidInputError } from '../errors.ts';
import { LedgerEntry } from '../ledger/ledger.ts';

/**
 * A setting of the function's environment.
 * @throws ConfigurationError when it is not set.
 */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new ConfigurationError(
      `The function's environment variable ${name} is not set; deploy the stack again.`,
    );
  }
  return value;
}

/**
 * A setting that is a whole number, zero or more.
 * @throws ConfigurationError when it is not.
 */
export function countSetting(name: string): number {
  const value = setting(name);
  if (!/^\d+$/.test(value)) {
    throw new ConfigurationError(
      `The function's environment variable ${name} is ${value}, not a whole number.`,
    );
  }
  return Number(value);
}

/**
 * As {@link countSetting}, but undefined where it is not set.
 * @throws ConfigurationError when it is set and no whole number.
 */
export function optionalCountSetting(name: string): number | undefined {
  return process.env[name] === undefined ? undefined : countSetting(name);
}

/**
 * A setting that is a JSON object of texts.
 * @throws ConfigurationError when it is not.
 */
function stringsSetting(name: string): Readonly<Record<string, string>> {
  const value = setting(name);
  try {
    return stringsByName.parse(JSON.parse(value));
  } catch (error) {
    throw new ConfigurationError(
      `The function's environment variable ${name} is ${value}, not a JSON object of texts.`,
      { cause: error },
    );
  }
}

const stringsByName = z.record(z.string(), z.string());

/**
 * The table that a dataset's rows are loaded into.
 * @throws ConfigurationError when the environment has none.
 */
export function tableOf(dataset: string): string {
  const tables = stringsSetting('TABLES');
  const table = Object.hasOwn(tables, dataset) ? tables[dataset] : undefined;
  if (table === undefined) {
    throw new ConfigurationError(
      `The environment has no table for the dataset ${dataset}; add it to its datasets and deploy the stack again.`,
    );
  }
  return table;
}

/**
 * Name of the dataset that an object belongs to: the one with the longest prefix that its key has.
 * @throws InvalidInputError when there is none.
 */
export function datasetAt(key: string): string {
  const prefixes = Object.entries(stringsSetting('PREFIXES'));
  const [found] = prefixes
    .filter(([, prefix]) => key.startsWith(prefix))
    .sort(([, one], [, other]) => other.length - one.length);
  if (found === undefined) {
    const known = prefixes.map(([name, prefix]) => `${prefix} for ${name}`).join(', ');
    throw new InvalidInputError(
      `The key ${JSON.stringify(key)} lies under the prefix of no dataset; there are ${known}. Upload the file there, or add a dataset to the environment.`,
    );
  }
  return found[0];
}

/**
 * Checks that a source lies in the pipeline's own bucket, so that no event can turn a function on another one.
 * @throws InvalidInputError when it does not.
 */
export function assertOwnBucket(bucket: string): void {
  const own = setting('SOURCE_BUCKET');
  if (bucket !== own) {
    throw new InvalidInputError(
      `The input names the bucket ${bucket}, and this pipeline reads from ${own} alone. Upload the file there.`,
    );
  }
}

/** What an execution does with the ledger's entry of an object. */
export function ledgerEntry(
  client: DynamoDBDocumentClient,
  object: { readonly bucket: string; readonly key: string },
  execution: string,
): LedgerEntry {
  return new LedgerEntry(client, setting('LEDGER_TABLE'), object, execution);
}

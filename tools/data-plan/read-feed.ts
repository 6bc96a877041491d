/** Reads from AWS what is known of a feed. */

import type { UploadResources } from '../../aws/uploads/resources.ts';
import type { Dataset } from '../../functions/core/dataset/dataset.ts';
import { feedOf } from '../../functions/core/feed/feed.ts';
import { feedName } from '../../functions/core/ledger/feed-name.ts';
import type { LedgerItem } from '../../functions/core/ledger/item.ts';
import { StoredEntry } from '../../functions/core/ledger/stored-entry.ts';
import { datasetForKey, tableFor } from '../../functions/core/runtime/routing.ts';
import { s3Uri } from '../../functions/core/storage/source.ts';
import { tableIdentity } from '../../functions/core/table/identity.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import type { FollowedFeed } from './plan.ts';

/** Takes the place of an execution's name; it claims nothing. */
const READER = 'data-plan';

/**
 * Reads the ledger's entry of an object's feed, and the identity of the table for its rows.
 * @param key of the object.
 * @param allowRemovals whether the load may remove any number of keys.
 * @throws AwsRequestError when a request to AWS fails, with the clients that `uploadResources` makes.
 */
export async function readFeed(
  {
    s3,
    dynamodb,
    sourceBucket,
    reportsBucket,
    ledgerTable,
    tables,
  }: Pick<UploadResources, 's3' | 'dynamodb' | 'sourceBucket' | 'reportsBucket' | 'ledgerTable' | 'tables'>,
  dataset: Dataset,
  key: string,
  allowRemovals = false,
): Promise<FollowedFeed> {
  const object = { bucket: sourceBucket, key };
  const name = feedName(dataset, object);
  const entry = new StoredEntry(dynamodb, ledgerTable, name);
  const table = await tableIdentity(dynamodb, tableFor(tables, dataset.name), dataset);
  const recorded = await entry.read();
  return {
    s3,
    reportsBucket,
    name,
    uri: s3Uri(object),
    feed: feedOf(recorded?.index, { execution: READER, table, force: false, allowRemovals }),
    running: isRunning(recorded) ? recorded.execution : null,
    isCurrent: async () => (await entry.read())?.index?.id === recorded?.index?.id,
  };
}

function isRunning(recorded: LedgerItem | undefined): recorded is LedgerItem {
  return (recorded?.status === 'CHECKING' || recorded?.status === 'LOADING') && recorded.lease > Date.now();
}

/**
 * Verifies that an object with the key is of the dataset.
 * @throws UsageError when it is not.
 */
export function verifyKey(
  prefixes: Readonly<Record<string, string>>,
  key: string,
  { name }: Pick<Dataset, 'name'>,
): void {
  const prefix = prefixes[name] ?? '';
  const owner = key.startsWith(prefix) ? datasetForKey(prefixes, key) : undefined;
  if (owner === name) return;
  const problem =
    owner === undefined ? `does not start with ${JSON.stringify(prefix)}` : `is one of ${owner}`;
  throw new UsageError(
    `The key ${JSON.stringify(key)} ${problem}, so a file with that key would not be loaded as ${name}. Choose another with --key.`,
  );
}

/** Compares the objects of an environment's source bucket with its ledger. */

import { setTimeout as sleep } from 'node:timers/promises';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { isCsvName } from '../../functions/core/container/containers.ts';
import { byCount, type LedgerItem, ledgerItem } from '../../functions/core/ledger/item.ts';
import { datasetForKey } from '../../functions/core/runtime/routing.ts';
import { s3Uri } from '../../functions/core/storage/source.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import type { UploadResources } from './resources.ts';
import { statusOf, type UploadStatus } from './status.ts';

/**
 * The newest upload of an object. What comes from the ledger, such as the counts of its load, is null if the ledger does
 * not have it.
 */
export interface Upload extends Readonly<ReturnType<typeof byCount<number | null>>> {
  readonly key: string;
  readonly dataset: string;
  readonly status: UploadStatus;
  /** In ISO 8601, like all times. */
  readonly uploaded: string;
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  /** Name of the execution that claimed it last. */
  readonly execution: string | null;
  readonly claimed: string | null;
  /** When its execution finished or failed. */
  readonly ended: string | null;
  /** Name of the error with which its execution failed. */
  readonly error: string | null;
}

type Compared = Pick<UploadResources, 's3' | 'dynamodb' | 'sourceBucket' | 'ledgerTable' | 'prefixes'>;

/** Maximum number of items of a BatchGetItem request; source: its API reference. */
const MAX_BATCH_KEYS = 100;

/** Maximum milliseconds between two requests for items that DynamoDB did not return. */
const MAX_DELAY = 5_000;

/**
 * The newest upload of each object under the prefixes of the datasets, in the order of their keys. Holds
 * one page of the bucket's list at a time.
 * @param prefix of the keys
 * @throws UsageError when no dataset has keys with the prefix.
 */
export async function* compareUploads(resources: Compared, prefix: string): AsyncGenerator<Upload, void> {
  const { sourceBucket: bucket, prefixes } = resources;
  for (const listed of listedPrefixes(prefixes, prefix)) {
    for await (const objects of listObjects(resources, listed)) {
      const items = await ledgerItems(resources, objects);
      const now = Date.now();
      for (const object of objects) {
        const item = items.get(s3Uri({ bucket, key: object.key }));
        const status = statusOf({ ...object, isCsv: isCsvName(object.key) }, item, now);
        yield uploadOf(object, datasetForKey(prefixes, object.key), status, item);
      }
    }
  }
}

/**
 * The prefixes to list, none of which begins with another one, in the order of the keys.
 * @throws UsageError when no dataset has keys with the prefix.
 */
function listedPrefixes(prefixes: Compared['prefixes'], prefix: string): readonly string[] {
  const all = Object.values(prefixes).filter((each) => each.startsWith(prefix) || prefix.startsWith(each));
  const listed = all.map((each) => (each.length > prefix.length ? each : prefix)).sort();
  if (listed.length === 0) {
    const known = Object.entries(prefixes).map(([dataset, each]) => `${each} (${dataset})`);
    throw new UsageError(
      `No dataset of the environment has keys that begin with ${JSON.stringify(prefix)}. The prefixes are ${known.join(', ')}.`,
    );
  }
  return listed.filter((each, index) => !listed.slice(0, index).some((other) => each.startsWith(other)));
}

interface ListedObject {
  readonly key: string;
  readonly etag: string;
  /** Milliseconds since 1970, in whole seconds as in the ledger. */
  readonly modified: number;
  readonly size: number;
}

/** Lists the objects with the prefix, as many at a time as {@link ledgerItems} takes. */
async function* listObjects(
  { s3, sourceBucket }: Compared,
  prefix: string,
): AsyncGenerator<readonly ListedObject[], void> {
  // A key may have characters that XML cannot have, hence the encoding.
  const list = { Bucket: sourceBucket, Prefix: prefix, EncodingType: 'url' } as const;
  for await (const { Contents = [], EncodingType } of paginateListObjectsV2({ client: s3 }, list)) {
    for (let start = 0; start < Contents.length; start += MAX_BATCH_KEYS) {
      yield Contents.slice(start, start + MAX_BATCH_KEYS).map(({ Key = '', ETag, LastModified, Size }) => ({
        key: EncodingType === 'url' ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key,
        etag: (ETag ?? '').replaceAll('"', ''),
        modified: Math.floor((LastModified?.getTime() ?? 0) / 1_000) * 1_000,
        size: Size ?? 0,
      }));
    }
  }
}

/** The ledger's items of the objects, by their partition key. */
async function ledgerItems(
  { dynamodb, ledgerTable, sourceBucket }: Compared,
  objects: readonly ListedObject[],
): Promise<ReadonlyMap<string, LedgerItem>> {
  const items = new Map<string, LedgerItem>();
  let keys: Record<string, unknown>[] = objects.map(({ key }) => ({
    pk: s3Uri({ bucket: sourceBucket, key }),
  }));
  // Ends: a request of which DynamoDB returns nothing because of throttling is an error. Source: its API reference.
  for (let attempt = 0; keys.length > 0; attempt += 1) {
    if (attempt > 0) await sleep(Math.random() * Math.min(MAX_DELAY, 50 * 2 ** attempt));
    const { Responses, UnprocessedKeys } = await dynamodb.send(
      new BatchGetCommand({ RequestItems: { [ledgerTable]: { Keys: keys } } }),
    );
    for (const { pk, ...item } of Responses?.[ledgerTable] ?? []) items.set(pk, ledgerItem.parse(item));
    keys = UnprocessedKeys?.[ledgerTable]?.Keys ?? [];
  }
  return items;
}

function uploadOf(
  { key, size, etag, modified }: ListedObject,
  dataset: string,
  status: UploadStatus,
  item: LedgerItem | undefined,
): Upload {
  // Otherwise the item is about another upload of the object.
  const own = ['loaded', 'rejected', 'failed', 'running'].includes(status) ? item : undefined;
  return {
    key,
    dataset,
    status,
    uploaded: new Date(modified).toISOString(),
    size,
    etag,
    execution: own?.execution ?? null,
    claimed: own?.claimed ?? null,
    ended: own?.ended ?? null,
    error: own?.error ?? null,
    ...byCount((count) => own?.[count] ?? null),
  };
}

/** Compares the objects of an environment's source bucket with its ledger. */

import { setTimeout as sleep } from 'node:timers/promises';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { datasetNamed } from '../../datasets/index.ts';
import { isCsvName } from '../../functions/core/container/containers.ts';
import { feedName } from '../../functions/core/ledger/feed-name.ts';
import { byCount, type LedgerItem, ledgerItem } from '../../functions/core/ledger/item.ts';
import { compareUploads as compareOrder } from '../../functions/core/ledger/upload-order.ts';
import { datasetForKey } from '../../functions/core/runtime/routing.ts';
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
 * The newest upload of each object under the prefixes of the datasets, in the order of their keys. Holds one page of the
 * bucket's list at a time. Where all files of a dataset are one feed, its prefix is listed twice.
 * @param prefix of the keys
 * @throws UsageError when no dataset has keys with the prefix.
 */
export async function* compareUploads(resources: Compared, prefix: string): AsyncGenerator<Upload, void> {
  const listed = listedPrefixes(resources.prefixes, prefix);
  const newest = await newestFiles(resources, listed);
  for (const each of listed) {
    for await (const objects of listObjects(resources, each)) {
      const files = objects.map((object) => fileOf(resources, object, newest));
      const items = await ledgerItems(resources, new Set(files.map(({ feed }) => feed)));
      const now = Date.now();
      for (const file of files) {
        const item = items.get(file.feed);
        const { key, ...upload } = file;
        const status = statusOf(file.isOneOfMany ? file : upload, item, now);
        yield uploadOf(file, status, item);
      }
    }
  }
}

/** A file that the bucket has. */
interface ListedFile extends ListedObject {
  readonly dataset: string;
  /** Name of its feed. */
  readonly feed: string;
  /** Whether its feed has files under other keys. */
  readonly isOneOfMany: boolean;
  /** Whether its name is one that starts the pipeline. */
  readonly isCsv: boolean;
  /** Whether the bucket has no newer file of its feed. */
  readonly isNewest: boolean;
}

function fileOf(
  { sourceBucket: bucket, prefixes }: Compared,
  object: ListedObject,
  newest: ReadonlyMap<string, ListedObject>,
): ListedFile {
  const { key } = object;
  const dataset = datasetNamed(datasetForKey(prefixes, key));
  const isOneOfMany = dataset.load.feed === 'dataset';
  return {
    ...object,
    dataset: dataset.name,
    feed: feedName(dataset, { bucket, key }),
    isOneOfMany,
    isCsv: isCsvName(key),
    isNewest: !isOneOfMany || newest.get(dataset.name)?.key === key,
  };
}

/**
 * The newest file of each dataset whose files are one feed, by the dataset's name, if any of its files may be under the
 * listed prefixes.
 */
async function newestFiles(
  resources: Compared,
  listed: readonly string[],
): Promise<ReadonlyMap<string, ListedObject>> {
  const { prefixes } = resources;
  const newest = new Map<string, ListedObject>();
  for (const [name, prefix] of Object.entries(prefixes)) {
    const isListed = listed.some((each) => each.startsWith(prefix) || prefix.startsWith(each));
    if (datasetNamed(name).load.feed !== 'dataset' || !isListed) continue;
    for await (const objects of listObjects(resources, prefix)) {
      for (const object of objects) {
        const last = newest.get(name);
        const isOwn = isCsvName(object.key) && datasetForKey(prefixes, object.key) === name;
        if (isOwn && (last === undefined || (compareOrder(object, last) ?? 0) > 0)) newest.set(name, object);
      }
    }
  }
  return newest;
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

/** The ledger's items of the feeds, by their names. */
async function ledgerItems(
  { dynamodb, ledgerTable }: Compared,
  feeds: ReadonlySet<string>,
): Promise<ReadonlyMap<string, LedgerItem>> {
  const items = new Map<string, LedgerItem>();
  let keys: Record<string, unknown>[] = [...feeds].map((pk) => ({ pk }));
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
  { key, dataset, size, etag, modified }: ListedFile,
  status: UploadStatus,
  item: LedgerItem | undefined,
): Upload {
  // Otherwise the item is about another upload of the feed.
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

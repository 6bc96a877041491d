/**
 * Undoes the load of an upload: finds the version that its feed has loaded before, and starts its load. All but the start
 * works in the same way with the data of local runs.
 */

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Dataset } from '../functions/core/dataset/dataset.ts';
import { InvalidInputError } from '../functions/core/errors.ts';
import { feedName } from '../functions/core/ledger/feed-name.ts';
import { StoredEntry } from '../functions/core/ledger/stored-entry.ts';
import { datasetForKey } from '../functions/core/runtime/routing.ts';
import { httpStatus } from '../functions/core/storage/aws.ts';
import { s3Uri } from '../functions/core/storage/source.ts';
import { UsageError } from '../report/terminal/errors.ts';
import type { UploadResources } from './uploads/resources.ts';

/** A version of an object in the source bucket. */
export interface FormerVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** In ISO 8601. */
  readonly uploaded: string;
  /** Bytes. */
  readonly size: number;
  /** The version that it takes the place of. */
  readonly replaces: string;
}

/**
 * Name of the dataset of an object.
 * @throws UsageError when no dataset has its key.
 */
export function datasetOfKey({ prefixes }: Pick<UploadResources, 'prefixes'>, key: string): string {
  try {
    return datasetForKey(prefixes, key);
  } catch (error) {
    throw error instanceof InvalidInputError ? new UsageError(error.message) : error;
  }
}

/** S3's answers to a request for a version that does not exist, or cannot. */
const NO_VERSION: readonly (number | undefined)[] = [400, 404];

/** A load to undo. */
export interface UndoneLoad {
  readonly dataset: Pick<Dataset, 'name' | 'load'>;
  /** Of the object; undefined if all files of the dataset are one feed. */
  readonly key: string | undefined;
  /** What to load, if it is not what was loaded before: a version of the object, or a file of the dataset. */
  readonly to: { readonly key?: string; readonly versionId?: string } | undefined;
}

/**
 * The version that an undo loads.
 * @param days for which the bucket keeps former versions; undefined if it keeps them forever, on this machine.
 * @throws UsageError when there is nothing to undo, when the ledger does not know what was loaded before, or when the
 * version does not exist any more, or is of another dataset.
 * @throws AwsRequestError when a request to AWS fails.
 */
export async function formerVersion(
  {
    s3,
    dynamodb,
    sourceBucket,
    ledgerTable,
    prefixes,
  }: Pick<UploadResources, 's3' | 'dynamodb' | 'sourceBucket' | 'ledgerTable' | 'prefixes'>,
  { dataset, key, to }: UndoneLoad,
  days: number | undefined,
): Promise<FormerVersion> {
  const name = feedName(dataset, { bucket: sourceBucket, key: key ?? '' });
  const feed = key === undefined ? `the dataset ${dataset.name}` : name;
  const recorded = await new StoredEntry(dynamodb, ledgerTable, name).read();
  if (recorded === undefined)
    throw new UsageError(`No upload of ${feed} was loaded, so there is nothing to undo.`);
  const { status, execution, lease } = recorded;
  if ((status === 'CHECKING' || status === 'LOADING') && lease > Date.now()) {
    throw new UsageError(
      `The execution ${execution} is working on an upload of ${feed}. Wait until it has ended.`,
    );
  }
  const former = to ?? recorded.previous;
  const object = { bucket: sourceBucket, key: key ?? former?.key ?? '' };
  if (former === undefined || (to === undefined && former.versionId === undefined)) {
    const next =
      key === undefined
        ? 'Name a file with --to KEY.'
        : days === undefined
          ? 'Load the former file again instead.'
          : `List its versions with aws s3api list-object-versions --bucket ${sourceBucket} --prefix ${JSON.stringify(key)}, and name one with --to.`;
    throw new UsageError(`The ledger does not know which version of ${feed} was loaded before. ${next}`);
  }
  if (datasetOfKey({ prefixes }, object.key) !== dataset.name) {
    throw new UsageError(`${s3Uri(object)} is no file of the dataset ${dataset.name}.`);
  }
  const version = former.versionId === undefined ? '' : `The version ${former.versionId} of `;
  const head = await s3
    .send(new HeadObjectCommand({ Bucket: sourceBucket, Key: object.key, VersionId: former.versionId }))
    .catch((error: unknown) => {
      // The clients for AWS explain an error, and keep it as the cause.
      const status = httpStatus(error) ?? httpStatus(Object(error).cause);
      if (!NO_VERSION.includes(status)) throw error;
      const expired = days === undefined ? '' : `: the bucket keeps a former version for ${days} days`;
      throw new UsageError(
        `${version}${s3Uri(object)} does not exist${to === undefined ? ' any more' : ''}${expired}. Upload the file again instead.`,
      );
    });
  const { versionId = head.VersionId ?? '' } = former;
  if (versionId === recorded.versionId && recorded.key === former.key && status === 'LOADED') {
    throw new UsageError(
      `The version ${versionId} of ${s3Uri(object)} is the one that was loaded last, by the execution ${execution}. Name an earlier one with --to.`,
    );
  }
  return {
    ...object,
    versionId,
    uploaded: head.LastModified?.toISOString() ?? '',
    size: head.ContentLength ?? 0,
    replaces: recorded.versionId ?? '',
  };
}

/** Downloads a version into a file. */
export async function download(
  { s3 }: Pick<UploadResources, 's3'>,
  { bucket, key, versionId }: FormerVersion,
  file: string,
): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  if (!(Body instanceof Readable)) throw new Error('S3 returned no stream.');
  await pipeline(Body, createWriteStream(file));
}

/**
 * The input of the execution that loads the version, unless another upload than the one that it takes the place of has
 * been claimed since. It may remove any number of keys, as the plan has shown them.
 */
export function undoInput({ bucket, key, versionId, replaces }: FormerVersion) {
  return { bucket, key, versionId, undo: replaces, allowRemovals: true };
}

/**
 * Starts the execution that loads the version, as {@link undoInput} says.
 * @returns its ARN.
 */
export async function startUndo(
  { sfn, stateMachineArn }: Pick<UploadResources, 'sfn' | 'stateMachineArn'>,
  former: FormerVersion,
): Promise<string> {
  const input = JSON.stringify(undoInput(former));
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  return executionArn;
}

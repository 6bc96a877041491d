/**
 * Undoes the load of an upload: finds the version of its object that was loaded before, and starts its load. All but the
 * start works in the same way with the data of local runs.
 */

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { InvalidInputError } from '../functions/core/errors.ts';
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

/**
 * The version that an undo loads.
 * @param key of the object.
 * @param to the version, if it is not the one that was loaded before.
 * @param days for which the bucket keeps former versions; undefined if it keeps them forever, on this machine.
 * @throws UsageError when there is nothing to undo, when the ledger does not know what was loaded before, or when the
 * version does not exist any more.
 * @throws AwsRequestError when a request to AWS fails.
 */
export async function formerVersion(
  {
    s3,
    dynamodb,
    sourceBucket,
    ledgerTable,
  }: Pick<UploadResources, 's3' | 'dynamodb' | 'sourceBucket' | 'ledgerTable'>,
  key: string,
  to: string | undefined,
  days: number | undefined,
): Promise<FormerVersion> {
  const object = { bucket: sourceBucket, key };
  const uri = s3Uri(object);
  const recorded = await new StoredEntry(dynamodb, ledgerTable, uri).read();
  if (recorded === undefined)
    throw new UsageError(`No upload of ${uri} was loaded, so there is nothing to undo.`);
  const { status, execution, lease, previous } = recorded;
  if ((status === 'CHECKING' || status === 'LOADING') && lease > Date.now()) {
    throw new UsageError(
      `The execution ${execution} is working on an upload of ${uri}. Wait until it has ended.`,
    );
  }
  const versionId = to ?? previous?.versionId;
  if (versionId === undefined) {
    const next =
      days === undefined
        ? 'Load the former file again instead.'
        : `List its versions with "aws s3api list-object-versions --bucket ${sourceBucket} --prefix KEY", and name one with --to.`;
    throw new UsageError(`The ledger does not know which version of ${uri} was loaded before. ${next}`);
  }
  if (versionId === recorded.versionId && status === 'LOADED') {
    throw new UsageError(
      `The version ${versionId} of ${uri} is the one that was loaded last, by the execution ${execution}. Name an earlier one with --to.`,
    );
  }
  const head = await s3
    .send(new HeadObjectCommand({ Bucket: sourceBucket, Key: key, VersionId: versionId }))
    .catch((error: unknown) => {
      // The clients for AWS explain an error, and keep it as the cause.
      const status = httpStatus(error) ?? httpStatus(Object(error).cause);
      if (!NO_VERSION.includes(status)) throw error;
      const expired = days === undefined ? '' : `: the bucket keeps a former version for ${days} days`;
      throw new UsageError(
        `The version ${versionId} of ${uri} does not exist${to === undefined ? ' any more' : ''}${expired}. Upload the file again instead.`,
      );
    });
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

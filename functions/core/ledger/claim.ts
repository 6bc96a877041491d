/** Claims an execution's upload in the ledger, or finds that there is nothing to do. */

import type { S3Client } from '@aws-sdk/client-s3';
import type { NotClaimedResult, Source } from '../messages.ts';
import { type PinnedObject, pinSource, s3Uri } from '../storage/source.ts';
import type { InputUpload } from './input.ts';
import { byCount, type LedgerIndex, type LedgerItem } from './item.ts';
import type { LedgerEntry } from './ledger.ts';
import { type ClaimComparison, uploadTime } from './upload-order.ts';

/**
 * The claimed source, and the load of its object that began last, as of the claim; or the reason why the upload was not
 * claimed.
 */
export type ClaimResult =
  | { readonly source: Source; readonly index: LedgerIndex | undefined }
  | NotClaimedResult;

/**
 * Pins the object and claims it in the ledger.
 * @param started when the execution started, in milliseconds since 1970.
 * @param lease of the execution, in milliseconds since 1970.
 * @throws SourceNotFoundError, SourceChangedError as {@link pinSource} does; the ledger then stays unchanged.
 */
export async function claimUpload(
  s3: S3Client,
  entry: LedgerEntry,
  upload: InputUpload,
  { started, lease }: { readonly started: number; readonly lease: number },
): Promise<ClaimResult> {
  const enters = upload.force || upload.undo !== undefined;
  if (!enters) {
    // The event alone may be enough to decide, and its version may no longer exist.
    const recorded = await entry.read();
    const comparison = entry.compare(upload, recorded);
    if (recorded !== undefined && isBlocking(comparison)) {
      return notClaimedResult(upload, comparison, recorded);
    }
  }
  const pinned = await pinSource(s3, upload);
  const { modified } = pinned;
  const isLatest = () => isLatestVersion(s3, pinned);
  const { etag, versionId } = pinned.source;
  const { comparison, recorded, index } = await entry.claim(
    { etag, versionId, modified, sequencer: upload.sequencer },
    lease,
    isLatest,
    { started, force: upload.force, undo: upload.undo },
  );
  const isForced = enters && comparison !== 'overtaken';
  if (isForced || recorded === undefined || !isBlocking(comparison)) {
    const uploaded = uploadTime(modified, comparison, recorded);
    return { source: { ...pinned.source, uploaded: new Date(uploaded).toISOString() }, index };
  }
  return notClaimedResult(upload, comparison, recorded);
}

/** The comparisons that keep an upload from being claimed. */
type BlockingComparison = keyof typeof OUTCOMES;

const OUTCOMES = {
  older: 'superseded',
  undone: 'superseded',
  overtaken: 'superseded',
  loaded: 'already-loaded',
  // The execution that is loading it may have died, and nobody else would then load it.
  loading: 'wait',
} as const;

function isBlocking(comparison: ClaimComparison): comparison is BlockingComparison {
  return comparison in OUTCOMES;
}

async function isLatestVersion(s3: S3Client, { source }: PinnedObject): Promise<boolean> {
  const { bucket, key } = source;
  const { source: latest } = await pinSource(s3, { bucket, key });
  return latest.versionId === source.versionId && latest.etag === source.etag;
}

function notClaimedResult(
  upload: InputUpload,
  comparison: BlockingComparison,
  recorded: LedgerItem,
): NotClaimedResult {
  const { status, execution, lease, key, versionId, etag, claimed, ended } = recorded;
  const leaseEnd = new Date(lease).toISOString();
  const uri = s3Uri(upload);
  const newest = key === undefined ? `a newer upload of ${uri}` : `a newer upload of the dataset of ${uri}`;
  const other =
    key === undefined || key === upload.key
      ? uri
      : `${s3Uri({ ...upload, key })}, another file of the dataset,`;
  const messages: Record<BlockingComparison, string> = {
    older: `The ledger has ${newest}, so this one is not loaded.`,
    undone: `The load of this upload of ${uri} was undone. To load it again, start an execution with {"bucket": "…", "key": "…", "versionId": "…", "force": true}.`,
    overtaken: `The execution ${execution} has claimed ${other} since this forced one started, so this upload is not loaded. To load it, start an execution with {"bucket": "…", "key": "…", "force": true} again.`,
    loaded: `The execution ${execution} has already loaded this upload of ${uri}. To load it again, start an execution with {"bucket": "…", "key": "…", "force": true}.`,
    loading: `The execution ${execution} is loading this upload of ${uri}. If it has crashed, its lease ends at ${leaseEnd}, and another execution can then claim the upload.`,
  };
  return {
    outcome: OUTCOMES[comparison],
    source_bucket: upload.bucket,
    source_key: upload.key,
    message: messages[comparison],
    recorded: {
      status,
      execution,
      ...(key !== undefined && { source_key: key }),
      version_id: versionId ?? null,
      etag,
      claimed,
      ended: ended ?? null,
      ...(status === 'LOADED' && byCount((count) => recorded[count])),
    },
  };
}

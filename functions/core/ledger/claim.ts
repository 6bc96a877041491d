/** Enters an execution's upload into the ledger, or finds that there is nothing to do. */

import type { S3Client } from '@aws-sdk/client-s3';
import type { Source, StandingResult } from '../messages.ts';
import { type PinnedObject, pinSource, s3Uri } from '../storage/source.ts';
import type { InputUpload } from './input.ts';
import type { LedgerEntry, LedgerItem } from './ledger.ts';
import type { Standing } from './upload-order.ts';

/** What came of it: the upload is the execution's, or there is a reason why not. */
export type Claimed = { readonly source: Source } | StandingResult;

/**
 * Pins the object, and enters it.
 * @param lease of the execution, in milliseconds since 1970.
 * @throws SourceNotFoundError, SourceChangedError as {@link pinSource} does; then the ledger is what it was.
 */
export async function claimUpload(
  s3: S3Client,
  entry: LedgerEntry,
  upload: InputUpload,
  lease: number,
): Promise<Claimed> {
  if (!upload.force) {
    // An event may tell enough by itself, and its version may be gone by now.
    const recorded = await entry.read();
    const stands = entry.standing(upload, recorded);
    if (recorded !== undefined && isInTheWay(stands)) return resultOf(upload, stands, recorded);
  }
  const pinned = await pinSource(s3, upload);
  const { source, modified } = pinned;
  const isLatest = () => isLatestVersion(s3, pinned);
  const { etag, versionId } = source;
  const stood = await entry.claim(
    { etag, versionId, modified, sequencer: upload.sequencer },
    lease,
    isLatest,
    upload.force,
  );
  const { standing, recorded } = stood;
  if (upload.force || recorded === undefined || !isInTheWay(standing)) return { source };
  return resultOf(upload, standing, recorded);
}

/** How an upload stands that is not entered. */
type InTheWay = Extract<Standing, 'loaded' | 'loading' | 'older'>;

function isInTheWay(stands: Standing): stands is InTheWay {
  return stands === 'loaded' || stands === 'loading' || stands === 'older';
}

async function isLatestVersion(s3: S3Client, { source }: PinnedObject): Promise<boolean> {
  const { bucket, key } = source;
  const { source: latest } = await pinSource(s3, { bucket, key });
  return latest.versionId === source.versionId && latest.etag === source.etag;
}

/** What the execution says where its upload is not loaded, or not now. */
function resultOf(upload: InputUpload, stands: InTheWay, recorded: LedgerItem): StandingResult {
  const { status, execution, lease, versionId, etag, entered, ended } = recorded;
  const { read, loaded, rejected, duplicates } = recorded;
  const at = new Date(lease).toISOString();
  const name = s3Uri(upload);
  const messages: Record<InTheWay, string> = {
    older: `A newer upload of ${name} has come in before: this one must not be loaded over it.`,
    loaded: `The execution ${execution} has loaded this upload of ${name}. To load it again on purpose, start with {"bucket": "…", "key": "…", "force": true}.`,
    loading: `The execution ${execution} is loading this upload of ${name}, or has died; which of both, is known at ${at}.`,
  };
  return {
    // A person who starts a load again wants it done, whatever became of the one before.
    outcome:
      stands === 'older' ? 'superseded' : stands === 'loading' && upload.isTyped ? 'wait' : 'already-loaded',
    source_bucket: upload.bucket,
    source_key: upload.key,
    message: messages[stands],
    recorded: {
      status,
      execution,
      version_id: versionId ?? null,
      etag,
      entered,
      ended: ended ?? null,
      ...(status === 'LOADED' && { read, loaded, rejected, duplicates }),
    },
  };
}

/** Decides what has become of the newest upload of an object. */

import type { BusinessErrorName } from '../../functions/core/errors.ts';
import { compareWithRecorded, type RecordedUpload } from '../../functions/core/ledger/upload-order.ts';

/**
 * - `never-seen`: no execution has claimed it.
 * - `rejected`: its execution refused the file because of what is in it.
 * - `failed`: its execution failed for another reason, or died.
 * - `superseded`: a newer upload of its feed counts: one that the ledger has, or another file in the bucket.
 * - `undone`: its load was undone.
 * - `ignored`: never seen, and its name is not one that starts the pipeline.
 */
export const STATUSES = [
  'loaded',
  'rejected',
  'failed',
  'running',
  'never-seen',
  'superseded',
  'undone',
  'ignored',
] as const;

export type UploadStatus = (typeof STATUSES)[number];

/** The newest upload of an object, as S3 lists it. */
interface ListedUpload {
  /** If its feed has uploads of several objects. */
  readonly key?: string;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Whether its name is one that starts the pipeline. */
  readonly isCsv: boolean;
  /** Whether the bucket has no newer file of its feed. */
  readonly isNewest: boolean;
}

/** Errors that the same file would cause again. */
export const REFUSALS: readonly string[] = [
  'DecompressionError',
  'HeaderError',
  'NotCsvError',
  'RemovalGuardError',
  'RowCountError',
  'ValidationError',
] satisfies BusinessErrorName[];

/** Whether an execution that ended with this error has refused the file because of what is in it. */
export function isRefusal(error: string | undefined): boolean {
  return error !== undefined && REFUSALS.includes(error);
}

/**
 * The status of the newest upload of an object.
 * @param recorded the ledger's item of its feed
 * @param now milliseconds since 1970
 */
export function statusOf(
  { isCsv, isNewest, ...upload }: ListedUpload,
  recorded: (RecordedUpload & { readonly error?: string | undefined }) | undefined,
  now: number,
): UploadStatus {
  switch (compareWithRecorded(upload, recorded, { execution: '', now })) {
    case 'newer':
    // Uploaded in the same second as the recorded one: S3 lists the newest.
    case 'unknown':
      if (!isCsv) return 'ignored';
      return isNewest ? 'never-seen' : 'superseded';
    case 'retry':
      return isRefusal(recorded?.error) ? 'rejected' : 'failed';
    case 'loading':
      return 'running';
    case 'loaded':
      return 'loaded';
    case 'older':
      // Of a feed of many objects, the ledger does not show whether this one was seen.
      return isCsv || upload.key === undefined ? 'superseded' : 'ignored';
    case 'undone':
      return 'undone';
  }
}

/** Decides whether an upload or the one that the ledger has recorded of the same feed counts. */

/** What identifies an upload of a feed, and orders it among the others. */
export interface UploadIdentity {
  /** Of the object, if the feed has uploads of several objects. */
  readonly key?: string | undefined;
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
  /** From the S3 event: hexadecimal digits that grow with each upload of the same key. */
  readonly sequencer?: string | undefined;
  /**
   * S3's `Last-Modified`, in milliseconds since 1970; precise to the second. For an object that was uploaded in parts, it
   * is when that began.
   */
  readonly modified?: number | undefined;
}

/** An upload to claim. */
export type Upload = UploadIdentity & { readonly etag: string; readonly modified: number };

/**
 * An upload as the ledger records it. Of a feed of one object, `sequencer` and `modified` are those of the newest upload
 * that was ever claimed, even if an older one counts.
 */
export interface RecordedUpload extends UploadIdentity {
  readonly status: 'CHECKING' | 'LOADING' | 'LOADED' | 'FAILED';
  /** Name of the execution that claimed it last. */
  readonly execution: string;
  /** Milliseconds since 1970 until which that execution counts as alive. */
  readonly lease: number;
  /** An upload that was undone. */
  readonly undone?: UploadIdentity | undefined;
  /** Of a feed of several objects: the newest upload that was ever claimed, if it is not the one that counts. */
  readonly latest?: UploadIdentity | undefined;
}

/**
 * How an upload compares with the recorded one.
 * - `newer`: it supersedes the recorded one.
 * - `retry`: it is the same upload, and no other execution is loading it.
 * - `loading`: it is the same upload, and another execution is loading it.
 * - `loaded`: it is the same upload, and it is in the table.
 * - `older`: it must not be loaded any more.
 * - `undone`: it must not be loaded any more either, because its load was undone.
 * - `unknown`: nothing recorded shows which of the two is newer.
 */
export type UploadComparison = 'newer' | 'retry' | 'loading' | 'loaded' | 'older' | 'undone' | 'unknown';

/**
 * How an upload that is to be claimed compares with the recorded one. `overtaken`: the start is forced or an undo, but the
 * feed is another execution's, and this one, or one that started no earlier, has claimed it before; or the recorded
 * upload is not the one that is to be undone.
 */
export type ClaimComparison = UploadComparison | 'overtaken';

/**
 * Compares an upload with the recorded one.
 * @param execution the one that asks; its own claim does not block it.
 * @param now milliseconds since 1970.
 */
export function compareWithRecorded(
  upload: UploadIdentity,
  recorded: RecordedUpload | undefined,
  { execution, now }: { readonly execution: string; readonly now: number },
): UploadComparison {
  if (recorded === undefined) return 'newer';
  if (isSame(upload, recorded)) {
    if (recorded.status === 'LOADED') return 'loaded';
    if (recorded.execution === execution) return 'retry';
    return recorded.status !== 'FAILED' && recorded.lease > now ? 'loading' : 'retry';
  }
  if (recorded.undone !== undefined && isSame(upload, recorded.undone)) return 'undone';
  const order = compareUploads(upload, recorded.latest ?? recorded);
  if (order === undefined) return 'unknown';
  return order > 0 ? 'newer' : 'older';
}

/** What the ledger records of the times of a feed's uploads, in milliseconds since 1970. */
export interface RecordedTimes {
  /** The latest `Last-Modified` that was claimed. */
  readonly modified: number;
  /** When the upload that was claimed last counts as uploaded. Absent in entries of an earlier version of the pipeline. */
  readonly uploaded?: number | undefined;
  /** The latest time at which any upload of the feed counts as uploaded. As absent as `uploaded`. */
  readonly newest?: number | undefined;
}

/**
 * When an upload that is claimed counts as uploaded: later than all older ones of the feed, though S3 reports whole
 * seconds, and always the same, however often it is loaded. Of an older upload, which only a forced start or an undo
 * claims, the ledger knows no more than S3 does.
 * @param modified its `Last-Modified`, in milliseconds since 1970.
 * @param comparison of the upload with the recorded one.
 * @returns milliseconds since 1970.
 */
export function uploadTime(
  modified: number,
  comparison: ClaimComparison,
  recorded: RecordedTimes | undefined,
): number {
  if (recorded === undefined || comparison === 'older' || comparison === 'undone') return modified;
  // An earlier version of the pipeline leaves the times of the last claim as they were.
  if (comparison !== 'newer') return Math.max(modified, recorded.uploaded ?? 0);
  return Math.max(modified, (recorded.newest ?? recorded.modified) + 1);
}

/**
 * What is recorded of the order of a feed's uploads once an upload is claimed. The newest one must not be forgotten when
 * the same one, or an older one, is claimed again.
 * @param comparison of the upload with the recorded one.
 */
export function orderAfter(
  upload: Upload,
  recorded: (RecordedUpload & Upload) | undefined,
  comparison: ClaimComparison,
): Pick<RecordedUpload, 'key' | 'sequencer' | 'latest'> & { readonly modified: number } {
  const { key, modified, sequencer } = upload;
  if (recorded === undefined || comparison === 'newer') {
    return { key, modified, sequencer, latest: undefined };
  }
  if (key === undefined) {
    return {
      modified: Math.max(recorded.modified, modified),
      sequencer: recorded.sequencer ?? sequencer,
    };
  }
  return isSame(upload, recorded)
    ? { key, modified, sequencer: recorded.sequencer ?? sequencer, latest: recorded.latest }
    : { key, modified, sequencer, latest: recorded.latest ?? identityOf(recorded) };
}

/** What identifies an upload, without what is not known of it. */
export function identityOf({ key, versionId, sequencer, modified, etag }: Upload): Upload {
  return {
    ...(key !== undefined && { key }),
    ...(versionId !== undefined && { versionId }),
    ...(sequencer !== undefined && { sequencer }),
    modified,
    etag,
  };
}

/** Whether two uploads of a feed are the same one. */
export function isSame(one: UploadIdentity, other: UploadIdentity): boolean {
  if (one.key !== other.key) return false;
  if (one.versionId !== undefined && other.versionId !== undefined) return one.versionId === other.versionId;
  if (one.sequencer !== undefined && other.sequencer !== undefined) {
    return compareSequencers(one.sequencer, other.sequencer) === 0;
  }
  return one.modified !== undefined && one.modified === other.modified && one.etag === other.etag;
}

/** Negative when `one` of two uploads of a feed is older, positive when it is newer; undefined when neither is certain. */
export function compareUploads(one: UploadIdentity, other: UploadIdentity): number | undefined {
  if (one.key !== undefined) return compareInFeed(one, other);
  if (one.sequencer !== undefined && other.sequencer !== undefined) {
    return compareSequencers(one.sequencer, other.sequencer);
  }
  if (one.modified === undefined || other.modified === undefined) return undefined;
  return one.modified - other.modified || undefined;
}

/**
 * Orders uploads of several objects, as {@link compareUploads} does: by their times, then by their keys, and only then by
 * their sequencers, which say nothing about different keys. Any other order that uses them has cycles.
 */
function compareInFeed(one: UploadIdentity, other: UploadIdentity): number | undefined {
  if (one.modified === undefined || other.modified === undefined) return undefined;
  if (one.modified !== other.modified) return one.modified - other.modified;
  const [key = '', otherKey = ''] = [one.key, other.key];
  if (key !== otherKey) return key < otherKey ? -1 : 1;
  if (one.sequencer === undefined || other.sequencer === undefined) return undefined;
  return compareSequencers(one.sequencer, other.sequencer);
}

/**
 * Orders two sequencers of the same key. The shorter one is padded with zeros on the right; source: "How do I handle
 * duplicate S3 event notifications", AWS re:Post knowledge center.
 */
export function compareSequencers(one: string, other: string): number {
  const length = Math.max(one.length, other.length);
  const [left, right] = [one, other].map((digits) => digits.toLowerCase().padEnd(length, '0'));
  if (left === right || left === undefined || right === undefined) return 0;
  return left < right ? -1 : 1;
}

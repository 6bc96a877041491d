/** Tells, of an upload and of what the ledger has of its object, which one counts. */

/** What tells an upload of an object from the others, and before or behind them. */
export interface UploadIdentity {
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
  /** Of S3's event: hexadecimal digits that grow with each upload of one key. */
  readonly sequencer?: string | undefined;
  /** S3's `Last-Modified`, in milliseconds since 1970. It tells whole seconds. */
  readonly modified?: number | undefined;
}

/** An upload as the ledger has it. */
export interface RecordedUpload extends UploadIdentity {
  readonly status: 'CHECKING' | 'LOADING' | 'LOADED' | 'FAILED';
  /** Name of the execution that it was given to. */
  readonly execution: string;
  /** Milliseconds since 1970 until which that execution counts as alive. */
  readonly lease: number;
}

/**
 * How an upload stands to the one that is recorded. `newer`: it takes its place. `again`: it is that one, which nobody
 * loads. `loading`: it is that one, and another execution loads it. `loaded`: it is that one, in the table. `older`: it
 * must not be loaded any more. `unknown`: it cannot be told whether it is newer.
 */
export type Standing = 'newer' | 'again' | 'loading' | 'loaded' | 'older' | 'unknown';

/**
 * How an upload stands to the one that is recorded.
 * @param execution that asks; its own entry is no obstacle to it.
 * @param now milliseconds since 1970.
 */
export function standing(
  upload: UploadIdentity,
  recorded: RecordedUpload | undefined,
  { execution, now }: { readonly execution: string; readonly now: number },
): Standing {
  if (recorded === undefined) return 'newer';
  if (isSame(upload, recorded)) {
    if (recorded.execution === execution) return 'again';
    if (recorded.status === 'LOADED') return 'loaded';
    return recorded.status !== 'FAILED' && recorded.lease > now ? 'loading' : 'again';
  }
  const order = compareUploads(upload, recorded);
  if (order === undefined) return 'unknown';
  return order > 0 ? 'newer' : 'older';
}

function isSame(one: UploadIdentity, other: UploadIdentity): boolean {
  if (one.versionId !== undefined && other.versionId !== undefined) return one.versionId === other.versionId;
  if (one.sequencer !== undefined && other.sequencer !== undefined) {
    return compareSequencers(one.sequencer, other.sequencer) === 0;
  }
  return one.modified !== undefined && one.modified === other.modified && one.etag === other.etag;
}

/** Below zero when the one came before the other, above when it came after; undefined where that cannot be told. */
function compareUploads(one: UploadIdentity, other: UploadIdentity): number | undefined {
  if (one.sequencer !== undefined && other.sequencer !== undefined) {
    return compareSequencers(one.sequencer, other.sequencer);
  }
  if (one.modified === undefined || other.modified === undefined) return undefined;
  return one.modified - other.modified || undefined;
}

/**
 * Orders two sequencers of one key. The shorter one is filled with zeros on the right; source: "How do I handle
 * duplicate S3 event notifications", AWS re:Post knowledge center.
 */
export function compareSequencers(one: string, other: string): number {
  const length = Math.max(one.length, other.length);
  const [left, right] = [one, other].map((digits) => digits.toLowerCase().padEnd(length, '0'));
  if (left === right || left === undefined || right === undefined) return 0;
  return left < right ? -1 : 1;
}

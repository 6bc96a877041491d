/** Claims uploads for an execution, and holds the claim by a lease. */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import { ServiceUnavailableError, SupersededError } from '../errors.ts';
import { type ObjectReference, s3Uri } from '../storage/source.ts';
import { byCount, type LedgerIndex, type LedgerItem, ledgerIndex } from './item.ts';
import type { Change, StoredEntry } from './stored-entry.ts';
import {
  type ClaimComparison,
  compareWithRecorded,
  identityOf,
  isSame,
  orderAfter,
  type Upload,
  type UploadComparison,
  type UploadIdentity,
  uploadTime,
} from './upload-order.ts';

/** Attempts to claim an upload while other executions claim the same object. */
const MAX_CLAIM_ATTEMPTS = 20;

/** How an execution was started. */
export interface Start {
  /** When, by the clock of Step Functions, in milliseconds since 1970. A redrive does not change it. */
  readonly started: number;
  /** Whether it claims the upload whatever upload the ledger has recorded. */
  readonly force: boolean;
  /** It does so as well if this version is the recorded one, which then does not count any more. */
  readonly undo?: string | undefined;
}

/** The result of claiming an upload. */
export interface Claim {
  readonly comparison: ClaimComparison;
  /** The item before it. */
  readonly recorded: LedgerItem | undefined;
  /** As of the claim, if there is one. */
  readonly index?: LedgerIndex | undefined;
}

/** What the ledger remembers of other uploads once an upload is claimed. */
function historyAfter(
  upload: Upload,
  recorded: LedgerItem | undefined,
  { comparison, isUndo }: { readonly comparison: ClaimComparison; readonly isUndo: boolean },
): Pick<LedgerItem, 'previous' | 'undone'> {
  if (recorded === undefined || isSame(upload, recorded)) {
    return { previous: recorded?.previous, undone: recorded?.undone };
  }
  if (isUndo) {
    const last = identityOf(recorded);
    // What an earlier undo has undone is newer than what this one undoes.
    const undone = recorded.undone === undefined || isSame(upload, recorded.undone) ? last : recorded.undone;
    return { previous: undefined, undone };
  }
  return {
    previous: recorded.status === 'LOADED' ? previousOf(recorded) : recorded.previous,
    // What is older than the newest upload does not come back anyway.
    undone: comparison === 'newer' || comparison === 'undone' ? undefined : recorded.undone,
  };
}

function previousOf({ key, versionId, modified, uploaded = modified }: LedgerItem): LedgerItem['previous'] {
  return { ...(key !== undefined && { key }), ...(versionId !== undefined && { versionId }), uploaded };
}

/** Condition that the upload is not loaded yet. */
export const NOT_LOADED = { condition: '#status <> :loaded', values: { ':loaded': 'LOADED' } };

/** One execution's claim of an upload of one feed. */
export class ClaimedEntry {
  protected readonly stored: StoredEntry;
  protected readonly object: ObjectReference;
  protected readonly execution: string;
  readonly #uri: string;
  /** Whether the feed has uploads of several objects. */
  readonly #hasKeys: boolean;
  readonly #load: string | undefined;

  /**
   * @param stored the item of the object's feed, by the feed's name.
   * @param object with the version that counts, once the execution has pinned it: the entry then counts as another
   * execution's as soon as another version is claimed.
   * @param load the execution's, once it has begun: the entry then counts as another execution's as soon as another load
   * has begun, even if this execution holds the claim.
   */
  constructor(stored: StoredEntry, object: ObjectReference, execution: string, load?: string) {
    this.stored = stored;
    this.object = object;
    this.execution = execution;
    this.#uri = s3Uri(object);
    this.#hasKeys = stored.name !== this.#uri;
    this.#load = load;
  }

  /** @throws ServiceUnavailableError when DynamoDB does not answer; so do all methods but those that never throw. */
  read(): Promise<LedgerItem | undefined> {
    return this.stored.read();
  }

  /** Whether the upload still belongs to this execution, and the execution to this upload. */
  async isOwner(): Promise<boolean> {
    return this.isMine(await this.read());
  }

  /** @throws SupersededError when the upload is another execution's now, or is already loaded. */
  async verifyUnfinished(): Promise<void> {
    const recorded = await this.read();
    if (!this.isMine(recorded) || recorded?.status === 'LOADED') throw this.superseded();
  }

  protected isMine(recorded: LedgerItem | undefined): boolean {
    if (recorded?.execution !== this.execution) return false;
    const { etag, versionId } = this.object;
    if (etag !== undefined && recorded.etag !== etag) return false;
    if (versionId !== undefined && recorded.versionId !== versionId) return false;
    return this.#load === undefined || recorded.index?.id === this.#load;
  }

  /** Compares an upload of the object with the one that the ledger has recorded. */
  compare(upload: UploadIdentity, recorded: LedgerItem | undefined): UploadComparison {
    const asker = { execution: this.execution, now: Date.now() };
    return compareWithRecorded(this.#withKey(upload), recorded, asker);
  }

  /** The upload, with the object's key if the feed has several. */
  #withKey<Known extends UploadIdentity>(upload: Known): Known {
    return this.#hasKeys ? { ...upload, key: this.object.key } : upload;
  }

  /**
   * Claims an upload, unless the ledger has one that takes precedence.
   * @param lease milliseconds since 1970.
   * @param isLatest whether the upload is the object's newest version; called only when nothing else decides.
   * @returns how the upload compares with the recorded one. It is claimed when it is `newer` or `retry`, or when the
   * start is forced or an undo, and not `overtaken`; never by a repeated invocation of the execution that has already loaded it.
   */
  async claim(
    unkeyed: Upload,
    lease: number,
    isLatest: () => Promise<boolean>,
    start: Start,
  ): Promise<Claim> {
    const upload = this.#withKey(unkeyed);
    for (let attempt = 0; attempt < MAX_CLAIM_ATTEMPTS; attempt += 1) {
      const recorded = await this.read();
      let comparison = this.compare(upload, recorded);
      if (comparison === 'unknown') comparison = (await isLatest()) ? 'newer' : 'older';
      const isDone = recorded?.status === 'LOADED' && this.isMine(recorded);
      const enters = start.force || start.undo !== undefined;
      if (isDone || (!enters && comparison !== 'newer' && comparison !== 'retry')) {
        return { comparison, recorded };
      }
      if (enters && this.#isOvertaken(upload, start, recorded)) return { comparison: 'overtaken', recorded };
      const answer = await this.#put(upload, recorded, comparison, { ...start, lease });
      if (answer !== undefined) {
        return { comparison, recorded, index: ledgerIndex.parse(answer.Attributes?.index) };
      }
      await sleep(Math.random() * 100);
    }
    throw new ServiceUnavailableError(
      `Too many executions are claiming ${this.stored.name} in the ledger at the same time.`,
    );
  }

  /**
   * Whether a forced start or an undo is `overtaken`. An undo is, once another upload has been claimed than the one that
   * it takes the place of. Its invocation may be repeated and, when it claims, its execution may have
   * ended: nobody would load the upload, nor the one that it takes the feed from.
   */
  #isOvertaken(upload: Upload, { started, undo }: Start, recorded: LedgerItem | undefined): boolean {
    const isThis = recorded?.versionId === upload.versionId && recorded?.key === upload.key;
    const isOther = recorded?.versionId !== undo && !isThis;
    if (undo !== undefined && recorded !== undefined && isOther) return true;
    return recorded !== undefined && !this.isMine(recorded) && started <= (recorded.started ?? 0);
  }

  /**
   * Writes the claim, unless any upload of the feed has been claimed since `recorded` was read, by whichever
   * execution. A retry also requires that the execution it replaces has not renewed its lease since.
   * @returns the answer; undefined if the claim was not written.
   */
  #put(
    upload: Upload,
    recorded: LedgerItem | undefined,
    comparison: UploadComparison,
    { lease, started, undo }: Start & { readonly lease: number },
  ): Promise<UpdateCommandOutput | undefined> {
    const { etag, versionId } = upload;
    const uploaded = uploadTime(upload.modified, comparison, recorded);
    const set = {
      etag,
      versionId,
      ...orderAfter(upload, recorded, comparison),
      uploaded,
      newest: Math.max(recorded?.newest ?? 0, uploaded),
      lease,
      status: 'CHECKING',
      execution: this.execution,
      claim: randomBytes(12).toString('hex'),
      started: Math.max(recorded?.started ?? 0, started),
      claimed: new Date().toISOString(),
      ended: undefined,
      error: undefined,
      ...historyAfter(upload, recorded, { comparison, isUndo: undo !== undefined }),
      ...byCount(() => undefined),
    };
    if (recorded === undefined) {
      return this.stored.update({ set: { ...set, writers: {} }, condition: 'attribute_not_exists(pk)' });
    }
    // Earlier versions leave the token as it is when they claim, so the execution is compared too.
    const { execution, claim } = recorded;
    const seen = `#execution = :execution AND ${claim === undefined ? 'attribute_not_exists(#claim)' : '#claim = :claim'}`;
    const values = { ':execution': execution, ...(claim !== undefined && { ':claim': claim }) };
    return comparison === 'retry'
      ? this.stored.update({
          set,
          condition: `${seen} AND #lease = :lease AND ${NOT_LOADED.condition}`,
          values: { ...values, ':lease': recorded.lease, ...NOT_LOADED.values },
        })
      : this.stored.update({ set, condition: seen, values });
  }

  /**
   * Renews the lease. Changes nothing if this execution has already loaded the upload, as when a function is repeated.
   * @param until milliseconds since 1970.
   * @throws SupersededError when another execution has claimed the upload.
   */
  async renew(status: 'CHECKING' | 'LOADING', until: number): Promise<void> {
    const set = { status, lease: until, ended: undefined, error: undefined };
    const isRenewed = await this.changeMine(set, NOT_LOADED);
    if (!isRenewed && !(await this.isOwner())) throw this.superseded();
  }

  /**
   * Shortens the lease after the function has failed. Never throws, since the lease ends anyway.
   * @param until milliseconds since 1970.
   */
  async shorten(until: number): Promise<void> {
    await this.#giveUp({ lease: until });
  }

  /** Records that the execution has failed. Never throws, since the lease ends anyway. */
  async fail(error: string): Promise<void> {
    const ended = new Date().toISOString();
    await this.#giveUp({ status: 'FAILED', error, ended, lease: 0 });
  }

  /**
   * Updates this execution's item unless it is already loaded, and ignores any error. Invocations of a failed Map keep
   * running, and may fail long after a redrive has finished the load.
   */
  async #giveUp(set: Change['set']): Promise<void> {
    await this.changeMine(set, NOT_LOADED).catch(() => undefined);
  }

  /**
   * Updates the item if it is this execution's, and that of its upload and its load.
   * @param and another condition that must hold.
   * @returns whether the item was updated.
   */
  protected async changeMine(set: Change['set'], and?: Omit<Change, 'set'>): Promise<boolean> {
    const { etag, versionId } = this.object;
    const conditions = [
      { condition: '#execution = :mine', values: { ':mine': this.execution } },
      ...(etag === undefined ? [] : [{ condition: '#etag = :etag', values: { ':etag': etag } }]),
      ...(versionId === undefined
        ? []
        : [{ condition: '#versionId = :version', values: { ':version': versionId } }]),
      ...(this.#load === undefined
        ? []
        : [{ condition: '#index.#id = :load', values: { ':load': this.#load } }]),
      ...(and === undefined ? [] : [and]),
    ];
    const changed = await this.stored.update({
      set,
      condition: conditions.map(({ condition }) => condition).join(' AND '),
      values: Object.assign({}, ...conditions.map(({ values }) => values)),
    });
    return changed !== undefined;
  }

  superseded(): SupersededError {
    return new SupersededError(
      this.#hasKeys
        ? `Another execution has claimed an upload of the dataset of ${this.#uri}, so this one has stopped.`
        : `${this.#uri} was uploaded again, or its load was started again. Another execution loads it now, so this one has stopped.`,
    );
  }
}

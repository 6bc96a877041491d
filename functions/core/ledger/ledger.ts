/**
 * The ledger: one item per object in the source bucket, which says which upload of it counts and which execution loads
 * it. An upload belongs to the execution that claimed it last; an execution that finds another's name there must stop.
 * Nothing in the ledger ever needs repair by hand, because every claim is a lease that expires.
 *
 * Any request may be repeated, late, or both. So every change has a condition: a claim, that the claim which was read
 * is still the last one; whatever follows it, that the claim is still of the same upload, since a repeated claim of the
 * same execution may be of a newer one; the begin of a load, that no other load has begun since; a writer, and the end
 * of a load, that it is still the load that began last. A forced claim, which needs no newer upload, needs a later start.
 */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  UpdateCommand,
  type UpdateCommandInput,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { MISSING_OUTCOMES, WRITE_OUTCOMES } from '../dataset/load.ts';
import { ServiceUnavailableError, SupersededError } from '../errors.ts';
import type { RowCounts, StoredIndex } from '../messages.ts';
import { classified } from '../storage/aws.ts';
import { type ObjectReference, s3Uri } from '../storage/source.ts';
import {
  type ClaimComparison,
  compareWithRecorded,
  isSame,
  type UploadComparison,
  type UploadIdentity,
  uploadTime,
} from './upload-order.ts';

/** Attempts to claim an upload while other executions claim the same object. */
const MAX_CLAIM_ATTEMPTS = 20;

/** A value for each count of a load. */
export function byCount<Value>(make: (count: keyof RowCounts) => Value): Record<keyof RowCounts, Value> {
  const counts = ['read', ...WRITE_OUTCOMES, ...MISSING_OUTCOMES, 'rejected', 'duplicates'] as const;
  const entries = counts.map((count) => [count, make(count)]);
  // The compiler cannot see that the entries have a value for each count.
  return Object.fromEntries(entries);
}

const storedIndex = z.object({
  id: z.string(),
  complete: z.boolean(),
  keys: z.number(),
  salt: z.string(),
  table: z.string(),
}) satisfies z.ZodMiniType<StoredIndex>;

const ledgerIndex = z.optional(z.object({ id: z.string(), stored: z.optional(storedIndex) }));

/** How the ledger stores {@link LedgerItem}. */
export const ledgerItem = z.object({
  /** Sequencer of the newest upload that was ever claimed. */
  sequencer: z.optional(z.string()),
  modified: z.number(),
  /** As {@link RecordedTimes} describes them. */
  uploaded: z.optional(z.number()),
  newest: z.optional(z.number()),
  versionId: z.optional(z.string()),
  etag: z.string(),
  status: z.enum(['CHECKING', 'LOADING', 'LOADED', 'FAILED']),
  execution: z.string(),
  /** A random token, new with each claim. Absent in entries that an earlier version of the pipeline wrote. */
  claim: z.optional(z.string()),
  /**
   * When the execution started that started last of all that have claimed the object, in milliseconds since 1970. Absent
   * in entries that an earlier version of the pipeline wrote.
   */
  started: z.optional(z.number()),
  /**
   * `id`: of the load that began last, as {@link nextLoad} makes it; absent until the first load of the object. `stored`:
   * what is known of the table, as the last load with an index has written it. A load of a mode without one leaves it.
   */
  index: ledgerIndex,
  /** The upload that was loaded before, while there is one that an undo can go back to. */
  previous: z.optional(z.object({ versionId: z.optional(z.string()), uploaded: z.number() })),
  /** The newest upload that was undone, until it or a newer one is claimed. */
  undone: z.optional(
    z.object({
      sequencer: z.optional(z.string()),
      modified: z.number(),
      versionId: z.optional(z.string()),
      etag: z.string(),
    }),
  ),
  /** Milliseconds since 1970 until which the execution counts as alive. */
  lease: z.number(),
  /** For each invocation that writes to the table: until when it may write, in milliseconds since 1970. */
  writers: z.record(z.string(), z.number()),
  /** When the upload was claimed, in ISO 8601. */
  claimed: z.string(),
  /** When its execution failed or finished, in ISO 8601. */
  ended: z.optional(z.string()),
  /** Name of the error with which the execution failed. */
  error: z.optional(z.string()),
  ...byCount(() => z.optional(z.number())),
});

/** The load that began last, and the index of the feed. */
export type LedgerIndex = NonNullable<LedgerItem['index']>;

/** The ledger's item of an object. */
export type LedgerItem = Readonly<z.output<typeof ledgerItem>>;

/** An upload to claim. */
export type Upload = UploadIdentity & { readonly etag: string; readonly modified: number };

/** How an execution was started. */
export interface Start {
  /** When, by the clock of Step Functions, in milliseconds since 1970. A redrive does not change it. */
  readonly started: number;
  /** Whether it claims the upload whatever upload the ledger has recorded. */
  readonly force: boolean;
  /** It does so as well if this version is the recorded one, which then does not count any more. */
  readonly undo?: string | undefined;
}

/**
 * The id of a load that begins: different from that of every other load of the object, and the same for a repeated
 * request to begin it. Of two loads of which one was compared with the other's index, it has the greater number.
 * @param last id of the load that began before, if any.
 */
export function nextLoad(last: string | undefined, execution: string): string {
  return `${last === undefined ? 1 : Number.parseInt(last, 10) + 1}-${execution}`;
}

/** The execution that began a load. */
function executionOf(load: string): string {
  return load.slice(load.indexOf('-') + 1);
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
  const { sequencer, modified, versionId, etag, uploaded = modified } = recorded;
  const version = versionId === undefined ? {} : { versionId };
  if (isUndo) {
    const last = { ...version, ...(sequencer !== undefined && { sequencer }), modified, etag };
    // What an earlier undo has undone is newer than what this one undoes.
    const undone = recorded.undone === undefined || isSame(upload, recorded.undone) ? last : recorded.undone;
    return { previous: undefined, undone };
  }
  return {
    previous: recorded.status === 'LOADED' ? { ...version, uploaded } : recorded.previous,
    // What is older than the newest upload does not come back anyway.
    undone: comparison === 'newer' || comparison === 'undone' ? undefined : recorded.undone,
  };
}

/** A conditional update of the item. An attribute whose value is undefined is removed. */
interface Change {
  readonly set: Readonly<Record<string, string | number | boolean | object | undefined>>;
  /** A DynamoDB condition expression. */
  readonly condition: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** Condition that the upload is not loaded yet. */
const NOT_LOADED = { condition: '#status <> :loaded', values: { ':loaded': 'LOADED' } };

/**
 * One execution's access to the ledger's item of one object. Once the execution has begun its load, use
 * {@link LedgerEntry.ofLoad}.
 */
export class LedgerEntry {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #place: Pick<UpdateCommandInput, 'TableName' | 'Key'>;
  readonly #uri: string;
  readonly #object: ObjectReference;
  readonly #execution: string;
  readonly #load: string | undefined;

  /**
   * @param object with the version that counts, once the execution has pinned it: the entry then counts as another
   * execution's as soon as another version is claimed.
   * @param load as {@link LedgerEntry.ofLoad}.
   */
  constructor(
    client: DynamoDBDocumentClient,
    table: string,
    object: ObjectReference,
    execution: string,
    load?: string,
  ) {
    this.#client = client;
    this.#object = object;
    this.#uri = s3Uri(object);
    this.#table = table;
    this.#place = { TableName: table, Key: { pk: this.#uri } };
    this.#execution = execution;
    this.#load = load;
  }

  /**
   * The same entry for a function that works on the execution's load. The entry then counts as another execution's as
   * soon as another load has begun, even if this execution holds the claim.
   * @param load what {@link LedgerEntry.beginLoad} returned.
   */
  ofLoad(load: string): LedgerEntry {
    return new LedgerEntry(this.#client, this.#table, this.#object, this.#execution, load);
  }

  /** @throws ServiceUnavailableError when DynamoDB does not answer; so do all methods but those that never throw. */
  async read(): Promise<LedgerItem | undefined> {
    const command = new GetCommand({ ...this.#place, ConsistentRead: true });
    const { Item } = await this.#client.send(command).catch((error: unknown) => {
      throw classified(error, `Reading the ledger's entry of ${this.#uri}`);
    });
    return Item === undefined ? undefined : ledgerItem.parse(Item);
  }

  /** Whether the upload still belongs to this execution, and the execution to this upload. */
  async isOwner(): Promise<boolean> {
    return this.#isMine(await this.read());
  }

  /** @throws SupersededError when the upload is another execution's now, or is already loaded. */
  async verifyUnfinished(): Promise<void> {
    const recorded = await this.read();
    if (!this.#isMine(recorded) || recorded?.status === 'LOADED') throw this.superseded();
  }

  #isMine(recorded: LedgerItem | undefined): boolean {
    if (recorded?.execution !== this.#execution) return false;
    const { etag, versionId } = this.#object;
    if (etag !== undefined && recorded.etag !== etag) return false;
    if (versionId !== undefined && recorded.versionId !== versionId) return false;
    return this.#load === undefined || recorded.index?.id === this.#load;
  }

  /** Compares an upload with the one that the ledger has recorded. */
  compare(upload: UploadIdentity, recorded: LedgerItem | undefined): UploadComparison {
    return compareWithRecorded(upload, recorded, { execution: this.#execution, now: Date.now() });
  }

  /**
   * Claims an upload, unless the ledger has one that takes precedence.
   * @param lease milliseconds since 1970.
   * @param isLatest whether the upload is the object's newest version; called only when nothing else decides.
   * @returns how the upload compares with the recorded one. It is claimed when it is `newer` or `retry`, or when the
   * start is forced or an undo, and not `overtaken`; never by a repeated invocation of the execution that has already loaded it.
   */
  async claim(upload: Upload, lease: number, isLatest: () => Promise<boolean>, start: Start): Promise<Claim> {
    for (let attempt = 0; attempt < MAX_CLAIM_ATTEMPTS; attempt += 1) {
      const recorded = await this.read();
      let comparison = this.compare(upload, recorded);
      if (comparison === 'unknown') comparison = (await isLatest()) ? 'newer' : 'older';
      const isDone = recorded?.status === 'LOADED' && this.#isMine(recorded);
      const enters = start.force || start.undo !== undefined;
      if (isDone || (!enters && comparison !== 'newer' && comparison !== 'retry')) {
        return { comparison, recorded };
      }
      if (enters && this.#isOvertaken(upload, start, recorded)) return { comparison: 'overtaken', recorded };
      const claimed = await this.#put(upload, recorded, comparison, { ...start, lease });
      if (claimed !== undefined) {
        return { comparison, recorded, index: ledgerIndex.parse(claimed.Attributes?.index) };
      }
      await sleep(Math.random() * 100);
    }
    throw new ServiceUnavailableError(
      `Too many executions are claiming ${this.#uri} in the ledger at the same time.`,
    );
  }

  /**
   * Whether a forced start or an undo is `overtaken`. An undo is, once another upload has been claimed than the one that
   * it takes the place of. Its invocation may be repeated and, when it claims, its execution may have
   * ended: nobody would load the upload, nor the one that it takes the object from.
   */
  #isOvertaken(upload: Upload, { started, undo }: Start, recorded: LedgerItem | undefined): boolean {
    const isOther = recorded?.versionId !== undo && recorded?.versionId !== upload.versionId;
    if (undo !== undefined && recorded !== undefined && isOther) return true;
    return recorded !== undefined && !this.#isMine(recorded) && started <= (recorded.started ?? 0);
  }

  /**
   * Writes the claim, unless any upload of the object has been claimed since `recorded` was read, by whichever
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
    // The ledger must not forget the newest upload when the same one, or an older one, is loaded again.
    const sequencer = comparison === 'newer' ? upload.sequencer : (recorded?.sequencer ?? upload.sequencer);
    const modified =
      comparison === 'newer' ? upload.modified : Math.max(recorded?.modified ?? 0, upload.modified);
    const uploaded = uploadTime(upload.modified, comparison, recorded);
    const set = {
      etag,
      versionId,
      sequencer,
      modified,
      uploaded,
      newest: Math.max(recorded?.newest ?? 0, uploaded),
      lease,
      status: 'CHECKING',
      execution: this.#execution,
      claim: randomBytes(12).toString('hex'),
      started: Math.max(recorded?.started ?? 0, started),
      claimed: new Date().toISOString(),
      ended: undefined,
      error: undefined,
      ...historyAfter(upload, recorded, { comparison, isUndo: undo !== undefined }),
      ...byCount(() => undefined),
    };
    if (recorded === undefined) {
      return this.#update({ set: { ...set, writers: {} }, condition: 'attribute_not_exists(pk)' });
    }
    // Earlier versions leave the token as it is when they claim, so the execution is compared too.
    const { execution, claim } = recorded;
    const seen = `#execution = :execution AND ${claim === undefined ? 'attribute_not_exists(#claim)' : '#claim = :claim'}`;
    const values = { ':execution': execution, ...(claim !== undefined && { ':claim': claim }) };
    return comparison === 'retry'
      ? this.#update({
          set,
          condition: `${seen} AND #lease = :lease AND ${NOT_LOADED.condition}`,
          values: { ...values, ':lease': recorded.lease, ...NOT_LOADED.values },
        })
      : this.#update({ set, condition: seen, values });
  }

  /**
   * Renews the lease. Changes nothing if this execution has already loaded the upload, as when a function is repeated.
   * @param until milliseconds since 1970.
   * @throws SupersededError when another execution has claimed the upload.
   */
  async renew(status: 'CHECKING' | 'LOADING', until: number): Promise<void> {
    const set = { status, lease: until, ended: undefined, error: undefined };
    const isRenewed = await this.#changeMine(set, NOT_LOADED);
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
   * Records that the upload is loaded, and with it the index, if the load has one.
   * @throws SupersededError when another execution has claimed the upload.
   */
  async finish(counts: RowCounts, hasIndex = false): Promise<void> {
    const ended = new Date().toISOString();
    const set = {
      status: 'LOADED',
      ...byCount((count) => counts[count] ?? undefined),
      ended,
      error: undefined,
      lease: 0,
    };
    const complete = hasIndex ? { 'index.stored.complete': true } : {};
    if (!(await this.#changeMine({ ...set, ...complete }))) throw this.superseded();
  }

  /**
   * Begins the load, unless another execution still has writers. Renews the lease in either case. What is known of the
   * table stays recorded, though the load may change it without an index.
   * @param until milliseconds since 1970.
   * @returns the load's id; undefined if the load has not begun and this is to be tried again.
   * @throws SupersededError when another execution has claimed the upload.
   */
  async beginLoad(until: number): Promise<string | undefined> {
    const recorded = await this.read();
    const last = recorded?.index?.id;
    if (last !== undefined && executionOf(last) === this.#execution) return this.#begun(last, until);
    return this.#begin(recorded, { ...recorded?.index, id: nextLoad(last, this.#execution) }, until);
  }

  /**
   * Begins a load whose index is written, like {@link LedgerEntry.beginLoad}, unless another load has begun since the one
   * that the index is based on.
   * @param last id of that load; null if there was none.
   * @param verify called before the load begins; what it throws keeps the load from beginning.
   * @returns as `beginLoad`; the index of the other load if there is one.
   */
  async beginWithIndex(
    until: number,
    last: string | null,
    stored: StoredIndex,
    verify: () => void,
  ): Promise<string | LedgerIndex | undefined> {
    const recorded = await this.read();
    const index = recorded?.index;
    if (index?.id === stored.id) return this.#begun(stored.id, until);
    if (!this.#isMine(recorded)) throw this.superseded();
    if (index !== undefined && index.id !== last) {
      await this.renew('CHECKING', until);
      return index;
    }
    verify();
    return this.#begin(recorded, { id: stored.id, stored }, until);
  }

  /** A repeated invocation must not remove the writers of the load that it finds begun. */
  async #begun(load: string, until: number): Promise<string> {
    await this.renew('LOADING', until);
    return load;
  }

  async #begin(
    recorded: LedgerItem | undefined,
    index: LedgerIndex,
    until: number,
  ): Promise<string | undefined> {
    // Other executions cannot add writers any more, because this one has claimed the upload.
    if (Object.values(recorded?.writers ?? {}).some((lease) => lease > Date.now())) {
      await this.renew('CHECKING', until);
      return undefined;
    }
    const last = recorded?.index?.id;
    const isBegun = await this.#changeMine(
      { status: 'LOADING', lease: until, writers: {}, index },
      last === undefined
        ? { condition: 'attribute_not_exists(#index)', values: {} }
        : { condition: '#index.#id = :last', values: { ':last': last } },
    );
    if (isBegun) return index.id;
    // Either the upload is another execution's now, or another invocation of this one has begun the load just now.
    await this.renew('LOADING', until);
    return undefined;
  }

  /**
   * Registers an invocation that writes to the table.
   * @param until when the leases of the writer and of the execution end, in milliseconds since 1970.
   * @returns the writer's name in the ledger.
   * @throws SupersededError when another execution has claimed the upload, or this one has already loaded it.
   */
  async startWriting(until: { readonly writer: number; readonly execution: number }): Promise<string> {
    const writer = randomBytes(6).toString('hex');
    const set = { status: 'LOADING', lease: until.execution, [`writers.${writer}`]: until.writer };
    if (!(await this.#changeMine(set, NOT_LOADED))) throw this.superseded();
    return writer;
  }

  /** Removes a writer. Never throws, since the writer's lease ends anyway. */
  async stopWriting(writer: string): Promise<void> {
    const set = { [`writers.${writer}`]: undefined };
    await this.#change({ set, condition: 'attribute_exists(pk)' }).catch(() => undefined);
  }

  /**
   * Updates this execution's item unless it is already loaded, and ignores any error. Invocations of a failed Map keep
   * running, and may fail long after a redrive has finished the load.
   */
  async #giveUp(set: Change['set']): Promise<void> {
    await this.#changeMine(set, NOT_LOADED).catch(() => undefined);
  }

  /**
   * Updates the item if it is this execution's, and that of its upload and its load.
   * @param and another condition that must hold.
   * @returns whether the item was updated.
   */
  #changeMine(set: Change['set'], and?: Omit<Change, 'set'>): Promise<boolean> {
    const { etag, versionId } = this.#object;
    const conditions = [
      { condition: '#execution = :mine', values: { ':mine': this.#execution } },
      ...(etag === undefined ? [] : [{ condition: '#etag = :etag', values: { ':etag': etag } }]),
      ...(versionId === undefined
        ? []
        : [{ condition: '#versionId = :version', values: { ':version': versionId } }]),
      ...(this.#load === undefined
        ? []
        : [{ condition: '#index.#id = :load', values: { ':load': this.#load } }]),
      ...(and === undefined ? [] : [and]),
    ];
    return this.#change({
      set,
      condition: conditions.map(({ condition }) => condition).join(' AND '),
      values: Object.assign({}, ...conditions.map(({ values }) => values)),
    });
  }

  superseded(): SupersededError {
    return new SupersededError(
      `${this.#uri} was uploaded again, or its load was started again. Another execution loads it now, so this one has stopped.`,
    );
  }

  /** @returns whether the condition held. */
  async #change(change: Change): Promise<boolean> {
    return (await this.#update(change)) !== undefined;
  }

  /** @returns DynamoDB's answer, with the changed item; undefined if the condition did not hold. */
  async #update({ set, condition, values }: Change): Promise<UpdateCommandOutput | undefined> {
    const fields = Object.entries(set).map(([field, value], index) => ({
      // A placeholder for each part of the path, since it may be a word that DynamoDB reserves.
      path: `#${field.replaceAll('.', '.#')}`,
      value,
      token: `:value${index}`,
    }));
    const assigned = fields.filter(({ value }) => value !== undefined);
    const removed = fields.filter(({ value }) => value === undefined);
    const expression = [
      ...(assigned.length === 0
        ? []
        : [`SET ${assigned.map(({ path, token }) => `${path} = ${token}`).join(', ')}`]),
      ...(removed.length === 0 ? [] : [`REMOVE ${removed.map(({ path }) => path).join(', ')}`]),
    ].join(' ');
    const names = `${expression} ${condition}`.match(/#\w+/g) ?? [];
    const tokens = { ...Object.fromEntries(assigned.map(({ token, value }) => [token, value])), ...values };
    try {
      return await this.#client.send(
        new UpdateCommand({
          ...this.#place,
          UpdateExpression: expression,
          ConditionExpression: condition,
          ReturnValues: 'ALL_NEW',
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, name.slice(1)])),
          ...(Object.keys(tokens).length > 0 && { ExpressionAttributeValues: tokens }),
        }),
      );
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw classified(error, `Writing the ledger's entry of ${this.#uri}`);
    }
  }
}

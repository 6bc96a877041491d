/**
 * The ledger: one item for each object of the source bucket, which says what upload of it counts and which execution
 * loads it. An upload is the execution's that entered it last; one that finds another's name in its place has to stop.
 * Nothing in it has to be repaired by hand, because every claim ends by itself: it is a lease.
 */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { ServiceUnavailableError, SupersededError } from '../errors.ts';
import type { PipelineResult } from '../messages.ts';
import { classified } from '../storage/aws.ts';
import { s3Uri } from '../storage/source.ts';
import { type Standing, standing, type UploadIdentity } from './upload-order.ts';

/** Times that an entry is tried while others enter theirs. */
const MAX_ENTRY_ATTEMPTS = 20;

const ledgerItem = z.object({
  /** Of the newest upload that was ever entered. */
  sequencer: z.optional(z.string()),
  modified: z.number(),
  versionId: z.optional(z.string()),
  etag: z.string(),
  status: z.enum(['CHECKING', 'LOADING', 'LOADED', 'FAILED']),
  execution: z.string(),
  /** Milliseconds since 1970 until which the execution counts as alive. */
  lease: z.number(),
  /** Of each invocation that writes to the table, milliseconds since 1970 until which it may. */
  writers: z.record(z.string(), z.number()),
  /** In ISO 8601. */
  entered: z.string(),
  ended: z.optional(z.string()),
  /** Name of the error that the execution failed with. */
  error: z.optional(z.string()),
  read: z.optional(z.number()),
  loaded: z.optional(z.number()),
  rejected: z.optional(z.number()),
  duplicates: z.optional(z.number()),
});

/** What the ledger has of an object. */
export type LedgerItem = Readonly<z.output<typeof ledgerItem>>;

/** An upload that is entered. */
export type Upload = UploadIdentity & { readonly etag: string; readonly modified: number };

/** Counts of what was loaded. */
type Counts = Pick<PipelineResult, 'read' | 'loaded' | 'rejected' | 'duplicates'>;

/** A change of the item, in DynamoDB's expressions; a value that is undefined is removed. */
interface Change {
  readonly set: Readonly<Record<string, string | number | object | undefined>>;
  readonly condition: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** What one execution does with the ledger's item of one object. */
export class LedgerEntry {
  readonly #client: DynamoDBDocumentClient;
  readonly #place: Pick<UpdateCommandInput, 'TableName' | 'Key'>;
  readonly #name: string;
  readonly #execution: string;

  constructor(
    client: DynamoDBDocumentClient,
    table: string,
    object: { readonly bucket: string; readonly key: string },
    execution: string,
  ) {
    this.#client = client;
    this.#name = s3Uri(object);
    this.#place = { TableName: table, Key: { pk: this.#name } };
    this.#execution = execution;
  }

  /** @throws ServiceUnavailableError when DynamoDB does not answer; so do all methods. */
  async read(): Promise<LedgerItem | undefined> {
    const command = new GetCommand({ ...this.#place, ConsistentRead: true });
    const { Item } = await this.#client.send(command).catch((error: unknown) => {
      throw classified(error, `Reading the ledger's entry of ${this.#name}`);
    });
    return Item === undefined ? undefined : ledgerItem.parse(Item);
  }

  /** Whether the upload still is this execution's. */
  async isMine(): Promise<boolean> {
    return (await this.read())?.execution === this.#execution;
  }

  /** How an upload stands to what the ledger has. */
  standing(upload: UploadIdentity, recorded: LedgerItem | undefined): Standing {
    return standing(upload, recorded, { execution: this.#execution, now: Date.now() });
  }

  /**
   * Enters an upload, unless the ledger has one that counts instead.
   * @param lease milliseconds since 1970.
   * @param isLatest tells whether the upload is the object's newest version; asked where nothing else tells.
   * @param force whether to enter it whatever the ledger has.
   * @returns how the upload stood, and what the ledger had; it is entered when that is `newer` or `again`, or forced.
   */
  async claim(
    upload: Upload,
    lease: number,
    isLatest: () => Promise<boolean>,
    force: boolean,
  ): Promise<{ readonly standing: Standing; readonly recorded: LedgerItem | undefined }> {
    for (let attempt = 0; attempt < MAX_ENTRY_ATTEMPTS; attempt += 1) {
      const recorded = await this.read();
      let stands = this.standing(upload, recorded);
      if (stands === 'unknown') stands = (await isLatest()) ? 'newer' : 'older';
      if (!force && stands !== 'newer' && stands !== 'again') return { standing: stands, recorded };
      if (await this.#put(upload, recorded, stands, lease)) return { standing: stands, recorded };
      await sleep(Math.random() * 100);
    }
    throw new ServiceUnavailableError(
      `Too many executions enter ${this.#name} into the ledger at the same time.`,
    );
  }

  /** @returns whether nobody entered an upload, or renewed the lease of one that is not newer, meanwhile. */
  #put(upload: Upload, recorded: LedgerItem | undefined, stands: Standing, lease: number): Promise<boolean> {
    const { etag, versionId } = upload;
    // What is loaded again, or on purpose though it is old, leaves it open which upload is the newest of all.
    const sequencer = stands === 'newer' ? upload.sequencer : (recorded?.sequencer ?? upload.sequencer);
    const modified =
      stands === 'newer' ? upload.modified : Math.max(recorded?.modified ?? 0, upload.modified);
    const set = {
      etag,
      versionId,
      sequencer,
      modified,
      lease,
      status: 'CHECKING',
      execution: this.#execution,
      entered: new Date().toISOString(),
      ended: undefined,
      error: undefined,
      read: undefined,
      loaded: undefined,
      rejected: undefined,
      duplicates: undefined,
    };
    if (recorded === undefined) {
      return this.#change({ set: { ...set, writers: {} }, condition: 'attribute_not_exists(pk)' });
    }
    const seen = { ':seen': recorded.execution };
    // An execution that went on in the meantime is alive after all.
    return stands === 'again'
      ? this.#change({
          set,
          condition: '#execution = :seen AND #lease = :lease AND #status <> :loaded',
          values: { ...seen, ':lease': recorded.lease, ':loaded': 'LOADED' },
        })
      : this.#change({ set, condition: '#execution = :seen', values: seen });
  }

  /**
   * Renews the lease.
   * @param until milliseconds since 1970.
   * @throws SupersededError when the upload is another execution's.
   */
  async renew(status: 'CHECKING' | 'LOADING', until: number): Promise<void> {
    await this.#own({ status, lease: until, ended: undefined, error: undefined });
  }

  /**
   * Ends the lease sooner, as the function has failed; never throws, since it ends anyway.
   * @param until milliseconds since 1970.
   */
  async shorten(until: number): Promise<void> {
    await this.#giveUp({ lease: until });
  }

  /** Notes that the execution has failed; never throws, since the lease ends anyway. */
  async fail(error: string): Promise<void> {
    const ended = new Date().toISOString();
    await this.#giveUp({ status: 'FAILED', error, ended, lease: 0 });
  }

  /**
   * Notes that the upload is in the table.
   * @throws SupersededError when it is another execution's.
   */
  async finish({ read, loaded, rejected, duplicates }: Counts): Promise<void> {
    const ended = new Date().toISOString();
    await this.#own({
      status: 'LOADED',
      read,
      loaded,
      rejected,
      duplicates,
      ended,
      error: undefined,
      lease: 0,
    });
  }

  /**
   * Begins the load, if nobody writes for another execution any more.
   * @param until milliseconds since 1970, to which the lease is renewed in any case.
   * @returns whether the load may begin.
   * @throws SupersededError when the upload is another execution's.
   */
  async beginLoad(until: number): Promise<boolean> {
    const recorded = await this.read();
    // No writer of another execution is added, now that this one is in its place.
    if (Object.values(recorded?.writers ?? {}).some((lease) => lease > Date.now())) {
      await this.renew('CHECKING', until);
      return false;
    }
    await this.#own({ status: 'LOADING', lease: until, writers: {} });
    return true;
  }

  /**
   * Notes that an invocation writes to the table.
   * @param until milliseconds since 1970, for it and for the execution.
   * @returns its name in the ledger.
   * @throws SupersededError when the upload is another execution's.
   */
  async startWriting(until: { readonly writer: number; readonly execution: number }): Promise<string> {
    const writer = randomBytes(6).toString('hex');
    await this.#own({ status: 'LOADING', lease: until.execution, [`writers.${writer}`]: until.writer });
    return writer;
  }

  /** Notes that an invocation writes no more; never throws, since its lease ends anyway. */
  async stopWriting(writer: string): Promise<void> {
    const set = { [`writers.${writer}`]: undefined };
    await this.#change({ set, condition: 'attribute_exists(pk)' }).catch(() => undefined);
  }

  /**
   * Changes what is this execution's, unless it is loaded by now: an invocation of a Map that has failed goes on, and may
   * fail when a redrive has long done what was left.
   */
  async #giveUp(set: Change['set']): Promise<void> {
    await this.#change({
      set,
      condition: '#execution = :mine AND #status <> :loaded',
      values: { ':mine': this.#execution, ':loaded': 'LOADED' },
    }).catch(() => undefined);
  }

  /** Changes what is this execution's. */
  async #own(set: Change['set']): Promise<void> {
    const isChanged = await this.#change({
      set,
      condition: '#execution = :mine',
      values: { ':mine': this.#execution },
    });
    if (!isChanged) throw this.superseded();
  }

  superseded(): SupersededError {
    return new SupersededError(
      `${this.#name} was uploaded, or started, again: another execution loads it now, and this one has stopped.`,
    );
  }

  /** @returns whether the condition held. */
  async #change({ set, condition, values }: Change): Promise<boolean> {
    const fields = Object.entries(set).map(([field, value], index) => ({
      // A name for each part of the path, since it may be a word that DynamoDB reserves.
      path: `#${field.replace('.', '.#')}`,
      value,
      token: `:value${index}`,
    }));
    const given = fields.filter(({ value }) => value !== undefined);
    const removed = fields.filter(({ value }) => value === undefined);
    const expression = [
      ...(given.length === 0
        ? []
        : [`SET ${given.map(({ path, token }) => `${path} = ${token}`).join(', ')}`]),
      ...(removed.length === 0 ? [] : [`REMOVE ${removed.map(({ path }) => path).join(', ')}`]),
    ].join(' ');
    const names = `${expression} ${condition}`.match(/#\w+/g) ?? [];
    const tokens = { ...Object.fromEntries(given.map(({ token, value }) => [token, value])), ...values };
    try {
      await this.#client.send(
        new UpdateCommand({
          ...this.#place,
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, name.slice(1)])),
          ...(Object.keys(tokens).length > 0 && { ExpressionAttributeValues: tokens }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw classified(error, `Writing the ledger's entry of ${this.#name}`);
    }
  }
}

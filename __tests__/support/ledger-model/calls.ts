/** Calls the pipeline's own code on an item, up to one request at a time. */

import { type HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SupersededError } from '../../../functions/core/errors.ts';
import { claimUpload } from '../../../functions/core/ledger/claim.ts';
import { parseInput } from '../../../functions/core/ledger/input.ts';
import { LedgerEntry } from '../../../functions/core/ledger/ledger.ts';
import { StoredEntry } from '../../../functions/core/ledger/stored-entry.ts';
import { type ObjectReference, s3Uri } from '../../../functions/core/storage/source.ts';
import { type Answers, clientOf, type StoredItem, type UpdateRequest, updated } from './one-item-table.ts';

/** Milliseconds since 1970: what the clocks show that are right. */
export const NOW = 2e12;

/** Milliseconds of a step of time: half of the margin by which clocks may differ. */
export const TICK = 2_500;

/** As `WRITER_MARGIN` in `functions/core/ledger/lease.ts`, in milliseconds. */
const WRITER_MARGIN = 10_000;

/** When the lease of a running execution ends: no step of time gets there. */
export const ALIVE = NOW + 3_600_000;

/** When the lease of an execution has ended that counts as dead. */
export const DEAD = 1;

const BUCKET = 'source';

/** The objects of the uploads, which are one feed: one object, or one for each upload. */
export type Objects = 'one' | 'many';

/** An upload of an object of its own has a lower sequencer than those before it, which must not count. */
function uploadOf(upload: number, objects: Objects) {
  const [key, digit] = objects === 'one' ? ['file.csv', upload] : [`file-${upload}.csv`, 9 - upload];
  return { key, etag: `etag-${upload}`, versionId: `v${upload}`, sequencer: `00${digit}0` };
}

/** How an execution is started: by the event of an upload, or by a person, who may add `"force"` or `"undo": true`. */
export type Start = 'event' | 'manual' | 'force' | 'undo';

/**
 * Which upload an execution is for, numbered from 1, and how it was started. A manual start names no version: an
 * invocation of its FetchCsv may find this upload or any later one.
 */
export interface Execution {
  readonly upload: number;
  readonly start: Start;
  /** How many {@link TICK}s its clock is fast. */
  readonly fast: number;
}

/** The answers to the requests that a call has made: an item, or whether a condition held. */
export type Answer = { readonly item: string } | { readonly holds: boolean };

export type FunctionCall =
  | { readonly name: 'FetchCsv' | 'BeginLoad' | 'isOwner' }
  | { readonly name: 'LoadChunk' | 'ReconcileLoad'; readonly load: string }
  | { readonly name: 'fail'; readonly load: string | undefined }
  | { readonly name: 'stopWriting'; readonly load: string; readonly writer: string };

/** What a call does with its next request. */
export interface Called {
  /** The item afterwards, as {@link stored} writes it. */
  readonly item: string;
  readonly answer: Answer | undefined;
  /** What the call returned or threw; absent if it makes another request. */
  readonly ended?: string | undefined;
}

/** What a protocol that is weaker than the pipeline's does with a request. */
export interface Weakness {
  /** Parts of a condition that are taken out. */
  readonly unchecked?: RegExp;
  /** Attributes that reading does not show. */
  readonly unseen?: readonly string[];
}

/** The name of the execution with a number. */
export const nameOf = (execution: number) => `e${execution + 1}`;

/** An item as text, the same for equal items; the empty text for none. */
export function stored(item: StoredItem | undefined): string {
  return item === undefined ? '' : JSON.stringify(sorted(item));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Times that nothing depends on. */
const TIMES = /"\d{4}-\d\d-\d\dT[^"]*Z"/g;
const CLAIM = /\b[\da-f]{24}\b/g;
const WRITER = /\b[\da-f]{12}\b/g;

/** The code's clock, in milliseconds since 1970. */
export const clock = { now: NOW };

export class Calls {
  readonly #executions: readonly Execution[];
  readonly #objects: Objects;
  readonly #weakness: Weakness;
  readonly #s3: S3Client;
  #answers: Answers = { get: never, update: never };
  readonly #client = clientOf(() => this.#answers);
  /** The upload that a request without a version finds. */
  #latest = 0;

  constructor(executions: readonly Execution[], objects: Objects, weakness: Weakness) {
    this.#executions = executions;
    this.#objects = objects;
    this.#weakness = weakness;
    this.#s3 = new S3Client({
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    });
    const send = async ({ input }: HeadObjectCommand) => {
      const upload = Number(input.VersionId?.slice(1) ?? this.#latest);
      return { VersionId: `v${upload}`, ETag: `etag-${upload}`, LastModified: new Date(upload * 1_000) };
    };
    Object.defineProperty(this.#s3, 'send', { value: send });
  }

  /**
   * Makes a call's next request.
   * @param upload that the execution has pinned, or that FetchCsv finds.
   * @param answers to the requests that it made before.
   * @param writer a number for the name of a writer that is new.
   */
  async next(
    execution: number,
    upload: number,
    call: FunctionCall,
    answers: readonly Answer[],
    item: string,
    writer: number,
  ): Promise<Called> {
    this.#latest = upload;
    let after = item;
    let answer: Answer | undefined;
    let asked = 0;
    let suspend: (() => void) | undefined;
    const suspended = new Promise<undefined>((resolve) => {
      suspend = () => resolve(undefined);
    });
    /** Repeats an answer that the call got before, gets its next one, or lets it wait forever. */
    const ask = (get: () => Answer): Promise<Answer> => {
      const known = answers[asked] ?? (call.name === 'FetchCsv' && asked === 0 ? answer : undefined);
      asked += 1;
      if (known !== undefined) return Promise.resolve(known);
      if (answer === undefined) {
        answer = get();
        // A claim whose condition does not hold begins again, after a moment.
        if (call.name !== 'FetchCsv' || !('holds' in answer) || answer.holds) return Promise.resolve(answer);
      }
      suspend?.();
      return new Promise(() => undefined);
    };
    this.#answers = {
      get: async () => {
        // FetchCsv reads twice before it writes; what it finds first, it might as well find only then.
        if (call.name === 'FetchCsv') asked = 0;
        const read = await ask(() => ({ item }));
        return this.#seen('item' in read ? read.item : '');
      },
      update: async (request) => {
        const held = await ask(() => {
          const changed = updated(parsed(item), this.#weakened(request));
          if (changed !== undefined) after = named(stored(changed), item, writer);
          return { holds: changed !== undefined };
        });
        return 'holds' in held && held.holds;
      },
    };
    clock.now = NOW + (this.#executions[execution]?.fast ?? 0) * TICK;
    const ended = await Promise.race([
      this.#call(execution, upload, call).then(
        (result) => named(JSON.stringify(result ?? null), item, writer),
        (error: unknown) => {
          if (error instanceof SupersededError) return error.name;
          throw error;
        },
      ),
      suspended,
    ]);
    return { item: after, answer, ended };
  }

  async #call(execution: number, upload: number, call: FunctionCall): Promise<unknown> {
    const entryOf = (object: ObjectReference) => {
      const name = this.#objects === 'one' ? s3Uri(object) : 'dataset:d';
      return new LedgerEntry(new StoredEntry(this.#client, 'ledger', name), object, nameOf(execution));
    };
    const { key, versionId, etag, sequencer } = uploadOf(upload, this.#objects);
    const entry = entryOf({ bucket: BUCKET, key, versionId, etag });
    switch (call.name) {
      case 'FetchCsv': {
        const { start } = this.#executions[execution] ?? { start: 'event' };
        const event = { key, etag, 'version-id': versionId, sequencer };
        const input = parseInput(start === 'event' ? event : manualInput(key, upload, start), BUCKET);
        const times = { started: execution + 1, lease: ALIVE };
        const claimed = await claimUpload(this.#s3, entryOf(input), input, times);
        return 'outcome' in claimed ? `${claimed.outcome} ${claimed.recorded.status}` : 'claimed';
      }
      case 'BeginLoad':
        return entry.beginLoad(ALIVE);
      case 'LoadChunk': {
        const writer = clock.now + TICK + WRITER_MARGIN;
        return entry.ofLoad(call.load).startWriting({ writer, execution: ALIVE });
      }
      case 'isOwner':
        return entry.isOwner();
      case 'stopWriting':
        return entry.stopWriting(call.writer);
      case 'ReconcileLoad':
        await entry.renew('LOADING', ALIVE);
        return entry.ofLoad(call.load).finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 });
      default:
        return (call.load === undefined ? entry : entry.ofLoad(call.load)).fail('Error');
    }
  }

  #seen(item: string): StoredItem | undefined {
    const seen = parsed(item);
    if (seen === undefined || this.#weakness.unseen === undefined) return seen;
    const { unseen } = this.#weakness;
    const shown = Object.entries(seen).filter(([name]) => !unseen.includes(name));
    return { writers: { M: {} }, ...Object.fromEntries(shown) };
  }

  #weakened(request: UpdateRequest): UpdateRequest {
    const { unchecked } = this.#weakness;
    if (unchecked === undefined) return request;
    const conditions = request.ConditionExpression.split(' AND ').filter((text) => !unchecked.test(text));
    const ConditionExpression = conditions.length > 0 ? conditions.join(' AND ') : 'attribute_exists(pk)';
    const text = `${request.UpdateExpression} ${ConditionExpression} `;
    const isUsed = ([name]: [string, unknown]) => new RegExp(`${name}\\b`).test(text);
    const { ExpressionAttributeNames, ExpressionAttributeValues = {} } = request;
    return {
      ...request,
      ConditionExpression,
      ExpressionAttributeNames: Object.fromEntries(Object.entries(ExpressionAttributeNames).filter(isUsed)),
      ExpressionAttributeValues: Object.fromEntries(Object.entries(ExpressionAttributeValues).filter(isUsed)),
    };
  }
}

function never(): Promise<never> {
  throw new Error('There is no call.');
}

function parsed(item: string): StoredItem | undefined {
  return item === '' ? undefined : JSON.parse(item);
}

/** Gives what is random in an item, or in what a call returned, a name that is new. */
function named(text: string, before: string, writer: number): string {
  const claim = Number(/"claim-(\d+)"/.exec(before)?.[1] ?? 0) + 1;
  return text.replace(TIMES, '"then"').replace(CLAIM, `claim-${claim}`).replace(WRITER, `writer-${writer}`);
}

/** A manual start names no version unless it loads one whatever the ledger has. */
function manualInput(key: string, upload: number, start: Start): unknown {
  const chosen = {
    versionId: `v${upload}`,
    ...(start === 'undo' ? { undo: `v${upload + 1}` } : { force: true }),
  };
  return { bucket: BUCKET, key, ...(start !== 'manual' && chosen) };
}

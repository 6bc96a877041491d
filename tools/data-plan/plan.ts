/**
 * The plan of a load: what it would write to the table and remove from it, from the file and from the index of what its
 * feed has loaded. It writes nothing and starts nothing.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import { AwsRequestError } from '../../aws/client.ts';
import type { Dataset, StoredItem } from '../../functions/core/dataset/dataset.ts';
import type { TableKey } from '../../functions/core/dataset/shape/table-key.ts';
import {
  IndexMissingError,
  RemovalGuardError,
  ServiceUnavailableError,
} from '../../functions/core/errors.ts';
import { comparedGroupEnd } from '../../functions/core/feed/compare.ts';
import { type Decision, Difference, NO_CHANGES, sum } from '../../functions/core/feed/difference.ts';
import { baseOf, isTrusted, rulesFor } from '../../functions/core/feed/feed.ts';
import { openIndex, readIndex } from '../../functions/core/feed/index-objects.ts';
import type { LoadRules } from '../../functions/core/feed/rules.ts';
import type { Feed, IndexChanges } from '../../functions/core/messages.ts';
import { verifyChanges } from '../../functions/core/steps/begin-load.ts';
import { BUCKETS } from '../../functions/core/working/keys.ts';
import { NotRunError } from '../../report/terminal/errors.ts';
import { type CheckOptions, type CheckResult, checkFile } from '../check/check-file.ts';
import type { AcceptedRows } from '../check/checked-rows.ts';
import { FirstKeys, type PlannedKey } from './first-keys.ts';
import { HashedRows } from './hashed-rows.ts';

/** Another load of the feed has begun while its index was read. */
export class FeedChangedError extends NotRunError {
  override readonly name = 'FeedChangedError';
}

/** The feed that a file would be uploaded to. */
export interface FollowedFeed {
  readonly s3: S3Client;
  readonly reportsBucket: string;
  /** Its name in the ledger. */
  readonly name: string;
  /** URI of the object. */
  readonly uri: string;
  readonly feed: Feed;
  /** Name of an execution that is working on an upload of the feed; null if there is none. */
  readonly running: string | null;
  /** Whether no other load of the feed has begun since the feed was read. */
  readonly isCurrent: () => Promise<boolean>;
}

/**
 * What is known of the table.
 * - `none`: nothing, as the dataset has no index.
 * - `first`: nothing, as the feed has loaded no file with an index.
 * - `complete`: what the last load has written.
 * - `unfinished`: the same, but for the rows that the last load may have written.
 * - `invalid`: the keys. The index is of another table, of other key templates, or of another format.
 * - `outdated`: the keys. The feed has loaded a file without an index since.
 */
export type IndexStatus = 'none' | 'first' | 'complete' | 'unfinished' | 'invalid' | 'outdated';

/** Numbers of keys; null if they are not known. */
export interface PlanCounts {
  /** Rows whose key the feed does not have in the table. */
  readonly add: number | null;
  /** Rows whose item differs, or may differ, from what the feed has in the table. */
  readonly change: number | null;
  /** Keys that the file lacks and that are deleted. */
  readonly remove: number | null;
  /** Rows that are not written. */
  readonly unchanged: number | null;
  /** Keys that the file lacks and that stay. */
  readonly kept: number | null;
  readonly rejected: number;
}

/** Changes whose first keys are listed. */
export const LISTED = ['add', 'change', 'remove'] as const;

/** The plan, which `data-plan --json` prints. */
export interface DataPlan extends Pick<CheckResult, 'file' | 'dataset' | 'error' | 'cause' | 'warnings'> {
  readonly outcome: 'none' | 'changes' | 'would-fail';
  readonly index: IndexStatus;
  readonly running: string | null;
  readonly plan: PlanCounts;
  /** Of the changes, those of items whose content in the table is not known; null if the dataset has no index. */
  readonly unknown: number | null;
  /** Writes and deletes of items. */
  readonly writes: number;
  /** The first keys of each kind: of rows in the order of the file, of others in the order of the keys. */
  readonly first: Readonly<Record<(typeof LISTED)[number], readonly PlannedKey[]>>;
  /** Of the accepted rows, in the file. */
  readonly accepted: { readonly rows: number; readonly bytes: number };
}

const NO_KEYS: DataPlan['first'] = { add: [], change: [], remove: [] };

/**
 * Plans the load of a file. Memory never has more than what the dry run holds, the keys of one run of rows, and those of
 * a few megabytes of the index; the others are in a temporary file.
 * @param followed the feed of the file; undefined if its dataset has no index.
 * @throws FeedChangedError when another load of the feed begins meanwhile.
 * @throws AwsRequestError when the index cannot be read.
 */
export async function planLoad(
  file: string,
  options: Omit<CheckOptions, 'accepted'>,
  followed: FollowedFeed | undefined,
): Promise<DataPlan> {
  const hashed = followed === undefined ? undefined : new HashedRows(options.dataset.key, followed.feed.salt);
  try {
    const counted = new CountedRows(hashed);
    const checked = await checkFile(file, { ...options, accepted: counted });
    const nothing: DataPlan = {
      file,
      dataset: checked.dataset,
      outcome: 'would-fail',
      error: checked.error,
      cause: checked.cause,
      warnings: checked.warnings,
      index: followed === undefined ? 'none' : indexStatus(followed.feed),
      running: followed?.running ?? null,
      plan: { ...UNKNOWN_COUNTS, rejected: checked.counts.rejected },
      unknown: null,
      writes: 0,
      first: NO_KEYS,
      accepted: counted.totals,
    };
    if (!checked.accepted) return nothing;
    if (followed !== undefined && hashed !== undefined) {
      return { ...nothing, ...(await compared(hashed, followed, options.dataset, checked)) };
    }
    const { read, rejected, duplicates } = checked.counts;
    const writes = read - rejected - (duplicates ?? 0);
    return { ...nothing, writes, outcome: writes === 0 ? 'none' : 'changes' };
  } finally {
    hashed?.close();
  }
}

const UNKNOWN_COUNTS = { add: null, change: null, remove: null, unchanged: null, kept: null };

function indexStatus(feed: Feed): IndexStatus {
  const { base, last } = feed;
  if (base === null) return 'first';
  if (!isTrusted(feed)) return 'invalid';
  if (base.id !== last) return 'outdated';
  return base.complete ? 'complete' : 'unfinished';
}

/** What the comparison with the index adds to a plan. */
async function compared(
  rows: HashedRows,
  followed: FollowedFeed,
  dataset: Dataset,
  { counts: { rejected } }: CheckResult,
): Promise<Partial<DataPlan>> {
  const { uri, feed, isCurrent } = followed;
  const tally = new Tally(dataset.key, isTrusted(feed));
  const changes = await compare(rows, followed, rulesFor(feed, dataset.load, rejected), dataset, tally);
  const failure = failureOf(() => verifyChanges(uri, feed, changes, dataset.load.maxRemoved));
  if (failure instanceof IndexMissingError) {
    if (await isCurrent()) return { error: failure.name, cause: failure.message };
    throw new FeedChangedError(
      `Another load of ${uri} has begun while its index was read. Run the command again.`,
    );
  }
  const { added: add, changed: change, deletes: remove, unchanged, kept } = changes;
  const { unknown, first } = tally;
  const writes = add + change + remove;
  return {
    outcome: failure !== undefined ? 'would-fail' : writes === 0 ? 'none' : 'changes',
    error: failure?.name ?? null,
    cause: failure?.message ?? null,
    plan: { add, change, remove, unchanged, kept, rejected },
    unknown,
    writes,
    first,
  };
}

/**
 * Compares the rows with the index, a few buckets at a time, as CompareIndex does. If an object of the index is missing,
 * not all of it is compared: fewer entries are counted than it has.
 */
async function compare(
  rows: HashedRows,
  { s3, reportsBucket, name, feed }: FollowedFeed,
  rules: LoadRules,
  dataset: Dataset,
  tally: Tally,
): Promise<IndexChanges> {
  const base = baseOf(feed, { bucket: reportsBucket, feed: name });
  const onLost = async (): Promise<void> => undefined;
  const runs = rows.runs();
  let changes: IndexChanges = NO_CHANGES;
  try {
    const objects = base === undefined ? [] : await openIndex(s3, base.place, 0, BUCKETS, onLost);
    for (let from = 0; from < BUCKETS; ) {
      const to = comparedGroupEnd(runs, objects, from, BUCKETS);
      const difference = new Difference(base, rules, dataset);
      const indexed = await readIndex(s3, objects, from, to, onLost);
      for (let bucket = from; bucket < to; bucket += 1) {
        for (const entry of await indexed(bucket)) difference.add(entry);
      }
      for (const { key, hash, row } of rows.rows(from, to)) tally.add(difference.row(key, hash), row);
      for (const decision of difference.missing()) tally.add(decision);
      changes = sum(changes, difference.changes);
      from = to;
    }
  } catch (error) {
    if (error instanceof ServiceUnavailableError) throw new AwsRequestError(error.message, { cause: error });
    throw error;
  }
  return changes;
}

/** The error with which an execution would end before it writes anything. */
function failureOf(verify: () => void): Error | undefined {
  try {
    verify();
    return undefined;
  } catch (error) {
    if (error instanceof IndexMissingError || error instanceof RemovalGuardError) return error;
    throw error;
  }
}

/** The lists of keys, by what is counted. */
const LIST_OF = { added: 'add', changed: 'change', deletes: 'remove', unchanged: null, kept: null } as const;

/** Keeps the first keys of what is decided, and counts the changes to unknown items. */
class Tally {
  unknown = 0;
  readonly #trusts: boolean;
  readonly #first: Readonly<Record<(typeof LISTED)[number], FirstKeys>>;

  /** @param trusts whether the hashes of the index are valid. */
  constructor(key: TableKey, trusts: boolean) {
    this.#trusts = trusts;
    this.#first = { add: new FirstKeys(key), change: new FirstKeys(key), remove: new FirstKeys(key) };
  }

  get first(): DataPlan['first'] {
    const { add, change, remove } = this.#first;
    return { add: add.list(), change: change.list(), remove: remove.list() };
  }

  /** @param line of the row; undefined for a key that the file lacks. */
  add(decision: Decision | undefined, line?: number): void {
    if (decision === undefined) return;
    const { change, known, key } = decision;
    if (change === 'changed' && (known === null || !this.#trusts)) this.unknown += 1;
    const list = LIST_OF[change];
    if (list !== null) this.#first[list].add(key, line);
  }
}

/** Counts the accepted rows, and passes them on. */
class CountedRows implements AcceptedRows {
  totals = { rows: 0, bytes: 0 };
  readonly #next: AcceptedRows | undefined;

  constructor(next: AcceptedRows | undefined) {
    this.#next = next;
  }

  begin(): void {
    this.totals = { rows: 0, bytes: 0 };
    this.#next?.begin();
  }

  add(item: StoredItem, row: { readonly line: number; readonly bytes: number }): void {
    this.totals.rows += 1;
    this.totals.bytes += row.bytes;
    this.#next?.add(item, row);
  }

  leaveOut(line: number): void {
    this.#next?.leaveOut(line);
  }
}

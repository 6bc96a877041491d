/** The difference between the rows of a file and the index of what its feed has in the table, for some of the keys. */

import type { Dataset } from '../dataset/dataset.ts';
import { isKeyText, type TableKey } from '../dataset/shape/table-key.ts';
import type { IndexChanges } from '../messages.ts';
import type { KeyedEntry } from './entries.ts';
import {
  blindEntry,
  type EntryOrNone,
  type IndexEntry,
  type ItemHash,
  knownHash,
  type LoadRules,
  nextEntry,
} from './rules.ts';

export const NO_CHANGES: IndexChanges = {
  base: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  deletes: 0,
  countedDeletes: 0,
  kept: 0,
  counted: 0,
};

/** The total of two comparisons. */
export function sum(one: IndexChanges, other: IndexChanges): IndexChanges {
  return {
    base: one.base + other.base,
    added: one.added + other.added,
    changed: one.changed + other.changed,
    unchanged: one.unchanged + other.unchanged,
    deletes: one.deletes + other.deletes,
    countedDeletes: one.countedDeletes + other.countedDeletes,
    kept: one.kept + other.kept,
    counted: one.counted + other.counted,
  };
}

/** Rows that have been compared: of several with the same key, only the last one. */
export function rowsOf({ added, changed, unchanged }: IndexChanges): number {
  return added + changed + unchanged;
}

/** Entries of the new index. */
export function entriesOf(changes: IndexChanges): number {
  return rowsOf(changes) + changes.deletes + changes.kept;
}

/** What is certain about an index. */
export interface IndexState {
  /** Whether the load that wrote it is complete. */
  readonly isComplete: boolean;
  /** Whether a load without an index has begun since, and may have written to any of its items. */
  readonly isBlind: boolean;
}

/** Each key is in one of these counts. */
export type Change = 'added' | 'changed' | 'unchanged' | 'deletes' | 'kept';

/**
 * Which count a key is part of.
 * @param known as {@link knownHash} returns it: a row is `added` only if the feed certainly has no such item in the table.
 */
function changeOf(type: IndexEntry['type'], isInFile: boolean, known: ItemHash | undefined): Change {
  if (type === 'D') return 'deletes';
  if (type === 'S') return isInFile ? 'unchanged' : 'kept';
  return known === undefined ? 'added' : 'changed';
}

/** What a load does with a key. */
export interface Decision extends KeyedEntry {
  /** The count that the key is part of. */
  readonly change: Change;
  /** Of the item that the table has before the load, as {@link knownHash} returns it. */
  readonly known: ItemHash | undefined;
}

/** Takes the place of a key's entry once a row has the key. */
const IN_FILE = Symbol('in the file');

/** Compares keys one after the other. It holds all keys that it is given. */
export class Difference {
  /** The entry of the index, or that a row has the key. */
  readonly #keys = new Map<string, EntryOrNone | typeof IN_FILE>();
  readonly #rules: LoadRules;
  readonly #isComplete: boolean;
  readonly #key: TableKey;
  readonly #forget: ((entry: EntryOrNone) => EntryOrNone) | undefined;
  readonly #changes: { -readonly [Count in keyof IndexChanges]: number } = { ...NO_CHANGES };

  /**
   * @param base the state of the index; undefined if there is none.
   * @param dataset whose table has the key.
   */
  constructor(base: IndexState | undefined, rules: LoadRules, { key }: Pick<Dataset, 'key'>) {
    this.#rules = rules;
    this.#key = key;
    this.#isComplete = base === undefined || (base.isComplete && !base.isBlind);
    if (base?.isBlind) this.#forget = (entry) => blindEntry(entry, base.isComplete);
  }

  /** The counts of what has been decided. */
  get changes(): IndexChanges {
    return this.#changes;
  }

  /**
   * Adds an entry of the index; all are added before the first row. The table of a dataset that has got a sort key since,
   * has none any more, or has one of another type, is another one. No item in it has the entry's key, and DynamoDB would
   * refuse to delete it.
   */
  add(entry: KeyedEntry): void {
    this.#changes.base += 1;
    if (!isKeyText(this.#key, entry.key)) return;
    this.#keys.set(entry.key, this.#forget === undefined ? entry : this.#forget(entry));
  }

  /**
   * Decides about an accepted row. Rows come from the end of the file, because the last row with a key is the one that
   * is loaded.
   * @returns undefined if a later row has the key.
   */
  row(key: string, hash: string): Decision | undefined {
    const former = this.#keys.get(key);
    if (former === IN_FILE) return undefined;
    this.#keys.set(key, IN_FILE);
    return this.#decide(key, former, hash);
  }

  /** Decides about the keys that no row has, once all rows have been decided about. */
  *missing(): Generator<Decision, void> {
    for (const [key, former] of this.#keys) {
      const decision = former === IN_FILE ? undefined : this.#decide(key, former, undefined);
      if (decision !== undefined) yield decision;
    }
  }

  #decide(key: string, former: EntryOrNone, hash: string | undefined): Decision | undefined {
    const entry = nextEntry(former, this.#isComplete, hash, this.#rules);
    if (entry === undefined) return undefined;
    const known = knownHash(former, this.#isComplete);
    const change = changeOf(entry.type, hash !== undefined, known);
    const changes = this.#changes;
    changes[change] += 1;
    if (entry.counted) {
      changes.counted += 1;
      if (change === 'deletes') changes.countedDeletes += 1;
    }
    const { type, counted } = entry;
    return { key, type, hash: entry.hash, counted, change, known };
  }
}

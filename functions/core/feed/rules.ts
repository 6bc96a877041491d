/**
 * The rules by which a load follows its file: what the index of a feed says about the table, and what the next load does
 * with each key. All of them are pure, and are called for one key at a time.
 *
 * A load writes its index in full, and the ledger points to it, before it changes the table; the ledger notes when the
 * load is complete. So each entry says two things: what the table has once the load is complete, and what is still
 * certain if it never is.
 */

import type { RemovalLimits } from '../dataset/load.ts';

/** A hash of an item as the table has it; null if it is unknown, which equals no hash. */
export type ItemHash = string | null;

/** An entry of a feed's index: what its load does with a key. */
export interface IndexEntry {
  /** `S`: it leaves the item as it is; `W`: it writes the item; `D`: it deletes the item. */
  readonly type: 'S' | 'W' | 'D';
  /** Of the item that the table has once the load is complete; null after a delete. */
  readonly hash: ItemHash;
  /** Whether the key was in the feed's last complete index, when this load was compared with it. */
  readonly counted: boolean;
}

/** Undefined if the index has no entry for the key. */
export type EntryOrNone = IndexEntry | undefined;

/** How a load treats what is known. */
export interface LoadRules {
  /**
   * Whether it skips rows that the table is known to have: not if it is forced, nor if the index is of another table, or
   * of other key templates.
   */
  readonly trusts: boolean;
  /** Whether it deletes keys that the file lacks: with the mode `replace`, if no row was rejected. */
  readonly removes: boolean;
}

/**
 * What is known of a key's item in the table.
 * @param entry the key's entry in the index that the ledger points to.
 * @param isComplete whether the load of that index is complete.
 * @returns its hash; null if the table may have any item, or none; undefined if the feed has no such item in the table.
 */
export function knownHash(entry: EntryOrNone, isComplete: boolean): ItemHash | undefined {
  if (entry === undefined) return undefined;
  if (entry.type === 'S') return entry.hash;
  if (!isComplete) return null;
  return entry.type === 'W' ? entry.hash : undefined;
}

/** Whether a key is in the feed's last complete index; parameters as of {@link knownHash}. */
export function isCounted(entry: EntryOrNone, isComplete: boolean): boolean {
  if (entry === undefined) return false;
  return isComplete ? entry.type !== 'D' : entry.counted;
}

/**
 * The entry of a key in the index of the next load.
 * @param former the key's entry in the index that the ledger points to.
 * @param isComplete whether the load of that index is complete.
 * @param row hash of the item that the file's accepted row makes; undefined if the file has no such row.
 */
export function nextEntry(
  former: EntryOrNone,
  isComplete: boolean,
  row: string | undefined,
  { trusts, removes }: LoadRules,
): EntryOrNone {
  const known = knownHash(former, isComplete);
  const counted = isCounted(former, isComplete);
  if (row !== undefined) return { type: trusts && known === row ? 'S' : 'W', hash: row, counted };
  if (known === undefined) return undefined;
  if (removes) return { type: 'D', hash: null, counted };
  return { type: 'S', hash: trusts ? known : null, counted };
}

/**
 * The entry of a key while, and after, a load writes to the feed's items without an index of its own, because its mode
 * has none. Its keys are the former index's, and what the table has of them is unknown. Such a load never makes its
 * index complete. Parameters as of {@link nextEntry}.
 */
export function blindEntry(former: EntryOrNone, isComplete: boolean): EntryOrNone {
  if (knownHash(former, isComplete) === undefined) return undefined;
  return { type: 'W', hash: null, counted: isCounted(former, isComplete) };
}

/**
 * What a load does with a key: it skips a row that the table has, and keeps an item whose key the file lacks.
 * @param entry as {@link nextEntry} made it.
 */
export function actionOf({ type }: IndexEntry, isInFile: boolean): 'write' | 'skip' | 'delete' | 'keep' {
  if (type === 'W') return 'write';
  if (type === 'D') return 'delete';
  return isInFile ? 'skip' : 'keep';
}

/**
 * Keys of a feed's last complete index. Those that only unfinished loads wrote do not count, so a load may delete them
 * all; and what unfinished loads have deleted still counts, so a large removal cannot be split over several of them.
 */
export interface Removals {
  /** How many of them are deleted. */
  readonly removed: number;
  /** How many there are. */
  readonly counted: number;
}

/** Counts what a load removes, from its index, or a part of it. */
export function countRemovals(entries: Iterable<EntryOrNone>): Removals {
  let removed = 0;
  let counted = 0;
  for (const entry of entries) {
    if (entry === undefined || !entry.counted) continue;
    counted += 1;
    if (entry.type === 'D') removed += 1;
  }
  return { removed, counted };
}

/** Whether a load removes more than either limit allows, or all keys of the last complete index. */
export function removesTooMany({ removed, counted }: Removals, { share, rows }: RemovalLimits): boolean {
  if (removed === 0) return false;
  // Compared as a quotient: 29 of 100 are not more than 0.29, but more than 100 * 0.29.
  return removed === counted || removed / counted > share || (rows !== undefined && removed > rows);
}

/**
 * Whether an index may be deleted once the load of another one is complete: whether it has another id, and no higher
 * number. An index that begins with a higher number is of a load that has begun since, or is about to.
 * @param id `NUMBER-EXECUTION`, as of the other one.
 */
export function isReplaced(id: string, by: string): boolean {
  return id !== by && Number.parseInt(id, 10) <= Number.parseInt(by, 10);
}

/** What must hold while loads follow a feed, whatever happens. */

import type { RemovalLimits } from '../../../functions/core/dataset/load.ts';
import { isCounted, knownHash, removesTooMany } from '../../../functions/core/feed/rules.ts';
import type { Execution, File, Index } from './parts.ts';

/**
 * - `Trust`: what the index says of a key's item is so. `Coverage`: a key of the feed that the table has is in the index.
 * - `Law`: a load that completes leaves the table as its file and its mode say.
 * - `Order`: a load that was not started by hand completes only for the newest upload that was claimed.
 * - `Guard`: a key counts if it is in the last complete index, and no unfinished loads remove more than a load may.
 * - `Objects`: nothing deletes the index that the ledger points to.
 * - `Progress`: from every state there is a way on to the end of all executions.
 */
export const INVARIANTS = ['Trust', 'Coverage', 'Law', 'Order', 'Guard', 'Objects', 'Progress'] as const;

export type Invariant = (typeof INVARIANTS)[number];

/** An invariant that does not hold, and why. */
export interface Broken {
  readonly invariant: Invariant;
  readonly why: string;
}

/** What others have done. */
export interface Others {
  /** Somebody else has changed the table since the last load that was forced. */
  readonly isTainted: boolean;
  /** A forced load has taken a missing index for none. */
  readonly hasForgotten: boolean;
  /** The objects of an index were lost. */
  readonly hasLost: boolean;
  /** Keys that a load without an index has: nobody removes them. */
  readonly blindKeys: ReadonlySet<number>;
}

/** What does not hold in a state. */
export function brokenInState(
  index: Index | undefined,
  table: readonly number[],
  limits: RemovalLimits | undefined,
  others: Others,
): readonly Broken[] {
  const broken = table.flatMap((value, key) => brokenForKey(index, key, value, others));
  if (index === undefined) return broken;
  if (index.isMissing && !others.hasLost) broken.push({ invariant: 'Objects', why: 'the index is deleted' });
  const counted = index.last.filter((hash) => hash !== undefined).length;
  const removed = index.last.filter((hash, key) => hash !== undefined && table[key] === 0).length;
  if (limits !== undefined && removesTooMany({ removed, counted }, limits)) {
    const why = `${removed} of ${counted} keys of the last complete index are removed`;
    broken.push({ invariant: 'Guard', why });
  }
  return broken;
}

function brokenForKey(
  index: Index | undefined,
  key: number,
  value: number,
  { isTainted, hasForgotten, blindKeys }: Others,
): Broken[] {
  const entry = index?.entries[key];
  const isComplete = index?.isComplete ?? false;
  const known = knownHash(entry, isComplete);
  const counts = isCounted(entry, isComplete);
  const broken: Broken[] = [];
  if (!isTainted && typeof known === 'string' && known !== String(value)) {
    broken.push({ invariant: 'Trust', why: `key ${key} is ${value || 'absent'}, the index says ${known}` });
  }
  if (hasForgotten) return broken;
  if (!isTainted && value !== 0 && known === undefined && !blindKeys.has(key)) {
    broken.push({ invariant: 'Coverage', why: `key ${key} is ${value}, and in no index` });
  }
  if (counts !== (index?.last[key] !== undefined)) {
    broken.push({ invariant: 'Guard', why: `key ${key} ${counts ? 'counts' : 'does not count'}` });
  }
  return broken;
}

/**
 * What does not hold when a load completes.
 * @param newest the newest upload that was claimed.
 * @param isMeant whether the upload was started by hand, by whichever execution.
 */
export function brokenAtEnd(
  { upload, mode }: Execution,
  { values, hasRejects }: File,
  table: readonly number[],
  { newest, isMeant }: { readonly newest: number; readonly isMeant: boolean },
  { isTainted, hasForgotten, blindKeys }: Others,
): readonly Broken[] {
  const broken: Broken[] = [];
  if (upload !== newest && !isMeant) {
    broken.push({ invariant: 'Order', why: `upload ${upload} is loaded over ${newest}` });
  }
  if (isTainted) return broken;
  const removes = mode === 'replace' && !hasRejects && !hasForgotten;
  for (const [key, has] of table.entries()) {
    const want = values[key] ?? 0;
    const isWrong = want === 0 ? has !== 0 && removes && !blindKeys.has(key) : has !== want;
    if (!isWrong) continue;
    const why = `key ${key} is ${has || 'absent'}, in the file it is ${want || 'absent'}`;
    broken.push({ invariant: 'Law', why });
  }
  return broken;
}

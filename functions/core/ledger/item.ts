/** What the ledger stores of a feed's uploads. */

import * as z from 'zod/mini';
import { KEY_OUTCOMES, WRITE_OUTCOMES } from '../dataset/load.ts';
import type { RowCounts, StoredIndex } from '../messages.ts';

/** A value for each count of a load. */
export function byCount<Value>(make: (count: keyof RowCounts) => Value): Record<keyof RowCounts, Value> {
  const counts = ['read', ...WRITE_OUTCOMES, ...KEY_OUTCOMES, 'rejected', 'duplicates'] as const;
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

export const ledgerIndex = z.optional(z.object({ id: z.string(), stored: z.optional(storedIndex) }));

const uploadIdentity = z.object({
  key: z.optional(z.string()),
  sequencer: z.optional(z.string()),
  modified: z.number(),
  versionId: z.optional(z.string()),
  etag: z.string(),
});

/** How the ledger stores {@link LedgerItem}. */
export const ledgerItem = z.object({
  /** Of the object whose upload counts, if the feed has several objects. */
  key: z.optional(z.string()),
  /** This, and `modified`, are those of the upload that {@link RecordedUpload} says. */
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
  previous: z.optional(
    z.object({ key: z.optional(z.string()), versionId: z.optional(z.string()), uploaded: z.number() }),
  ),
  /** The newest upload that was undone, until it or a newer one is claimed. */
  undone: z.optional(uploadIdentity),
  /** As {@link RecordedUpload} describes it. */
  latest: z.optional(uploadIdentity),
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

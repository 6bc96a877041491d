/** What a state of the model of a feed consists of. */

import type { EntryOrNone, ItemHash } from '../../../functions/core/feed/rules.ts';

/** What the table, or a file, has for a key: 0 is nothing, 1 and 2 are two contents of an item. */
export type Value = 0 | 1 | 2;

/** The contents of an upload. A rejected row has no key that is known, so the file seems to lack it. */
export interface File {
  readonly values: readonly Value[];
  readonly hasRejects: boolean;
}

export interface Execution {
  /** From 1; newer uploads have higher numbers. */
  readonly upload: number;
  /** An undo claims whatever the ledger has recorded, as a forced start does, but trusts the index. */
  readonly start: 'event' | 'force' | 'undo';
  /** `upsert` has no index. */
  readonly mode: 'replace' | 'changesOnly' | 'upsert';
}

/** The index that the ledger points to. */
export interface Index {
  readonly id: string;
  /** Id under which its entries are stored: that of an earlier one, if the mode has no index. */
  readonly stored: string;
  readonly entries: readonly EntryOrNone[];
  readonly isComplete: boolean;
  /** Whether its objects are not there. */
  readonly isMissing: boolean;
  /** For checks, and for protocols that are weaker: the hashes by the last index that was complete. */
  readonly last: readonly (ItemHash | undefined)[];
}

/** The feed's item in the ledger. */
export interface Item {
  /** Number of the execution that claimed last. */
  readonly owner: number;
  readonly upload: number;
  /** The newest upload that was ever claimed. */
  readonly newest: number;
  /** The latest start of an execution that claimed: executions start in the order of their numbers. */
  readonly started: number;
  readonly isLoaded: boolean;
  readonly index: Index | undefined;
  /** Names of the invocations that write. */
  readonly writers: readonly string[];
}

/** A request to put or to delete a key. */
export interface Write {
  readonly key: number;
  readonly value: Value;
}

/** What CompareIndex made of a file and an index. */
export interface Plan {
  /** Id of the index that it was compared with. */
  readonly base: string | undefined;
  readonly id: string;
  readonly entries: readonly EntryOrNone[];
  readonly puts: readonly Write[];
  readonly deletes: readonly Write[];
  /** Whether the objects of the new index were deleted again. */
  readonly isMissing: boolean;
}

/** Where an invocation is: at the begin of a state of the state machine, or between two of its requests. */
export type Place = { readonly execution: number } & (
  | { readonly at: 'FetchCsv' | 'ended' }
  | {
      readonly at: 'claiming';
      readonly isRetry: boolean;
      readonly seen: Pick<Item, 'owner' | 'index'> | undefined;
    }
  | { readonly at: 'CompareIndex'; readonly base: Index | undefined }
  | { readonly at: Planned; readonly plan: Plan }
  | {
      readonly at: 'writing' | 'removing';
      readonly plan: Plan;
      readonly writer: string;
      readonly left: readonly Write[];
    }
  | { readonly at: 'failed'; readonly from: Place }
);

/** The places at which an invocation has nothing but its plan. */
export type Planned =
  | 'BeginLoad'
  | 'beginning'
  | 'storing'
  | 'LoadToDynamoDB'
  | 'RemoveMissing'
  | 'ReconcileLoad'
  | 'deleting';

/** What an invocation's next request does. */
export interface Step {
  readonly label: string;
  /** The item afterwards; absent if it stays as it is. */
  readonly item?: Item;
  readonly next: Place;
  readonly write?: Write;
  /** Other invocations have read an item that is not the last any more. */
  readonly isClaim?: boolean;
  /** A forced load begins: from here on, the index says the truth about what others changed. */
  readonly isForced?: boolean;
  /** A load is complete, and the law must hold. */
  readonly isCompletion?: boolean;
  /** Id of an index that is complete: earlier ones are deleted. */
  readonly deletesBefore?: string;
  /** A forced load takes a missing index for none. */
  readonly forgets?: boolean;
  /** Whether the answer may be lost, and the request repeated. */
  readonly isLosable?: boolean;
}

/** Whether a start claims whatever the ledger has recorded. */
export const isByHand = ({ start }: Execution) => start !== 'event';

/** The item once an invocation is dead, and its writer's lease has ended. */
export function withoutWriter(item: Item, place: Place): Item {
  if (place.at !== 'writing' && place.at !== 'removing') return item;
  return { ...item, writers: item.writers.filter((writer) => writer !== place.writer) };
}

/** Where a state of the state machine begins again when its invocation is repeated. */
export function restartOf(place: Place): Place {
  const { execution } = place;
  switch (place.at) {
    case 'claiming':
      return { execution, at: 'FetchCsv' };
    case 'beginning':
      return { execution, at: 'BeginLoad', plan: place.plan };
    case 'storing':
      return { execution, at: 'BeginLoad', plan: place.plan };
    case 'writing':
      return { execution, at: 'LoadToDynamoDB', plan: place.plan };
    case 'removing':
      return { execution, at: 'RemoveMissing', plan: place.plan };
    case 'deleting':
      return { execution, at: 'ReconcileLoad', plan: place.plan };
    default:
      return place;
  }
}

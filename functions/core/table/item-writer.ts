/** How items get into a table: the part of writing that depends on the dataset's load. */

import type { StoredItem } from '../dataset/dataset.ts';
import type { WriteOutcome } from '../dataset/load.ts';

/** The write of an item as JSON, with the item's keys, by which a response identifies it. */
export interface Write {
  readonly pk: string;
  readonly sk: string | undefined;
  readonly json: string;
  /** Bytes of the JSON. */
  readonly bytes: number;
}

/** What a request has done. */
export interface Answer {
  /** Writes that DynamoDB did not process. */
  readonly refused: readonly Write[];
  /** Whether the request's only item was not written because its condition does not hold. */
  readonly isUnmet: boolean;
}

/** Writes items to one table. */
export interface ItemWriter {
  /** Maximum number of items in a request. */
  readonly maxItems: number;
  /** What becomes of an item whose condition does not hold; undefined if writes have none. */
  readonly unmet: Exclude<WriteOutcome, 'loaded'> | undefined;
  /** Builds the write of an item. */
  readonly writeOf: (item: StoredItem) => Write;
  /**
   * Sends one request.
   * @throws an error with DynamoDB's error name and HTTP status, or the connection's error.
   */
  readonly write: (writes: readonly Write[], abortSignal: AbortSignal) => Promise<Answer>;
}

/** How items get into a table: the part of writing that depends on the dataset's load. */

import type { StoredItem } from '../dataset/dataset.ts';

/** The write or the deletion of an item as JSON. */
export interface Write {
  readonly json: string;
  /** Bytes of the JSON. */
  readonly bytes: number;
  /** What becomes of the row, unless a condition does not hold. */
  readonly outcome: 'loaded' | 'deleted';
}

/** What a request has done. */
export interface Answer {
  /** Writes that DynamoDB did not process. */
  readonly refused: readonly Write[];
  /** What has become of the request's only item instead, if its condition does not hold. */
  readonly unmet?: 'existing' | 'stale';
}

/** Writes items to one table. */
export interface ItemWriter {
  /** Maximum number of items in a request. */
  readonly maxItems: number;
  /** Builds the write of an item. */
  readonly writeOf: (item: StoredItem) => Write;
  /**
   * Sends one request.
   * @throws an error with DynamoDB's error name and HTTP status, or the connection's error.
   */
  readonly write: (writes: readonly Write[], abortSignal: AbortSignal) => Promise<Answer>;
}

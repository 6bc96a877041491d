/** Sets attributes of items, one item in a request, because BatchWriteItem replaces items. */

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { StoredItem } from '../dataset/dataset.ts';
import { isDeletion, type Load } from '../dataset/load.ts';
import { attributesOf, keyIn, type TableKey } from '../dataset/shape/table-key.ts';
import { attributes } from './attributes.ts';
import { type Condition, sendOnCondition } from './conditional-write.ts';
import type { Answer, ItemWriter, Write } from './item-writer.ts';
import { ActionRequests } from './requests.ts';

/** An attribute, and the placeholders that stand for its name and its value. */
interface Placeholder {
  readonly attribute: string;
  readonly name: string;
  readonly value: string;
}

/**
 * Merges items into those of one table. The columns that the file has become attributes, and those without a value are
 * removed. Other attributes stay. Deletes items, too.
 */
export class MergeWriter implements ItemWriter {
  readonly maxItems = 1;
  readonly #unmet: Condition['unmet'] | undefined;
  readonly #updates: ActionRequests;
  readonly #deletes: ActionRequests;
  readonly #operation: Load['operation'];
  readonly #columns: readonly Placeholder[];
  /** What each item gets besides its columns. */
  readonly #added: Readonly<Record<string, string>>;
  readonly #table: string;
  readonly #key: TableKey;
  readonly #before: string;
  /** What each update sets besides columns. */
  readonly #set: readonly string[];

  /**
   * @param key of the table.
   * @param columns that the file has.
   * @param condition of each update, if any.
   */
  constructor(
    client: DynamoDBDocumentClient,
    table: string,
    key: TableKey,
    columns: readonly string[],
    { condition, operation }: { readonly condition: Condition | undefined } & Pick<Load, 'operation'>,
  ) {
    this.#unmet = condition?.unmet;
    this.#updates = new ActionRequests(client, table, 'UpdateItem');
    this.#deletes = new ActionRequests(client, table, 'DeleteItem');
    this.#operation = operation;
    this.#key = key;
    // An update may not set attributes of the key, which it has anyway.
    const others = new Set([operation?.column, ...attributesOf(key).map(({ name }) => name)]);
    const stored = columns.filter((column) => !others.has(column));
    this.#columns = stored.map((attribute, index) => {
      // Short, because an expression has at most 4 KB.
      const placeholder = index.toString(36);
      return { attribute, name: `#${placeholder}`, value: `:${placeholder}` };
    });
    this.#added = condition === undefined ? {} : { ':value': condition.value };
    const names = Object.fromEntries(this.#columns.map(({ attribute, name }) => [name, attribute]));
    const named = condition === undefined ? names : { ...names, '#attribute': condition.attribute };
    this.#table = JSON.stringify(table);
    const constant = {
      TableName: table,
      ...(Object.keys(named).length > 0 && { ExpressionAttributeNames: named }),
      ...(condition !== undefined && { ConditionExpression: condition.expression }),
    };
    this.#before = `${JSON.stringify(constant).slice(0, -1)},"Key":`;
    this.#set = condition === undefined ? [] : ['#attribute=:value'];
  }

  writeOf = (item: StoredItem): Write => {
    const isDeleted = isDeletion({ operation: this.#operation }, item);
    const json = isDeleted ? this.#deleteOf(item) : this.#updateOf(item);
    return { json, bytes: Buffer.byteLength(json), outcome: isDeleted ? 'deleted' : 'loaded' };
  };

  write([write]: readonly Write[], abortSignal: AbortSignal): Promise<Answer> {
    const requests = write?.outcome === 'deleted' ? this.#deletes : this.#updates;
    return sendOnCondition(requests, write, this.#unmet, abortSignal);
  }

  #deleteOf(item: StoredItem): string {
    return `{"TableName":${this.#table},"Key":${attributes(keyIn(this.#key, item))}}`;
  }

  #updateOf(item: StoredItem): string {
    const values: Record<string, unknown> = { ...this.#added };
    const set = [...this.#set];
    const removed: string[] = [];
    for (const { attribute, name, value } of this.#columns) {
      values[value] = item[attribute];
      if (item[attribute] === undefined) removed.push(name);
      else set.push(`${name}=${value}`);
    }
    const clauses = [
      ...(set.length === 0 ? [] : [`SET ${set.join()}`]),
      ...(removed.length === 0 ? [] : [`REMOVE ${removed.join()}`]),
    ];
    // An update without an expression adds the item if there is none.
    const update = clauses.length === 0 ? '' : `,"UpdateExpression":"${clauses.join(' ')}"`;
    const given = set.length === 0 ? '' : `,"ExpressionAttributeValues":${attributes(values)}`;
    return `${this.#before}${attributes(keyIn(this.#key, item))}${update}${given}}`;
  }
}

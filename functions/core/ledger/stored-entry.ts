/** Reads and conditionally changes one item of the ledger. */

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  UpdateCommand,
  type UpdateCommandInput,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { classified } from '../storage/aws.ts';
import { type LedgerItem, ledgerItem } from './item.ts';

/** A conditional update of the item. An attribute whose value is undefined is removed. */
export interface Change {
  readonly set: Readonly<Record<string, string | number | boolean | object | undefined>>;
  /** A DynamoDB condition expression. */
  readonly condition: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** An item of the ledger, by its name there. */
export class StoredEntry {
  readonly #client: DynamoDBDocumentClient;
  readonly #place: Pick<UpdateCommandInput, 'TableName' | 'Key'>;
  readonly name: string;

  constructor(client: DynamoDBDocumentClient, table: string, name: string) {
    this.#client = client;
    this.#place = { TableName: table, Key: { pk: name } };
    this.name = name;
  }

  /** @throws ServiceUnavailableError when DynamoDB does not answer; so does {@link StoredEntry.update}. */
  async read(): Promise<LedgerItem | undefined> {
    const command = new GetCommand({ ...this.#place, ConsistentRead: true });
    const { Item } = await this.#client.send(command).catch((error: unknown) => {
      throw classified(error, `Reading the ledger's entry of ${this.name}`);
    });
    return Item === undefined ? undefined : ledgerItem.parse(Item);
  }

  /** @returns DynamoDB's answer, with the changed item; undefined if the condition did not hold. */
  async update({ set, condition, values }: Change): Promise<UpdateCommandOutput | undefined> {
    const fields = Object.entries(set).map(([field, value], index) => ({
      // A placeholder for each part of the path, since it may be a word that DynamoDB reserves.
      path: `#${field.replaceAll('.', '.#')}`,
      value,
      token: `:value${index}`,
    }));
    const assigned = fields.filter(({ value }) => value !== undefined);
    const removed = fields.filter(({ value }) => value === undefined);
    const expression = [
      ...(assigned.length === 0
        ? []
        : [`SET ${assigned.map(({ path, token }) => `${path} = ${token}`).join(', ')}`]),
      ...(removed.length === 0 ? [] : [`REMOVE ${removed.map(({ path }) => path).join(', ')}`]),
    ].join(' ');
    const names = `${expression} ${condition}`.match(/#\w+/g) ?? [];
    const tokens = { ...Object.fromEntries(assigned.map(({ token, value }) => [token, value])), ...values };
    try {
      return await this.#client.send(
        new UpdateCommand({
          ...this.#place,
          UpdateExpression: expression,
          ConditionExpression: condition,
          ReturnValues: 'ALL_NEW',
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, name.slice(1)])),
          ...(Object.keys(tokens).length > 0 && { ExpressionAttributeValues: tokens }),
        }),
      );
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw classified(error, `Writing the ledger's entry of ${this.name}`);
    }
  }
}

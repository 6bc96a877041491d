/**
 * A table of DynamoDB with a single item, held by whoever calls. The SDK's client marshals each request as for AWS; the
 * expressions are parsed, checked and applied by dynalite's own code, without a server in between.
 */

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import updateItem from 'dynalite/actions/updateItem.js';
import { custom } from 'dynalite/validations/updateItem.js';
import { z } from 'zod';

/** An item as DynamoDB stores it: attributes with their types. */
export type StoredItem = Readonly<Record<string, AttributeValue>>;

const TABLE = {
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
};

const MAX_ITEM_BYTES = 409_600;

const values = z.record(z.string(), z.unknown());

const updateInput = z.object({
  Key: values,
  UpdateExpression: z.string(),
  ConditionExpression: z.string(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).default({}),
  ExpressionAttributeValues: values.optional(),
});

/** A request to update the item, marshalled. */
export type UpdateRequest = Omit<z.output<typeof updateInput>, 'Key' | 'ExpressionAttributeValues'> & {
  readonly Key: StoredItem;
  readonly ExpressionAttributeValues?: StoredItem;
};

/**
 * The item after an update.
 * @returns undefined if the condition does not hold.
 * @throws Error when the request is not valid.
 */
export function updated(item: StoredItem | undefined, request: UpdateRequest): StoredItem | undefined {
  const data = { ...request, TableName: 'ledger' };
  const problem = custom(data);
  if (problem !== undefined) throw new Error(problem);
  let after: StoredItem | undefined;
  let failure: object | null = null;
  const store = {
    options: { maxItemSize: MAX_ITEM_BYTES },
    getTable: (_: string, done: (error: null, table: object) => void) => done(null, TABLE),
    getItemDb: () => ({
      lock: (_: string, locked: (release: <Done>(done: Done) => Done) => void) => locked((done) => done),
      get: (_: string, done: (error: object | null, item?: StoredItem) => void) =>
        item === undefined ? done({ name: 'NotFoundError' }) : done(null, item),
      put: (_: string, changed: StoredItem, done: (error: null) => void) => {
        after = changed;
        done(null);
      },
    }),
  };
  updateItem(store, data, (error) => {
    failure = error;
  });
  if (failure === null) return after;
  if (JSON.stringify(failure).includes('ConditionalCheckFailedException')) return undefined;
  throw new Error(JSON.stringify(failure));
}

/** What answers a client's requests. */
export interface Answers {
  get(): Promise<StoredItem | undefined>;
  /** @returns whether the condition held. */
  update(request: UpdateRequest): Promise<boolean>;
  /** The item after an update, if the answer to it has the item. */
  changed?(): StoredItem | undefined;
}

/** A client of the table. */
export function clientOf(answers: () => Answers): DynamoDBDocumentClient {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } }),
  );
  const send = async ({ input }: { readonly input: object }) => {
    if (!('UpdateExpression' in input)) {
      const Item = await answers().get();
      return Item === undefined ? {} : { Item: unmarshall(Item) };
    }
    const { Key, ExpressionAttributeValues, ...request } = updateInput.parse(input);
    const isUpdated = await answers().update({
      ...request,
      Key: marshall(Key),
      ...(ExpressionAttributeValues !== undefined && {
        ExpressionAttributeValues: marshall(ExpressionAttributeValues),
      }),
    });
    const changed = answers().changed?.();
    if (isUpdated) return changed === undefined ? {} : { Attributes: unmarshall(changed) };
    throw new ConditionalCheckFailedException({ $metadata: {}, message: 'The condition does not hold.' });
  };
  // What the SDK does to send a request takes longer than all the rest of an exploration.
  Object.defineProperty(client, 'send', { value: send });
  return client;
}

/** What the requests that write rows to the table have in them. */

import { z } from 'zod';

/** Writes rows alone; the other writes also change the ledger. */
export const BATCH_WRITE = 'DynamoDB_20120810.BatchWriteItem';

const SINGLE_WRITES: ReadonlySet<unknown> = new Set(
  ['PutItem', 'UpdateItem', 'DeleteItem'].map((action) => `DynamoDB_20120810.${action}`),
);

const attributes = z.record(z.string(), z.unknown());

export const batchWrite = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(
      z.union([
        z.object({ PutRequest: z.object({ Item: attributes }) }),
        z.object({ DeleteRequest: z.object({ Key: attributes }) }),
      ]),
    ),
  ),
});

const singleWrite = z.union([
  z.object({ TableName: z.string(), Item: attributes }),
  z.object({ TableName: z.string(), Key: attributes }),
]);

/**
 * The key that a request writes or deletes, which identifies it; undefined if it does not write rows. Of a batch it is the
 * first one, since the other items may be retried in other batches.
 */
export function writtenKey(operation: unknown, body: Buffer): string | undefined {
  if (operation === BATCH_WRITE) {
    const [writes = []] = Object.values(batchWrite.parse(JSON.parse(body.toString())).RequestItems);
    const [first = { PutRequest: { Item: {} } }] = writes;
    return keyText('PutRequest' in first ? first.PutRequest.Item : first.DeleteRequest.Key);
  }
  if (!SINGLE_WRITES.has(operation)) return undefined;
  const write = singleWrite.parse(JSON.parse(body.toString()));
  if (write.TableName.endsWith('-ledger')) return undefined;
  return keyText('Item' in write ? write.Item : write.Key);
}

function keyText({ pk, sk }: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([pk, sk]);
}

/** A ledger on an embedded DynamoDB in this process. */

import { once } from 'node:events';
import type { Server } from 'node:http';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { LedgerEntry } from '../../functions/core/ledger/ledger.ts';

const TABLE = 'ledger';
const BUCKET = 'source';

/** Called before each request with the operation's name. If it throws, the request fails with that error. */
type Before = (operation: string) => Promise<void>;

export class LedgerTable {
  readonly #server: Server;
  readonly #client: DynamoDBDocumentClient;
  readonly #clients: DynamoDBDocumentClient[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.#client = this.#connect();
  }

  static async start(): Promise<LedgerTable> {
    // Without a path, dynalite keeps its data in memory.
    const server = dynalite({ path: '', createTableMs: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const ledger = new LedgerTable(server);
    await ledger.#client.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    );
    return ledger;
  }

  /** An execution's access to the entry of an object. */
  entry(execution: string, key: string, before?: Before): LedgerEntry {
    const client = before === undefined ? this.#client : this.#connect(before);
    return new LedgerEntry(client, TABLE, { bucket: BUCKET, key }, execution);
  }

  /** The stored entry of an object. */
  async stored(key: string): Promise<Record<string, unknown> | undefined> {
    const pk = `s3://${BUCKET}/${key}`;
    const get = new GetCommand({ TableName: TABLE, Key: { pk }, ConsistentRead: true });
    return (await this.#client.send(get)).Item;
  }

  /** The writers, and when their leases end. */
  async writers(key: string): Promise<unknown> {
    return (await this.stored(key))?.writers;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connect(before?: Before): DynamoDBDocumentClient {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('dynalite listens on no port.');
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${address.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
      maxAttempts: 1,
    });
    const documents = DynamoDBDocumentClient.from(client);
    if (before !== undefined) {
      documents.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            await before(String(commandName));
            return next(args);
          },
        { step: 'initialize' },
      );
    }
    this.#clients.push(documents);
    return documents;
  }
}

/** A ledger on an embedded DynamoDB in this process. */

import { once } from 'node:events';
import type { Server } from 'node:http';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import type { Start } from '../../functions/core/ledger/claimed-entry.ts';
import { LedgerEntry } from '../../functions/core/ledger/ledger.ts';
import { StoredEntry } from '../../functions/core/ledger/stored-entry.ts';
import type { Upload } from '../../functions/core/ledger/upload-order.ts';
import { s3Uri } from '../../functions/core/storage/source.ts';

const TABLE = 'ledger';
const BUCKET = 'source';

/** Called before each request with the operation's name. If it throws, the request fails with that error. */
type Before = (operation: string) => Promise<void>;

/** In an hour; most leases end then. */
export const soon = () => Date.now() + 3_600_000;

export const never = () => Promise.reject(new Error('The latest version was requested.'));

/** The upload with a number; newer uploads have greater numbers. */
export function upload(number: number, changes: Partial<Upload> = {}): Upload {
  return {
    etag: `etag-${number}`,
    versionId: `version-${number}`,
    sequencer: `00${number}0`,
    modified: number * 1_000,
    ...changes,
  };
}

/** A ledger for a test file; each test has an object of its own. */
export function ledgerForTests(): LedgerTable {
  const ledger = new LedgerTable();
  beforeAll(() => ledger.start());
  afterAll(() => ledger.close());
  beforeEach(() => ledger.nextObject());
  return ledger;
}

class LedgerTable {
  /** The key of the object that everything is about. */
  key = '';
  /** The name of its feed, if that has several objects. */
  feed: string | undefined;
  #objects = 0;
  /** The executions that have claimed the object, in the order in which they started. */
  readonly #started: string[] = [];
  // Without a path, dynalite keeps its data in memory.
  readonly #server: Server = dynalite({ path: '', createTableMs: 0 });
  #client: DynamoDBDocumentClient | undefined;
  readonly #clients: DynamoDBDocumentClient[] = [];

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    await this.#connected().send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    );
  }

  nextObject(): void {
    this.#objects += 1;
    this.key = `file-${this.#objects}.csv`;
    this.feed = undefined;
    this.#started.length = 0;
  }

  /**
   * An execution's access to the entry of the object.
   * @param pinned the upload that the execution has pinned.
   */
  entry(execution: string, before?: Before, pinned?: Partial<Upload>): LedgerEntry {
    const client = before === undefined ? this.#connected() : this.#connect(before);
    const object = { bucket: BUCKET, key: this.key, versionId: pinned?.versionId, etag: pinned?.etag };
    return new LedgerEntry(new StoredEntry(client, TABLE, this.#name), object, execution);
  }

  /** Claims the upload with a number for an execution, which starts when it claims for the first time. */
  claim(execution: string, number: number, lease = soon(), force = false) {
    return this.entry(execution).claim(upload(number), lease, never, this.startOf(execution, force));
  }

  /** How an execution was started: after those that have claimed before it. */
  startOf(execution: string, force = false): Start {
    if (!this.#started.includes(execution)) this.#started.push(execution);
    return { started: this.#started.indexOf(execution) + 1, force };
  }

  get #name(): string {
    return this.feed ?? s3Uri({ bucket: BUCKET, key: this.key });
  }

  /** The stored entry of the object. */
  async stored(): Promise<Record<string, unknown> | undefined> {
    const get = new GetCommand({ TableName: TABLE, Key: { pk: this.#name }, ConsistentRead: true });
    return (await this.#connected().send(get)).Item;
  }

  /** Changes the stored entry behind the ledger's back. An attribute whose value is undefined is removed. */
  async set(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const Item = { ...(await this.stored()), ...changes };
    const put = new PutCommand({ TableName: TABLE, Item });
    await DynamoDBDocumentClient.from(this.#connected(), {
      marshallOptions: { removeUndefinedValues: true },
    }).send(put);
  }

  /** The writers, and when their leases end. */
  async writers(): Promise<unknown> {
    return (await this.stored())?.writers;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connected(): DynamoDBDocumentClient {
    this.#client ??= this.#connect();
    return this.#client;
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

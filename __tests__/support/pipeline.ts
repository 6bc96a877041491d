/** Runs the synthesized pipeline on this machine, for a test file. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteTableCommand,
  paginateScan,
  ScanCommand,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type UploadEvent, uploadEvent } from '../../asl/upload-event.ts';
import { type Changes, synthesizeChanged } from '../../bench/measure/changed-program.ts';
import { LedgerEntry } from '../../functions/core/ledger/ledger.ts';
import { StoredEntry } from '../../functions/core/ledger/stored-entry.ts';
import { s3Uri } from '../../functions/core/storage/source.ts';
import { ensureTable } from '../../local/emulator/resources.ts';
import { LocalStack } from '../../local/local-stack.ts';
import type { PutEvent } from '../../local/machine/execution.ts';
import { type LocalResult, type RunOptions, runFile } from '../../local/run.ts';
import type { Table } from '../../local/stack/synthesized.ts';
import { Workspace } from '../../local/workspace.ts';
import { itemLine } from '../../report/terminal/item-line.ts';
import { MODES } from './modes.ts';
import { synthesizedFolder } from './stack/stack.ts';

type Items = readonly Readonly<Record<string, unknown>>[];

export type Ingested = LocalResult & {
  /** All items of the table, sorted by key. */
  readonly items: Items;
  /** The events that the execution put on the default bus; each is as docs/events.md says. */
  readonly events: readonly UploadEvent[];
};

let shared: Promise<Pipeline> | undefined;

/** The pipeline that the parts of a test file share, with a dataset for each way to load; each part gets it with empty tables. */
export async function sharedPipeline(): Promise<Pipeline> {
  if (shared === undefined) {
    shared = Pipeline.start('local', MODES);
  } else {
    await (await shared).empty();
  }
  return shared;
}

export async function closeSharedPipeline(): Promise<void> {
  await (await shared)?.close();
}

export class Pipeline {
  readonly stack: LocalStack;
  /** The folder of the synthesized stack. */
  readonly folder: string;
  readonly #workspace: Workspace;
  #files = 0;

  private constructor(workspace: Workspace, folder: string, stack: LocalStack) {
    this.#workspace = workspace;
    this.folder = folder;
    this.stack = stack;
  }

  /**
   * @param environment whose stack is synthesized.
   * @param changes to the program, if any.
   */
  static async start(environment = 'local', changes?: Changes): Promise<Pipeline> {
    const workspace = new Workspace();
    const folder =
      changes === undefined
        ? synthesizedFolder(environment)
        : await synthesizeChanged(join(workspace.directory, 'program'), environment, changes);
    return new Pipeline(workspace, folder, await LocalStack.start(workspace, folder));
  }

  /** Deletes a table, and waits until it is gone. */
  async dropTable({ name: TableName }: Table): Promise<void> {
    const client = this.stack.endpoints.dynamodb;
    await client.send(new DeleteTableCommand({ TableName }));
    await waitUntilTableNotExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 60 }, { TableName });
  }

  createTable(table: Table): Promise<void> {
    return ensureTable(this.stack.endpoints.dynamodb, table);
  }

  /** Empties all tables. */
  async empty(): Promise<void> {
    await Promise.all(
      this.stack.synthesized.tables.map(async (table) => {
        await this.dropTable(table);
        await this.createTable(table);
      }),
    );
  }

  /** Uploads a file, and waits for the execution that it starts. */
  async ingest(
    name: string,
    content: string | Uint8Array,
    options: Pick<RunOptions, 'dataset' | 'onEvent' | 'onResult'> = {},
  ): Promise<Ingested> {
    const file = this.write(name, content);
    const reports = join(file, '..');
    const put: PutEvent[] = [];
    const onEvent = (entry: PutEvent) => put.push(entry);
    const result = await runFile(this.stack, file, { onEvent, ...options, reports });
    const events = put.map(({ Source, DetailType, Detail }) =>
      uploadEvent.parse({ source: Source, 'detail-type': DetailType, detail: Detail }),
    );
    return { ...result, events, items: await this.items(options.dataset) };
  }

  /** Uploads a file under a key, and returns the input of the execution that it would start. */
  upload(key: string, content: string | Uint8Array): ReturnType<LocalStack['upload']> {
    return this.stack.upload(this.write('upload', content), key);
  }

  /** All items of a dataset's table, sorted by key. */
  async items(dataset?: string): Promise<Items> {
    const { name, hash_key, range_key } = this.table(this.stack.dataset(dataset).table);
    const keys = range_key === undefined ? [hash_key] : [hash_key, range_key];
    const items: Record<string, unknown>[] = [];
    for await (const { Items = [] } of paginateScan(
      { client: this.stack.endpoints.dynamodb },
      { TableName: name },
    )) {
      items.push(...Items.map((item) => JSON.parse(itemLine(item, keys))));
    }
    const keyOf = (item: Readonly<Record<string, unknown>>) =>
      Buffer.from(keys.map((key) => String(item[key])).join('\0'));
    return items.sort((one, other) => Buffer.compare(keyOf(one), keyOf(other)));
  }

  /** An execution's access to the ledger entry of an object in the source bucket. */
  ledgerEntry(key: string, execution: string): LedgerEntry {
    const { endpoints, synthesized } = this.stack;
    const client = DynamoDBDocumentClient.from(endpoints.dynamodb);
    const object = { bucket: synthesized.sourceBucket, key };
    return new LedgerEntry(new StoredEntry(client, this.#ledgerTable(), s3Uri(object)), object, execution);
  }

  /** All stored items of the ledger, sorted by key. */
  async ledger(): Promise<string[]> {
    const scan = new ScanCommand({ TableName: this.#ledgerTable(), ConsistentRead: true });
    const { Items = [] } = await this.stack.endpoints.dynamodb.send(scan);
    return Items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();
  }

  /** The text of an object in the reports bucket. */
  async reported(key: string): Promise<string> {
    const { endpoints, synthesized } = this.stack;
    const { Body } = await endpoints.s3.send(
      new GetObjectCommand({ Bucket: synthesized.reportsBucket, Key: key }),
    );
    return (await Body?.transformToString()) ?? '';
  }

  /** Keys of the parts that remain of a decompressed file. */
  async decompressedParts(execution: string): Promise<string[]> {
    const { endpoints, synthesized } = this.stack;
    const listed = await endpoints.s3.send(
      new ListObjectsV2Command({ Bucket: synthesized.reportsBucket, Prefix: `working/${execution}/` }),
    );
    return (listed.Contents ?? []).flatMap(({ Key }) => (Key?.includes('/decompressed/') ? [Key] : []));
  }

  close(): Promise<void> {
    return this.#workspace.close();
  }

  #ledgerTable(): string {
    return this.table('-ledger').name;
  }

  /** The table whose name ends so. */
  table(ending: string): Table {
    const table = this.stack.synthesized.tables.find(({ name }) => name.endsWith(ending));
    if (table === undefined) throw new Error(`The stack has no table ${ending}.`);
    return table;
  }

  /** Writes a file into a new folder, and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    this.#files += 1;
    const folder = join(this.#workspace.directory, `file-${this.#files}`);
    mkdirSync(folder);
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  }
}

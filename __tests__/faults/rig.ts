/** A stack on which schedules are run one after the other, with a proxy before its functions. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchWriteItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { DeleteObjectsCommand, GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { ExecutionResult } from '../../local/execution.ts';
import { LocalStack } from '../../local/local-stack.ts';
import { findReport } from '../../local/rejected-rows.ts';
import { type Fault, FaultPlan } from './faults.ts';
import { FaultyProxy } from './faulty-proxy.ts';
import { FaultyWorkspace } from './faulty-workspace.ts';
import type { FileKind, Item } from './rows.ts';
import { ENVIRONMENT } from './scaled-program.ts';

/** Items, and objects, that one request takes. */
const [BATCH, OBJECTS] = [25, 1_000];

/** What starts an execution. */
export type Input = Awaited<ReturnType<LocalStack['upload']>>;

export class Rig {
  readonly proxy: FaultyProxy;
  readonly #workspace: FaultyWorkspace;
  readonly #stack: LocalStack;

  private constructor(workspace: FaultyWorkspace, stack: LocalStack, proxy: FaultyProxy) {
    this.#workspace = workspace;
    this.#stack = stack;
    this.proxy = proxy;
  }

  /** @param folder of the synthesized stack. */
  static async start(folder: string): Promise<Rig> {
    const proxy = new FaultyProxy();
    await proxy.start();
    const workspace = new FaultyWorkspace(proxy, ENVIRONMENT);
    try {
      return new Rig(workspace, await LocalStack.start(workspace, folder), proxy);
    } catch (error) {
      proxy.close();
      await workspace.close();
      throw error;
    }
  }

  upload(key: string, bytes: Buffer): Promise<Input> {
    const file = join(this.#workspace.directory, 'upload');
    writeFileSync(file, bytes);
    return this.#stack.upload(file, key);
  }

  /** Runs an execution whose functions meet these faults. */
  async execute(
    input: Input,
    { name, key, faults }: { readonly name: string; readonly key: string; readonly faults: readonly Fault[] },
  ): Promise<ExecutionResult> {
    const source = `/${this.#stack.synthesized.sourceBucket}/${key}`;
    this.proxy.disturb(new FaultPlan(name, faults), name, source);
    try {
      return await this.#stack.execute(input, { name });
    } finally {
      await this.proxy.calm();
    }
  }

  /** Everything in a dataset's table. */
  async items({ dataset }: FileKind): Promise<Item[]> {
    const items: Item[] = [];
    const pages = paginateScan(
      { client: this.#stack.endpoints.dynamodb },
      { TableName: this.#stack.dataset(dataset).table, ConsistentRead: true },
    );
    // What DynamoDB has beyond these attributes, no dataset here makes.
    for await (const { Items = [] } of pages) items.push(...(Items as Item[]));
    return items;
  }

  /** The files of an execution's report, by their names. */
  async report(key: string, execution: string): Promise<ReadonlyMap<string, string>> {
    const { endpoints, synthesized } = this.#stack;
    const files = new Map<string, string>();
    for (const found of await findReport(endpoints, synthesized.reportsBucket, key, execution)) {
      const { Body } = await endpoints.s3.send(
        new GetObjectCommand({ Bucket: synthesized.reportsBucket, Key: found }),
      );
      files.set(found.split('/').at(-1) ?? '', (await Body?.transformToString()) ?? '');
    }
    return files;
  }

  /** Removes all items and objects. */
  async clear(kind: FileKind): Promise<void> {
    const { endpoints, synthesized } = this.#stack;
    const { table } = this.#stack.dataset(kind.dataset);
    const requests = (await this.items(kind)).map(({ pk, sk }) => ({
      DeleteRequest: { Key: { ...(pk && { pk }), ...(sk && { sk }) } },
    }));
    for (let at = 0; at < requests.length; at += BATCH) {
      await endpoints.dynamodb.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests.slice(at, at + BATCH) } }),
      );
    }
    for (const Bucket of [synthesized.sourceBucket, synthesized.reportsBucket]) {
      const pages = paginateListObjectsV2({ client: endpoints.s3 }, { Bucket, MaxKeys: OBJECTS });
      const keys: string[] = [];
      for await (const { Contents = [] } of pages) keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
      for (let at = 0; at < keys.length; at += OBJECTS) {
        const Objects = keys.slice(at, at + OBJECTS).map((Key) => ({ Key }));
        await endpoints.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      }
    }
  }

  async close(): Promise<void> {
    await this.#workspace.close();
    this.proxy.close();
  }
}

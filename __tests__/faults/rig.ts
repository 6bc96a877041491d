/** Runs schedules one after the other on a stack, with a proxy in front of S3 and DynamoDB. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchWriteItemCommand, GetItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { DeleteObjectsCommand, GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { LocalStack } from '../../local/local-stack.ts';
import { type ExecutionResult, LocalMachine } from '../../local/machine/execution.ts';
import { findReport } from '../../report/rejected-rows.ts';
import { type Fault, FaultPlan } from './faults.ts';
import { FaultyProxy } from './faulty-proxy.ts';
import { FaultyWorkspace } from './faulty-workspace.ts';
import { Replay } from './replay.ts';
import type { FileKind, Item } from './rows.ts';
import { ENVIRONMENT } from './scaled-program.ts';

/** Maximum number of items in a BatchWriteItem request. */
const BATCH = 25;

/** Maximum number of objects in a DeleteObjects request. */
const OBJECTS = 1_000;

/** The input of an execution. */
export type Input = Awaited<ReturnType<LocalStack['upload']>>;

export interface Start {
  /** The execution's name. */
  readonly name: string;
  readonly input: Input;
  readonly faults: readonly Fault[];
}

/** An execution that has ended, with what is needed to redrive it. */
export type Ended = ExecutionResult & { readonly start: Start; readonly replay: Replay };

const NEVER = new AbortController().signal;

const eventObject = z.record(z.string(), z.json());

export class Rig {
  readonly proxy: FaultyProxy;
  readonly #workspace: FaultyWorkspace;
  readonly #stack: LocalStack;
  readonly #machine: LocalMachine;
  readonly #inFlight = new Set<Promise<string>>();
  #key = '';
  #isVersioned = false;

  private constructor(workspace: FaultyWorkspace, stack: LocalStack, proxy: FaultyProxy) {
    this.#workspace = workspace;
    this.#stack = stack;
    this.proxy = proxy;
    this.#machine = new LocalMachine(stack.synthesized.machine);
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

  /**
   * Sets the object to upload and load from now on.
   * @param isVersioned whether the functions learn its version ID, as in a bucket that keeps versions
   */
  begin(key: string, isVersioned: boolean): void {
    this.#key = key;
    this.#isVersioned = isVersioned;
    this.proxy.watch(`/${this.#stack.synthesized.sourceBucket}/${key}`, isVersioned);
  }

  /** Uploads a file, and returns the input of the execution that its event starts. */
  async upload(bytes: Buffer): Promise<Input> {
    const file = join(this.#workspace.directory, 'upload');
    writeFileSync(file, bytes);
    const event = eventObject.parse(await this.#stack.upload(file, this.#key));
    const { 'version-id': _, ...unversioned } = event;
    return this.#isVersioned ? event : unversioned;
  }

  /** The input of a manual start. */
  manualInput(): Input {
    return { bucket: this.#stack.synthesized.sourceBucket, key: this.#key };
  }

  /** Runs an execution with faults. */
  execute({ name, input, faults }: Start): Promise<Ended> {
    return this.#run({ name, input, faults }, new Replay());
  }

  /** Redrives a failed execution from the state, or the iterations of a Map, that failed. */
  redrive({ start, replay }: Ended, faults: readonly Fault[]): Promise<Ended> {
    return this.#run({ ...start, faults }, replay.again());
  }

  async #run(start: Start, replay: Replay): Promise<Ended> {
    const { name, input, faults } = start;
    this.proxy.disturb(name, new FaultPlan(name, faults));
    const result = await this.#machine.execute({
      name,
      input,
      invoke: (target, event, signal) =>
        replay.answer(target, event, () => {
          const invocation = this.#stack.invoke(target, event, NEVER);
          this.#inFlight.add(invocation);
          const done = () => this.#inFlight.delete(invocation);
          invocation.then(done, done);
          // On AWS, an invocation keeps running when nobody waits for it any more, for example after a Map has failed.
          return Promise.race([invocation, aborted(signal)]);
        }),
    });
    return { ...result, start, replay };
  }

  /** Resolves once no invocation is running, and none of their requests is in flight. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
    await this.proxy.calm();
  }

  /** All items of a dataset's table. */
  async items({ dataset }: FileKind): Promise<Item[]> {
    const items: Item[] = [];
    const pages = paginateScan(
      { client: this.#stack.endpoints.dynamodb },
      { TableName: this.#stack.dataset(dataset).table, ConsistentRead: true },
    );
    // No dataset here has attributes of other types.
    for await (const { Items = [] } of pages) items.push(...(Items as Item[]));
    return items;
  }

  /** The files of an execution's report, by name. */
  async report(execution: string): Promise<ReadonlyMap<string, string>> {
    const { endpoints, synthesized } = this.#stack;
    const files = new Map<string, string>();
    for (const found of await findReport(endpoints, synthesized.reportsBucket, this.#key, execution)) {
      const { Body } = await endpoints.s3.send(
        new GetObjectCommand({ Bucket: synthesized.reportsBucket, Key: found }),
      );
      files.set(found.split('/').at(-1) ?? '', (await Body?.transformToString()) ?? '');
    }
    return files;
  }

  /** The ledger's item of the object. */
  async ledger(): Promise<unknown> {
    const { sourceBucket, tables } = this.#stack.synthesized;
    const { Item } = await this.#stack.endpoints.dynamodb.send(
      new GetItemCommand({
        TableName: tables.find(({ name }) => name.endsWith('-ledger'))?.name,
        Key: { pk: { S: `s3://${sourceBucket}/${this.#key}` } },
        ConsistentRead: true,
      }),
    );
    return Item && unmarshall(Item);
  }

  /** Deletes all items and objects. Schedules never share an object, so ledger entries may remain. */
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

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('Nobody waits for it any more.')));
  });
}

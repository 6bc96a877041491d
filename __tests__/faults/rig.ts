/** Runs schedules one after the other on a stack, with a proxy in front of S3 and DynamoDB. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { uploadName, uploadTimeOf } from '../../functions/core/table/conditional-write.ts';
import { LocalStack } from '../../local/local-stack.ts';
import { type ExecutionResult, LocalMachine } from '../../local/machine/execution.ts';
import { findReport } from '../../report/rejected-rows.ts';
import { type Fault, FaultPlan } from './faults.ts';
import { FaultyProxy } from './faulty-proxy.ts';
import { FaultyWorkspace } from './faulty-workspace.ts';
import type { UploadMark } from './oracle.ts';
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
  #keys: readonly string[] = [];
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
   * Sets the objects to upload and load from now on.
   * @param isVersioned whether the functions learn their version IDs, as in a bucket that keeps versions
   */
  begin(keys: readonly string[], isVersioned: boolean): void {
    this.#keys = keys;
    this.#isVersioned = isVersioned;
    this.proxy.watch(
      keys.map((key) => `/${this.#stack.synthesized.sourceBucket}/${key}`),
      isVersioned,
    );
  }

  /**
   * Uploads a file.
   * @param object the object's number.
   * @returns the input of the execution that its event starts, and what its items may be marked with.
   */
  async upload(bytes: Buffer, object: number): Promise<{ readonly input: Input; readonly mark: UploadMark }> {
    const key = this.#keyOf(object);
    const file = join(this.#workspace.directory, 'upload');
    writeFileSync(file, bytes);
    const event = eventObject.parse(await this.#stack.upload(file, key));
    const { 'version-id': _, ...unversioned } = event;
    return { input: this.#isVersioned ? event : unversioned, mark: await this.#markOf(object) };
  }

  /** Describes the latest upload of an object. */
  async #markOf(object: number): Promise<UploadMark> {
    const [bucket, key] = [this.#stack.synthesized.sourceBucket, this.#keyOf(object)];
    const {
      ETag = '',
      VersionId,
      LastModified = new Date(0),
    } = await this.#stack.endpoints.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    const source = {
      ...{ bucket, key, size: 0, etag: ETag.replaceAll('"', '') },
      ...(this.#isVersioned && VersionId !== undefined && { versionId: VersionId }),
      uploaded: LastModified.toISOString(),
    };
    return { object, name: uploadName(source), time: uploadTimeOf(source) };
  }

  #keyOf(object: number): string {
    const { [object]: key } = this.#keys;
    if (key === undefined) throw new Error(`There is no object ${object}.`);
    return key;
  }

  /** The input of a manual start. */
  manualInput(object: number): Input {
    return { bucket: this.#stack.synthesized.sourceBucket, key: this.#keyOf(object) };
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

  /** The files of the report of an object's execution, by name. */
  async report(object: number, execution: string): Promise<ReadonlyMap<string, string>> {
    const { endpoints, synthesized } = this.#stack;
    const files = new Map<string, string>();
    const key = this.#keyOf(object);
    for (const found of await findReport(endpoints, synthesized.reportsBucket, key, execution)) {
      const { Body } = await endpoints.s3.send(
        new GetObjectCommand({ Bucket: synthesized.reportsBucket, Key: found }),
      );
      files.set(found.split('/').at(-1) ?? '', (await Body?.transformToString()) ?? '');
    }
    return files;
  }

  /** The ledger's item of an object. */
  async ledger(kind: FileKind, object: number): Promise<unknown> {
    const { Item } = await this.#stack.endpoints.dynamodb.send(
      new GetItemCommand({ ...this.#entryOf(kind, object), ConsistentRead: true }),
    );
    return Item && unmarshall(Item);
  }

  #entryOf({ dataset, objects, isOneFeed }: FileKind, object: number) {
    const { sourceBucket, tables } = this.#stack.synthesized;
    const isObject = objects === 1 || !isOneFeed;
    return {
      TableName: tables.find(({ name }) => name.endsWith('-ledger'))?.name,
      Key: { pk: { S: isObject ? `s3://${sourceBucket}/${this.#keyOf(object)}` : `dataset:${dataset}` } },
    };
  }

  /** Deletes all items and objects, and the ledger's entry, since schedules share the one of a feed of many objects. */
  async clear(kind: FileKind): Promise<void> {
    const { endpoints, synthesized } = this.#stack;
    await endpoints.dynamodb.send(new DeleteItemCommand(this.#entryOf(kind, 0)));
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

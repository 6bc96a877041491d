/** Collects all traces of executions that people other than a file's owner may see, for a test to search. */

import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { LambdaPool } from '../../local/emulator/lambda-pool.ts';
import { type StateEvent, StateRecorder } from '../../local/machine/state-recorder.ts';
import type { Pipeline } from './pipeline.ts';

/** Objects in the reports bucket that may contain cells of a file, or its keys; see Privacy in docs/design.md. */
const WITH_CELLS = /^working\/|^indexes\/|^reports\/.*\/(?:rejected|duplicates|changes)(?:-\d+)?\.csv$/;

export class Watch {
  /** The execution's history: each state's input and output, and each error with its cause. */
  readonly history: string[] = [];
  /** Events and results of functions, and the errors that they threw. */
  readonly payloads: string[] = [];
  readonly logLines: string[] = [];
  readonly #pipeline: Pipeline;
  readonly #started = Date.now();
  readonly #undo: readonly (() => void)[];

  /** Starts to watch the pipeline. */
  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#undo = [
      pipeline.stack.onLogLine((line) => this.logLines.push(line)),
      watchEvents((event) => this.history.push(JSON.stringify(event))),
      watchInvocations((payload) => this.payloads.push(payload)),
    ];
  }

  stop(): void {
    for (const undo of this.#undo) undo();
  }

  /** The ledger, and the new objects in the reports bucket that may not contain cells, with their keys. */
  async stored(): Promise<string[]> {
    const { endpoints, synthesized } = this.#pipeline.stack;
    const Bucket = synthesized.reportsBucket;
    const stored = await this.#pipeline.ledger();
    for await (const { Contents = [] } of paginateListObjectsV2({ client: endpoints.s3 }, { Bucket })) {
      for (const { Key = '', LastModified } of Contents) {
        if (LastModified !== undefined && LastModified.getTime() < this.#started) continue;
        stored.push(Key);
        if (WITH_CELLS.test(Key)) continue;
        const { Body } = await endpoints.s3.send(new GetObjectCommand({ Bucket, Key }));
        stored.push((await Body?.transformToString('latin1')) ?? '');
      }
    }
    return stored;
  }
}

function watchEvents(see: (event: StateEvent) => void): () => void {
  const { add } = StateRecorder.prototype;
  StateRecorder.prototype.add = function (event) {
    see(event);
    add.call(this, event);
  };
  return () => {
    StateRecorder.prototype.add = add;
  };
}

function watchInvocations(see: (payload: string) => void): () => void {
  const { invoke } = LambdaPool.prototype;
  LambdaPool.prototype.invoke = async function (name, event, signal) {
    see(event);
    try {
      const result = await invoke.call(this, name, event, signal);
      see(result);
      return result;
    } catch (error) {
      see(String(error));
      throw error;
    }
  };
  return () => {
    LambdaPool.prototype.invoke = invoke;
  };
}

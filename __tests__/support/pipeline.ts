/** The synthesized pipeline on this machine, for a test file to send CSV through. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { LocalStack } from '../../local/local-stack.ts';
import { type LocalResult, type RunOptions, runFile } from '../../local/run.ts';
import { Workspace } from '../../local/workspace.ts';

export type Ingested = LocalResult & {
  /** All items of the table, in the order of their key. */
  readonly items: readonly Readonly<Record<string, unknown>>[];
};

export class Pipeline {
  readonly stack: LocalStack;
  readonly #workspace: Workspace;
  #files = 0;

  private constructor(workspace: Workspace, stack: LocalStack) {
    this.#workspace = workspace;
    this.stack = stack;
  }

  /** @param environment whose stack is synthesized. */
  static async start(environment = 'local'): Promise<Pipeline> {
    const workspace = new Workspace();
    return new Pipeline(workspace, await LocalStack.synthesize(workspace, environment));
  }

  /** Uploads the file, and waits for the execution that it starts. */
  async ingest(
    name: string,
    content: string | Uint8Array,
    options: Pick<RunOptions, 'dataset' | 'onResult'> = {},
  ): Promise<Ingested> {
    this.#files += 1;
    const folder = join(this.#workspace.directory, `file-${this.#files}`);
    mkdirSync(folder);
    const file = join(folder, name);
    writeFileSync(file, content);
    const items = join(folder, 'items.jsonl');
    const result = await runFile(this.stack, file, { ...options, items, reports: folder });
    const lines = readFileSync(items, 'utf8').split('\n');
    return { ...result, items: lines.filter((line) => line !== '').map((line) => JSON.parse(line)) };
  }

  /** The text of an object in the reports bucket. */
  async reported(key: string): Promise<string> {
    const { endpoints, synthesized } = this.stack;
    const { Body } = await endpoints.s3.send(
      new GetObjectCommand({ Bucket: synthesized.reportsBucket, Key: key }),
    );
    return (await Body?.transformToString()) ?? '';
  }

  close(): Promise<void> {
    return this.#workspace.close();
  }
}

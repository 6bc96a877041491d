/**
 * Keeps the data of the embedded S3 and DynamoDB in a folder between runs. Each run works on a copy, and `state.json`
 * names the copy that counts. So a run that does not end leaves the state as it was.
 */

import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { z } from 'zod';
import { OWNER_ONLY, ownerOnlyFolder } from '../report/owner-only.ts';
import { UsageError } from '../report/terminal/errors.ts';
import type { SynthesizedStack } from './stack/synthesized.ts';

/** Increase it when this program can no longer use what it kept before. */
const FORMAT = 1;

const FILE = 'state.json';

/** A database, which only one process can open at a time. The operating system closes it for a process that is killed. */
const LOCK = 'lock';

/** The folders with the data. */
const DATA = /^csv-pipeline-data-[0-9a-f]{8}$/;

const kept = z.object({
  format: z.literal(FORMAT),
  /** The parts of the stack that the data belongs to, by name. */
  stack: z.record(z.string(), z.string()),
  data: z.string().regex(DATA),
});

export class StateFolder {
  readonly path: string;
  readonly #lock: ClassicLevel;
  /** What {@link commit} will write; its data is deleted unless it does. */
  #next: z.output<typeof kept> | undefined;

  private constructor(path: string, lock: ClassicLevel) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Opens a folder, and creates it if it is missing. No other run can open it until it is closed.
   * @throws UsageError when it has other files, cannot be used, or another run is using it.
   */
  static async open(path: string): Promise<StateFolder> {
    const names = await usable(path, async () => {
      await ownerOnlyFolder(path);
      return readdir(path);
    });
    const other = names.find((name) => name !== LOCK && !name.startsWith(FILE) && !DATA.test(name));
    if (other !== undefined && !names.includes(FILE)) {
      throw new UsageError(
        `${path} is no folder of an earlier run: it contains ${other}. Choose a new or an empty folder.`,
      );
    }
    const lock = new ClassicLevel(join(path, LOCK));
    await usable(path, () => lock.open());
    return new StateFolder(path, lock);
  }

  /**
   * Copies the data, or begins without any.
   * @returns the folder with the copy
   * @throws UsageError when the data is that of another stack, or of another version of this program.
   */
  async checkOut(stack: SynthesizedStack): Promise<string> {
    const parts = partsOf(stack);
    const last = await this.#read();
    if (last !== undefined) this.#checkParts(last.stack, parts);
    await this.#removeAllBut(last?.data);
    this.#next = {
      format: FORMAT,
      stack: parts,
      data: `csv-pipeline-data-${randomBytes(4).toString('hex')}`,
    };
    const folder = join(this.path, this.#next.data);
    await ownerOnlyFolder(folder);
    if (last !== undefined) {
      await cp(join(this.path, last.data), folder, {
        recursive: true,
        // S3's Last-Modified is the time of the file.
        preserveTimestamps: true,
        mode: constants.COPYFILE_FICLONE,
      });
    }
    return folder;
  }

  /** Keeps what the run has done, unless the folder is being closed. The processes that use the data must have ended. */
  async commit(): Promise<void> {
    const next = this.#takeNext();
    if (next === undefined) return;
    const file = join(this.path, FILE);
    await writeFile(`${file}.new`, JSON.stringify(next, null, 2), OWNER_ONLY);
    await rename(`${file}.new`, file);
    await this.#removeAllBut(next.data);
  }

  /** Deletes the data unless it is being kept, and lets other runs open the folder. */
  async close(): Promise<void> {
    const next = this.#takeNext();
    if (next !== undefined)
      await rm(join(this.path, next.data), { recursive: true, force: true, maxRetries: 5 });
    await this.#lock.close();
  }

  /** A signal may close the folder at any time, so only one of the two gets it. */
  #takeNext(): z.output<typeof kept> | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  async #read(): Promise<z.output<typeof kept> | undefined> {
    const file = join(this.path, FILE);
    if (!existsSync(file)) return undefined;
    try {
      const read = kept.parse(JSON.parse(await readFile(file, 'utf8')));
      if (existsSync(join(this.path, read.data))) return read;
    } catch (error) {
      if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
    }
    throw new UsageError(
      `${file} was not written by this version of csv-pipeline, or has been changed. Choose another folder, or delete ${this.path} to start without data.`,
    );
  }

  #checkParts(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): void {
    const part = Object.keys({ ...now, ...before }).find((name) => before[name] !== now[name]);
    if (part === undefined) return;
    const was = before[part] ?? 'not there';
    throw new UsageError(
      `${this.path} has the data of another stack: the ${part} was ${was}, and is now ${now[part] ?? 'not there'}. Choose another folder, or delete ${this.path} to start without data.`,
    );
  }

  async #removeAllBut(data: string | undefined): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (DATA.test(name) && name !== data)
        await rm(join(this.path, name), { recursive: true, maxRetries: 5 });
    }
  }
}

/** What of a stack must not change while data of it is kept. Columns may change, as in a deploy. */
function partsOf({ machine, buckets, tables, datasets }: SynthesizedStack): Record<string, string> {
  return Object.fromEntries([
    ['state machine', machine.arn],
    ...buckets.map(({ name, versioned }) => [`bucket ${name}`, versioned ? 'versioned' : 'unversioned']),
    ...tables.map(({ name, hash_key, range_key, attribute }) => [
      `table ${name}`,
      JSON.stringify([hash_key, range_key, attribute]),
    ]),
    ...datasets.map(({ name, prefix, table }) => [`dataset ${name}`, JSON.stringify({ prefix, table })]),
  ]);
}

/** @throws UsageError when the folder, or the lock in it, cannot be used. */
async function usable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { message, code } = Object(
      error instanceof Error && error.cause instanceof Error ? error.cause : error,
    );
    if (code === 'LEVEL_LOCKED') {
      throw new UsageError(`Another run is using ${path}. Wait until it ends, or choose another folder.`);
    }
    throw new UsageError(`${path} cannot keep the state: ${message}. Choose another folder.`);
  }
}

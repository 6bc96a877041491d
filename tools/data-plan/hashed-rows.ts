/** The keys of a file's rows with the hashes of their items, on disk, in buckets by a hash of the key. */

import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredItem } from '../../functions/core/dataset/dataset.ts';
import { keyOf, type TableKey } from '../../functions/core/dataset/shape/table-key.ts';
import { itemHash } from '../../functions/core/table/identity.ts';
import {
  type HashedKeyEntry,
  hashedKeyEntries,
  INDEX_BYTES,
  type KeyRun,
  MAX_RUN_KEYS,
  RunKeys,
} from '../../functions/core/working/keys.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import type { AcceptedRows } from '../check/checked-rows.ts';

/** Rows that a unique column may leave out: they take about 200 MB of memory. */
const MAX_LEFT_OUT = 5_000_000;

/** Keys of one run, as validation writes them, and where the run starts in the file. */
interface Run extends Pick<KeyRun, 'index'> {
  readonly start: number;
}

/**
 * Takes the accepted rows of a file. Memory has the keys of one run, about 30 MB of them, and 4 KB for each run before it;
 * all others are in a temporary file, which takes 22 bytes for each row, and its key. That file has no name, so nothing is
 * left of it, however the process ends.
 */
export class HashedRows implements AcceptedRows {
  readonly #key: TableKey;
  readonly #salt: string;
  readonly #maxRunKeys: number;
  readonly #file = temporaryFile();
  readonly #runs: Run[] = [];
  /** Of the run that is being collected, with their lines. */
  #keys: RunKeys;
  readonly #leftOut = new Set<number>();
  #position = 0;

  /**
   * @param key of the dataset's table.
   * @param salt decides in which bucket a key is, as in the index that the rows are compared with.
   * @param maxRunKeys keys of a run.
   */
  constructor(key: TableKey, salt: string, maxRunKeys = MAX_RUN_KEYS) {
    this.#key = key;
    this.#salt = salt;
    this.#maxRunKeys = maxRunKeys;
    this.#keys = new RunKeys(maxRunKeys);
  }

  begin(): void {
    ftruncateSync(this.#file);
    this.#runs.length = 0;
    this.#keys = new RunKeys(this.#maxRunKeys);
    this.#leftOut.clear();
    this.#position = 0;
  }

  add(item: StoredItem, { line }: { readonly line: number }): void {
    // A copy, because a concatenated string keeps its parts in memory, and with them a block of the file.
    const key = Buffer.from(keyOf(this.#key, item)).toString();
    this.#keys.add(key, line, itemHash(item));
    if (this.#keys.size >= this.#maxRunKeys) this.#write();
  }

  /** @throws UsageError when there are too many such rows. */
  leaveOut(line: number): void {
    if (this.#leftOut.size === MAX_LEFT_OUT) {
      throw new UsageError(
        `More than ${MAX_LEFT_OUT.toLocaleString('en')} rows have a value of a unique column that a later row has, too many for a plan. Correct the file: a load would reject these rows.`,
      );
    }
    this.#leftOut.add(line);
  }

  /** The runs, in the order of the file; no row may be added after this. */
  runs(): readonly Run[] {
    if (this.#keys.size > 0) this.#write();
    return this.#runs;
  }

  /**
   * Yields the last row of each key in the buckets `from` up to but not including `to`, unless it is left out. Holds the
   * keys of these buckets.
   */
  *rows(from: number, to: number): Generator<HashedKeyEntry, void> {
    const seen = new Set<string>();
    for (const run of this.runs().toReversed()) {
      for (const entry of hashedKeyEntries(this.#read(run, from, to))) {
        if (seen.has(entry.key)) continue;
        seen.add(entry.key);
        if (!this.#leftOut.has(entry.row)) yield entry;
      }
    }
  }

  /** Deletes the keys; nothing else may be called after this. */
  close(): void {
    closeSync(this.#file);
  }

  #write(): void {
    const run = this.#keys.encode(this.#salt);
    for (let at = 0; at < run.length; ) {
      at += writeSync(this.#file, run, at, run.length - at, this.#position + at);
    }
    this.#runs.push({ index: Buffer.from(run.subarray(0, INDEX_BYTES)), start: this.#position });
    this.#position += run.length;
    this.#keys = new RunKeys(this.#maxRunKeys);
  }

  #read({ index, start }: Run, from: number, to: number): Buffer {
    const [first, end] = [index.readUInt32LE(4 * from), index.readUInt32LE(4 * to)];
    const bytes = Buffer.allocUnsafe(end - first);
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(this.#file, bytes, { offset: at, position: start + first + at });
      if (read === 0)
        throw new Error(`The temporary file of keys ends ${bytes.length - at} bytes too early.`);
      at += read;
    }
    return bytes;
  }
}

/** Opens a file that is deleted at once; only its descriptor is left. */
function temporaryFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'csv-pipeline-'));
  try {
    return openSync(join(folder, 'keys'), 'w+', 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

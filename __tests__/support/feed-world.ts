/**
 * The uploads of a feed and their executions: the pipeline's own steps, on a ledger, a bucket and a table in memory.
 * An execution may be killed at any write, and what it was about to write to the table may still happen for a while.
 */

import { text } from '../../functions/core/dataset/columns.ts';
import { type Dataset, dataset } from '../../functions/core/dataset/dataset.ts';
import { RemovalGuardError, SupersededError } from '../../functions/core/errors.ts';
import { feedOf } from '../../functions/core/feed/feed.ts';
import { claimUpload } from '../../functions/core/ledger/claim.ts';
import { feedName } from '../../functions/core/ledger/feed-name.ts';
import { asWriter, leaseEnd, recordingFailure, underLease } from '../../functions/core/ledger/lease.ts';
import { LedgerEntry } from '../../functions/core/ledger/ledger.ts';
import { StoredEntry } from '../../functions/core/ledger/stored-entry.ts';
import type {
  Chunk,
  Feed,
  Format,
  LoadedChunk,
  PipelineResult,
  Removal,
  Source,
  ValidatedChunk,
  Verdict,
} from '../../functions/core/messages.ts';
import { beginLoad } from '../../functions/core/steps/begin-load.ts';
import { compareIndex, withCompareCounts } from '../../functions/core/steps/compare-index.ts';
import { planSource } from '../../functions/core/steps/fetch.ts';
import { findDuplicates } from '../../functions/core/steps/find-duplicates.ts';
import { judge } from '../../functions/core/steps/judge.ts';
import { loadChunk } from '../../functions/core/steps/load.ts';
import { reconcile } from '../../functions/core/steps/reconcile.ts';
import { removeMissing } from '../../functions/core/steps/remove-missing.ts';
import { validateChunk } from '../../functions/core/steps/validate.ts';
import { putJson, summaryKey } from '../../functions/core/working/summary.ts';
import { clientOf, type StoredItem, updated } from './ledger-model/one-item-table.ts';
import { memoryS3 } from './memory-s3.ts';

const BUCKET = 'b';
const KEY = 'feed.csv';
const HEADER = 'id,value\n';

/** Milliseconds that an invocation has. */
const TIME = 20_000;

/** As `WRITER_MARGIN` in `functions/core/ledger/lease.ts`. */
const WRITER_MARGIN = 10_000;

export type Mode = 'replace' | 'changesOnly' | 'upsert';

const shared = {
  name: 'd',
  columns: { id: text(), value: text() },
  key: '{id}',
  tolerance: { share: 1 },
} as const;

/** Of which objects the uploads are one feed: of one, or of all of the dataset. */
export type FeedKind = 'object' | 'dataset';

const datasetsOf = (feed: FeedKind): Readonly<Record<Mode, Dataset>> => ({
  replace: dataset({ ...shared, load: { mode: 'replace', feed, maxRemoved: { share: 0.5 } } }),
  changesOnly: dataset({ ...shared, load: { changesOnly: true, feed } }),
  upsert: dataset(shared),
});

const DATASETS = { object: datasetsOf('object'), dataset: datasetsOf('dataset') };

export interface Row {
  readonly key: number;
  /** Null for a row that is rejected. */
  readonly value: number | null;
}

/** A file, and how many of its rows are in a chunk. */
export interface File {
  readonly rows: readonly Row[];
  readonly chunkRows: number;
  /** Its key and its time, if the feed has several objects. */
  readonly key: string;
  readonly second: number;
}

export interface Start {
  readonly mode: Mode;
  readonly force: boolean;
  readonly allowRemovals: boolean;
}

/** The invocation's process has ended. */
class Killed extends Error {
  override readonly name = 'Killed';
}

interface Payload {
  source: Source;
  feed: Feed | null;
  format: Format;
  chunks: readonly ValidatedChunk[];
  verdict: Verdict;
  load: string;
  removal: Removal;
  loaded: readonly LoadedChunk[];
}

type Stage = 'claim' | 'validate' | 'compare' | 'begin' | 'load' | 'remove' | 'reconcile' | 'ended';

export class Run {
  readonly name: string;
  readonly upload: number;
  readonly start: Start;
  /** In milliseconds since 1970. */
  readonly started: number;
  stage: Stage = 'claim';
  payload: Partial<Payload> = {};
  result: PipelineResult | undefined;
  error: Error | undefined;
  isRedriven = false;
  /** How often its rows were compared again. */
  again = 0;

  constructor(name: string, upload: number, start: Start, started: number) {
    this.name = name;
    this.upload = upload;
    this.start = start;
    this.started = started;
  }

  get<Field extends keyof Payload>(field: Field): Payload[Field] {
    const { [field]: value } = this.payload;
    if (value === undefined) throw new Error(`There is no ${field} yet.`);
    // The compiler does not know that the other members of the type are not undefined.
    return value as Payload[Field];
  }
}

export class World {
  now = 2e12;
  /** What the table has, by key. */
  readonly table = new Map<string, string>();
  /** Keys that a load without an index has written, and that no other load has written since. */
  readonly blind = new Set<string>();
  readonly files: File[] = [];
  readonly #memory = memoryS3();
  #item: StoredItem | undefined;
  /** Writes that are left until the process is killed. */
  #budget = Number.POSITIVE_INFINITY;
  #isKilled = false;
  /** What processes that were killed had sent: it may be done until a time. */
  #late: { readonly until: number; readonly write: () => void }[] = [];
  #runs = 0;
  readonly #client = clientOf(() => ({
    get: async () => this.#item,
    update: async (request) => {
      if (this.#isKilled) throw new Killed();
      const changed = updated(this.#item, request);
      const isLast = this.#spend();
      if (changed !== undefined && (!isLast || this.#runs % 2 === 0)) this.#item = changed;
      if (isLast) this.#kill();
      return changed !== undefined;
    },
    changed: () => this.#item,
  }));
  readonly #feed: FeedKind;
  readonly #entry: StoredEntry;

  constructor(feed: FeedKind) {
    this.#feed = feed;
    const name = feedName(DATASETS[feed].replace, { bucket: BUCKET, key: KEY });
    this.#entry = new StoredEntry(this.#client, 'ledger', name);
    this.#memory.beforePut = (key, object) => {
      if (this.#isKilled) throw new Killed();
      if (!this.#spend()) return;
      const write = () => void this.#memory.objects.set(key, object);
      this.#late.push({ until: Number.POSITIVE_INFINITY, write });
      this.#kill();
    };
  }

  /** Starts an execution for an upload. */
  start(upload: number, start: Start): Run {
    this.#runs += 1;
    this.now += 1_000;
    return new Run(`e${this.#runs}`, upload, start, this.now);
  }

  /** @returns the number of the upload. */
  upload(file: File): number {
    this.files.push(file);
    const rows = file.rows.map(({ key, value }) => `k${key},${value === null ? '' : `v${value}`}\n`);
    const upload = this.files.length;
    const name = `${this.#keyOf(upload)}@v${upload}`;
    this.#memory.objects.set(name, Buffer.from(HEADER + rows.join('')));
    if (this.#feed === 'dataset') this.#memory.modified.set(name, file.second * 1_000);
    return upload;
  }

  /** Whether an upload is newer than another one: uploads of one object have ascending numbers. */
  isNewer(one: number, other: number): boolean {
    if (this.#feed === 'object') return one > other;
    const [{ second, key }, last] = [this.#file(one), this.#file(other)];
    if (second !== last.second) return second > last.second;
    return key === last.key ? one > other : key > last.key;
  }

  #keyOf(upload: number): string {
    return this.#feed === 'object' ? KEY : this.#file(upload).key;
  }

  #file(upload: number): File {
    const file = this.files[upload - 1];
    if (file === undefined) throw new Error(`There is no upload ${upload}.`);
    return file;
  }

  /** What the table has of a file once it is loaded, and how many of its rows are rejected. */
  wanted(upload: number): { readonly items: ReadonlyMap<string, string>; readonly rejected: number } {
    const rows = this.files[upload - 1]?.rows ?? [];
    const accepted = rows.filter(({ value }) => value !== null);
    return {
      items: new Map(accepted.map(({ key, value }) => [`k${key}`, `v${value}`])),
      rejected: rows.length - accepted.length,
    };
  }

  /** What was sent and is not too late happens now. */
  late(): void {
    for (const { until, write } of this.#late) if (this.now < until) write();
    this.#late = [];
  }

  /** Number of objects of indexes. */
  get indexes(): number {
    return [...this.#memory.objects.keys()].filter((key) => key.startsWith('indexes/')).length;
  }

  /**
   * Runs an execution, from the stage that it is in, until it ends or is killed.
   * @param budget writes until it is killed.
   */
  async run(run: Run, budget: number): Promise<void> {
    this.#budget = budget;
    this.#isKilled = false;
    run.error = undefined;
    try {
      while (run.stage !== 'ended') await this.#stage(run);
    } catch (error) {
      if (error instanceof SupersededError) run.stage = 'ended';
      else if (error instanceof RemovalGuardError || error instanceof Killed) run.error = error;
      else throw error;
    } finally {
      this.#isKilled = false;
      this.#budget = Number.POSITIVE_INFINITY;
    }
  }

  /** @returns whether this was the last write. */
  #spend(): boolean {
    this.#budget -= 1;
    return this.#budget <= 0;
  }

  #kill(): never {
    this.#isKilled = true;
    throw new Killed();
  }

  async #stage(run: Run): Promise<void> {
    const { s3 } = this.#memory;
    const each = DATASETS[this.#feed][run.start.mode];
    const settings = { reportsBucket: BUCKET, hasTime: () => true };
    const context = { getRemainingTimeInMillis: () => TIME };
    if (run.stage === 'claim') return this.#claim(run);
    const [source, feed] = [run.get('source'), run.get('feed')];
    const entry = new LedgerEntry(this.#entry, source, run.name);
    const job = { execution: run.name, source, feed, format: run.get('format') };
    switch (run.stage) {
      case 'validate': {
        await entry.renew('CHECKING', leaseEnd(context));
        const validated: ValidatedChunk[] = [];
        for (const chunk of this.#cut(run)) {
          validated.push(await validateChunk(s3, { ...job, chunk }, each, settings));
        }
        const plan = { mode: 'exact', done: true } as const;
        const limits = { loadConcurrency: 4, maxRows: 1e9 };
        let verdict = await judge(s3, { ...job, plan, chunks: validated }, each, limits);
        while (verdict.outcome === 'find-duplicates') {
          verdict = await findDuplicates(s3, { ...job, chunks: validated, verdict }, each, settings);
        }
        if (verdict.rejected > 0) await putJson(s3, BUCKET, summaryKey(source, run.name), { rejects: [] });
        const cuts = [0, 300, 700, 1_024];
        const compared = cuts.slice(1).map((end, cut) => withCompareCounts({ start: cuts[cut] ?? 0, end }));
        verdict = { ...verdict, compared: feed === null ? [] : compared };
        Object.assign(run.payload, { chunks: validated, verdict });
        run.stage = feed === null ? 'begin' : 'compare';
        return;
      }
      case 'compare': {
        const [chunks, verdict] = [run.get('chunks'), run.get('verdict')];
        const compared = [];
        for (const { start, end } of verdict.compared) {
          await entry.renew('CHECKING', leaseEnd(context));
          const event = { ...job, chunks, verdict, chunk: { start, end } };
          compared.push(
            await compareIndex(s3, event, each, {
              ...settings,
              verifyUnfinished: () => entry.verifyUnfinished(),
            }),
          );
        }
        run.payload.verdict = { ...verdict, compared };
        run.stage = 'begin';
        return;
      }
      case 'begin': {
        const verdict = run.get('verdict');
        const begin = () => beginLoad({ ...job, ...verdict }, each, entry, leaseEnd(context));
        const begun = await recordingFailure(entry, begin);
        if (begun.ready) {
          const loaded = run.get('chunks').map(({ start, end }) => unloaded({ start, end }));
          Object.assign(run.payload, { load: begun.load, removal: begun.removal, loaded });
          run.stage = 'load';
        } else if (begun.feed === null) {
          this.now += 10_000;
        } else {
          run.payload.feed = begun.feed;
          run.again += 1;
          run.stage = 'validate';
        }
        return;
      }
      case 'load': {
        const [load, verdict] = [run.get('load'), run.get('verdict')];
        for (const [index, chunk] of run.get('loaded').entries()) {
          if (chunk.at >= chunk.end) continue;
          const { repeated, dataEnd } = verdict;
          const event = { ...job, load, chunk, repeated, dataEnd, writesPerSecond: null };
          const done = await asWriter(entry.ofLoad(load), context, (_, unanswered) =>
            loadChunk(s3, this.#writer(run, unanswered), event, each, settings),
          );
          run.payload.loaded = run.get('loaded').with(index, done);
        }
        run.stage = run.get('removal').done ? 'reconcile' : 'remove';
        return;
      }
      case 'remove': {
        const [load, removal] = [run.get('load'), run.get('removal')];
        run.payload.removal = await asWriter(entry.ofLoad(load), context, (_, unanswered) => {
          const event = { ...job, load, removal };
          return removeMissing(s3, this.#writer(run, unanswered), event, each.key, settings);
        });
        run.stage = 'reconcile';
        return;
      }
      case 'reconcile': {
        const [load, verdict, removal] = [run.get('load'), run.get('verdict'), run.get('removal')];
        const started = new Date(run.started).toISOString();
        const event = { ...job, load, verdict, removal, changes: null, started, chunks: run.get('loaded') };
        const work = () => reconcile(s3, event, each, BUCKET, entry.ofLoad(load));
        run.result = await underLease(entry, context, work, 'LOADING');
        run.stage = 'ended';
      }
    }
  }

  /** Repeats the first invocation of an execution, whose answer nobody waits for any more. */
  async claimAgain(run: Run): Promise<void> {
    if (run.stage === 'claim' || run.stage === 'ended') return;
    const claimed = await this.#claimed(run);
    if (!('outcome' in claimed) || claimed.outcome !== 'wait') return;
    this.now += 10 * TIME;
    await this.#claimed(run);
  }

  async #claimed(run: Run) {
    const { s3 } = this.#memory;
    const object = { bucket: BUCKET, key: this.#keyOf(run.upload) };
    const entry = new LedgerEntry(this.#entry, object, run.name);
    const sequencer = String(run.upload).padStart(16, '0');
    const { force } = run.start;
    const upload = { ...object, versionId: `v${run.upload}`, sequencer, force };
    const times = { started: run.started, lease: this.now + TIME };
    return claimUpload(s3, entry, upload, times);
  }

  async #claim(run: Run): Promise<void> {
    const { s3 } = this.#memory;
    const { mode, force, allowRemovals } = run.start;
    const claimed = await this.#claimed(run);
    if (!('outcome' in claimed)) {
      const start = { execution: run.name, table: 't', force, allowRemovals };
      const feed = mode === 'upsert' ? null : feedOf(claimed.index, start);
      const { format } = await planSource(s3, claimed.source, DATASETS[this.#feed][mode], 10);
      run.payload = { source: claimed.source, feed, format };
      run.stage = 'validate';
    } else if (claimed.outcome === 'wait') {
      this.now += 60_000;
    } else {
      run.stage = 'ended';
    }
  }

  #cut(run: Run): readonly Chunk[] {
    const { rows = [], chunkRows = 1 } = this.files[run.upload - 1] ?? {};
    const lengths = rows.map(({ value }) => (value === null ? 4 : 6));
    const chunks: Chunk[] = [];
    let end = HEADER.length;
    for (let row = 0; row < rows.length; row += chunkRows) {
      const start = end;
      end = lengths.slice(row, row + chunkRows).reduce((sum, length) => sum + length, start);
      chunks.push({ start, end });
    }
    return chunks;
  }

  /** Writes to the table. When the process is killed, what it has not written yet may be written late. */
  #writer(run: Run, unanswered: () => void) {
    const writes: (() => void)[] = [];
    let deletes = 0;
    const until = this.now + TIME + WRITER_MARGIN;
    return {
      put: (item: Readonly<Record<string, unknown>>) => {
        const pk = String(item.pk);
        const { value } = item;
        if (value === undefined) deletes += 1;
        writes.push(() => {
          if (run.start.mode === 'upsert') this.blind.add(pk);
          else this.blind.delete(pk);
          if (value === undefined) this.table.delete(pk);
          else this.table.set(pk, String(value));
        });
        return undefined;
      },
      close: async <Mark>(mark: Mark) => {
        for (const [index, write] of writes.entries()) {
          if (this.#spend()) {
            unanswered();
            this.#late.push(...writes.slice(index).map((each) => ({ until, write: each })));
            this.#kill();
          }
          write();
        }
        return { mark, loaded: writes.length - deletes, deleted: deletes };
      },
      stop: async () => undefined,
    };
  }
}

function unloaded(chunk: Chunk): LoadedChunk {
  return { ...chunk, at: chunk.start, read: 0, rejected: 0, loaded: 0, duplicates: 0 };
}

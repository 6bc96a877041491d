/** Runs a schedule, and compares its results with the model. */

import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { ExecutionResult } from '../../local/machine/execution.ts';
import { areSoft, type Fault } from './faults.ts';
import { type Applied, type Expected, type Listed, type NotLoaded, TableModel } from './oracle.ts';
import type { Ended, Input, Rig } from './rig.ts';
import { writeFile } from './rows.ts';
import type { Schedule, Step } from './schedule.ts';
import { stalls } from './stalls.ts';

/** The result of a schedule. */
export interface ScheduleResult {
  readonly executions: number;
  /** Number of invocations that resumed a chunk where another one had stopped. */
  readonly resumed: number;
  /** Names of the errors of failed executions that were redriven or started again. */
  readonly repaired: readonly string[];
  /** What went wrong, if anything. */
  readonly problems: readonly string[];
}

/** Errors of functions with which faults may end an execution. */
const KNOWN_ERRORS: ReadonlySet<string> = new Set([
  'ServiceUnavailableError',
  'SourceChangedError',
  'LoadTimeoutError',
  'DecompressionError',
  'Sandbox.Timedout',
  'Runtime.ExitError',
]);

/** Maximum number of starts of an upload until the machine is not too busy for its load. */
const MAX_STARTS = 4;

/** A second, in milliseconds. */
const SECOND = 1_000;

/** Maximum number of wrong items to report. */
const MAX_DIFFERENCES = 5;

const reported = z.object({ errorType: z.string(), errorMessage: z.string().min(1) });
const output = z.object({
  read: z.number(),
  loaded: z.number(),
  unchanged: z.number().optional(),
  existing: z.number().optional(),
  stale: z.number().optional(),
  deleted: z.number().optional(),
  rejected: z.number(),
  duplicates: z.number(),
});
const summary = z.object({ ...output.shape, loaded: z.number().nullable(), files: z.array(z.string()) });

const ledgerItem = z.object({ ...output.shape, status: z.string() }).partial();

export function runSchedule(rig: Rig, schedule: Schedule): Promise<ScheduleResult> {
  return new ScheduleRun(rig, schedule).run();
}

/** An execution, and when it ran, measured in starts and ends of executions. */
interface Run {
  readonly upload: number;
  readonly faults: readonly Fault[];
  readonly started: number;
  /** When it started, as a time of `performance.now`. */
  readonly since: number;
  ended: number;
  result: Ended;
}

class ScheduleRun {
  readonly #rig: Rig;
  readonly #schedule: Schedule;
  readonly #model: TableModel;
  readonly #expected: Expected[] = [];
  readonly #inputs: Input[] = [];
  readonly #inFlight: Promise<void>[] = [];
  readonly #runs: Run[] = [];
  /** When the first execution of each upload started. */
  readonly #given = new Map<number, number>();
  readonly #repaired: string[] = [];
  readonly #problems: string[] = [];
  #clock = 0;
  #names = 0;
  #executions = 0;
  #resumed = 0;

  constructor(rig: Rig, schedule: Schedule) {
    this.#rig = rig;
    this.#schedule = schedule;
    this.#model = new TableModel(schedule.kind);
  }

  async run(): Promise<ScheduleResult> {
    const { kind, seed, isVersioned, steps } = this.#schedule;
    const keys = ['', '-more']
      .slice(0, kind.objects)
      .map((more) => `${kind.prefix}schedule-${seed}${more}.csv`);
    this.#rig.begin(keys, isVersioned);
    try {
      for (const step of steps) await this.#take(step);
      await this.#join();
      for (const run of this.#runs) this.#problems.push(...(await this.#problemsOf(run)));
      await this.#checkTable();
      await this.#startAgain();
      await this.#rig.settle();
      await this.#checkTable();
      this.#problems.push(...this.#rig.proxy.violations);
      return {
        executions: this.#executions,
        resumed: this.#resumed,
        repaired: this.#repaired,
        problems: this.#problems,
      };
    } finally {
      await this.#rig.settle();
      await this.#rig.clear(kind);
    }
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'upload': {
        const { kind, uploads } = this.#schedule;
        const { [step.upload]: upload } = uploads;
        if (upload === undefined) throw new Error('There is no such file.');
        const { rows, writing, object } = upload;
        const file = writeFile(kind, rows, writing);
        // S3's times have whole seconds, and within one, the order of different objects is not that of their uploads.
        const isOrdered = kind.mode === 'newest' || (kind.isOneFeed && kind.objects > 1);
        if (isOrdered) await sleep(SECOND - (Date.now() % SECOND));
        const { input, mark } = await this.#rig.upload(file.bytes, object);
        this.#expected.push(this.#model.upload(rows, file, mark));
        this.#inputs.push(input);
        return;
      }
      case 'event': {
        const input = this.#inputs[step.upload];
        if (input === undefined) throw new Error('An event came before its upload.');
        this.#start(step.upload, step.faults, (name) =>
          this.#rig.execute({ name, input, faults: step.faults }),
        );
        return;
      }
      case 'pause':
        await sleep(step.milliseconds);
        return;
      case 'writing': {
        const ended = Promise.all(this.#inFlight).then(() => true);
        while (!this.#rig.proxy.hasWrites && !(await Promise.race([ended, sleep(5)])));
        return;
      }
      case 'join':
        await this.#join();
        return;
      default:
        await this.#join();
        for (const run of this.#runs) {
          if (!isRedrivable(run.result)) continue;
          const { result } = run;
          run.ended = Number.POSITIVE_INFINITY;
          this.#repaired.push(`redriven: ${errorOf(result)}`);
          this.#follow(run, this.#rig.redrive(result, step.faults));
        }
        await this.#join();
    }
  }

  #start(upload: number, faults: readonly Fault[], execute: (name: string) => Promise<Ended>): void {
    this.#names += 1;
    this.#clock += 1;
    if (!this.#given.has(upload)) this.#given.set(upload, this.#clock);
    const run = {
      upload,
      faults,
      started: this.#clock,
      since: performance.now(),
      ended: Number.POSITIVE_INFINITY,
    };
    this.#inFlight.push(
      execute(`s${this.#schedule.seed}-${this.#names}`).then((result) => {
        const ended = Object.assign(run, { result });
        this.#end(ended, result);
        this.#runs.push(ended);
      }),
    );
  }

  #follow(run: Run, ending: Promise<Ended>): void {
    this.#inFlight.push(
      ending.then((result) => {
        run.result = result;
        this.#end(run, result);
      }),
    );
  }

  #end(run: Run, result: Ended): void {
    this.#clock += 1;
    run.ended = this.#clock;
    this.#executions += 1;
    this.#resumed += resumedIn(result, 'ValidateChunk', 'ChunkValidated');
    this.#resumed += resumedIn(result, 'LoadChunk', 'ChunkLoaded');
  }

  async #join(): Promise<void> {
    await Promise.all(this.#inFlight.splice(0));
  }

  /** What is wrong with an execution's result, if anything. */
  async #problemsOf(run: Run): Promise<string[]> {
    const { upload, result } = run;
    const expected = this.#expected[upload];
    if (expected === undefined) throw new Error('There is no such upload.');
    const outcome = outcomeOf(result);
    const others = this.#runs.filter(
      (other) => other !== run && other.started < run.ended && this.#areOneFeed(other.upload, upload),
    );
    const name = `The execution ${result.name} of upload ${upload}`;
    switch (outcome) {
      case 'loaded':
      case 'refused': {
        const notLoaded = await this.#notLoaded(run);
        const problems = [
          ...outcomeProblems(result, expected, notLoaded),
          ...reportProblems(await this.#rig.report(expected.object, result.name), expected, notLoaded),
        ];
        return problems.map((problem) => `${name}: ${problem}`);
      }
      case 'already-loaded':
        return others.some((other) => other.upload === upload)
          ? []
          : [`${name} reports already-loaded, but no other execution has loaded the upload`];
      case 'superseded':
        return others.some((other) => other.upload >= upload)
          ? []
          : [`${name} reports superseded, but there is no other execution of the upload or a newer one`];
      default:
        return failureProblems(run).map((problem) => `${name}: ${problem}`);
    }
  }

  /** How much of each upload was loaded. */
  #applied(): Applied[] {
    return this.#expected.map((_, upload) => {
      const results = this.#runs.filter((run) => run.upload === upload).map(({ result }) => result);
      if (results.some((result) => outcomeOf(result) === 'loaded')) return 'loaded';
      return results.some(({ states }) => states.some(({ name }) => name === 'LoadToDynamoDB'))
        ? 'partly'
        : 'not';
    });
  }

  /** How many of the rows of a run's upload are not loaded, if the run has loaded it. */
  async #notLoaded({ upload, started, ended }: Run): Promise<NotLoaded> {
    const before = this.#runs.filter((run) => outcomeOf(run.result) === 'loaded' && run.ended < started);
    const meanwhile = this.#runs.filter((run) => run.started < ended);
    const items = await this.#rig.items(this.#schedule.kind);
    return this.#model.notLoaded(
      upload,
      items,
      before.map((run) => run.upload),
      meanwhile.map((run) => run.upload),
    );
  }

  /** Whether of two uploads, the newer one counts. */
  #areOneFeed(one: number, other: number): boolean {
    const { isOneFeed } = this.#schedule.kind;
    return isOneFeed || this.#expected[one]?.object === this.#expected[other]?.object;
  }

  /** Whether an upload was applied before another one. */
  #precedes(one: number, other: number): boolean {
    if (this.#areOneFeed(one, other)) return one < other;
    const ended = this.#runs.filter(({ upload }) => upload === one).map((run) => run.ended);
    const started = this.#runs.filter(({ upload }) => upload === other).map((run) => run.started);
    return Math.max(...ended) < Math.min(...started);
  }

  async #checkTable(): Promise<void> {
    // Running invocations may write until their leases end, so the table is not final before.
    await this.#rig.settle();
    const items = await this.#rig.items(this.#schedule.kind);
    const differences = this.#model.differences(items, this.#applied(), (one, other) =>
      this.#precedes(one, other),
    );
    this.#problems.push(...differences.slice(0, MAX_DIFFERENCES));
  }

  /** Starts the newest upload manually, and expects it to be in the table, whatever happened before. */
  async #startAgain(): Promise<void> {
    const upload = this.#expected.length - 1;
    const expected = this.#expected[upload];
    const object = expected?.object ?? 0;
    const before = this.#applied();
    for (const { result } of this.#runs) {
      if (outcomeOf(result) === 'failed') this.#repaired.push(errorOf(result));
    }
    let run: Run | undefined;
    for (let start = 0; start < MAX_STARTS && (run === undefined || isCutShort(run)); start += 1) {
      this.#start(upload, [], (name) =>
        this.#rig.execute({ name, input: this.#rig.manualInput(object), faults: [] }),
      );
      await this.#join();
      run = this.#runs.at(-1);
    }
    if (run === undefined || expected === undefined) throw new Error('Nothing was started.');
    const outcome = outcomeOf(run.result);
    const wanted =
      before[upload] === 'loaded' ? 'already-loaded' : expected.isAccepted ? 'loaded' : 'refused';
    if (outcome !== wanted) {
      this.#problems.push(`started again, it ends as ${outcome} and not as ${wanted}: ${said(run.result)}`);
    }
    this.#problems.push(...(await this.#problemsOf(run)));
    const { status, ...counts } = ledgerItem.parse(await this.#rig.ledger(this.#schedule.kind, object));
    const found = { status, ...(status === 'LOADED' && counts) };
    const loads = this.#runs.filter((each) => each.upload === upload && outcomeOf(each.result) === 'loaded');
    const loaded = countsOf(expected, await this.#notLoaded(loads.at(-1) ?? run), counts);
    const recorded = expected.isAccepted ? { status: 'LOADED', ...loaded } : { status: 'FAILED' };
    this.#problems.push(...same('the ledger', found, recorded));
  }
}

/** Whether a redrive would resume where the execution failed; after a Fail state, it would only fail again. */
function isRedrivable(result: ExecutionResult): boolean {
  return result.status === 'FAILED' && result.states.every(({ type }) => type !== 'Fail');
}

type Outcome = z.output<typeof outcome>['outcome'] | 'refused' | 'failed';

const outcome = z.object({ outcome: z.enum(['loaded', 'already-loaded', 'superseded']) });

/** How an execution ended. One that was superseded on the way has an error in its output instead of an outcome. */
function outcomeOf(result: ExecutionResult): Outcome {
  if (result.status === 'FAILED') return result.error === 'ValidationError' ? 'refused' : 'failed';
  return z
    .union([outcome.transform((found) => found.outcome), stopped.transform(() => 'superseded' as const)])
    .parse(result.output);
}

const stopped = z.object({ error: z.object({ Error: z.literal('SupersededError') }) });

/**
 * How often a Map's working state was entered beyond once per chunk, the number of times that its last state was
 * entered.
 */
function resumedIn({ status, states }: ExecutionResult, works: string, ends: string): number {
  const entered = (state: string) => states.find(({ name }) => name === state)?.iterations ?? 0;
  // After a failed Map, some chunks are not done.
  return status === 'SUCCEEDED' ? entered(works) - entered(ends) : 0;
}

type Failure = Extract<ExecutionResult, { readonly status: 'FAILED' }>;

/** The error that Lambda reported; undefined if the cause is something else. */
function reportedBy({ cause }: Failure): z.output<typeof reported> | undefined {
  try {
    return reported.parse(JSON.parse(cause));
  } catch {
    return undefined;
  }
}

function said(result: ExecutionResult): string {
  return result.status === 'FAILED' ? `${result.error}: ${result.cause}` : JSON.stringify(result.output);
}

/** The error that an execution ended with. */
function errorOf(result: ExecutionResult): string {
  return result.status === 'FAILED' ? result.error : result.status;
}

/** Whether a load ended without a confirmed row, and may just not have got to run. */
function isCutShort({ result, since }: Run): boolean {
  return errorOf(result) === 'LoadTimeoutError' && stalls.hasAnySince(since);
}

function failureProblems(run: Run): string[] {
  const { result, faults } = run;
  if (result.status !== 'FAILED') return [];
  if (reportedBy(result)?.errorType !== result.error || !KNOWN_ERRORS.has(result.error)) {
    return [`it failed with an unexpected error: ${said(result)}`];
  }
  return areSoft(faults) && !isCutShort(run)
    ? [`it failed because of faults from which it should recover: ${said(result)}`]
    : [];
}

/** The counts of a load that are expected, where those that were found are one of several possibilities. */
function countsOf({ counts, kept }: Expected, notLoaded: NotLoaded, found: object) {
  const { outcome, least, most } = notLoaded;
  if (outcome === undefined) return { ...counts, loaded: kept };
  const said = z.object({ [outcome]: z.number() }).safeParse(found).data?.[outcome] ?? least;
  const rows = Math.min(Math.max(said, least), most);
  return { ...counts, loaded: kept - rows, [outcome]: rows };
}

function outcomeProblems(result: ExecutionResult, expected: Expected, notLoaded: NotLoaded): string[] {
  const { isAccepted, counts } = expected;
  if (result.status === 'FAILED') {
    if (isAccepted) return [`it should have succeeded: ${result.error}: ${result.cause}`];
    const said = `${counts.rejected} of ${counts.read} rows`;
    return result.error === 'ValidationError' && result.cause.includes(said)
      ? []
      : [`it should have said that ${said} are rejected: ${result.error}: ${result.cause}`];
  }
  if (!isAccepted) return ['it should have refused the file'];
  const found = output.parse(result.output);
  return same('the counts', found, countsOf(expected, notLoaded, found));
}

function reportProblems(
  files: ReadonlyMap<string, string>,
  expected: Expected,
  notLoaded: NotLoaded,
): string[] {
  const { isAccepted, counts, rejected, duplicates } = expected;
  const said = files.get('report.json');
  if (said === undefined) {
    return ['there is no report.json'];
  }
  const { files: listed, ...found } = summary.parse(JSON.parse(said));
  const names = (list: string) => listed.filter((file) => file.startsWith(list));
  const rows = (list: string) => names(list).flatMap((file) => listedIn(files.get(file) ?? ''));
  return [
    ...same(
      'the counts of report.json',
      found,
      isAccepted ? countsOf(expected, notLoaded, found) : { ...counts, loaded: null },
    ),
    ...same('rejected.csv', rows('rejected'), rejected),
    ...same('duplicates.csv', rows('duplicates'), duplicates),
    ...changesProblems(
      JSON.parse(said),
      names('changes').map((file) => files.get(file) ?? ''),
    ),
  ];
}

const changeCounts = z.object({ added: z.number(), changed: z.number(), removed: z.optional(z.number()) });

/** Each key that was changed is listed once, in any of the files, and as many as report.json counts. */
function changesProblems(report: unknown, texts: readonly string[]): string[] {
  const { added = 0, changed = 0, removed = 0 } = changeCounts.safeParse(report).data ?? {};
  const rows = texts.flatMap((text): string[][] => parse(text).slice(1));
  const listed = (change: string) => rows.filter(([, listedAs]) => listedAs === change).length;
  const found = { added: listed('added'), changed: listed('changed'), removed: listed('removed') };
  return [
    ...same('changes.csv', found, { added, changed, removed }),
    ...same('the keys in changes.csv', new Set(rows.map(([key]) => key)).size, added + changed + removed),
  ];
}

/** The rows in a file of a report. */
function listedIn(text: string): Listed[] {
  const delimiter = text.startsWith('Bestell') || text.startsWith('\uFEFFBestell') ? ';' : ',';
  const rows: string[][] = parse(text, { delimiter, bom: true, relax_quotes: true });
  return rows.slice(1).map((row) => {
    const [line = '', column = '', code = ''] = row.slice(-5);
    return { line: Number(line), column, code };
  });
}

function same(what: string, found: unknown, wanted: unknown): string[] {
  const [is, should] = [sorted(found), sorted(wanted)];
  return is === should ? [] : [`${what}: ${is} should be ${should}`];
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

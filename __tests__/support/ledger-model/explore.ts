/**
 * Explores every way in which some executions can use the ledger at the same time. Whatever reads or writes the ledger
 * is the pipeline's own code, called up to one request at a time; the table, the state machine, failures and clocks are
 * a model. One state is the ledger's item, the table's row, where each execution is, the invocations that Step
 * Functions has given up but that still run, and how many failures are left.
 */

import { Numbers, Search, type Violation } from '../search.ts';
import {
  ALIVE,
  type Answer,
  type Called,
  Calls,
  DEAD,
  type Execution,
  type FunctionCall,
  NOW,
  nameOf,
  type Objects,
  TICK,
  type Weakness,
} from './calls.ts';

export interface Scenario {
  /** In the order in which they started. */
  readonly executions: readonly Execution[];
  /** Whether the uploads are of one object, as by default. */
  readonly objects?: Objects;
  /** Invocations or executions that end, before or after their last request took effect. */
  readonly crashes: number;
  /** Executions that resume at the state at which they ended. */
  readonly redrives: number;
  /** Invocations that are given up and repeated, but still run. */
  readonly zombies: number;
  /** Executions that count as dead while they run, since none of their functions was invoked for so long. */
  readonly throttled: number;
}

export interface Exploration {
  readonly states: number;
  /** Undefined if nothing can go wrong. */
  readonly violation: Violation | undefined;
}

/** {@link TICK}s after an invocation has begun to write until none of its requests can reach the table any more. */
const LAST_WRITE = 3;

/** Where an execution is: in a state of the state machine, at a point in LoadChunk, or at its end. */
type Place =
  | 'FetchCsv'
  | 'BeginLoad'
  | 'LoadChunk'
  | 'writing'
  | 'written'
  | 'ReconcileLoad'
  | 'failing'
  | 'loaded'
  | 'already-loaded'
  | 'superseded'
  | 'failed';

/** An invocation that runs, or an execution that has ended. */
interface Invocation {
  readonly execution: number;
  readonly at: Place;
  readonly answers: readonly Answer[];
  /** The upload that FetchCsv has pinned. */
  readonly upload?: number | undefined;
  /** The load, once it has begun. */
  readonly load?: string | undefined;
  readonly writer?: string | undefined;
  /** {@link TICK}s since it began to write. */
  readonly age?: number | undefined;
  /** Where it was when it failed. */
  readonly failedAt?: Place | undefined;
}

const ENDS: ReadonlySet<Place> = new Set(['loaded', 'already-loaded', 'superseded', 'failed']);

interface State {
  /** Number of the item's text. */
  readonly item: number;
  /** The upload that the row in the table is from; 0 if there is none. */
  readonly row: number;
  /** The newest upload that was claimed without force. */
  readonly newest: number;
  readonly crashes: number;
  readonly redrives: number;
  readonly zombies: number;
  readonly throttled: number;
  /** Numbers of the executions' invocations. */
  readonly running: readonly number[];
  /** Numbers of invocations that were given up, in ascending order. */
  readonly givenUp: readonly number[];
}

/**
 * Visits every state that can be reached, breadth first, and checks that
 * - the ledger never has an upload as loaded whose rows are not in the table,
 * - no upload is claimed over a newer one unless it is forced or an undo,
 * - once all executions have ended, the one that holds the claim has loaded its upload, or has failed, or the one that
 *   the upload's event started has: of a failure alarms tell,
 * - from every state, there is a way on to the end of all executions.
 * @param weakness a fault to put into the pipeline's requests.
 */
export function explore(scenario: Scenario, weakness: Weakness = {}): Promise<Exploration> {
  return new Explorer(scenario, weakness).run();
}

class Explorer {
  readonly #scenario: Scenario;
  readonly #calls: Calls;
  readonly #items = new Numbers();
  readonly #invocations = new Numbers();
  readonly #parsed: Invocation[] = [];
  readonly #called = new Map<string, Called>();
  readonly #shifted = new Map<number, number>();
  readonly #renumberedItems = new Map<string, number>();
  readonly #search = new Search<State>();

  constructor(scenario: Scenario, weakness: Weakness) {
    this.#scenario = scenario;
    this.#calls = new Calls(scenario.executions, scenario.objects ?? 'one', weakness);
  }

  async run(): Promise<Exploration> {
    const { executions, crashes, redrives, zombies, throttled } = this.#scenario;
    const running = executions.map((_, execution) =>
      this.#number({ execution, at: 'FetchCsv', answers: [] }),
    );
    const item = this.#items.of('');
    const none = { item, row: 0, newest: 0 };
    this.#add({ ...none, crashes, redrives, zombies, throttled, running, givenUp: [] }, -1, '');
    // What follows from a state is added while they are gone through.
    for (const [index, state] of this.#search.states.entries()) {
      const what = this.#wrongWith(state);
      const wrong = what === undefined ? await this.#follow(state, index) : { what, steps: [] };
      if (wrong !== undefined) return this.#result(wrong, index);
    }
    const stuck = this.#search.stuck(({ running }) =>
      running.every((number) => ENDS.has(this.#invocation(number).at)),
    );
    return stuck === undefined
      ? { states: this.#search.states.length, violation: undefined }
      : this.#result({ what: 'An execution waits forever', steps: [] }, stuck);
  }

  #result({ what, steps }: Violation, index: number): Exploration {
    const violation = { what, steps: [...this.#search.stepsTo(index), ...steps] };
    return { states: this.#search.states.length, violation };
  }

  /** What must not be in any state. */
  #wrongWith({ item, row, running }: State): string | undefined {
    const text = this.#items.texts[item] ?? '';
    // The item has the version of an upload that was undone in front of its own.
    const version = Number(/"versionId":\{"S":"v(\d+)"\},"writers"/.exec(text)?.[1] ?? 0);
    const isLoaded = text.includes('"LOADED"');
    if (isLoaded && row !== version)
      return `The ledger has upload ${version} as loaded, the table has ${row}`;
    const ends = running.map((number) => this.#parsed[number]?.at ?? 'failed');
    if (!ends.every((end) => ENDS.has(end))) return undefined;
    const end = ends[this.#owner(text)];
    if (end === undefined) return ends.includes('failed') ? undefined : 'Nobody has claimed any upload';
    const hasFailed = this.#scenario.executions.some(
      ({ upload, start }, execution) =>
        start === 'event' && upload === version && ends[execution] === 'failed',
    );
    if (hasFailed || end === 'failed' || (end === 'loaded' && isLoaded)) return undefined;
    return `All executions have ended, and the one that holds the claim as ${end}: nobody loads, and nobody is told`;
  }

  /** The execution that the ledger names; -1 if it has no item. */
  #owner(item: string): number {
    return Number(/"execution":\{"S":"e(\d+)"/.exec(item)?.[1] ?? 0) - 1;
  }

  /** Adds all states that may follow. @returns what goes wrong on the way to one of them, and by which step. */
  async #follow(state: State, index: number): Promise<Violation | undefined> {
    for (const [execution, number] of state.running.entries()) {
      const wrong = await this.#followRunning(state, index, execution, number);
      if (wrong !== undefined) return wrong;
    }
    for (const number of new Set(state.givenUp)) {
      const wrong = await this.#followGivenUp(state, index, number);
      if (wrong !== undefined) return wrong;
    }
    this.#endLease(state, index);
    this.#passTime(state, index);
    return undefined;
  }

  async #followRunning(
    state: State,
    index: number,
    execution: number,
    number: number,
  ): Promise<Violation | undefined> {
    const invocation = this.#invocation(number);
    const { at, load } = invocation;
    // Whoever repeats FetchCsv pins an upload anew.
    const upload = at === 'FetchCsv' || invocation.failedAt === 'FetchCsv' ? undefined : invocation.upload;
    const who = `E${execution + 1}`;
    const replace = (next: Invocation) => state.running.with(execution, this.#number(next));
    const again = (): Invocation => ({ execution, at: stateOf(at), answers: [], upload, load });
    if (at === 'failed') {
      if (state.redrives > 0) {
        const resumed: Invocation = {
          execution,
          at: invocation.failedAt ?? 'FetchCsv',
          answers: [],
          upload,
          load,
        };
        this.#add(
          { ...state, redrives: state.redrives - 1, running: replace(resumed) },
          index,
          `${who} is redriven at ${resumed.at}`,
        );
      }
      return undefined;
    }
    if (ENDS.has(at)) return undefined;
    const failed: Invocation = { execution, at: 'failed', answers: [], upload, load, failedAt: stateOf(at) };
    if (at !== 'failing') {
      if (state.crashes > 0) {
        const crashes = state.crashes - 1;
        this.#add({ ...state, crashes, running: replace(failed) }, index, `${who} dies at ${at}`);
        if (at !== 'FetchCsv') {
          const failing = { ...failed, at: 'failing' } as const;
          this.#add({ ...state, crashes, running: replace(failing) }, index, `${who} fails at ${at}`);
        }
      }
      if (state.zombies > 0) {
        const givenUp = ascending([...state.givenUp, number]);
        const zombies = state.zombies - 1;
        this.#add(
          { ...state, zombies, givenUp, running: replace(again()) },
          index,
          `${who}'s invocation at ${at} is given up and repeated, but still runs`,
        );
      }
    }
    const steps = await this.#stepsOf(state, invocation);
    for (const step of steps) {
      const { next, wrong, label, ...changes } = step;
      this.#add({ ...state, ...changes, running: replace(next ?? failed) }, index, `${who} ${label}`);
      if (wrong !== undefined) return { what: wrong, steps: [`${who} ${label}`] };
      if (state.crashes > 0 && changes.item !== state.item && at !== 'failing') {
        const crashes = state.crashes - 1;
        this.#add(
          { ...state, ...changes, crashes, running: replace(again()) },
          index,
          `${who} ${label}, but the answer is lost, and it is repeated`,
        );
      }
    }
    return undefined;
  }

  async #followGivenUp(state: State, index: number, number: number): Promise<Violation | undefined> {
    const invocation = this.#invocation(number);
    const who = `the invocation of E${invocation.execution + 1} that was given up`;
    const others = state.givenUp.toSpliced(state.givenUp.indexOf(number), 1);
    for (const { next, wrong, label, ...changes } of await this.#stepsOf(state, invocation)) {
      const goesOn = next !== undefined && stateOf(next.at) === stateOf(invocation.at) && !isRestart(next);
      const givenUp = goesOn ? ascending([...others, this.#number(next)]) : others;
      this.#add({ ...state, ...changes, givenUp }, index, `${who} ${label}`);
      if (wrong !== undefined) return { what: wrong, steps: [`${who} ${label}`] };
    }
    const { at, execution, upload, load } = invocation;
    if (state.crashes > 0 && at !== 'failing' && at !== 'FetchCsv') {
      const failing = this.#number({ execution, at: 'failing', answers: [], upload, load });
      const givenUp = ascending([...others, failing]);
      this.#add({ ...state, crashes: state.crashes - 1, givenUp }, index, `${who} fails at ${at}`);
    }
    return undefined;
  }

  /** What an invocation may do next, and what follows from it. */
  async #stepsOf(state: State, invocation: Invocation): Promise<readonly Step[]> {
    if (invocation.upload !== undefined) return this.#pinnedStepsOf(state, invocation, invocation.upload);
    const steps: Step[] = [];
    for (const upload of this.#uploadsOf(invocation.execution)) {
      steps.push(...(await this.#pinnedStepsOf(state, { ...invocation, upload }, upload)));
    }
    return steps;
  }

  /** The uploads that an execution's FetchCsv may find. */
  #uploadsOf(execution: number): readonly number[] {
    const { upload, start } = this.#execution(execution);
    const uploads = new Set(this.#scenario.executions.map((other) => other.upload));
    const isAny = start === 'manual' && this.#scenario.objects !== 'many';
    return isAny ? [...uploads].filter((other) => other >= upload) : [upload];
  }

  async #pinnedStepsOf(state: State, invocation: Invocation, upload: number): Promise<readonly Step[]> {
    const { execution, at, load = '', writer = '' } = invocation;
    const { start } = this.#execution(execution);
    if (at === 'writing') {
      const written: Step = {
        item: state.item,
        row: upload,
        next: { ...invocation, at: 'written' },
        label: `writes upload ${upload}`,
      };
      const owned = await this.#call(state, { ...invocation, answers: [] }, { name: 'isOwner' });
      if (owned.ended === 'true') return [written];
      // It has noticed, and writes nothing more.
      return [written, { ...written, row: state.row, label: 'stops writing' }];
    }
    const call: FunctionCall =
      at === 'LoadChunk' || at === 'ReconcileLoad'
        ? { name: at, load }
        : at === 'written'
          ? { name: 'stopWriting', load, writer }
          : at === 'failing'
            ? { name: 'fail', load: invocation.load }
            : { name: at === 'FetchCsv' ? 'FetchCsv' : 'BeginLoad' };
    const { item, answer, ended } = await this.#call(state, invocation, call);
    const number = this.#items.of(item);
    const label = `${ended === undefined ? 'makes a request of' : 'ends'} ${call.name}${ended === undefined ? '' : `: ${ended}`}`;
    const step = { item: number, label };
    if (ended === undefined) {
      // A claim whose condition does not hold begins again.
      const answers =
        answer === undefined || ('holds' in answer && at === 'FetchCsv')
          ? []
          : [...invocation.answers, answer];
      const pinned = at === 'FetchCsv' && answers.length === 0 ? undefined : upload;
      return [{ ...step, next: { ...invocation, upload: pinned, answers } }];
    }
    const to = (place: Place, more: Partial<Invocation> = {}): Step => ({
      ...step,
      next: {
        execution,
        at: place,
        answers: [],
        upload: place === 'FetchCsv' ? undefined : upload,
        load: invocation.load,
        ...more,
      },
    });
    if (ended === 'SupersededError') return [to('superseded')];
    switch (at) {
      case 'FetchCsv': {
        const [outcome = '', status] = String(JSON.parse(ended)).split(' ');
        if (outcome === 'superseded') return [to('superseded')];
        if (outcome === 'wait') return [to('FetchCsv')];
        if (outcome === 'already-loaded') {
          const wrong =
            status === 'LOADED' ? undefined : 'An execution reports an upload as loaded that is not';
          return [{ ...to('already-loaded'), wrong }];
        }
        // A start of an upload that enters over newer ones allows others of it to continue with it.
        const isForced = this.#scenario.executions.some((other) => enters(other) && other.upload === upload);
        const wrong =
          upload < state.newest && !isForced ? `Upload ${upload} is claimed over ${state.newest}` : undefined;
        const newest = enters({ start }) ? state.newest : Math.max(state.newest, upload);
        return [{ ...to('BeginLoad'), newest, wrong }];
      }
      case 'BeginLoad':
        return [ended === 'null' ? to('BeginLoad') : to('LoadChunk', { load: JSON.parse(ended) })];
      case 'LoadChunk':
        return [to('writing', { writer: JSON.parse(ended), age: 0 })];
      case 'written':
        return [to('ReconcileLoad')];
      case 'ReconcileLoad':
        return [to('loaded')];
      default:
        return [step];
    }
  }

  async #call(state: State, invocation: Invocation, call: FunctionCall): Promise<Called> {
    const item = this.#items.texts[state.item] ?? '';
    const writer = call.name === 'LoadChunk' ? this.#newWriter(state) : 0;
    const key = `${this.#number(invocation)} ${call.name} ${state.item} ${writer}`;
    const known = this.#called.get(key);
    if (known !== undefined) return known;
    const called = await this.#calls.next(
      invocation.execution,
      invocation.upload ?? 0,
      call,
      invocation.answers,
      item,
      writer,
    );
    this.#called.set(key, called);
    return called;
  }

  /** An execution counts as dead: because it is, or because none of its functions has been invoked for long. */
  #endLease(state: State, index: number): void {
    const text = this.#items.texts[state.item] ?? '';
    const owner = this.#owner(text);
    if (owner < 0 || !text.includes(`"lease":{"N":"${ALIVE}"}`)) return;
    const isRunning = !ENDS.has(this.#invocation(state.running[owner] ?? 0).at);
    if (isRunning && state.throttled === 0) return;
    // Only FetchCsv looks at the lease.
    const all = [...state.running, ...state.givenUp];
    if (!all.some((number) => this.#invocation(number).at === 'FetchCsv')) return;
    const item = this.#items.of(text.replace(`"lease":{"N":"${ALIVE}"}`, `"lease":{"N":"${DEAD}"}`));
    const throttled = state.throttled - (isRunning ? 1 : 0);
    this.#add({ ...state, item, throttled }, index, `E${owner + 1} counts as dead`);
  }

  /**
   * Time matters to BeginLoad, which compares the leases of writers with its clock: when it passes at another point is
   * the same as if it passed then. A function that runs has time left.
   */
  #passTime(state: State, index: number): void {
    if (state.running.some((number) => this.#invocation(number).age !== undefined)) return;
    const all = [...state.running, ...state.givenUp];
    if (!all.some((number) => this.#invocation(number).at === 'BeginLoad')) return;
    const item = this.#later(state.item);
    const running = state.running.map((number) => this.#laterInvocation(number));
    const givenUp = ascending(
      state.givenUp
        .map((number) => this.#laterInvocation(number))
        .filter((number) => (this.#invocation(number).age ?? 0) < LAST_WRITE),
    );
    this.#add({ ...state, item, running, givenUp }, index, 'some seconds pass');
  }

  #laterInvocation(number: number): number {
    const { answers, age, ...rest } = this.#invocation(number);
    const later = answers.map((answer) => ('item' in answer ? { item: laterItem(answer.item) } : answer));
    return this.#number({ ...rest, answers: later, age: age === undefined ? undefined : age + 1 });
  }

  #later(item: number): number {
    const known = this.#shifted.get(item);
    if (known !== undefined) return known;
    const later = this.#items.of(laterItem(this.#items.texts[item] ?? ''));
    this.#shifted.set(item, later);
    return later;
  }

  #execution(execution: number): Execution {
    const found = this.#scenario.executions[execution];
    if (found === undefined) throw new Error(`There is no execution ${nameOf(execution)}.`);
    return found;
  }

  #invocation(number: number): Invocation {
    const found = this.#parsed[number];
    if (found === undefined) throw new Error(`There is no invocation ${number}.`);
    return found;
  }

  #number({ execution, at, answers, upload, load, writer, age, failedAt }: Invocation): number {
    const isOver = ENDS.has(at) && (at !== 'failed' || this.#scenario.redrives === 0);
    const invocation: Invocation = isOver
      ? { execution, at, answers: [] }
      : { execution, at, answers, upload, load, writer, age, failedAt };
    const number = this.#invocations.of(JSON.stringify(invocation));
    this.#parsed[number] ??= invocation;
    return number;
  }

  /** A number for a writer that nothing in the state has in its name. */
  #newWriter({ item, running, givenUp }: State): number {
    const used = [...running, ...givenUp].map((number) => this.#invocation(number).writer);
    for (let writer = 0; ; writer += 1) {
      const name = `writer-${writer}`;
      if (!used.includes(name) && !(this.#items.texts[item] ?? '').includes(`"${name}"`)) return writer;
    }
  }

  /** The same state with the smallest numbers in names: those that nothing compares with another one begin again. */
  #renumbered(state: State): State {
    let hasClaim = false;
    let hasLoad = false;
    for (const number of [...state.running, ...state.givenUp]) {
      const { at, answers, load } = this.#invocation(number);
      if (at === 'FetchCsv' && answers.length > 0) hasClaim = true;
      if (load !== undefined || (at === 'BeginLoad' && answers.length > 0)) hasLoad = true;
    }
    if (hasClaim && hasLoad) return state;
    const key = `${state.item} ${hasClaim} ${hasLoad}`;
    let item = this.#renumberedItems.get(key);
    if (item === undefined) {
      let text = this.#items.texts[state.item] ?? '';
      if (!hasClaim) text = text.replace(/"claim-\d+"/, '"claim-1"');
      if (!hasLoad) text = text.replace(/"id":\{"S":"\d+-/, '"id":{"S":"1-');
      item = this.#items.of(text);
      this.#renumberedItems.set(key, item);
    }
    return { ...state, item };
  }

  #add(next: State, parent: number, step: string): void {
    const state = this.#renumbered(next);
    const { item, row, newest, crashes, redrives, zombies, throttled, running, givenUp } = state;
    const key = `${item} ${row} ${newest} ${crashes} ${redrives} ${zombies} ${throttled} ${running} ${givenUp}`;
    this.#search.add(key, state, parent, step);
  }
}

/** A step of an invocation: the item and the row after it, and where it is then; absent where it has ended. */
interface Step {
  readonly item: number;
  readonly row?: number;
  readonly newest?: number;
  readonly next?: Invocation;
  readonly wrong?: string | undefined;
  readonly label: string;
}

/** The state of the state machine that is repeated when an invocation is. */
function stateOf(at: Place): Place {
  return at === 'writing' || at === 'written' ? 'LoadChunk' : at;
}

/** Whether an execution claims its upload whatever the ledger has recorded. */
function enters({ start }: Pick<Execution, 'start'>): boolean {
  return start === 'force' || start === 'undo';
}

/** Whether an invocation has ended and the state machine begins the same state again. */
function isRestart({ at, answers }: Invocation): boolean {
  return (at === 'FetchCsv' || at === 'BeginLoad') && answers.length === 0;
}

function ascending(numbers: readonly number[]): number[] {
  return numbers.toSorted((one, other) => one - other);
}

/** The item as its writers' leases look one {@link TICK} later, without those that have ended for every clock. */
function laterItem(item: string): string {
  const later = item.replace(/"(writer-\d+)":\{"N":"(\d+)"\},?/g, (entry, _, lease: string) =>
    Number(lease) - TICK < NOW - 2 * TICK ? '' : entry.replace(lease, String(Number(lease) - TICK)),
  );
  return later.replace(/,\}/g, '}');
}

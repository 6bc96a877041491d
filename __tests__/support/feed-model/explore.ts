/**
 * Explores every way in which some executions can load a feed at the same time. One state is the table, the feed's item
 * in the ledger with the index that it points to, where each execution is, the invocations that Step Functions has given
 * up but that still run, and how many failures are left.
 */

import type { RemovalLimits } from '../../../functions/core/dataset/load.ts';
import { isReplaced, knownHash } from '../../../functions/core/feed/rules.ts';
import { Numbers, Search, type Violation } from '../search.ts';
import {
  type Broken,
  brokenAtEnd,
  brokenInState,
  INVARIANTS,
  type Invariant,
  type Others,
} from './invariants.ts';
import {
  type Execution,
  type File,
  type Item,
  isByHand,
  type Place,
  restartOf,
  type Step,
  type Write,
  withoutWriter,
} from './parts.ts';
import { Protocol, type Weakness } from './protocol.ts';

export interface Scenario {
  /** In the order in which they started. */
  readonly executions: readonly Execution[];
  /** Executions that end, or answers that are lost. */
  readonly crashes: number;
  /** Executions that resume at the state at which they ended. */
  readonly redrives: number;
  /** Invocations that are given up and repeated, but still run. */
  readonly zombies: number;
  /** Whether somebody else may change the table once, before a forced load. */
  readonly isForeign?: boolean;
  /** Whether the objects of an index may be lost once. */
  readonly isLossy?: boolean;
  /** Without it, loads may remove anything. */
  readonly limits?: RemovalLimits;
}

export interface FeedExploration {
  readonly states: number;
  readonly violation: Violation | undefined;
}

/** A step, with the numbers of what it leads to, and what it changes in other places. */
interface NumberedStep extends Omit<Step, 'item' | 'next'> {
  readonly item: number;
  readonly next: number;
  /** Where the invocation begins again if the answer is lost; -1 if it may not be. */
  readonly again: number;
  /** Whether a given-up invocation has more to do after it. */
  readonly goesOn: boolean;
}

interface KnownPlace {
  readonly place: Place;
  /** Number of the place where its state of the state machine begins, or where it resumes after a failure. */
  readonly restart: number;
  /** Number of the place where its execution is once it has failed here; -1 if it cannot. */
  readonly failed: number;
}

/** What may still happen, and what has. */
interface Left extends Pick<Others, 'isTainted' | 'hasForgotten'> {
  readonly crashes: number;
  readonly redrives: number;
  readonly zombies: number;
  readonly foreign: number;
  readonly losses: number;
}

/** All parts are numbers of what {@link Explorer} has seen. */
interface State {
  readonly table: number;
  readonly item: number;
  readonly left: number;
  readonly running: readonly number[];
  /** In ascending order. */
  readonly givenUp: readonly number[];
}

/** More of one kind than there ever are, so that two numbers make one. */
const MANY = 2 ** 24;

/** Taken once: within jest, looking up a global takes as long as the rest of making a key. */
const characters = String.fromCharCode;

/** Where an invocation that is given up is at the begin of its state, and can do all that it could do later. */
const STARTS: ReadonlySet<Place['at']> = new Set([
  'FetchCsv',
  'CompareIndex',
  'BeginLoad',
  'LoadToDynamoDB',
  'RemoveMissing',
  'ReconcileLoad',
]);

/**
 * Visits every state that can be reached, breadth first, and checks the invariants.
 * @param files the contents of the uploads.
 * @param weaknesses of a protocol that is to fail.
 * @param invariants those to check.
 */
export function exploreFeed(
  files: readonly File[],
  scenario: Scenario,
  weaknesses: readonly Weakness[] = [],
  invariants: readonly Invariant[] = INVARIANTS,
): FeedExploration {
  return new Explorer(files, scenario, weaknesses, invariants).run();
}

class Explorer {
  readonly #scenario: Scenario;
  readonly #protocol: Protocol;
  readonly #weaknesses: ReadonlySet<Weakness>;
  readonly #invariants: ReadonlySet<Invariant>;
  readonly #keys: number;
  readonly #losses: number;
  readonly #search = new Search<string>();
  readonly #itemNumbers = new Numbers();
  readonly #items: (Item | undefined)[] = [];
  readonly #placeNumbers = new Numbers();
  readonly #places: KnownPlace[] = [];
  readonly #lefts: Left[] = [];
  readonly #tables: (readonly number[])[] = [];
  readonly #steps = new Map<number, readonly NumberedStep[]>();
  readonly #deaths = new Map<number, number>();
  readonly #deletions = new Map<string, number>();
  readonly #checked = new Map<number, string | undefined>();
  /** Keys that a load without an index has: nobody removes them. */
  readonly #blindKeys: ReadonlySet<number>;

  constructor(
    files: readonly File[],
    scenario: Scenario,
    weaknesses: readonly Weakness[],
    invariants: readonly Invariant[],
  ) {
    this.#scenario = scenario;
    this.#invariants = new Set(invariants);
    this.#protocol = new Protocol(files, scenario.executions, scenario.limits, weaknesses);
    this.#weaknesses = new Set(weaknesses);
    this.#losses = scenario.isLossy ? 1 : 0;
    this.#keys = files[0]?.values.length ?? 0;
    const blind = scenario.executions.filter(({ mode }) => mode === 'upsert');
    this.#blindKeys = new Set(
      blind.flatMap(({ upload }) =>
        this.#protocol.file(upload).values.flatMap((value, key) => (value === 0 ? [] : [key])),
      ),
    );
    for (let table = 0; table < 3 ** this.#keys; table += 1) {
      this.#tables.push(Array.from({ length: this.#keys }, (_, key) => Math.floor(table / 3 ** key) % 3));
    }
  }

  run(): FeedExploration {
    const { executions, crashes, redrives, zombies, isForeign } = this.#scenario;
    const left = this.#left({
      crashes,
      redrives,
      zombies,
      foreign: isForeign ? 1 : 0,
      losses: this.#losses,
      isTainted: false,
      hasForgotten: false,
    });
    const running = executions.map((_, execution) => this.#place({ execution, at: 'FetchCsv' }));
    this.#add({ table: 0, item: this.#item(undefined), left, running, givenUp: [] }, -1, '');
    // What follows from a state is added while they are gone through.
    for (const [index, key] of this.#search.states.entries()) {
      const state = this.#state(key);
      const what = this.#wrongWith(state);
      const wrong = what === undefined ? this.#follow(state, index) : { what, steps: [] };
      if (wrong !== undefined) return this.#result(wrong, index);
    }
    const hasEnded = (number: number) => ['ended', 'failed'].includes(this.#at(number).at);
    const stuck = this.#invariants.has('Progress')
      ? this.#search.stuck((key) => this.#state(key).running.every(hasEnded))
      : undefined;
    return stuck === undefined
      ? { states: this.#search.states.length, violation: undefined }
      : this.#result({ what: 'Progress: an execution waits forever', steps: [] }, stuck);
  }

  #result({ what, steps }: Violation, index: number): FeedExploration {
    const violation = { what, steps: [...this.#search.stepsTo(index), ...steps] };
    return { states: this.#search.states.length, violation };
  }

  /** What must not be in any state. */
  #wrongWith({ table, item, left }: State): string | undefined {
    const { isTainted, hasForgotten, losses } = this.#of(this.#lefts, left);
    const key = (item * MANY + table) * 8 + (isTainted ? 1 : 0) + (hasForgotten ? 2 : 0) + losses * 4;
    if (this.#checked.has(key)) return this.#checked.get(key);
    const broken = brokenInState(
      this.#items[item]?.index,
      this.#of(this.#tables, table),
      this.#scenario.limits,
      this.#others(left),
    );
    const wrong = this.#firstOf(broken);
    this.#checked.set(key, wrong);
    return wrong;
  }

  #others(left: number): Others {
    const { isTainted, hasForgotten, losses } = this.#of(this.#lefts, left);
    return { isTainted, hasForgotten, hasLost: losses < this.#losses, blindKeys: this.#blindKeys };
  }

  #firstOf(broken: readonly Broken[]): string | undefined {
    const first = broken.find(({ invariant }) => this.#invariants.has(invariant));
    return first === undefined ? undefined : `${first.invariant}: ${first.why}`;
  }

  /** Adds all states that may follow. @returns what goes wrong on the way to one of them, and by which step. */
  #follow(state: State, index: number): Violation | undefined {
    const left = this.#of(this.#lefts, state.left);
    for (let execution = 0; execution < state.running.length; execution += 1) {
      const wrong = this.#followRunning(state, index, execution, left);
      if (wrong !== undefined) return wrong;
    }
    for (const number of state.givenUp) {
      const wrong = this.#followGivenUp(state, index, number, left);
      if (wrong !== undefined) return wrong;
    }
    if (left.foreign > 0) this.#changeByOthers(state, index, left);
    const item = this.#items[state.item];
    if (left.losses > 0 && item?.index !== undefined) {
      const lost = this.#item({ ...item, index: { ...item.index, isMissing: true } });
      this.#add(
        { ...state, item: lost, left: this.#left({ ...left, losses: 0 }) },
        index,
        'the index is lost',
      );
    }
    return undefined;
  }

  #followRunning(state: State, index: number, execution: number, left: Left): Violation | undefined {
    const number = state.running[execution] ?? 0;
    const { place, restart, failed } = this.#of(this.#places, number);
    const who = `E${execution + 1}`;
    if (place.at === 'ended') return undefined;
    if (place.at === 'failed') {
      if (left.redrives === 0) return undefined;
      const stored = this.#items[state.item];
      const redrivenItem = this.#protocol.redriven(execution, stored);
      const item = redrivenItem === stored ? state.item : this.#item(redrivenItem);
      const running = state.running.with(execution, restart);
      const redriven = {
        ...state,
        item,
        running,
        left: this.#left({ ...left, redrives: left.redrives - 1 }),
      };
      this.#add(redriven, index, `${who} is redriven at ${place.from.at}`);
      return undefined;
    }
    if (left.crashes > 0 && failed >= 0) {
      const crashed = {
        ...state,
        item: this.#afterDeath(state.item, number),
        running: state.running.with(execution, failed),
        left: this.#left({ ...left, crashes: left.crashes - 1 }),
      };
      this.#add(crashed, index, `${who} dies at ${place.at}`);
    }
    if (left.zombies > 0 && this.#canGiveUp(place) && !this.#isSpent(number, state.item)) {
      const givenUp = {
        ...state,
        givenUp: ascending([...state.givenUp, number]),
        left: this.#left({ ...left, zombies: left.zombies - 1 }),
      };
      this.#add(
        givenUp,
        index,
        `${who}'s invocation at ${place.at} is given up and repeated, but still runs`,
      );
    }
    for (const step of this.#stepsOf(number, state.item)) {
      const label = `${who} ${step.label}`;
      const wrong = step.isCompletion ? this.#wrongAtEnd(state, execution) : undefined;
      if (wrong !== undefined) return { what: wrong, steps: [label] };
      const after = this.#after(state, step, left);
      this.#add({ ...after, running: after.running.with(execution, step.next) }, index, label);
      if (left.crashes === 0 || step.again < 0) continue;
      const lost = {
        ...after,
        running: after.running.with(execution, step.again),
        left: this.#left({ ...this.#of(this.#lefts, after.left), crashes: left.crashes - 1 }),
      };
      this.#add(lost, index, `${label}, but the answer is lost, and it is repeated`);
    }
    return undefined;
  }

  #followGivenUp(state: State, index: number, number: number, left: Left): Violation | undefined {
    const { place } = this.#of(this.#places, number);
    const who = `the invocation of E${place.execution + 1} that was given up`;
    const at = state.givenUp.indexOf(number);
    const others = state.givenUp.toSpliced(at, 1);
    if (place.at === 'writing' || place.at === 'removing') {
      const item = this.#afterDeath(state.item, number);
      this.#add({ ...state, item, givenUp: others }, index, `${who} is dead`);
    }
    for (const step of this.#stepsOf(number, state.item)) {
      const label = `${who} ${step.label}`;
      const wrong = step.isCompletion ? this.#wrongAtEnd(state, place.execution) : undefined;
      if (wrong !== undefined) return { what: wrong, steps: [label] };
      const after = this.#after({ ...state, givenUp: others }, step, left);
      const givenUp = step.goesOn ? ascending([...after.givenUp, step.next]) : after.givenUp;
      this.#add({ ...after, givenUp }, index, label);
    }
    return undefined;
  }

  /** The state after a step, but for the invocation that takes it. */
  #after(state: State, step: NumberedStep, left: Left): State {
    let { table, running, givenUp } = state;
    let after = state.left;
    let item = step.item < 0 ? state.item : step.item;
    if (step.write !== undefined) table = this.#written(table, step.write);
    if (step.isForced && left.isTainted) after = this.#left({ ...left, isTainted: false });
    if (step.forgets) after = this.#left({ ...left, hasForgotten: true });
    if (step.isClaim) {
      running = running.map((number) => this.#afterClaim(number));
      givenUp = ascending(givenUp.map((number) => this.#afterClaim(number)));
    }
    const { deletesBefore } = step;
    if (deletesBefore !== undefined) {
      running = running.map((number) => this.#afterDeletion(number, deletesBefore));
      givenUp = ascending(givenUp.map((number) => this.#afterDeletion(number, deletesBefore)));
      const stored = this.#items[item];
      if (stored?.index !== undefined && this.#isDeleted(stored.index.stored, deletesBefore)) {
        item = this.#item({ ...stored, index: { ...stored.index, isMissing: true } });
      }
    }
    return { table, item, left: after, running, givenUp };
  }

  /** Whoever has read the ledger before a claim reads it again, as the claim has a new token. */
  #afterClaim(number: number): number {
    const { place, restart } = this.#of(this.#places, number);
    return place.at === 'claiming' && !this.#weaknesses.has('claimByOwner') ? restart : number;
  }

  #isDeleted(id: string, by: string): boolean {
    return this.#weaknesses.has('deletesAll') ? id !== by : isReplaced(id, by);
  }

  /** Indexes that are not pointed to yet, or any more, are deleted as well. */
  #afterDeletion(number: number, by: string): number {
    const key = `${number} ${by}`;
    const known = this.#deletions.get(key);
    if (known !== undefined) return known;
    const after = this.#place(this.#withDeletion(this.#at(number), by));
    this.#deletions.set(key, after);
    return after;
  }

  #withDeletion(place: Place, by: string): Place {
    if (place.at === 'failed') return { ...place, from: this.#withDeletion(place.from, by) };
    if (place.at === 'CompareIndex' && place.base !== undefined) {
      const isMissing = place.base.isMissing || this.#isDeleted(place.base.stored, by);
      return { ...place, base: { ...place.base, isMissing } };
    }
    if (!('plan' in place)) return place;
    const isMissing = place.plan.isMissing || this.#isDeleted(place.plan.id, by);
    return { ...place, plan: { ...place.plan, isMissing } };
  }

  /** What is wrong if a load completes. */
  #wrongAtEnd({ table, item, left }: State, number: number): string | undefined {
    const execution = this.#protocol.execution(number);
    const { upload } = execution;
    const order = { newest: this.#items[item]?.newest ?? 0, isMeant: this.#isMeant(upload) };
    const values = this.#of(this.#tables, table);
    return this.#firstOf(
      brokenAtEnd(execution, this.#protocol.file(upload), values, order, this.#others(left)),
    );
  }

  #changeByOthers(state: State, index: number, left: Left): void {
    const item = this.#items[state.item];
    if (item?.index?.isComplete !== true || !item.isLoaded || state.givenUp.length > 0) return;
    const isForced = this.#scenario.executions.some(
      ({ start }, execution) =>
        start === 'force' && this.#at(state.running[execution] ?? 0).at === 'FetchCsv',
    );
    if (!isForced) return;
    for (const [key, has] of this.#of(this.#tables, state.table).entries()) {
      if (knownHash(item.index.entries[key], true) === undefined) continue;
      for (const value of [0, 1, 2] as const) {
        if (value === has) continue;
        const table = this.#written(state.table, { key, value });
        const changed = { ...state, table, left: this.#left({ ...left, foreign: 0, isTainted: true }) };
        this.#add(changed, index, `somebody else sets key ${key} to ${value || 'absent'}`);
      }
    }
  }

  #stepsOf(number: number, item: number): readonly NumberedStep[] {
    const key = number * MANY + item;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const { place } = this.#of(this.#places, number);
    const steps = this.#protocol.stepsOf(place, this.#items[item]).map((step): NumberedStep => {
      const { item: after, next, ...rest } = step;
      const from = restartOf(place);
      return {
        ...rest,
        item: after === undefined ? -1 : this.#item(after),
        next: this.#place(next),
        again: step.isLosable ? this.#place(from) : -1,
        // Of the same state of the state machine, and not at its begin again.
        goesOn: !STARTS.has(next.at) && restartOf(next).at === from.at,
      };
    });
    this.#steps.set(key, steps);
    return steps;
  }

  /** The item once an invocation is dead, and its lease has ended. */
  #afterDeath(item: number, number: number): number {
    if (this.#weaknesses.has('leasesNeverEnd')) return item;
    const { place } = this.#of(this.#places, number);
    if (place.at !== 'writing' && place.at !== 'removing') return item;
    const key = number * MANY + item;
    const stored = this.#items[item];
    const known = this.#deaths.get(key);
    if (known !== undefined || stored === undefined) return known ?? item;
    const after = this.#item(withoutWriter(stored, place));
    this.#deaths.set(key, after);
    return after;
  }

  #written(table: number, { key, value }: Write): number {
    const has = this.#of(this.#tables, table)[key] ?? 0;
    return table + (value - has) * 3 ** key;
  }

  #at(number: number): Place {
    return this.#of(this.#places, number).place;
  }

  #of<Part>(parts: readonly Part[], number: number): Part {
    const found = parts[number];
    if (found === undefined) throw new Error(`There is no number ${number}.`);
    return found;
  }

  #item(item: Item | undefined): number {
    const number = this.#itemNumbers.of(item === undefined ? '' : JSON.stringify(item, noneForUndefined));
    this.#items[number] ??= item;
    return number;
  }

  #left(left: Left): number {
    const { crashes, redrives, zombies, foreign, losses, isTainted, hasForgotten } = left;
    const number =
      ((crashes * 4 + redrives) * 4 + zombies) * 16 +
      (foreign * 8 + losses * 4 + (isTainted ? 2 : 0) + (hasForgotten ? 1 : 0));
    this.#lefts[number] ??= left;
    return number;
  }

  #place(place: Place): number {
    const number = this.#placeNumbers.of(JSON.stringify(place, noneForUndefined));
    if (number > 0xffff) throw new Error('There are more places than a character of a key can tell.');
    if (this.#places[number] !== undefined) return number;
    const from = place.at === 'failed' ? place.from : restartOf(place);
    // Reserved first, since a place may begin again at itself.
    const reserved = { place, restart: number, failed: -1 };
    this.#places[number] = reserved;
    const isStart = STARTS.has(place.at);
    const isPartial =
      (place.at === 'writing' && place.left.length < place.plan.puts.length) ||
      (place.at === 'removing' && place.left.length < place.plan.deletes.length);
    const canFail = (isStart && place.at !== 'FetchCsv') || isPartial || place.at === 'storing';
    this.#places[number] = {
      place,
      restart: from === place ? number : this.#place(from),
      failed: canFail ? this.#failed(place.execution, from) : -1,
    };
    return number;
  }

  #failed(execution: number, from: Place): number {
    const place: Place =
      this.#scenario.redrives === 0 ? { execution, at: 'ended' } : { execution, at: 'failed', from };
    return this.#place(place);
  }

  /** A late CompareIndex stores what is stored already, if ids are not reused. */
  #canGiveUp({ at }: Place): boolean {
    return STARTS.has(at) && (at !== 'CompareIndex' || this.#weaknesses.has('idWithoutNumber'));
  }

  /**
   * Whether an invocation that was given up has no effect, now and later: a newer upload is claimed, or another load has
   * begun, as the ledger never goes back to an earlier one.
   */
  #isSpent(number: number, item: number): boolean {
    const stored = this.#items[item];
    if (stored === undefined || this.#weaknesses.size > 0) return false;
    const { place } = this.#of(this.#places, number);
    switch (place.at) {
      case 'FetchCsv': {
        const execution = this.#protocol.execution(place.execution);
        const mayChange = !isByHand(execution) && this.#isMeant(execution.upload);
        return !mayChange && this.#protocol.isRetry(place.execution, stored) === undefined;
      }
      case 'BeginLoad':
      case 'beginning':
        return stored.index?.id !== place.plan.base;
      case 'LoadToDynamoDB':
      case 'RemoveMissing':
      case 'ReconcileLoad':
        return stored.index?.id !== place.plan.id;
      default:
        return false;
    }
  }

  /** An event of the same upload may go on with what a start by hand has begun. */
  #isMeant(upload: number): boolean {
    return this.#scenario.executions.some((other) => isByHand(other) && other.upload === upload);
  }

  #add(next: State, parent: number, step: string): void {
    const { table, item, left, running } = next;
    const isAnySpent = next.givenUp.some((number) => this.#isSpent(number, item));
    const givenUp = isAnySpent ? next.givenUp.filter((number) => !this.#isSpent(number, item)) : next.givenUp;
    const key = characters(table, item >> 16, item & 0xffff, left, ...running, ...givenUp);
    this.#search.add(key, key, parent, step);
  }

  /** A state is kept as one character for each number, as there are millions. */
  #state(key: string): State {
    const code = (at: number) => key.charCodeAt(at);
    const last = 4 + this.#scenario.executions.length;
    const running: number[] = [];
    const givenUp: number[] = [];
    for (let at = 4; at < key.length; at += 1) (at < last ? running : givenUp).push(code(at));
    return { table: code(0), item: code(1) * 2 ** 16 + code(2), left: code(3), running, givenUp };
  }
}

function ascending(numbers: readonly number[]): readonly number[] {
  return numbers.length < 2 ? numbers : numbers.toSorted((one, other) => one - other);
}

/** In a list, JSON has null for undefined: a hash that is unknown would be the same as none. */
function noneForUndefined(_: string, value: unknown): unknown {
  return value === undefined ? 'none' : value;
}

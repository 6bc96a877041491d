/**
 * The protocol by which the loads of a feed share its index, its item in the ledger and the table: what an invocation
 * does with its next request. Rules are the pipeline's own, of `functions/core/feed/rules.ts`; all else is a model.
 *
 * A failure that is recorded in the ledger is not told from one that is not: a lease may end at any time, and whoever
 * claims then goes on as after a failure. Writers and what they write are the table's last word: a request in flight
 * may take effect whoever holds the claim.
 */

import type { RemovalLimits } from '../../../functions/core/dataset/load.ts';
import {
  actionOf,
  blindEntry,
  countRemovals,
  type EntryOrNone,
  type ItemHash,
  isCounted,
  knownHash,
  type LoadRules,
  nextEntry,
  removesTooMany,
} from '../../../functions/core/feed/rules.ts';
import {
  type Execution,
  type File,
  type Index,
  type Item,
  type Place,
  type Plan,
  type Planned,
  type Step,
  type Value,
  type Write,
  withoutWriter,
} from './parts.ts';

/** Ways in which a protocol may be weaker than the one that is to hold. */
export const WEAKNESSES = [
  'completeAtBegin',
  'unfinishedTrusted',
  'notedAtEnd',
  'notedBeforeStored',
  'missingIsNone',
  'lastSkips',
  'deletesForgotten',
  'lastRemoves',
  'unfinishedDistrusted',
  'deletesNotListed',
  'resetByClaim',
  'readBeforeClaim',
  'beginUncompared',
  'redriveClaims',
  'ownerFences',
  'forcedAnyTime',
  'claimByOwner',
  'idWithoutNumber',
  'noWait',
  'removalUnregistered',
  'beginsAgain',
  'endEmptiesWriters',
  'endUnfenced',
  'keptNotListed',
  'keptAsLast',
  'forcedTrusted',
  'blindSilent',
  'blindUnfenced',
  'writersShareNames',
  'guardCountsAll',
  'guardCountsOnce',
  'deletesAll',
  'blindDeletes',
  'blindCountsAsBefore',
  'leasesNeverEnd',
] as const;

export type Weakness = (typeof WEAKNESSES)[number];

export class Protocol {
  readonly #files: readonly File[];
  readonly #executions: readonly Execution[];
  readonly #limits: RemovalLimits | undefined;
  readonly #weak: ReadonlySet<Weakness>;

  /** @param limits of what a load may remove; without them, any load may remove anything. */
  constructor(
    files: readonly File[],
    executions: readonly Execution[],
    limits: RemovalLimits | undefined,
    weaknesses: readonly Weakness[],
  ) {
    this.#files = files;
    this.#executions = executions;
    this.#limits = limits;
    this.#weak = new Set(weaknesses);
  }

  execution(number: number): Execution {
    const found = this.#executions[number];
    if (found === undefined) throw new Error(`There is no execution ${number}.`);
    return found;
  }

  file(upload: number): File {
    const found = this.#files[upload - 1];
    if (found === undefined) throw new Error(`There is no upload ${upload}.`);
    return found;
  }

  /** The steps that an invocation may take next; none if it waits, or has ended. */
  stepsOf(place: Place, item: Item | undefined): readonly Step[] {
    switch (place.at) {
      case 'FetchCsv':
        return this.#fetch(place.execution, item);
      case 'claiming':
        return [this.#claim(place, item)];
      case 'CompareIndex':
        return item === undefined ? [] : [this.#compare(place, item)];
      case 'writing':
      case 'removing':
        return item === undefined ? [] : this.#write(place, item);
      case 'ended':
      case 'failed':
        return [];
      default:
        return item === undefined ? [] : this.#ofPlan(place, item);
    }
  }

  /** The item after a redrive begins: as it is. */
  redriven(execution: number, item: Item | undefined): Item | undefined {
    if (item === undefined || !this.#weak.has('redriveClaims')) return item;
    const { upload } = this.execution(execution);
    return { ...item, owner: execution, upload, newest: Math.max(item.newest, upload), isLoaded: false };
  }

  #fetch(execution: number, item: Item | undefined): readonly Step[] {
    const isRetry = this.isRetry(execution, item);
    if (isRetry === undefined) return [{ label: 'ends: nothing to load', next: { execution, at: 'ended' } }];
    // As each claim has a token, what was read is still so when the claim is written, or it is read again.
    const isOneStep = !this.#weak.has('claimByOwner') && !this.#weak.has('readBeforeClaim');
    const seen = item === undefined ? undefined : { owner: item.owner, index: item.index };
    const claiming = { execution, at: 'claiming', isRetry, seen } as const;
    return isOneStep ? [this.#claim(claiming, item)] : [{ label: 'reads the ledger', next: claiming }];
  }

  /** Whether an execution claims its upload as a retry; undefined if it does not claim it. */
  isRetry(execution: number, item: Item | undefined): boolean | undefined {
    if (item === undefined) return false;
    const { upload, start } = this.execution(execution);
    const isMine = item.owner === execution;
    if (start !== 'event') {
      const isOvertaken = !isMine && execution <= item.started && !this.#weak.has('forcedAnyTime');
      return isOvertaken || (isMine && item.isLoaded) ? undefined : isMine;
    }
    // Whoever waits for another execution's lease to end may find that it has ended.
    if (item.upload === upload) return item.isLoaded ? undefined : true;
    return upload > item.newest ? false : undefined;
  }

  #claim(place: Place & { readonly at: 'claiming' }, item: Item | undefined): Step {
    const { execution, isRetry, seen } = place;
    const { upload } = this.execution(execution);
    // Where claims are compared by their token, one that has been outdated since is back at FetchCsv.
    const isLast = !this.#weak.has('claimByOwner') || seen?.owner === item?.owner;
    if (!isLast || (isRetry && item?.isLoaded === true)) {
      return { label: 'finds another claim', next: { execution, at: 'FetchCsv' } };
    }
    let index = item?.index;
    if (index !== undefined && this.#weak.has('resetByClaim')) {
      const entries = index.last.map((hash) => listed(hash));
      index = { ...index, entries, isComplete: true };
    }
    const claimed: Item = {
      owner: execution,
      upload,
      newest: Math.max(item?.newest ?? 0, upload),
      started: Math.max(item?.started ?? 0, execution),
      isLoaded: false,
      index,
      writers: item?.writers ?? [],
    };
    const base = this.#weak.has('readBeforeClaim') ? seen?.index : index;
    const next = this.#compared(execution, base);
    return { label: `claims, of ${nameOf(base)}`, item: claimed, next, isClaim: true, isLosable: true };
  }

  /** Where an execution is that compares its file with an index next, if its mode has one. */
  #compared(execution: number, base: Index | undefined): Place {
    return this.execution(execution).mode === 'upsert'
      ? { execution, at: 'BeginLoad', plan: this.#plan(execution, base) }
      : { execution, at: 'CompareIndex', base };
  }

  #compare({ execution, base }: Place & { readonly at: 'CompareIndex' }, item: Item): Step {
    const { start } = this.execution(execution);
    const isCurrent = item.index?.id === base?.id;
    const isMissing = isCurrent ? item.index?.isMissing : base?.isMissing;
    if (isMissing === true && !this.#weak.has('missingIsNone')) {
      if (item.owner !== execution) return superseded(execution);
      if (!isCurrent) {
        return { label: 'finds another index', next: { execution, at: 'CompareIndex', base: item.index } };
      }
      if (start !== 'force') {
        return { label: 'fails: the index is missing', next: { execution, at: 'ended' } };
      }
    }
    const known = isMissing === true && base !== undefined ? { ...base, entries: [], last: [] } : base;
    const plan = this.#plan(execution, known);
    if (this.#limits !== undefined && removesTooMany(this.#removals(plan, known), this.#limits)) {
      return { label: `fails: it would remove too many (${nameOf(base)})`, next: { execution, at: 'ended' } };
    }
    // A late invocation may store its index once more, with the same entries if no other index has its id.
    const again = item.index?.stored === plan.id ? { ...item.index, entries: plan.entries } : undefined;
    return {
      label: `compares with ${nameOf(base)}: ${plan.entries.map((entry) => entry?.type ?? '-').join('')}`,
      next: { execution, at: 'BeginLoad', plan },
      ...(again !== undefined && { item: { ...item, index: again } }),
      ...(isMissing === true && start === 'force' && { forgets: true }),
    };
  }

  #removals({ entries }: Plan, base: Index | undefined) {
    if (this.#weak.has('guardCountsAll')) {
      const all = entries.map((entry) => entry && { ...entry, counted: true });
      return countRemovals(all);
    }
    if (this.#weak.has('guardCountsOnce')) {
      const first = entries.filter((_, key) => base?.entries[key]?.type !== 'D');
      return { removed: countRemovals(first).removed, counted: countRemovals(entries).counted };
    }
    return countRemovals(entries);
  }

  #plan(execution: number, base: Index | undefined): Plan {
    const { upload, start, mode } = this.execution(execution);
    const { values, hasRejects } = this.file(upload);
    const number = base === undefined ? 1 : Number.parseInt(base.id, 10) + 1;
    const id = `${this.#weak.has('idWithoutNumber') ? 1 : number}-E${execution + 1}`;
    const rules = { trusts: start !== 'force', removes: mode === 'replace' && !hasRejects };
    const puts: Write[] = [];
    const deletes: Write[] = [];
    const entries = values.map((value, key): EntryOrNone => {
      if (mode === 'upsert') {
        if (value !== 0) puts.push({ key, value });
        return undefined;
      }
      const entry = this.#entry(base, key, value, rules);
      if (entry === undefined) return undefined;
      const action = actionOf(entry, value !== 0);
      if (action === 'write') puts.push({ key, value });
      if (action === 'delete') deletes.push({ key, value: 0 });
      if (action === 'keep' && this.#weak.has('keptNotListed')) return undefined;
      if (action === 'delete' && this.#weak.has('deletesNotListed')) return undefined;
      if (action === 'write' && this.#weak.has('forcedTrusted') && !rules.trusts) {
        return nextEntry(base?.entries[key], base?.isComplete ?? false, String(value), {
          ...rules,
          trusts: true,
        });
      }
      return entry;
    });
    return { base: base?.id, id, entries, puts, deletes, isMissing: false };
  }

  #entry(base: Index | undefined, key: number, value: Value, rules: LoadRules): EntryOrNone {
    let former = base?.entries[key];
    let isComplete = base?.isComplete ?? false;
    const row = value === 0 ? undefined : String(value);
    const last = base?.last[key];
    const counted = isCounted(former, isComplete);
    if (this.#weak.has('lastSkips') && row !== undefined && row === last)
      return { type: 'S', hash: row, counted };
    if (former?.type === 'D' && !isComplete && this.#weak.has('deletesForgotten')) {
      former = last === undefined ? undefined : { ...former, type: 'S', hash: last };
    }
    if (this.#weak.has('unfinishedTrusted')) isComplete = true;
    const isTrusted = rules.trusts && (isComplete || !this.#weak.has('unfinishedDistrusted'));
    const entry = nextEntry(former, isComplete, row, { ...rules, trusts: isTrusted });
    if (entry?.type === 'D' && this.#weak.has('lastRemoves') && !entry.counted) return undefined;
    if (entry?.type === 'S' && row === undefined && this.#weak.has('keptAsLast') && last !== undefined) {
      return { ...entry, hash: last };
    }
    return entry;
  }

  #ofPlan(place: Place & { readonly at: Planned }, item: Item): readonly Step[] {
    const { execution, at, plan } = place;
    const { mode } = this.execution(execution);
    if (at === 'deleting') {
      return [{ label: 'deletes old indexes', next: { execution, at: 'ended' }, deletesBefore: plan.id }];
    }
    const isOwner = item.owner === execution;
    if (at === 'BeginLoad') {
      if (!isOwner) return [superseded(execution)];
      const next: Place = { execution, at: 'beginning', plan };
      const isBegun = item.index?.id === plan.id;
      if (isBegun && !this.#weak.has('beginsAgain')) {
        return [{ label: 'finds its load begun', next: this.#afterBegin(execution, plan) }];
      }
      if (!isBegun && item.index?.id !== plan.base && !this.#weak.has('beginUncompared')) {
        return [{ label: `finds ${nameOf(item.index)}`, next: this.#compared(execution, item.index) }];
      }
      const waits = item.writers.length > 0 && !this.#weak.has('noWait');
      return waits ? [] : [{ label: 'finds no writers', next }];
    }
    if (at === 'beginning') return [this.#begin(execution, plan, item)];
    if (at === 'storing') {
      if (item.index?.id !== plan.id) return [superseded(execution)];
      const index = { ...item.index, isMissing: false };
      return [{ label: 'stores its index', item: { ...item, index }, next: afterBegin(execution, plan) }];
    }
    const isBare =
      mode === 'upsert' &&
      (this.#weak.has('blindSilent') || (this.#weak.has('blindUnfenced') && item.index === undefined));
    const isMine = isOwner && (item.index?.id === plan.id || isBare || this.#weak.has('ownerFences'));
    if (at === 'ReconcileLoad') return [this.#reconcile(execution, plan, item, isMine)];
    if (!isMine || item.isLoaded) return [superseded(execution)];
    const isUnregistered = at === 'RemoveMissing' && this.#weak.has('removalUnregistered');
    const writer = isUnregistered ? '' : this.#newWriter(execution, item);
    const writers = isUnregistered ? item.writers : [...item.writers, writer].sort();
    return [
      {
        label: `registers for ${at}`,
        item: { ...item, writers },
        next:
          at === 'LoadToDynamoDB'
            ? { execution, at: 'writing', plan, writer, left: plan.puts }
            : { execution, at: 'removing', plan, writer, left: plan.deletes },
      },
    ];
  }

  #newWriter(execution: number, { writers }: Item): string {
    for (let number = 1; ; number += 1) {
      const name = `E${execution + 1}-${number}`;
      if (this.#weak.has('writersShareNames')) return name;
      if (!writers.includes(name)) return name;
    }
  }

  #afterBegin(execution: number, plan: Plan): Place {
    return this.#weak.has('notedBeforeStored')
      ? { execution, at: 'storing', plan }
      : afterBegin(execution, plan);
  }

  #begin(execution: number, plan: Plan, item: Item): Step {
    const { start } = this.execution(execution);
    const { index } = item;
    const isBegun = index?.id === plan.id;
    const holds =
      item.owner === execution &&
      (index?.id === plan.base ||
        this.#weak.has('beginUncompared') ||
        (isBegun && this.#weak.has('beginsAgain')));
    if (!holds) return { label: 'cannot begin', next: { execution, at: 'BeginLoad', plan } };
    return {
      label: 'begins',
      item: { ...item, writers: [], index: isBegun ? index : this.#begun(execution, plan, index) },
      next: this.#afterBegin(execution, plan),
      ...(start === 'force' && { isForced: true }),
      isLosable: true,
    };
  }

  #begun(execution: number, { id, entries, isMissing }: Plan, index: Index | undefined): Index | undefined {
    const none = entries.map(() => undefined);
    const last = index?.last ?? none;
    if (this.execution(execution).mode === 'upsert') {
      if (this.#weak.has('blindSilent')) return index;
      if (this.#weak.has('blindUnfenced') && index === undefined) return undefined;
      if (index === undefined)
        return { id, stored: id, entries: none, isComplete: false, isMissing: false, last };
      const blind = index.entries.map((entry) => {
        const after = blindEntry(entry, index.isComplete);
        return after && this.#weak.has('blindCountsAsBefore')
          ? { ...after, counted: entry?.counted === true }
          : after;
      });
      return { ...index, id, entries: blind, isComplete: false };
    }
    if (this.#weak.has('notedAtEnd')) {
      const before = index ?? { entries: none, isComplete: false, last };
      return { ...before, id, stored: id, isMissing: false };
    }
    return {
      id,
      stored: id,
      entries,
      isComplete: this.#weak.has('completeAtBegin'),
      isMissing: isMissing || this.#weak.has('notedBeforeStored'),
      last,
    };
  }

  #write(place: Place & { readonly at: 'writing' | 'removing' }, item: Item): readonly Step[] {
    const { execution, at, plan, writer, left } = place;
    const ended = withoutWriter(item, place);
    const steps = left.map((write): Step => {
      const rest = left.filter((other) => other !== write);
      const label =
        write.value === 0 ? `deletes key ${write.key}` : `writes key ${write.key} = ${write.value}`;
      const next: Place =
        rest.length > 0 ? { execution, at, plan, writer, left: rest } : afterWriting(execution, plan, at);
      return { label, write, next, ...(rest.length === 0 && { item: ended, isLosable: true }) };
    });
    return item.owner === execution ? steps : [...steps, { ...superseded(execution), item: ended }];
  }

  #reconcile(execution: number, plan: Plan, item: Item, isMine: boolean): Step {
    const { mode } = this.execution(execution);
    if (!isMine && !this.#weak.has('endUnfenced')) return superseded(execution);
    const { index } = item;
    const writers = this.#weak.has('endEmptiesWriters') ? [] : item.writers;
    const isDone = { label: 'completes', isCompletion: true, isLosable: true };
    if (mode === 'upsert' || index === undefined) {
      const next: Place = this.#weak.has('blindDeletes')
        ? { execution, at: 'deleting', plan }
        : { execution, at: 'ended' };
      return { ...isDone, item: { ...item, isLoaded: true, writers }, next };
    }
    const isOther = this.#weak.has('endUnfenced') || this.#weak.has('notedAtEnd');
    const entries = isOther ? plan.entries : index.entries;
    const last = entries.map((entry) => knownHash(entry, true));
    const complete: Index = { ...index, entries, isComplete: true, last };
    return {
      ...isDone,
      item: { ...item, isLoaded: true, writers, index: complete },
      next: { execution, at: 'deleting', plan },
    };
  }
}

function afterBegin(execution: number, plan: Plan): Place {
  if (plan.puts.length > 0) return { execution, at: 'LoadToDynamoDB', plan };
  return afterWriting(execution, plan, 'writing');
}

function afterWriting(execution: number, plan: Plan, at: 'writing' | 'removing'): Place {
  const isRemoving = at === 'writing' && plan.deletes.length > 0;
  return { execution, at: isRemoving ? 'RemoveMissing' : 'ReconcileLoad', plan };
}

function superseded(execution: number): Step {
  return { label: 'ends: superseded', next: { execution, at: 'ended' } };
}

function listed(hash: ItemHash | undefined): EntryOrNone {
  return hash === undefined ? undefined : { type: 'S', hash, counted: true };
}

function nameOf(index: Index | undefined): string {
  if (index === undefined) return 'no index';
  return `index ${index.id}${index.isComplete ? '' : ' (unfinished)'}`;
}

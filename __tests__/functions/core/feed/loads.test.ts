/**
 * The pipeline's own steps on sequences of uploads, in which executions die at any write and are redriven, started again
 * or forced, and in which what they had sent happens late: a load that completes leaves in the table what its file has.
 */

import fc from 'fast-check';
import { removesTooMany } from '../../../../functions/core/feed/rules.ts';
import {
  type FeedKind,
  type File,
  type Mode,
  type Run,
  type Start,
  World,
} from '../../../support/feed-world.ts';
import { inFull } from '../../../support/full-run.ts';

type Operation =
  | ({ readonly kind: 'upload'; readonly file: File; readonly budget: number } & Start)
  | ({ readonly kind: 'start'; readonly which: number; readonly budget: number } & Start)
  | { readonly kind: 'redrive' | 'claimAgain'; readonly which: number; readonly budget: number }
  | { readonly kind: 'late' };

const file: fc.Arbitrary<File> = fc.record({
  rows: fc.array(
    fc.record({
      key: fc.integer({ min: 0, max: 4 }),
      value: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 1, 1, null),
    }),
    { maxLength: 7 },
  ),
  chunkRows: fc.constantFrom(2, 3, 9),
  key: fc.constantFrom('a.csv', 'b.csv', 'c.csv'),
  second: fc.constantFrom(1, 2, 2, 3, 4),
});

const budget = fc.oneof(
  fc.constant(Number.POSITIVE_INFINITY),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 10, max: 40 }),
);

const start = {
  mode: fc.constantFrom<Mode[]>('replace', 'replace', 'replace', 'replace', 'changesOnly', 'upsert'),
  force: fc.constantFrom(false, false, false, true),
  allowRemovals: fc.boolean(),
};

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('upload'), file, budget, ...start }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('start'), which: fc.nat(), budget, ...start }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('redrive'), which: fc.nat(), budget }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('claimAgain'), which: fc.nat(), budget }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late') }) },
);

/** How often each thing has happened, so that a test which never gets there fails. */
const seen = {
  complete: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  removed: 0,
  kept: 0,
  refused: 0,
  again: 0,
  redriven: 0,
  superseded: 0,
};

/** What a feed has in the table, by key: null where the value is not certain. */
type Known = ReadonlyMap<string, string | null>;

/** What the feed has in the table after a run; undefined where that is not certain. */
function knownAfter(
  { stage, start: { mode, force }, error, result }: Run,
  { items, rejected }: ReturnType<World['wanted']>,
  before: Known | undefined,
): Known | undefined {
  if (result === undefined) {
    const mayHaveBegun = ['begin', 'load', 'remove', 'reconcile'].includes(stage);
    return mayHaveBegun && error?.name !== 'RemovalGuardError' ? undefined : before;
  }
  if (mode === 'replace' && rejected === 0) return items;
  if (before === undefined) return undefined;
  const isUncertain = force || mode === 'upsert';
  const former = [...before].map(([key, value]) => [key, isUncertain ? null : value] as const);
  return new Map<string, string | null>([...former, ...(mode === 'upsert' ? [] : items)]);
}

async function follow(feed: FeedKind, operations: readonly Operation[]): Promise<void> {
  const world = new World(feed);
  jest.spyOn(Date, 'now').mockImplementation(() => world.now);
  const runs: Run[] = [];
  /** The keys of the last complete index, where they are certain. */
  let last: ReadonlySet<string> | undefined;
  /** The last execution, if it is complete. */
  let complete: Run | undefined;
  let known: Known | undefined = new Map();
  /** The newest upload that has certainly been claimed, and those that were forced, with which any start may go on. */
  let newest: number | undefined;
  const forced = new Set<number>();
  const checkOrder = ({ upload, stage, start: { force }, payload, result }: Run): void => {
    if (force) forced.add(upload);
    if (payload.source !== undefined && (newest === undefined || world.isNewer(upload, newest))) {
      newest = upload;
    }
    if (result !== undefined && !forced.has(upload)) expect(upload).toBe(newest);
    if (stage === 'ended' && payload.source === undefined && upload !== newest) seen.superseded += 1;
  };
  /** @param before what was certain when a run began that ended at once. */
  const checkCounts = (
    { start: { mode, force }, result }: Run,
    items: ReadonlyMap<string, string>,
    before: Known | undefined,
  ): void => {
    if (mode === 'upsert' || result === undefined) return;
    const { loaded, added, changed, unchanged = 0 } = result;
    expect((added ?? 0) + (changed ?? 0)).toBe(loaded);
    if (before !== undefined) {
      const isEqual = ([key, value]: readonly [string, string]) => !force && before.get(key) === value;
      const same = [...items].filter(isEqual).length;
      const more = [...items.keys()].filter((key) => !before.has(key)).length;
      const expected = { added: more, changed: items.size - more - same, unchanged: same };
      expect({ added, changed, unchanged }).toEqual(expected);
    }
    seen.added += added ?? 0;
    seen.changed += changed ?? 0;
  };
  const checkTable = ({ upload, start: { mode }, result }: Run): void => {
    const { items, rejected } = world.wanted(upload);
    for (const [key, value] of items) expect([key, world.table.get(key)]).toEqual([key, value]);
    const others = [...world.table.keys()].filter((key) => !items.has(key) && !world.blind.has(key));
    if (mode === 'replace' && rejected === 0) expect(others).toEqual([]);
    if (mode === 'replace') expect(others.length).toBeLessThanOrEqual(result?.kept ?? 0);
  };
  const check = (run: Run): void => {
    const { items, rejected } = world.wanted(run.upload);
    const { mode, allowRemovals } = run.start;
    if (mode === 'replace' && rejected === 0 && last !== undefined) {
      const removed = [...last].filter((key) => !items.has(key)).length;
      const isRefused = !allowRemovals && removesTooMany({ removed, counted: last.size }, { share: 0.5 });
      if (run.error?.name === 'RemovalGuardError') expect(isRefused).toBe(true);
      if (run.result !== undefined && run.again === 0 && !run.isRedriven) expect(isRefused).toBe(false);
    }
    if (run.error?.name === 'RemovalGuardError') seen.refused += 1;
    // The end of the load may be recorded, though nobody knows of it.
    if (run.stage === 'reconcile') last = undefined;
    if (run.result === undefined) return;
    checkTable(run);
    const { unchanged = 0, removed, kept } = run.result;
    if (mode !== 'upsert') last = mode === 'replace' && rejected === 0 ? new Set(items.keys()) : undefined;
    seen.complete += 1;
    seen.unchanged += unchanged;
    seen.removed += removed ?? 0;
    seen.kept += kept ?? 0;
    seen.again += run.again;
  };
  for (const each of operations) {
    if (each.kind === 'late') {
      world.late();
      if (complete !== undefined) checkTable(complete);
      continue;
    }
    let run: Run | undefined;
    // Without an index, a dataset has no feed that its files share.
    const isWithout = feed === 'dataset' && 'mode' in each && each.mode === 'upsert';
    const how = isWithout ? { ...each, mode: 'changesOnly' as const } : each;
    if (how.kind === 'upload') run = world.start(world.upload(how.file), how);
    if (how.kind === 'start' && world.files.length > 0) {
      run = world.start((how.which % world.files.length) + 1, how);
    }
    if (each.kind === 'redrive' || each.kind === 'claimAgain') {
      const stopped = runs.filter(({ stage }) => stage !== 'ended');
      run = stopped[each.which % stopped.length];
      if (run !== undefined) {
        if (each.kind === 'claimAgain') await world.claimAgain(run);
        run.isRedriven = true;
        seen.redriven += 1;
      }
    }
    if (run === undefined) continue;
    if (!runs.includes(run)) runs.push(run);
    const before = run.stage === 'claim' ? known : undefined;
    await world.run(run, each.budget);
    checkOrder(run);
    check(run);
    const wanted = world.wanted(run.upload);
    checkCounts(run, wanted.items, before);
    known = knownAfter(run, wanted, run.result === undefined ? known : before);
    complete = run.result === undefined ? undefined : run;
  }
}

afterEach(() => jest.restoreAllMocks());

const never = Number.POSITIVE_INFINITY;
const replace = { mode: 'replace', force: false, allowRemovals: true } as const;
const guarded = { ...replace, allowRemovals: false };

/** An upload of a file with these keys, all with the same value. */
function uploadOf(
  keys: readonly number[],
  budget = never,
  how: Start = replace,
  value = 0,
  { key = 'a.csv', second = 1 } = {},
) {
  return {
    kind: 'upload' as const,
    file: { rows: keys.map((each) => ({ key: each, value })), chunkRows: 9, key, second },
    budget,
    ...how,
  };
}

/** The same upload with a row that is rejected. */
function rejecting(upload: ReturnType<typeof uploadOf>): Operation {
  const { file } = upload;
  return { ...upload, file: { ...file, rows: [...file.rows, { key: 4, value: null }] } };
}

/** For each write at which the second execution may die. */
const examples = Array.from({ length: 10 }, (_, more): readonly (readonly Operation[])[] => [
  // Another start of the upload begins its load and dies; then a repeated claim takes the upload back for the first one.
  [
    uploadOf([1]),
    uploadOf([2], 5),
    { kind: 'start', which: 1, budget: 15 + more, ...replace },
    { kind: 'claimAgain', which: 0, budget: never },
  ],
  // What a load has sent before it died happens once a newer one is complete.
  [uploadOf([1]), uploadOf([1], 15 + more, replace, 1), uploadOf([1]), { kind: 'late' }],
  // A file with a rejected row removes nothing; the next one does.
  [uploadOf([0, 1, 2]), rejecting(uploadOf([0], 15 + more)), rejecting(uploadOf([0])), uploadOf([0])],
  // Keys that only an unfinished load has written count neither as removed nor as there.
  [uploadOf([0, 1, 2]), uploadOf([0, 1, 2, 3, 4], 15 + more), uploadOf([0, 1], never, guarded)],
  [uploadOf([0, 1, 2]), uploadOf([0, 1, 2, 3, 4], 15 + more), uploadOf([0, 3, 4], never, guarded)],
]).flat();

/** After a load without an index, and after a forced one, what the table has of a key that it lacked is not certain. */
const uncertain: readonly (readonly Operation[])[] = [
  [uploadOf([0, 1]), uploadOf([1], never, { ...replace, mode: 'upsert' }), uploadOf([0, 1, 2])],
  [uploadOf([0, 1]), rejecting(uploadOf([1], never, { ...replace, force: true })), uploadOf([0, 1, 2])],
];

/** A file of a day, with a name of its own. */
const day = (second: number, keys: readonly number[], value = 0) =>
  uploadOf(keys, never, replace, value, { key: `day-${second}.csv`, second });

/** Files with other names follow each other, and one that comes late, or again, does not come back. */
const named: readonly (readonly Operation[])[] = [
  [day(1, [0, 1, 2]), day(2, [0, 1], 1), { kind: 'start', which: 0, budget: never, ...replace }],
  [day(3, [0, 1]), day(2, [2, 3]), day(1, [4])],
  [
    day(1, [0]),
    day(3, [0, 1]),
    { kind: 'start', which: 0, budget: never, ...replace, force: true },
    day(2, [2]),
  ],
];

const sequences = inFull(2_000, 60);

test('a load that completes leaves in the table what its file has', async () => {
  const operations = fc.array(operation, { minLength: 3, maxLength: 10 });
  const of = (feed: FeedKind) => (each: readonly Operation[]) => [feed, each] as [FeedKind, typeof each];
  await fc.assert(fc.asyncProperty(fc.constantFrom<FeedKind[]>('object', 'dataset'), operations, follow), {
    numRuns: sequences,
    examples: [...[...examples, ...uncertain].map(of('object')), ...named.map(of('dataset'))],
  });
  expect(Object.entries(seen).filter(([, times]) => times < 3)).toEqual([]);
}, 300_000);

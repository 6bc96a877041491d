/**
 * The rules of a feed's index, and that loads which follow them leave the table as the file says, whatever executions do
 * at the same time and whenever they fail. `exploration.full.ts` explores more of the same.
 */

import {
  actionOf,
  blindEntry,
  countRemovals,
  type EntryOrNone,
  type IndexEntry,
  type ItemHash,
  isCounted,
  isReplaced,
  knownHash,
  nextEntry,
  removesTooMany,
} from '../../../../functions/core/feed/rules.ts';
import { contents, file, none, of, withRejects } from '../../../support/feed-model/contents.ts';
import { exploreFeed, type Scenario } from '../../../support/feed-model/explore.ts';
import type { Invariant } from '../../../support/feed-model/invariants.ts';
import type { File } from '../../../support/feed-model/parts.ts';
import { WEAKNESSES, type Weakness } from '../../../support/feed-model/protocol.ts';
import { everyNth, inFull } from '../../../support/full-run.ts';

const entry = (type: IndexEntry['type'], hash: ItemHash, counted = false): IndexEntry => ({
  type,
  hash,
  counted,
});

describe('what is known of a key', () => {
  test.each<[string, EntryOrNone, complete: ItemHash | undefined, unfinished: ItemHash | undefined]>([
    ['that no index has', undefined, undefined, undefined],
    ['that is left as it is', entry('S', 'a'), 'a', 'a'],
    ['that is left, and unknown', entry('S', null), null, null],
    ['that is written', entry('W', 'a'), 'a', null],
    ['that is deleted', entry('D', null), undefined, null],
  ])('%s', (_, former, complete, unfinished) => {
    expect(knownHash(former, true)).toBe(complete);
    expect(knownHash(former, false)).toBe(unfinished);
  });

  test('is whether the last complete index has it', () => {
    expect(
      [undefined, entry('S', 'a'), entry('W', 'a'), entry('D', null, true)].map((former) =>
        isCounted(former, true),
      ),
    ).toEqual([false, true, true, false]);
    expect(
      [undefined, entry('S', 'a'), entry('W', 'a', true), entry('D', null, true)].map((former) =>
        isCounted(former, false),
      ),
    ).toEqual([false, false, true, true]);
  });
});

describe('what a load does with a key', () => {
  const trusting = { trusts: true, removes: true };
  const keeping = { trusts: true, removes: false };
  const forced = { trusts: false, removes: true };
  const forcedKeeping = { trusts: false, removes: false };
  const complete = true;
  const unfinished = false;

  test.each([
    ['new', undefined, complete, 'a', trusting, 'write', entry('W', 'a')],
    ['unchanged', entry('W', 'a'), complete, 'a', trusting, 'skip', entry('S', 'a', true)],
    ['changed', entry('W', 'a'), complete, 'b', trusting, 'write', entry('W', 'b', true)],
    [
      'unchanged, but perhaps not written',
      entry('W', 'a'),
      unfinished,
      'a',
      trusting,
      'write',
      entry('W', 'a'),
    ],
    ['deleted, perhaps', entry('D', null, true), unfinished, 'a', trusting, 'write', entry('W', 'a', true)],
    [
      'left alone by an unfinished load',
      entry('S', 'a', true),
      unfinished,
      'a',
      trusting,
      'skip',
      entry('S', 'a', true),
    ],
    ['unknown', entry('S', null), complete, 'a', trusting, 'write', entry('W', 'a', true)],
    ['unchanged, forced', entry('S', 'a'), complete, 'a', forced, 'write', entry('W', 'a', true)],
    ['gone', entry('S', 'a'), complete, undefined, trusting, 'delete', entry('D', null, true)],
    ['gone, perhaps written', entry('W', 'a'), unfinished, undefined, trusting, 'delete', entry('D', null)],
    [
      'gone, perhaps deleted',
      entry('D', null, true),
      unfinished,
      undefined,
      trusting,
      'delete',
      entry('D', null, true),
    ],
    [
      'gone, of a load that keeps it',
      entry('W', 'a'),
      complete,
      undefined,
      keeping,
      'keep',
      entry('S', 'a', true),
    ],
    [
      'gone, perhaps deleted, kept',
      entry('D', null, true),
      unfinished,
      undefined,
      keeping,
      'keep',
      entry('S', null, true),
    ],
    [
      'gone, kept, forced',
      entry('S', 'a'),
      complete,
      undefined,
      forcedKeeping,
      'keep',
      entry('S', null, true),
    ],
  ] as const)('that is %s', (_, former, isComplete, row, rules, action, expected) => {
    const next = nextEntry(former, isComplete, row, rules);
    expect(next).toEqual(expected);
    expect(next && actionOf(next, row !== undefined)).toBe(action);
  });

  test('that neither the file nor the table has: nothing', () => {
    expect(nextEntry(undefined, complete, undefined, trusting)).toBeUndefined();
    expect(nextEntry(entry('D', null, true), complete, undefined, trusting)).toBeUndefined();
  });

  test('without an index of its own: nothing is known but the key', () => {
    expect(blindEntry(entry('S', 'a'), complete)).toEqual(entry('W', null, true));
    expect(blindEntry(entry('W', 'a'), unfinished)).toEqual(entry('W', null));
    expect(blindEntry(entry('D', null, true), unfinished)).toEqual(entry('W', null, true));
    expect(blindEntry(entry('D', null, true), complete)).toBeUndefined();
    expect(blindEntry(undefined, complete)).toBeUndefined();
  });
});

test('of the keys of the last complete index, those that are deleted are counted', () => {
  const entries = [
    entry('S', 'a', true),
    entry('D', null, true),
    entry('D', null),
    entry('W', 'a'),
    undefined,
  ];
  expect(countRemovals(entries)).toEqual({ removed: 1, counted: 2 });
});

test.each([
  [0, 0, { share: 0 }, false],
  [1, 1, { share: 1 }, true],
  [20, 100, { share: 0.2 }, false],
  [21, 100, { share: 0.2 }, true],
  [29, 100, { share: 0.29 }, false],
  [5, 100, { share: 0.2, rows: 5 }, false],
  [6, 100, { share: 0.2, rows: 6 }, false],
  [6, 100, { share: 0.2, rows: 5 }, true],
  [21, 100, { share: 0.2, rows: 50 }, true],
])('whether %d of %d keys may be removed within %j', (removed, counted, limits, expected) => {
  expect(removesTooMany({ removed, counted }, limits)).toBe(expected);
});

test('an index replaces those with other ids and no higher numbers', () => {
  const ids = ['1-a', '9-a', '10-a', '10-b', '11-a'];
  expect(ids.filter((id) => isReplaced(id, '10-a'))).toEqual(['1-a', '9-a', '10-b']);
});

/** What may go wrong in every state of the state machine. */
const failing = { crashes: 1, redrives: 1, zombies: 0 };
const unfinished = { crashes: 1 };
const two = [of(1), of(2)];
const three = [of(1), of(2), of(3)];

describe('whatever is in the files, nothing goes wrong with', () => {
  test.each<[string, number, Scenario]>([
    ['three uploads, and a failure', 3, { ...none, ...unfinished, executions: three }],
    [
      'two uploads, a failure, and an invocation that still runs',
      2,
      { ...failing, zombies: 1, executions: two },
    ],
    ['an older upload that is forced', 2, { ...none, ...unfinished, executions: [...two, of(1, 'force')] }],
    ['an undo', 2, { ...none, ...unfinished, executions: [...two, of(1, 'undo')] }],
    [
      'a load without an index',
      3,
      { ...none, ...unfinished, executions: [of(1), of(2, 'event', 'upsert'), of(3)] },
    ],
  ])('%s', (_, uploads, scenario) => {
    for (const files of everyNth(3, contents(uploads, 1))) {
      const { states, violation } = exploreFeed(files, scenario);
      expect({ files, violation }).toEqual({ files, violation: undefined });
      expect(states).toBeGreaterThan(100);
    }
  });
});

interface Weakened {
  readonly weaknesses: readonly Weakness[];
  readonly files: readonly File[];
  readonly scenario?: Partial<Scenario>;
}

const stillRuns = { zombies: 1 };
const forcedFirst = [of(1, 'force'), of(2), of(3)];
const blindBetween = [of(1), of(2, 'event', 'upsert'), of(3)];
const [k, kAgain, changed, lacksK] = [file(1), file(1), file(2), file(0)];

/** Protocols that are weaker; files and failures with which each goes wrong, and the invariant that no longer holds. */
const WEAKENED: readonly (readonly [string, Invariant, Weakened])[] = [
  [
    'the index is switched when the load begins',
    'Law',
    { weaknesses: ['completeAtBegin'], files: [k, kAgain], scenario: unfinished },
  ],
  ['the same', 'Trust', { weaknesses: ['completeAtBegin'], files: [k] }],
  [
    'an unfinished load is trusted',
    'Law',
    { weaknesses: ['unfinishedTrusted'], files: [k, kAgain], scenario: unfinished },
  ],
  [
    'nothing is noted before the first write',
    'Law',
    { weaknesses: ['notedAtEnd'], files: [k, lacksK], scenario: unfinished },
  ],
  [
    'a claim forgets unfinished loads',
    'Law',
    { weaknesses: ['resetByClaim'], files: [k, lacksK], scenario: unfinished },
  ],
  [
    'only keys of the last complete index are removed',
    'Law',
    { weaknesses: ['lastRemoves'], files: [k, lacksK], scenario: unfinished },
  ],
  [
    'the ledger points to an index before it is stored',
    'Law',
    { weaknesses: ['notedBeforeStored', 'missingIsNone'], files: [k, lacksK, lacksK], scenario: unfinished },
  ],
  [
    'the last complete index alone decides what is skipped',
    'Law',
    { weaknesses: ['lastSkips'], files: [k, lacksK, k] },
  ],
  [
    'deletes of an unfinished load are forgotten',
    'Law',
    { weaknesses: ['deletesForgotten'], files: [k, lacksK, k] },
  ],
  [
    'an index lacks the keys that its load deletes',
    'Law',
    { weaknesses: ['deletesNotListed'], files: [k, lacksK, lacksK] },
  ],
  [
    'it lacks them, but everything is written after an unfinished load',
    'Law',
    { weaknesses: ['deletesNotListed', 'unfinishedDistrusted'], files: [k, lacksK, lacksK] },
  ],
  [
    'the index is read before the claim, and not compared when the load begins',
    'Law',
    { weaknesses: ['readBeforeClaim', 'beginUncompared'], files: [k, lacksK] },
  ],
  [
    'a redrive takes the feed back',
    'Order',
    { weaknesses: ['redriveClaims', 'ownerFences'], files: [lacksK, k], scenario: failing },
  ],
  [
    "the owner's name is the only condition of what a load does",
    'Law',
    {
      weaknesses: ['forcedAnyTime', 'beginUncompared', 'ownerFences'],
      files: [lacksK, k],
      scenario: { ...stillRuns, executions: forcedFirst.slice(0, 2) },
    },
  ],
  [
    "the owner's name is the only condition of a claim",
    'Order',
    {
      weaknesses: ['forcedAnyTime', 'claimByOwner'],
      files: [k, k, k, k],
      scenario: { ...stillRuns, executions: [of(2, 'force'), of(3), of(4)] },
    },
  ],
  ['no load waits for writers', 'Law', { weaknesses: ['noWait'], files: [k, lacksK] }],
  [
    'RemoveMissing is not registered as a writer',
    'Law',
    { weaknesses: ['removalUnregistered'], files: [k, lacksK, k] },
  ],
  [
    'a repeated BeginLoad empties the list of writers',
    'Law',
    { weaknesses: ['beginsAgain'], files: [k, lacksK], scenario: stillRuns },
  ],
  [
    'ReconcileLoad empties the list of writers',
    'Law',
    { weaknesses: ['endEmptiesWriters'], files: [k, lacksK], scenario: stillRuns },
  ],
  ['ReconcileLoad has no condition', 'Law', { weaknesses: ['endUnfenced'], files: [k, lacksK] }],
  [
    'keys that are kept are not in the index',
    'Law',
    { weaknesses: ['keptNotListed'], files: [k, withRejects(0), lacksK] },
  ],
  ['the same', 'Coverage', { weaknesses: ['keptNotListed'], files: [k, withRejects(0)] }],
  [
    'keys are kept as the last complete index has them',
    'Law',
    { weaknesses: ['keptAsLast'], files: [k, lacksK, withRejects(0), k] },
  ],
  [
    'a forced load trusts equal rows',
    'Law',
    {
      weaknesses: ['forcedTrusted'],
      files: [k, kAgain],
      scenario: { isForeign: true, executions: [of(1), of(1, 'force'), of(2)] },
    },
  ],
  [
    'a load without an index leaves the pointer alone',
    'Law',
    { weaknesses: ['blindSilent'], files: [k, changed, k], scenario: { executions: blindBetween } },
  ],
  [
    'a load without an index has no id',
    'Law',
    {
      weaknesses: ['blindUnfenced'],
      files: [k, changed],
      scenario: { ...stillRuns, executions: [of(1, 'event', 'upsert'), of(2)] },
    },
  ],
  [
    'an index that is lost counts as none',
    'Law',
    { weaknesses: ['missingIsNone'], files: [k, lacksK], scenario: { isLossy: true } },
  ],
  [
    'writers share a name',
    'Law',
    { weaknesses: ['writersShareNames'], files: [k, lacksK], scenario: stillRuns },
  ],
  [
    'the guard counts all keys of the index',
    'Guard',
    {
      weaknesses: ['guardCountsAll'],
      files: [file(1, 1, 0), file(1, 0, 1), file(0, 0, 1)],
      scenario: { limits: { share: 0.7 } },
    },
  ],
  [
    'the guard counts what an unfinished load has deleted no more',
    'Guard',
    {
      weaknesses: ['guardCountsOnce'],
      files: [file(1, 1, 1), file(1, 1, 0), file(1, 0, 0)],
      scenario: { limits: { share: 0.5 } },
    },
  ],
  [
    'a load without an index leaves the marks of its base as they are',
    'Guard',
    {
      weaknesses: ['blindCountsAsBefore'],
      files: [file(1, 1), file(1, 1), file(0, 0)],
      scenario: { limits: { share: 0.5 }, executions: blindBetween },
    },
  ],
  ['a load deletes all other indexes', 'Objects', { weaknesses: ['deletesAll'], files: [k, kAgain] }],
  [
    'a load without an index deletes old ones',
    'Objects',
    { weaknesses: ['blindDeletes'], files: [k, kAgain], scenario: { executions: blindBetween.slice(0, 2) } },
  ],
  [
    'leases of writers never end',
    'Progress',
    { weaknesses: ['leasesNeverEnd'], files: [k, kAgain], scenario: stillRuns },
  ],
  // Its exploration alone takes as long as all others.
  ...inFull<readonly (readonly [string, Invariant, Weakened])[]>(
    [
      [
        'the id of an index is that of its execution',
        'Law',
        {
          weaknesses: ['forcedAnyTime', 'idWithoutNumber'],
          files: [lacksK, k, lacksK],
          scenario: { zombies: 2, executions: forcedFirst },
        },
      ],
    ],
    [],
  ),
];

describe('it would be found', () => {
  test.each(WEAKENED)('if %s (%s)', (_, invariant, { weaknesses, files, scenario }) => {
    const executions = files.map((_file, index) => of(index + 1));
    const explored = { ...none, executions, ...scenario };
    const { violation } = exploreFeed(files, explored, weaknesses, [invariant]);
    expect(violation).toMatchObject({ what: expect.stringMatching(`^${invariant}: `) });
    // The weakness is the reason.
    expect(exploreFeed(files, explored).violation).toBeUndefined();
  });

  test('whatever the weakness', () => {
    const found = new Set(WEAKENED.flatMap(([, , { weaknesses }]) => weaknesses));
    expect(WEAKNESSES.filter((weakness) => !found.has(weakness))).toEqual(inFull([], ['idWithoutNumber']));
  });
});

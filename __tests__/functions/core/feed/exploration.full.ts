/** More contents, executions and failures than `rules.test.ts` has time for. */

import { contents, none, of, subsets } from '../../../support/feed-model/contents.ts';
import { exploreFeed, type Scenario } from '../../../support/feed-model/explore.ts';
import type { Execution, File } from '../../../support/feed-model/parts.ts';

const failing = { crashes: 1, redrives: 1, zombies: 0 };
const any = { crashes: 1, redrives: 1, zombies: 1 };
const two = [of(1), of(2)];
const three = [...two, of(3)];
const inMode = (mode: Execution['mode'], ...uploads: number[]) =>
  uploads.map((upload) => of(upload, 'event', mode));

const nth = (n: number, all: readonly (readonly File[])[]) => all.filter((_, index) => index % n === 0);

const ofTwo = contents(2, 1);
const ofThree = contents(3, 1);

test.each<[string, readonly (readonly File[])[], Scenario]>([
  ['three uploads', ofThree, { ...any, executions: three }],
  ['three uploads, two failures', ofThree, { ...failing, crashes: 2, executions: three }],
  ['two uploads, two invocations that still run', ofTwo, { ...any, crashes: 2, zombies: 2, executions: two }],
  ['a forced start of the older upload', nth(2, ofTwo), { ...any, executions: [...two, of(1, 'force')] }],
  ['a forced start before the events', ofTwo, { ...any, executions: [of(1, 'force'), ...two] }],
  ['a forced start of the newer upload', nth(2, ofTwo), { ...any, executions: [...two, of(2, 'force')] }],
  ['an undo', nth(2, ofTwo), { ...any, executions: [...two, of(1, 'undo')] }],
  ['a repeated event', nth(2, ofTwo), { ...any, executions: [...two, of(2)] }],
  [
    'changes by others, then a forced start',
    ofTwo,
    { ...any, redrives: 0, isForeign: true, executions: [of(1), of(1, 'force'), of(2)] },
  ],
  [
    'a load without an index between',
    nth(4, ofThree),
    { ...any, redrives: 0, executions: [of(1), of(2, 'event', 'upsert'), of(3)] },
  ],
  [
    'a load without an index first',
    nth(4, ofThree),
    { ...any, redrives: 0, executions: [of(1, 'event', 'upsert'), of(2), of(3)] },
  ],
  ['changesOnly', nth(7, ofThree), { ...any, executions: inMode('changesOnly', 1, 2, 3) }],
  [
    'an index that is lost, then a forced start',
    nth(8, ofThree),
    { ...any, redrives: 0, isLossy: true, executions: [...two, of(3, 'force')] },
  ],
  ['four executions', nth(28, ofThree), { ...none, zombies: 1, executions: [...three, of(1, 'force')] }],
  ['two keys', nth(250, contents(3, 2)), { ...any, redrives: 0, executions: three }],
  ['three keys', nth(61, contents(2, 3)), { ...any, executions: two }],
  ['limits of removal', nth(10, subsets(3, 3)), { ...failing, limits: { share: 0.5 }, executions: three }],
])('%s: in no order does anything go wrong', (_, all, scenario) => {
  for (const files of all) {
    const { states, violation } = exploreFeed(files, scenario);
    expect({ files, violation }).toEqual({ files, violation: undefined });
    expect(states).toBeGreaterThan(100);
  }
});

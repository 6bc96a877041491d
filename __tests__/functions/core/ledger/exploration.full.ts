/** More executions and failures than `exploration.test.ts` has time for. */

import { clock, type Start } from '../../../support/ledger-model/calls.ts';
import { explore } from '../../../support/ledger-model/explore.ts';

jest.setTimeout(240_000);

beforeEach(() => {
  jest.spyOn(Date, 'now').mockImplementation(() => clock.now);
});
afterEach(() => jest.restoreAllMocks());

/** An execution of an upload, whose clock is some steps of 2.5 seconds fast. */
const of = (upload: number, fast = 0, start: Start = 'event') => ({ upload, fast, start });
const none = { crashes: 0, redrives: 0, zombies: 0, throttled: 0 };
/** Clocks that differ by 5 seconds, either way. */
const two = [of(1, -1), of(2, 1)];
const swapped = [of(1, 1), of(2, -1)];
/** Each upload is of an object of its own, and all of them are one feed. */
const many = { ...none, objects: 'many' as const };

test.each([
  ['three executions of two uploads', { ...none, executions: [of(1, 1), of(2, -1), of(2, 1)] }],
  ['two uploads, an invocation that still runs', { ...none, executions: two, zombies: 1 }],
  ['two uploads, a failure and a redrive', { ...none, executions: swapped, crashes: 1, redrives: 1 }],
  ['a forced start of the older upload', { ...none, executions: [...two, of(1, -1, 'force')] }],
  [
    'a forced start of the older upload, an invocation that still runs',
    { ...none, executions: [of(2), of(1, 0, 'force')], zombies: 1 },
  ],
  ['an undo, an invocation that still runs', { ...none, executions: [of(2), of(1, 0, 'undo')], zombies: 1 }],
  ['an undo and a repeated event', { ...none, executions: [of(2), of(2), of(1, 0, 'undo')] }],
  ['the same before the newer upload', { ...none, executions: [of(1, 0, 'force'), of(2)], zombies: 1 }],
  [
    'a forced start of the older upload, a failure and a redrive',
    { ...none, executions: [of(2), of(1, 0, 'force')], crashes: 1, redrives: 1 },
  ],
  [
    'a start without a version, a newer upload, a failure and a redrive',
    { ...none, executions: [of(1, -1, 'manual'), of(2, 1)], crashes: 1, redrives: 1 },
  ],
  [
    'a start without a version, a newer upload, a failure and an invocation that still runs',
    { ...none, executions: [of(1, 0, 'manual'), of(2)], crashes: 1, zombies: 1 },
  ],
  [
    'a repeated event, an execution that counts as dead',
    { ...none, executions: [of(1, -1), of(1, 1)], throttled: 1 },
  ],
  ['two objects of a feed, an invocation that still runs', { ...many, executions: two, zombies: 1 }],
  [
    'two objects of a feed, a failure and a redrive',
    { ...many, executions: swapped, crashes: 1, redrives: 1 },
  ],
  [
    'two objects of a feed, an undo and a repeated event',
    { ...many, executions: [of(2), of(2), of(1, 0, 'undo')] },
  ],
])('%s: in no order does anything go wrong', async (_, scenario) => {
  const { states, violation } = await explore(scenario);
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThan(1_000);
});

describe('it would be found', () => {
  test.each([
    ['if BeginLoad did not wait for writers', two, { unseen: ['writers'] }],
    ['if clocks differed by more than the margin of a writer', [of(1, -2), of(2, 2)], {}],
  ])('%s', async (_, executions, weakness) => {
    const { violation } = await explore({ ...none, executions, zombies: 1 }, weakness);
    expect(violation).toMatchObject({ what: 'The ledger has upload 2 as loaded, the table has 1' });
  });

  test('if a forced start that started later could claim again at any time', async () => {
    const executions = [of(2), of(1, 0, 'force')];
    const { violation } = await explore({ ...none, executions, zombies: 1 }, { unseen: ['started'] });
    expect(violation).toMatchObject({ what: expect.stringMatching(/nobody loads, and nobody is told$/) });
  });
});

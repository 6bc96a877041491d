/**
 * Whatever executions do at the same time, and whenever they fail, no wrong row is recorded as loaded, none waits
 * forever, and an upload is loaded or somebody is told. `exploration.full.ts` explores more of the same.
 */

import { onlyInFull } from '../../../support/full-run.ts';
import { clock, type Start } from '../../../support/ledger-model/calls.ts';
import { explore } from '../../../support/ledger-model/explore.ts';

beforeEach(() => {
  jest.spyOn(Date, 'now').mockImplementation(() => clock.now);
});
afterEach(() => jest.restoreAllMocks());

/** An execution of an upload, whose clock is some steps of 2.5 seconds fast. */
const of = (upload: number, fast = 0, start: Start = 'event') => ({ upload, fast, start });
const none = { crashes: 0, redrives: 0, zombies: 0, throttled: 0 };

test.each([
  [
    'two executions of an upload, one of which fails and is redriven',
    { ...none, executions: [of(1, 1), of(1, -1)], crashes: 1, redrives: 1 },
    2_000,
  ],
  ['uploads of two objects that are one feed', { ...none, executions: [of(1), of(2)], objects: 'many' }, 500],
] as const)('%s: in no order does anything go wrong', async (_, scenario, atLeast) => {
  const { states, violation } = await explore(scenario);
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThan(atLeast);
});

describe('it would be found', () => {
  test('if the newest upload was forgotten once an older one of another object was forced', async () => {
    const executions = [of(3), of(2), of(1, 0, 'force')];
    const { violation } = await explore({ ...none, executions, objects: 'many' }, { unseen: ['latest'] });
    expect(violation).toMatchObject({ what: 'Upload 2 is claimed over 3' });
  });

  test('if an execution went on with an upload after a repeated FetchCsv of it had claimed a newer one', async () => {
    const executions = [of(1, 0, 'manual'), of(2)];
    const { violation } = await explore(
      { ...none, executions, zombies: 1 },
      { unchecked: /#etag|#versionId/ },
    );
    expect(violation).toMatchObject({ what: 'The ledger has upload 2 as loaded, the table has 1' });
    expect(violation?.steps).toContainEqual(expect.stringMatching(/given up ends FetchCsv: "claimed"$/));
  });

  onlyInFull(() => {
    test("if a claim depended on the owner's name alone", async () => {
      const executions = [of(2, 0, 'force'), of(3), of(4)];
      const weakness = { unchecked: /#claim/, unseen: ['started'] };
      const { violation } = await explore({ ...none, executions, zombies: 1 }, weakness);
      // The owner that execution 2 has read claims again, after a newer upload: in an entry without a start, it may.
      expect(violation).toMatchObject({ what: 'Upload 3 is claimed over 4' });
    });

    test('if a forced start could claim again at any time', async () => {
      const executions = [of(1, 0, 'force'), of(2)];
      const { violation } = await explore({ ...none, executions, zombies: 1 }, { unseen: ['started'] });
      // The invocation that was given up claims over the newer upload, whose execution stops.
      expect(violation).toMatchObject({ what: expect.stringMatching(/nobody loads, and nobody is told$/) });
      expect(violation?.steps).toContainEqual(expect.stringMatching(/given up ends FetchCsv: "claimed"$/));
    });

    test('if a repeated BeginLoad began the load again', async () => {
      const executions = [of(1), of(2)];
      const weakness = { unchecked: /#index/, unseen: ['index'] };
      const { violation } = await explore({ ...none, executions, zombies: 1 }, weakness);
      expect(violation?.steps.at(-1)).toMatch(/^the invocation of E2 that was given up ends BeginLoad/);
    });
  });
});

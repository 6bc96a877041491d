import { Estimator } from '../../../bench/cost/estimate.ts';
import { historyOf, MAX_HISTORY_EVENTS } from '../../../bench/scale/history.ts';
import { readResults, speeds } from '../../../bench/scale/results.ts';
import { definitionOf, simulate } from '../../../bench/scale/small-account.ts';
import { environment } from '../../../environments/index.ts';

/** The states of an execution with three chunks, one of which takes two passes. */
const states = [
  { type: 'Task', attempts: 1 },
  { type: 'Map', attempts: 1 },
  { type: 'Task', attempts: 4, iterations: 4 },
  { type: 'Choice', attempts: 4, iterations: 4 },
  { type: 'Succeed', attempts: 3, iterations: 3 },
];

test('counts the events of an execution in either mode', () => {
  expect(historyOf(states, 3)).toEqual({
    transitions: 13,
    // 2 for the execution, 5 for the task, 4 for the Map; for each iteration 2, and 2 for Succeed; 5 + 2 for each pass.
    inline: 2 + 5 + 4 + 3 * (2 + 2) + 4 * (5 + 2),
    parent: 2 + 5 + 4,
    children: 3 * (2 + 2) + 4 * (5 + 2),
  });
});

test('a retry inside a Map takes three events', () => {
  const retried = states.map((state) =>
    state.attempts === 4 && state.type === 'Task' ? { ...state, attempts: 5 } : state,
  );
  expect(historyOf(retried, 3).inline).toBe(historyOf(states, 3).inline + 3);
});

describe('a file of 118 chunks in an account with 10 concurrent invocations', () => {
  const dev = { ...environment('dev'), maxConcurrency: 40 };
  const estimator = new Estimator(dev, speeds(readResults()));
  const scenario = { environment: dev, concurrency: 10, files: 1, size: 1e9, writesPerSecond: 4_000 };
  const seeds = [1, 2, 3, 4, 5];

  test('is loaded within the default timeout, and within one history', async () => {
    for (const seed of seeds) {
      const { throttled, events, transitions, ...outcome } = await simulate(scenario, estimator, seed);
      expect(outcome).toMatchObject({ chunks: 118, failed: 0, dead: 0 });
      expect(throttled).toBeGreaterThan(100);
      // As many as without retries, and three events and a transition for each of them.
      expect({ events, transitions }).toEqual({
        events: 2_650 + 3 * throttled,
        transitions: 723 + throttled,
      });
      expect(events).toBeLessThan(MAX_HISTORY_EVENTS);
    }
  });

  test('fails with six attempts, as for other transient errors', async () => {
    const definition = definitionOf(dev);
    const all = JSON.stringify(definition).replaceAll(/"MaxAttempts":\d{2,}/g, '"MaxAttempts":6');
    for (const seed of seeds) {
      const outcome = await simulate(scenario, estimator, seed, JSON.parse(all));
      expect(outcome).toMatchObject({ failed: 1, hours: Number.POSITIVE_INFINITY });
    }
  });
});

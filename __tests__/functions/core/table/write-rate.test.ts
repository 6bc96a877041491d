import { type Scenario, simulateAll } from '../../../../bench/compare/simulation.ts';
import { WriteRate } from '../../../../functions/core/table/write-rate.ts';
import { everyNth, inFull } from '../../../support/full-run.ts';

const CAPACITIES = [100, 400, 1_000, 4_000, 10_000, 40_000];

/** Whether one writer can reach its share of the capacity with 64 requests of 25 items in flight. */
const reachable = ({ capacity, change = 1, writers, latency }: Scenario) =>
  (capacity * Math.max(1, change)) / writers < ((64 * 25) / latency) * 1_000 * 0.9;

/** Seconds of a scenario: slow tables answer few requests, so they need longer for a meaningful count. */
const length = (capacity: number) => (capacity <= 400 ? 600 : capacity <= 4_000 ? 200 : 60);

function* scenarios(
  fixed: Omit<Scenario, 'writers' | 'latency' | 'burst'>,
  bursts: readonly number[],
): Generator<Scenario> {
  for (const writers of inFull([1, 4, 16], [16])) {
    for (const latency of inFull([5, 20, 100], [5])) {
      for (const burst of bursts) {
        const scenario = { ...fixed, writers, latency, burst };
        if (reachable(scenario)) yield scenario;
      }
    }
  }
}

/** Scenarios in which the table is under 95 % busy, over 5 % of requests are wasted, or over 64 are in flight. */
function missed(all: Iterable<Scenario>) {
  const scenarios = [...all];
  expect(scenarios).not.toEqual([]);
  return simulateAll(scenarios)
    .map((outcome, index) => ({ ...scenarios[index], ...outcome }))
    .filter(({ busy, wasted, maxInFlight }) => !(busy >= 0.95 && wasted <= 0.05 && maxInFlight <= 64));
}

describe('WriteRate keeps a table at least 95 % busy and wastes at most 5 % of the requests', () => {
  test.each(everyNth(2, CAPACITIES))('%i writes per second, measured from the tenth second', (capacity) => {
    const all = scenarios(
      { capacity, length: length(capacity), warmUp: 10 },
      inFull([0.1, 0.5, 5, 60], [0.1]),
    );
    expect(missed(all)).toEqual([]);
  });

  test.each(everyNth(2, CAPACITIES))(
    '%i writes per second that double, measured from 15 seconds later',
    (capacity) => {
      const all = scenarios(
        { capacity, length: length(capacity), warmUp: 15, change: 2 },
        inFull([0.5, 5], [0.5]),
      );
      expect(missed(all)).toEqual([]);
    },
  );

  test.each(everyNth(2, CAPACITIES))(
    '%i writes per second that halve, measured from 15 seconds later',
    (capacity) => {
      const all = scenarios(
        { capacity, length: length(capacity), warmUp: 15, change: 0.5 },
        inFull([0.5, 5], [5]),
      );
      expect(missed(all)).toEqual([]);
    },
  );

  test.each(inFull([100, 4_000, 40_000], [100]))(
    '%i writes per second, shared by the 40 writers of a Map',
    (capacity) => {
      const fixed = { capacity, length: length(capacity), warmUp: 10, writers: 40 };
      expect(missed(inFull([5, 100], [100]).map((latency) => ({ ...fixed, latency, burst: 5 })))).toEqual([]);
    },
  );
});

test.each(everyNth(3, [10, 100, 1_000, 10_000]))(
  'a cap of %i is used and not exceeded in any second',
  (cap) => {
    const fixed = { capacity: 40_000, burst: 5, latency: 20, writers: 1, length: 30, warmUp: 0 };
    const [outcome] = simulateAll([{ ...fixed, cap }]);
    expect(outcome?.busiestSecond).toBeLessThanOrEqual(cap * 1.05);
    // The rate takes a moment to reach the cap.
    expect(outcome?.written[0]).toBeGreaterThan(cap * 30 * 0.9);
  },
);

test('a table that accepts almost nothing gets few requests, and is used within minutes when it accepts more', () => {
  const fixed = { capacity: 0.1, burst: 10, latency: 20, writers: 1, length: 600 };
  const [outcome] = simulateAll([{ ...fixed, warmUp: 120, change: 10_000 }]);
  expect(outcome?.busy).toBeGreaterThan(0.95);
  const [refusing] = simulateAll([{ ...fixed, warmUp: 0 }]);
  expect(refusing?.requests).toBeLessThan(1_000);
});

test('begins with the rate that an earlier writer reached, but not above its cap', () => {
  const pause = (settings: { readonly cap: number | null; readonly initial?: number }) => {
    const rate = new WriteRate({ ...settings, random: () => 0 });
    rate.sent(25, 0);
    return rate.delay(0);
  };
  expect(pause({ cap: null })).toBeCloseTo(50);
  expect(pause({ cap: null, initial: 10_000 })).toBeCloseTo(2.5);
  expect(pause({ cap: 1_000, initial: 10_000 })).toBeCloseTo(25);
});

import { throttledLoad } from '../../../support/throttled/throttled-load.ts';

// On a busy machine the writer may get too little CPU time to keep its rate.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

// The test of WriteRate simulates faster tables and many writers.
const cases = [
  { capacity: 1_000, from: 4, to: 10 },
  { capacity: 100, from: 14, to: 20 },
  { capacity: 4_000, from: 4, to: 10 },
];
test.each(cases)(
  'a table that accepts $capacity writes per second is kept busy, and nothing is lost',
  async ({ capacity, from, to }) => {
    const settings = { capacity, burst: 0.5, latency: 10 };
    const { put, checkpoint, stored, requests, wasted, perSecond } = await throttledLoad(settings, to);
    expect(checkpoint).toEqual({ mark: put, loaded: put });
    expect(stored).toBe(put);
    // Without the first seconds, in which the writer finds the rate, and the last one, which is incomplete.
    const whole = perSecond.slice(from, -1);
    expect(whole.reduce((sum, writes) => sum + writes, 0) / whole.length / capacity).toBeGreaterThan(0.95);
    expect(wasted / requests).toBeLessThan(0.05);
  },
  60_000,
);

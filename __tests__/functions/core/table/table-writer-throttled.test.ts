import { inFull } from '../../../support/full-run.ts';
import { throttledLoad } from '../../../support/throttled/throttled-load.ts';

// A machine that is busy with other things may leave the writer too little time for its rate.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

// Faster tables, and many writers, are simulated in the test of the rate.
const medium = { capacity: 1_000, from: 4, to: 10 };
const others = [
  { capacity: 100, from: 14, to: 20 },
  { capacity: 4_000, from: 4, to: 10 },
];
test.each([medium, ...inFull(others, [])])(
  'a table that takes $capacity writes a second is kept busy, and nothing is lost',
  async ({ capacity, from, to }) => {
    const settings = { capacity, burst: 0.5, latency: 10 };
    const { put, checkpoint, stored, requests, wasted, perSecond } = await throttledLoad(settings, to);
    expect(checkpoint).toEqual({ mark: put, loaded: put });
    expect(stored).toBe(put);
    // Without the first seconds, in which the rate is found, and the last one, which is no whole one.
    const whole = perSecond.slice(from, -1);
    expect(whole.reduce((sum, writes) => sum + writes, 0) / whole.length / capacity).toBeGreaterThan(0.95);
    expect(wasted / requests).toBeLessThan(0.05);
  },
  60_000,
);

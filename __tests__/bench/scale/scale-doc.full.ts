import { readFileSync } from 'node:fs';
import { Estimator } from '../../../bench/cost/estimate.ts';
import { ENVIRONMENT } from '../../../bench/measure/measure.ts';
import { MAX_HISTORY_EVENTS } from '../../../bench/scale/history.ts';
import { readResults, speeds } from '../../../bench/scale/results.ts';
import { environment } from '../../../environments/index.ts';
import { DOCUMENT, withFigures } from '../../../tools/docs/scale.ts';

const results = readResults();

test('the document has the figures that are computed from the results and the limits', async () => {
  const committed = readFileSync(DOCUMENT, 'utf8');
  expect(await withFigures(committed, results)).toBe(committed);
});

const estimator = new Estimator(environment(ENVIRONMENT), speeds(results));

test.each(results.measurements)(
  'the estimate for $size bytes equals the measurement',
  async (measurement) => {
    const { size, chunks, historyEvents } = measurement;
    const estimate = await estimator.estimate({ size, rowBytes: 100, writesPerSecond: 1e9 });
    expect(estimate).toMatchObject({ chunks, events: historyEvents });
    expect(estimate.largestPayload).toBeGreaterThan(measurement.largestPayload);
  },
);

test.each(['dev', 'staging', 'prod'])('a file of 1 GB fits into the timeout of %s', async (name) => {
  const estimator = new Estimator(environment(name), speeds(results));
  const estimate = await estimator.estimate({ size: 1e9, rowBytes: 100, writesPerSecond: 4_000 });
  expect(estimate).toMatchObject({ isBeyondTimeout: false });
});

test('INLINE stays within one history up to 50 GB at 4,000 writes per second', async () => {
  const estimator = new Estimator(environment('dev'), speeds(results));
  const { events } = await estimator.estimate({ size: 50e9, rowBytes: 100, writesPerSecond: 4_000 });
  expect(events).toBeLessThan(MAX_HISTORY_EVENTS);
});

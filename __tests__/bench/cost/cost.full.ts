import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cost, estimateCost, type FollowedRows } from '../../../bench/cost/cost.ts';
import { Estimator } from '../../../bench/cost/estimate.ts';
import { workloadOf } from '../../../bench/cost/workload.ts';
import { ENVIRONMENT, measure } from '../../../bench/measure/measure.ts';
import { readResults, speeds } from '../../../bench/scale/results.ts';
import { environment } from '../../../environments/index.ts';
import { readSynthesized } from '../../../local/stack/synthesized.ts';
import { prices } from '../../../report/record/prices.ts';
import { UsageError } from '../../../report/terminal/errors.ts';
import { synthesizedFolder } from '../../support/stack/stack.ts';

jest.setTimeout(600_000);

const results = readResults();

/** By environment; each keeps what it has computed for the next file. */
const estimators = new Map(
  [ENVIRONMENT, 'dev', 'prod'].map((name) => [name, new Estimator(environment(name), speeds(results))]),
);

function costOf(size: number, rows: number, name = ENVIRONMENT): Promise<Cost> {
  const estimator = estimators.get(name);
  if (estimator === undefined) throw new Error(`There is no estimator for ${name}.`);
  return estimateCost(environment(name), estimator, results, { size, rows, writesPerSecond: 4_000 });
}

/** Everything that is billed per unit, except for the ledger reads, which depend on how long a load takes. */
function piecesOf({ counts }: Cost) {
  const { transitions, invocations, objectReads, objectWrites, ledgerWrites, tableWrites } = counts;
  return { transitions, invocations, objectReads, objectWrites, ledgerWrites, tableWrites };
}

test.each([
  { file: 'one chunk', bytes: 1e6, chunks: 1 },
  { file: 'chunks whose keys are compared', bytes: 17e6, chunks: 2 },
])('the estimate for a file of $file is within 5 % of a local run', async ({ bytes, chunks }) => {
  const stack = await readSynthesized(synthesizedFolder(ENVIRONMENT));
  const { size, rows, requests, transitions, invocations, counts, ...measurement } = await measure(
    stack,
    bytes,
  );
  expect(measurement).toMatchObject({ chunks });
  const measured = {
    transitions,
    invocations,
    objectReads: requests.HEAD + requests.GET,
    objectWrites: requests.PUT + requests.POST,
    ledgerWrites: requests.ledgerWrites,
    tableWrites: counts.written,
  };
  const estimated = piecesOf(await costOf(size, rows));
  const far = Object.entries(measured).filter(([name, value]) => {
    const { [name]: estimate = Number.NaN }: Record<string, number> = estimated;
    return !(Math.abs(estimate / value - 1) <= 0.05);
  });
  expect(far).toEqual([]);
});

test('the costs by service and by state have the same total, except for storage', async () => {
  const { states, services, dollars } = await costOf(100e6, 1e6);
  const byState = states.reduce((sum, each) => sum + each.dollars, 0);
  expect(byState).toBeCloseTo(dollars - (services['S3, storage of reports and keys'] ?? 0), 9);
});

test.each(['dev', 'prod'])('a million rows in %s cost little more than their writes', async (name) => {
  const { dollars, floor } = await costOf(100e6, 1e6, name);
  expect(floor).toBe(1e6 * prices.tableWrite);
  expect(dollars / floor).toBeGreaterThan(1);
  expect(dollars / floor).toBeLessThanOrEqual(1.02);
});

test('a file of 1,000 rows costs less than a cent', async () => {
  expect((await costOf(100e3, 1e3)).dollars).toBeLessThan(0.01);
});

test('a row of more than 1 KB is two writes', async () => {
  expect((await costOf(150e6, 100e3)).counts.tableWrites).toBe(200e3);
});

test('conditional writes cost the same write units, and the functions take longer for them', async () => {
  const workload = { size: 100e6, rows: 1e6, writesPerSecond: 40_000 };
  const settings = environment('dev');
  const estimator = new Estimator(settings, speeds(results));
  const batched = await estimateCost(settings, estimator, results, workload);
  const indexed = await estimateCost(settings, estimator, results, { ...workload, indexes: 2 });
  expect(indexed.counts.tableWrites).toBe(3 * batched.counts.tableWrites);
  expect(indexed.floor).toBeCloseTo(3 * batched.floor, 9);
  const single = await estimateCost(settings, estimator, results, { ...workload, isBatched: false });
  expect(single.floor).toBe(batched.floor);
  // A million requests of a quarter of a millisecond each.
  expect(single.gbSeconds - batched.gbSeconds).toBeGreaterThan(100);
});

test('a load that follows its feed pays for the rows that have changed, and a little for the comparison', async () => {
  const workload = { size: 100e6, rows: 1e6, writesPerSecond: 4_000 };
  const settings = environment('dev');
  const estimator = new Estimator(settings, speeds(results));
  const estimate = (followed?: FollowedRows) =>
    estimateCost(settings, estimator, results, { ...workload, followed });
  const all = await estimate();
  const some = await estimate({ written: 10_000, removed: 7 });
  expect(some.counts.tableWrites).toBe(10_007);
  expect(some.floor).toBe(all.floor);
  expect(some.dollars / all.dollars).toBeLessThan(0.03);
  expect(some.states).toContainEqual(expect.objectContaining({ state: 'CompareBuckets', transitions: 1 }));
  expect(all.states.map(({ state }) => state)).not.toContain('CompareBuckets');
  const first = await estimate({ written: 1e6, removed: 0 });
  expect(first.dollars).toBeGreaterThan(all.dollars);
  expect(first.dollars / all.dollars).toBeLessThan(1.01);
});

describe('the workload', () => {
  test.each([
    ['250MB', 250e6],
    ['1.5 GB', 1.5e9],
    ['5t', 5e12],
    ['4096', 4_096],
  ])('%s', async (text, size) => {
    expect(await workloadOf(text, 7)).toEqual({ size, rows: 7 });
  });

  test('of a file is estimated from the rows at its beginning', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cost-'));
    try {
      const file = join(folder, 'rows.csv');
      writeFileSync(file, 'id,name\n'.repeat(300_000));
      expect(await workloadOf(file, undefined)).toEqual({ size: 2_400_000, rows: 300_000 });
      writeFileSync(file, Buffer.from([0x1f, 0x8b, 8]));
      await expect(workloadOf(file, undefined)).rejects.toThrow(UsageError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

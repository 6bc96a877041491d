/** Reading a file ends and makes each record an item or a reject, no matter what bytes it contains. */

import { inFull } from '../../../support/full-run.ts';
import { type FuzzCounts, type FuzzRun, fuzz } from '../../../support/fuzz/fuzz.ts';

/** Runs half of the cases in each of two threads and returns the counts of both; few cases in one. */
async function run(kind: FuzzRun['kind'], cases: number): Promise<FuzzCounts> {
  if (inFull(false, true)) return fuzz({ kind, cases });
  const halves = [1, 2].map(() => fuzz({ kind, cases: cases / 2 }));
  // A failure of one thread is reported after the other has ended.
  await Promise.allSettled(halves);
  const [one, other] = await Promise.all(halves);
  if (one === undefined || other === undefined) throw new Error('There are two halves.');
  expect(one.cases + other.cases).toBe(cases);
  return {
    cases: one.cases + other.cases,
    refused: one.refused + other.refused,
    items: one.items + other.items,
    rejects: one.rejects + other.rejects,
    blank: one.blank + other.blank,
    footer: one.footer + other.footer,
    cut: one.cut + other.cut,
    slowestMs: Math.max(one.slowestMs, other.slowestMs),
  };
}

// The minimum counts ensure that the cases are meaningful.

test('a valid file yields exactly the rows that it was written from', async () => {
  const { cases, refused, items, rejects, blank, cut } = await run('valid', inFull(4_000, 100));
  expect({ refused, rejects }).toEqual({ refused: 0, rejects: 0 });
  expect(items).toBeGreaterThan(cases);
  expect(blank).toBeGreaterThan(cases / 20);
  expect(cut).toBeGreaterThan(cases / 4);
});

test('no record of thousands of damaged files is lost, read at once or in chunks', async () => {
  const { cases, refused, items, rejects, blank, footer, cut } = await run('mutated', inFull(20_000, 1_000));
  expect(blank).toBeGreaterThan(cases / 20);
  expect(footer).toBeGreaterThan(0);
  expect(refused).toBeLessThan(cases / 3);
  expect(items).toBeGreaterThan(cases / 2);
  expect(rejects).toBeGreaterThan(cases / 2);
  expect(cut).toBeGreaterThan(cases / 5);
});

test('a damaged compressed file yields its original rows or is refused', async () => {
  const { cases, refused, items } = await run('compressed', inFull(600, 100));
  expect(refused).toBeGreaterThan(cases / 4);
  expect(items).toBeGreaterThan(cases / 4);
});

test('no record of damaged files of several hundred KB with overlong lines is lost', async () => {
  const { cases, items, rejects, cut } = await run('large', inFull(60, 20));
  expect(items).toBeGreaterThan(10 * cases);
  expect(rejects).toBeGreaterThan(cases);
  expect(cut).toBeGreaterThan(cases / 3);
});

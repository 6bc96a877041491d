/** Whatever bytes a file has, reading it ends, and each of its records is either an item or rejected. */

import { type FuzzCounts, type FuzzRun, fuzz } from '../../../support/fuzz/fuzz.ts';

/** How many times as many cases as usual are tried: `LONG_RUN=10 npm run test:unit -- fuzz`. */
const LONG_RUN = Number(process.env.LONG_RUN ?? 1);

jest.setTimeout(240_000 * LONG_RUN);

/** Runs half of the cases in each of two threads, and gives the counts of both. */
async function run(kind: FuzzRun['kind'], cases: number): Promise<FuzzCounts> {
  const halves = [1, 2].map(() => fuzz({ kind, cases: (cases * LONG_RUN) / 2 }));
  // When one fails, it is told when the other has ended, too.
  await Promise.allSettled(halves);
  const [one, other] = await Promise.all(halves);
  if (one === undefined || other === undefined) throw new Error('There are two halves.');
  expect(one.cases + other.cases).toBe(cases * LONG_RUN);
  return {
    cases: one.cases + other.cases,
    refused: one.refused + other.refused,
    items: one.items + other.items,
    rejects: one.rejects + other.rejects,
    cut: one.cut + other.cut,
    slowest: Math.max(one.slowest, other.slowest),
  };
}

// What the counts must come to at the least shows that the cases are worth something.

test('a sound file comes to just the rows that it was written from', async () => {
  const { cases, refused, items, rejects, cut } = await run('valid', 4_000);
  expect({ refused, rejects }).toEqual({ refused: 0, rejects: 0 });
  expect(items).toBeGreaterThan(cases);
  expect(cut).toBeGreaterThan(cases / 4);
});

test('of 20,000 damaged files, no record is lost, whole or in chunks', async () => {
  const { cases, refused, items, rejects, cut } = await run('mutated', 20_000);
  expect(refused).toBeLessThan(cases / 3);
  expect(items).toBeGreaterThan(cases / 2);
  expect(rejects).toBeGreaterThan(cases / 2);
  expect(cut).toBeGreaterThan(cases / 5);
});

test('a damaged file that is packed with gzip comes to what it was, or is refused', async () => {
  const { cases, refused, items } = await run('compressed', 600);
  expect(refused).toBeGreaterThan(cases / 4);
  expect(items).toBeGreaterThan(cases / 4);
});

test('damaged files of some hundred KB, with lines that are too long', async () => {
  const { cases, items, rejects, cut } = await run('large', 60);
  expect(items).toBeGreaterThan(10 * cases);
  expect(rejects).toBeGreaterThan(cases);
  expect(cut).toBeGreaterThan(cases / 3);
});

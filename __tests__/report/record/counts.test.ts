import { CountSum } from '../../../report/record/counts.ts';

function total(...results: unknown[]) {
  const sum = new CountSum();
  for (const result of results) sum.add(result);
  return sum.total;
}

test('the counts of different chunks add up, and a later result for a chunk replaces an earlier one', () => {
  const first = { start: 0, read: 5, rejected: 1 };
  expect(total(first, { start: 90, read: 7, rejected: 0 }, { ...first, read: 6 })).toEqual({
    read: 13,
    rejected: 1,
  });
});

test('a later result for the whole file replaces an earlier one', () => {
  expect(total({ read: 7, rejected: 6 }, { read: 7, rejected: 5 })).toEqual({ read: 7, rejected: 5 });
});

test('blank rows and rows of the footer are counted only if there are any', () => {
  expect(total({ start: 0, read: 5, blank: 0, footer: { start: 4, rows: 1 } })).toEqual({ read: 5 });
  expect(total({ read: 5, blank: 2, footer: 1 }, { read: 5, blank: 0, footer: 1 })).toEqual({
    read: 5,
    blank: 0,
    footer: 1,
  });
});

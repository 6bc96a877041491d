import fc from 'fast-check';
import { LastLines, MAX_KEYS } from '../../../tools/check/last-lines.ts';

test('it tells on which line a key stood last, whatever the keys are', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 2 })), (keys) => {
      const lines = new LastLines(MAX_KEYS);
      const known = new Map<string, number>();
      for (const [line, key] of keys.entries()) {
        expect(lines.replace(key, line)).toBe(known.get(key));
        known.set(key, line);
      }
    }),
  );
});

test('many keys are told apart while it grows', () => {
  const lines = new LastLines(MAX_KEYS);
  const formerLines = (round: number) => {
    const former = new Set<number | undefined>();
    for (let key = 0; key < 50_000; key += 1) {
      const line = lines.replace(`ROW#${key}`, key + round);
      former.add(line === undefined ? undefined : line - key);
    }
    return [...former];
  };
  expect(formerLines(1)).toEqual([undefined]);
  expect(formerLines(2)).toEqual([1]);
  expect(formerLines(3)).toEqual([2]);
});

test('more keys than it holds are not told apart, and it says so', () => {
  const lines = new LastLines(3);
  for (const [line, key] of ['a', 'b', 'c'].entries()) lines.replace(key, line);
  expect(lines.replace('a', 3)).toBe(0);
  expect(lines.isFull).toBe(false);
  lines.replace('d', 4);
  expect(lines.isFull).toBe(true);
  expect(lines.replace('a', 5)).toBeUndefined();
});

import fc from 'fast-check';
import { LastLines, MAX_KEYS } from '../../../tools/check/last-lines.ts';

test('returns the previous line of any key', () => {
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

test('distinguishes many keys while it grows', () => {
  const lines = new LastLines(MAX_KEYS);
  const offsets = (round: number) => {
    const found = new Set<number | undefined>();
    for (let key = 0; key < 50_000; key += 1) {
      const line = lines.replace(`ROW#${key}`, key + round);
      found.add(line === undefined ? undefined : line - key);
    }
    return [...found];
  };
  expect(offsets(1)).toEqual([undefined]);
  expect(offsets(2)).toEqual([1]);
  expect(offsets(3)).toEqual([2]);
});

test('forgets all keys if there are too many, and says that it is full', () => {
  const lines = new LastLines(3);
  for (const [line, key] of ['a', 'b', 'c'].entries()) lines.replace(key, line);
  expect(lines.replace('a', 3)).toBe(0);
  expect(lines.isFull).toBe(false);
  lines.replace('d', 4);
  expect(lines.isFull).toBe(true);
  expect(lines.replace('a', 5)).toBeUndefined();
});

import fc from 'fast-check';
import { HASH_BYTES } from '../../../../functions/core/dataset/item.ts';
import {
  bucketsRange,
  decodeEntries,
  encodeBucket,
  joinBuckets,
  type KeyedEntry,
  offsetsBytes,
} from '../../../../functions/core/feed/entries.ts';

const bytes = (constraints: fc.IntArrayConstraints) =>
  fc.uint8Array(constraints).map((array) => Buffer.from(array).toString('latin1'));

const entry: fc.Arbitrary<KeyedEntry> = fc.record({
  key: bytes({ minLength: 1, maxLength: 3_100 }),
  type: fc.constantFrom('S', 'W', 'D'),
  hash: fc.option(bytes({ minLength: HASH_BYTES, maxLength: HASH_BYTES })),
  counted: fc.boolean(),
});

test('any entries are read as they were written, from any of the buckets', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(entry, { maxLength: 5 }), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.nat(),
      (buckets, one, other) => {
        const object = joinBuckets(buckets.map(encodeBucket));
        const [from = 0, to = 0] = [one, other]
          .map((any) => any % (buckets.length + 1))
          .sort((a, b) => a - b);
        const range = bucketsRange(object.subarray(0, offsetsBytes(buckets.length)), from, to);
        expect([...decodeEntries(object.subarray(...range))]).toEqual(buckets.slice(from, to).flat());
      },
    ),
    { numRuns: 200 },
  );
});

test('entries that are cut off are an error', () => {
  const object = joinBuckets([encodeBucket([{ key: 'k\0', type: 'S', hash: null, counted: true }])]);
  const whole = object.subarray(offsetsBytes(1));
  for (let length = 1; length < whole.length; length += 1) {
    expect(() => [...decodeEntries(whole.subarray(0, length))]).toThrow(
      `no whole entry at byte 0 of ${length}`,
    );
  }
});

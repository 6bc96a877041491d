import fc from 'fast-check';
import { CellFault, NumberValue, type Storable } from '../../../functions/core/dataset/columns.ts';
import { ColumnProfiler } from '../../../tools/check/profile.ts';

function profile(values: readonly (Storable | undefined | CellFault)[]) {
  const profiler = new ColumnProfiler('name', 'Name');
  for (const value of values) profiler.add(value);
  return profiler.profile();
}

test('cells are filled, empty or rejected', () => {
  const fault = new CellFault('empty', 'is empty');
  expect(profile(['b', 'a', 'b', undefined, null, '', fault])).toEqual({
    name: 'name',
    header: 'Name',
    filled: 3,
    empty: 3,
    rejected: 1,
    distinct: 2,
    moreDistinct: false,
    smallest: 'a',
    largest: 'b',
  });
});

test('a column without values has no smallest value', () => {
  expect(profile([null])).toMatchObject({ distinct: 0, smallest: null, largest: null });
});

test('at most 1,000 distinct values are counted', () => {
  const values = Array.from({ length: 1_000 }, (_, index) => `${index}`);
  expect(profile([...values, ...values])).toMatchObject({ distinct: 1_000, moreDistinct: false });
  expect(profile([...values, 'another', 'more'])).toMatchObject({ distinct: 1_000, moreDistinct: true });
});

test('long values are compared in full, and shown shortened', () => {
  const long = 'x'.repeat(64);
  expect(profile([`${long}a`, `${long}b`, `${long}b`, long])).toMatchObject({
    distinct: 3,
    smallest: long,
    largest: `${long}…`,
  });
  expect(profile(['😀'.repeat(65)]).largest).toBe(`${'😀'.repeat(64)}…`);
});

test('text is ordered by code point', () => {
  const characters = fc.constantFrom('a', 'b', '\uD7FF', '\uE000', '\uFFFD', '\u{10000}', '\u{10FFFF}');
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: characters, minLength: 1, maxLength: 4 }), { minLength: 1 }),
      (strings) => {
        const sorted = strings.map((text) => Buffer.from(text)).sort(Buffer.compare);
        expect(profile(strings)).toMatchObject({ smallest: `${sorted[0]}`, largest: `${sorted.at(-1)}` });
      },
    ),
  );
});

test('numbers are ordered by value, to the last of 38 digits', () => {
  // A multiple of 10^-60, which is exact.
  const whole = fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n });
  const number = fc.record({
    digits: fc.oneof(
      whole,
      whole.map((each) => each / 10n ** 30n),
    ),
    power: fc.integer({ min: -60, max: 60 }),
  });
  const near = number.chain(({ digits, power }) =>
    fc.array(
      fc
        .constantFrom(digits, digits + 1n, digits - 1n, -digits, digits * 10n)
        .chain((each) => fc.record({ digits: fc.constant(each), power: fc.constantFrom(power, power - 1) })),
      { minLength: 1, maxLength: 6 },
    ),
  );
  fc.assert(
    fc.property(near, (numbers) => {
      const values = numbers.map(({ digits, power }) => ({
        value: power === 0 ? digits : NumberValue.from(`${digits}E${power}`),
        exact: digits * 10n ** BigInt(power + 61),
        text: power === 0 ? `${digits}` : `${digits}E${power}`,
      }));
      const { smallest, largest } = profile(values.map(({ value }) => value));
      const exactOf = (text: string | null) => values.find((each) => each.text === text)?.exact;
      const all = values.map(({ exact }) => exact);
      expect(exactOf(smallest)).toBe(all.reduce((one, other) => (one < other ? one : other)));
      expect(exactOf(largest)).toBe(all.reduce((one, other) => (one > other ? one : other)));
    }),
  );
});

test('numbers of different types are compared with each other', () => {
  const values = [
    NumberValue.from('10'),
    9n,
    8.5,
    NumberValue.from('-1E2'),
    1e21,
    1_000_000_000_000_000_000_001n,
  ];
  expect(profile(values)).toMatchObject({ smallest: '-1E2', largest: '1000000000000000000001', distinct: 6 });
});

test('false is ordered before true', () => {
  expect(profile([true, false, true])).toMatchObject({ distinct: 2, smallest: 'false', largest: 'true' });
});

test('values that cannot be compared are only counted', () => {
  expect(profile([['a'], { b: 1 }, 'c'])).toMatchObject({
    filled: 3,
    distinct: null,
    smallest: null,
    largest: null,
  });
});

import { z } from 'zod';
import {
  boolean,
  custom,
  date,
  decimal,
  integer,
  NumberValue,
  oneOf,
  text,
} from '../../../../functions/core/dataset/columns.ts';
import { dataset, type ItemOf } from '../../../../functions/core/dataset/dataset.ts';

const visits = dataset({
  name: 'visits',
  columns: {
    person: text({ aliases: ['Kunden-Nr'] }),
    day: date(),
    rating: integer({ empty: 'omit' }),
    fee: decimal({ empty: 'null' }),
    remark: text({ empty: 'text' }),
    paid: boolean({ true: ['yes'], false: ['no'] }, { required: false }),
    kind: oneOf(['a', 'b']),
  },
  key: 'P#{person}',
  sort: 'DAY#{day}#{kind}',
});

const sound = ['17', '2024-01-31', '5', '1.50', 'x', 'yes', 'a'];

test('a row becomes an item with both keys and an attribute for each column', () => {
  expect(visits.toItem(sound)).toEqual({
    pk: 'P#17',
    sk: 'DAY#2024-01-31#a',
    person: '17',
    day: '2024-01-31',
    rating: 5n,
    fee: NumberValue.from('1.5'),
    remark: 'x',
    paid: true,
    kind: 'a',
  });
});

test('an empty cell is left out, null, empty text, or rejects the row', () => {
  expect(visits.toItem(['17', '2024-01-31', ' ', '', '\u00A0', undefined, 'a'])).toEqual({
    pk: 'P#17',
    sk: 'DAY#2024-01-31#a',
    person: '17',
    day: '2024-01-31',
    fee: null,
    remark: '',
    kind: 'a',
  });
  expect(visits.toItem(['17', '', '5', '1', 'x', 'yes', 'a'])).toEqual({
    column: 'day',
    code: 'empty',
    reason: 'is empty',
  });
});

test('the first cell that is at fault rejects the row', () => {
  expect(visits.toItem(['17', '2024-01-32', 'five', '1', 'x', 'yes', 'c'])).toMatchObject({
    column: 'day',
    code: 'not_a_date',
  });
});

test('a key that DynamoDB does not take rejects the row', () => {
  const person = (length: number) => visits.toItem(['x'.repeat(length), ...sound.slice(1)]);
  expect(person(2_046)).toMatchObject({ pk: `P#${'x'.repeat(2_046)}` });
  expect(person(2_047)).toEqual({
    column: 'person',
    code: 'too_long',
    reason: 'makes a key of 2049 bytes; DynamoDB takes 2048',
  });
  const notes = dataset({ name: 'n', columns: { a: text(), b: text() }, key: '{a}', sort: '{a}-{b}' });
  expect(notes.toItem(['é'.repeat(256), 'é'.repeat(255)])).toHaveProperty('sk');
  expect(notes.toItem(['é'.repeat(256), 'é'.repeat(256)])).toMatchObject({ column: null, code: 'too_long' });
});

test('the type of the item follows from the columns', () => {
  type Visit = ItemOf<typeof visits>;
  const visit: Visit = {
    pk: '',
    sk: '',
    person: '',
    day: '',
    fee: null,
    remark: '',
    kind: 'a',
  };
  // @ts-expect-error a number is not text
  visit satisfies { person: number };
  const rating: bigint | undefined = visit.rating;
  const paid: boolean | undefined = visit.paid;
  const fee: NumberValue | null = visit.fee;
  const kind: 'a' | 'b' = visit.kind;
  // @ts-expect-error fee may be null
  const always: NumberValue = visit.fee;
  // @ts-expect-error there is no such column
  expect([rating, paid, fee, kind, always, visit.name]).toEqual([
    undefined,
    undefined,
    null,
    'a',
    null,
    undefined,
  ]);
});

const columns = { id: text(), note: text({ empty: 'omit' }) };

test.each([
  // @ts-expect-error no such column
  ['key names nam, which is no column', () => dataset({ name: 'x', columns, key: '{nam}' })],
  // @ts-expect-error it may be empty
  ['key names note, which may be empty', () => dataset({ name: 'x', columns, key: '{note}' })],
  // @ts-expect-error no column at all
  ['key must name a column in braces', () => dataset({ name: 'x', columns, key: 'ROW' })],
  // @ts-expect-error no such column
  ['sort names nam, which is no column', () => dataset({ name: 'x', columns, key: '{id}', sort: '{nam}' })],
  [
    '"id" names both id and other',
    () => dataset({ name: 'x', columns: { id: text(), other: text({ aliases: [' ID'] }) }, key: '{id}' }),
  ],
  [
    'no column can be called "pk"',
    () => dataset({ name: 'x', columns: { id: text(), pk: text() }, key: '{id}' }),
  ],
  [
    'a need not be there and so may be empty',
    () =>
      dataset({
        name: 'x',
        columns: { id: text(), a: text({ required: false, empty: 'reject' }) },
        key: '{id}',
      }),
  ],
  [
    'sort needs something between two columns',
    () => dataset({ name: 'x', columns: { a: text(), b: text() }, key: '{a}', sort: '{a}{b}' }),
  ],
  ['its name must be 1 to 32 of a-z', () => dataset({ name: 'X', columns, key: '{id}' })],
  [
    'tolerance.share must be from 0 to 1',
    () => dataset({ name: 'x', columns, key: '{id}', tolerance: { share: 5 } }),
  ],
  [
    'tolerance.rows must be a whole number',
    () => dataset({ name: 'x', columns, key: '{id}', tolerance: { rows: 0.5 } }),
  ],
  [
    'delimiter must be one character of ASCII',
    () => dataset({ name: 'x', columns, key: '{id}', delimiter: '||' }),
  ],
  ['delimiter cannot be the quote', () => dataset({ name: 'x', columns, key: '{id}', delimiter: '"' })],
])('what contradicts itself is refused when it is written down: %s', (problem, define) => {
  expect(define).toThrow(problem);
});

test('a key that a schema of your own makes empty rejects the row', () => {
  const own = dataset({ name: 'x', columns: { a: custom(z.string().transform(() => '')) }, key: '{a}' });
  expect(own.toItem(['x'])).toEqual({ column: 'a', code: 'empty', reason: 'makes an empty key' });
});

test('names are the same in any case, also where capitals have another letter', () => {
  expect(() =>
    dataset({
      name: 'x',
      columns: { a: text({ aliases: ['Straße'] }), b: text({ aliases: ['STRASSE'] }) },
      key: '{a}',
    }),
  ).toThrow('names both a and b');
});

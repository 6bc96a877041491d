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

const valid = ['17', '2024-01-31', '5', '1.50', 'x', 'yes', 'a'];

test('a row becomes an item with both keys and an attribute for each column', () => {
  expect(visits.toItem(valid)).toEqual({
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

test('a null marker of the dataset is an empty cell, in the same case, unless the column has its own', () => {
  const cities = dataset({
    name: 'cities',
    columns: {
      id: text(),
      country: text({ nulls: [] }),
      people: integer({ empty: 'null' }),
      mayor: text({ nulls: ['vacant'], empty: 'omit' }),
    },
    key: '{id}',
    nulls: ['NA', '-'],
  });
  expect(cities.toItem(['1', 'NA', ' - ', 'vacant'])).toEqual({
    pk: '1',
    id: '1',
    country: 'NA',
    people: null,
  });
  expect(cities.toItem(['1', 'NA', '5', 'NA'])).toMatchObject({ people: 5n, mayor: 'NA' });
  expect(cities.toItem(['1', 'NA', 'na', 'x'])).toMatchObject({ column: 'people', code: 'not_an_integer' });
  expect(cities.toItem(['NA', 'NA', '5', 'x'])).toMatchObject({ column: 'id', code: 'empty' });
});

test('the first cell that is at fault rejects the row', () => {
  expect(visits.toItem(['17', '2024-01-32', 'five', '1', 'x', 'yes', 'c'])).toMatchObject({
    column: 'day',
    code: 'not_a_date',
  });
});

test('a key that DynamoDB does not take rejects the row', () => {
  const person = (length: number) => visits.toItem(['x'.repeat(length), ...valid.slice(1)]);
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

test('a whole number in a key is padded, so that it sorts like one', () => {
  const lines = dataset({
    name: 'lines',
    columns: { id: text(), line: integer() },
    key: '{line}',
    sort: '{line:3}#{id}',
  });
  const sorted = ['9', '010', '+100', '1000', '-1'].map((line) => lines.toItem(['a', line]));
  const fault = {
    column: 'line',
    code: 'out_of_bounds',
    reason: 'is negative or has more than the 3 digits to which the key pads it',
  };
  expect(sorted).toEqual([
    { pk: '9', sk: '009#a', id: 'a', line: 9n },
    { pk: '10', sk: '010#a', id: 'a', line: 10n },
    { pk: '100', sk: '100#a', id: 'a', line: 100n },
    fault,
    fault,
  ]);
});

test('a key that a schema of your own makes empty rejects the row', () => {
  const own = dataset({ name: 'x', columns: { a: custom(z.string().transform(() => '')) }, key: '{a}' });
  expect(own.toItem(['x'])).toEqual({ column: 'a', code: 'empty', reason: 'makes an empty key' });
});

describe('a check across columns', () => {
  const stays = (
    check: (item: { readonly arrival: string; readonly tags: string[] }) => string | undefined,
  ) =>
    dataset({
      name: 'stays',
      columns: {
        guest: text(),
        arrival: date(),
        tags: custom(z.string().transform((cell) => cell.split(' '))),
      },
      key: 'GUEST#{guest}',
      check,
    });
  const row = ['7', '2024-05-01', 'a b'];
  const rejection = { column: null, code: 'check_failed', reason: "fails the dataset's check" };

  test('rejects a row with a fixed reason, and says in the detail what the check said', () => {
    expect(stays(({ arrival }) => `arrives on ${arrival}`).toItem(row)).toEqual({
      ...rejection,
      detail: 'arrives on 2024-05-01',
    });
    expect(stays(() => undefined).toItem(row)).toMatchObject({ pk: 'GUEST#7' });
  });

  test('is not called for a row that is rejected anyway', () => {
    const unreachable = stays(() => 'called');
    expect(unreachable.toItem(['7', 'tomorrow', 'a'])).toMatchObject({ code: 'not_a_date' });
  });

  test('rejects a row when it throws, without its error', () => {
    const failing = stays(({ arrival }) => {
      throw new Error(arrival);
    });
    expect(failing.toItem(row)).toEqual(rejection);
  });

  test('cannot fill the report', () => {
    const { detail } = Object(stays(() => 'x'.repeat(1e6)).toItem(row));
    expect(detail).toHaveLength(200);
  });

  test('cannot change what is stored', () => {
    const greedy = stays((item) => {
      item.tags.push('c');
      Object.assign(item, { arrival: 'never', pk: 'GUEST#8' });
      return undefined;
    });
    expect(greedy.toItem(row)).toEqual({
      pk: 'GUEST#7',
      guest: '7',
      arrival: '2024-05-01',
      tags: ['a', 'b'],
    });
  });

  test('that is async is a problem of the dataset', () => {
    const definition = { name: 'x', columns: { id: text() }, key: '{id}' } as const;
    const check: () => undefined = Object(async () => undefined);
    expect(dataset({ ...definition, check }).problem).toMatch(
      /check must be a function that is not async, not/,
    );
  });
});

test('what makes no sense in the checks across rows is a problem of the dataset', () => {
  const of = (options: object) =>
    dataset({ name: 'x', columns: { id: text(), email: text() }, key: '{id}', ...options }).problem;
  expect(of({ unique: ['emial'] })).toMatch(
    /unique names emial, which is not a column \(did you mean "email"\?\)/,
  );
  expect(of({ unique: ['email', 'email'] })).toMatch(/unique names email twice/);
  expect(of({ unique: 'email' })).toMatch(/unique must be an array of columns, not "email"/);
  expect(of({ expect: { rows: { min: 2, max: 1 } } })).toMatch(
    /expect.rows must not have a min above its max/,
  );
  expect(of({ expect: { rows: {} } })).toMatch(/expect.rows must have min or max/);
  expect(of({ expect: { rows: { min: 1.5 } } })).toMatch(/expect.rows.min must be a whole number, 0 or more/);
  expect(of({ unique: ['email'], expect: { rows: { max: 0 } } })).toBeUndefined();
});

test('a row that deletes an item needs nothing but its key', () => {
  const changes = dataset({
    name: 'changes',
    columns: {
      op: oneOf(['I', 'U', 'D'], { required: false }),
      ...{ id: integer(), line: text(), count: integer(), note: text() },
    },
    key: '{id}',
    sort: '{line}',
    unique: ['id'],
    check: ({ count }) => (count > 5 ? 'too many' : undefined),
    load: { operation: { column: 'op', delete: ['D'] } },
  });
  expect(changes.toItem(['D', '1', 'a', '', ''])).toEqual({ pk: '1', sk: 'a', op: 'D' });
  expect(changes.toItem([' D ', '1', 'a', '9', 'x'])).toEqual({ pk: '1', sk: 'a', op: 'D' });
  expect(changes.toItem(['D', 'x', 'a', '', ''])).toMatchObject({ column: 'id', code: 'not_an_integer' });
  expect(changes.toItem(['D', '1', '', '', ''])).toMatchObject({ column: 'line', code: 'empty' });
  expect(changes.toItem(['X', '1', 'a', '1', 'x'])).toMatchObject({ column: 'op' });
  expect(changes.toItem(['U', '1', 'a', '', 'x'])).toMatchObject({ column: 'count', code: 'empty' });
  expect(changes.toItem(['U', '1', 'a', '9', 'x'])).toMatchObject({ code: 'check_failed' });
  expect(changes.toItem(['I', '1', 'a', '1', 'x'])).toMatchObject({ pk: '1', sk: 'a', op: 'I', note: 'x' });
  // A full export has no such column.
  expect(changes.toItem([undefined, '1', 'a', '1', 'x'])).toMatchObject({ pk: '1', sk: 'a', note: 'x' });
});

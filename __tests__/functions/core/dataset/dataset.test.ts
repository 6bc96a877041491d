import { z } from 'zod';
import {
  binary,
  boolean,
  custom,
  date,
  dateTime,
  decimal,
  integer,
  NumberValue,
  oneOf,
  text,
} from '../../../../functions/core/dataset/columns.ts';
import { dataset, type ItemOf, ofUpload, uniqueValue } from '../../../../functions/core/dataset/dataset.ts';
import { keyFrom, keyOf, type TableKey } from '../../../../functions/core/dataset/shape/table-key.ts';
import { itemHash } from '../../../../functions/core/table/identity.ts';

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

const ownKeys = dataset({
  name: 'own-keys',
  columns: { orderId: text(), line: integer(), code: binary({ encoding: 'hex' }), day: date() },
  key: { orderId: '{orderId}' },
  sort: { 'line#': '{line}' },
});

test('a key has the name that the dataset gives it, and a number alone is a number', () => {
  expect(ownKeys.toItem(['A1', '007', 'ff', '2025-01-02'])).toEqual({
    orderId: 'A1',
    'line#': 7n,
    line: 7n,
    code: Buffer.from('ff', 'hex'),
    day: '2025-01-02',
  });
  expect(ownKeys.key.map((attribute) => [attribute?.name, attribute?.type])).toEqual([
    ['orderId', 'S'],
    ['line#', 'N'],
  ]);
  const visit: Pick<ItemOf<typeof ownKeys>, 'orderId' | 'line#'> = { orderId: 'A1', 'line#': 7n };
  // @ts-expect-error a number is not text
  visit satisfies { 'line#': string };
  const bytes = dataset({
    name: 'bytes',
    columns: { code: binary({ encoding: 'hex' }), price: decimal(), n: integer() },
    key: { digest: '{code}' },
    sort: { text: '{n:3}' },
  });
  const item: Pick<ItemOf<typeof bytes>, 'digest' | 'text'> = { digest: Buffer.from([255]), text: '007' };
  expect(bytes.toItem(['ff', '1.5', '7'])).toMatchObject(item);
  expect(bytes.toItem(['ff'.repeat(2_049), '1.5', '7'])).toMatchObject({ column: 'code', code: 'too_long' });
});

const moved = dataset({
  name: 'moved',
  columns: {
    order_id: text({ attribute: 'id' }),
    city: text({ attribute: 'customer.address.city', required: false }),
    zip: text({ attribute: 'customer.address.zip' }),
    name: text({ attribute: 'customer.name', empty: 'null' }),
    'a.b': integer(),
  },
  key: { id: '{order_id}' },
  constants: { entity: 'ORDER', version: 2 },
});

test('a column becomes the attribute that it names, in maps where it has dots, beside constants', () => {
  const item: ItemOf<typeof moved> = {
    id: 'A1',
    customer: { address: { city: 'Oslo', zip: '0150' }, name: null },
    'a.b': 7n,
    entity: 'ORDER',
    version: 2,
  };
  expect(moved.toItem(['A1', 'Oslo', '0150', '', '7'])).toEqual(item);
  expect(
    JSON.stringify(moved.toItem(['A1', undefined, '0150', 'Ada', '7']), (_, value) => Number(value) || value),
  ).toBe('{"id":"A1","customer":{"address":{"zip":150},"name":"Ada"},"a.b":7,"entity":"ORDER","version":2}');
  const city: string | undefined = item.customer.address.city;
  // @ts-expect-error it may be null
  const name: string = item.customer.name;
  // @ts-expect-error it is called id
  expect([city, name, item.order_id]).toEqual(['Oslo', null, undefined]);
});

test('the hash of an item depends on what is in its maps, and on its constants', () => {
  const hashes = ['0150', '0151'].map((zip) => itemHash(Object(moved.toItem(['A1', 'Oslo', zip, '', '7']))));
  expect(new Set(hashes).size).toBe(2);
});

test('a unique column is compared where it is stored', () => {
  const unique = dataset({
    name: 'unique',
    columns: { id: text(), mail: text({ attribute: 'contact.mail', empty: 'omit' }) },
    key: '{id}',
    unique: ['mail'],
  });
  const [mail] = unique.unique;
  expect(
    ['a@b', undefined].map((cell) => mail && uniqueValue(Object(unique.toItem(['1', cell])), mail)),
  ).toEqual(['a@b', undefined]);
});

const upload = { key: 'orders/a.csv', versionId: 'v1', uploaded: '2026-01-01T00:00:00.500Z' };

test('an item expires days after a date, a time or its upload', () => {
  const expiring = <C extends Parameters<typeof dataset>[0]['columns']>(each: C) => ({
    columns: { id: text(), ...each },
    key: '{id}' as const,
  });
  const fromColumn = (column: ReturnType<typeof date>, cell: string) =>
    dataset({
      name: 'x',
      ...expiring({ at: column }),
      ttl: { attribute: 'expires', from: 'at', days: 400 },
    }).toItem(['1', cell]);
  const days = (from: string) => Date.parse(from) / 1_000 + 400 * 86_400;
  expect(fromColumn(date(), '2024-02-29')).toMatchObject({ expires: days('2024-02-29T00:00Z') });
  const local = dateTime({ fraction: 9 });
  expect(fromColumn(local, '2024-02-29T12:00:00')).toMatchObject({ expires: days('2024-02-29T12:00Z') });
  const offset = dateTime({ format: 'YYYY-MM-DD HH:mm Z' });
  expect(fromColumn(offset, '2024-02-29 12:00 +02:00')).toMatchObject({ expires: days('2024-02-29T10:00Z') });
  const optional = dataset({
    name: 'x',
    columns: { id: text(), at: date({ empty: 'omit' }) },
    key: '{id}',
    ttl: { attribute: 'expires', from: 'at', days: 1 },
  });
  expect(optional.toItem(['1', ''])).toEqual({ pk: '1', id: '1' });
  const uploaded = dataset({
    name: 'x',
    columns: { id: text() },
    key: '{id}',
    ttl: { attribute: 'expires', days: 0.5 },
  });
  const item: ItemOf<typeof uploaded> = {
    pk: '1',
    id: '1',
    expires: Date.parse('2026-01-01T12:00Z') / 1_000,
  };
  expect(ofUpload(uploaded, upload).toItem(['1'])).toEqual(item);
  expect(uploaded.ttl).toBe('expires');
});

const indexed = dataset({
  name: 'indexed',
  columns: { id: text(), customer: text({ attribute: 'customerId' }), line: integer(), day: date() },
  key: '{id}',
  indexes: {
    byCustomer: { key: { customerId: '{customer}' }, sort: '{day}#{line:4}' },
    byDay: { key: 'DAY#{day}', sort: { line: '{line}' }, projection: ['customerId'] },
    inverted: { key: { day: '{day}' }, sort: { pk: '{id}' }, projection: 'keys' },
  },
});

test('an item has the attributes of the indexes, beside those that columns and keys are anyway', () => {
  const item: ItemOf<typeof indexed> = {
    pk: '7',
    id: '7',
    customerId: 'C1',
    line: 3n,
    day: '2026-01-02',
    byCustomer_sk: '2026-01-02#0003',
    byDay_pk: 'DAY#2026-01-02',
  };
  // @ts-expect-error it is text
  item.byDay_pk satisfies number;
  // The table's key is text, and so is that of the index.
  expect(indexed.problem).toBeUndefined();
  expect(indexed.toItem(['7', 'C1', '3', '2026-01-02'])).toEqual(item);
  expect(indexed.indexes).toMatchObject([
    {
      name: 'byCustomer',
      key: [{ name: 'customerId', type: 'S' }, { name: 'byCustomer_sk' }],
      projection: 'all',
    },
    { name: 'byDay', key: [{ name: 'byDay_pk' }, { name: 'line', type: 'N' }], projection: ['customerId'] },
    { name: 'inverted', key: [{ name: 'day' }, { name: 'pk' }], projection: 'keys' },
  ]);
});

test('a key of an index that DynamoDB does not take rejects the row, even if a column is that key', () => {
  expect(indexed.toItem(['7', 'x'.repeat(2_049), '3', '2026-01-02'])).toEqual({
    column: 'customer',
    code: 'too_long',
    reason: 'makes a key of 2049 bytes; DynamoDB takes 2048, in the index byCustomer',
  });
  expect(indexed.toItem(['7', 'C1', '-3', '2026-01-02'])).toMatchObject({
    column: 'line',
    code: 'out_of_bounds',
  });
});

test('derived attributes follow from the row and the upload', () => {
  const derived = dataset({
    name: 'derived',
    columns: { id: text(), name: text({ attribute: 'person.name' }), age: integer({ empty: 'omit' }) },
    key: '{id}',
    derive: ({ name, age }, { key, version, time }) => ({
      search: name.toLowerCase(),
      nextAge: age === undefined ? undefined : age + 1n,
      from: [key, version ?? null, time],
    }),
  });
  const item: ItemOf<typeof derived> = {
    pk: '1',
    id: '1',
    person: { name: 'Ada' },
    age: 36n,
    search: 'ada',
    nextAge: 37n,
    from: [upload.key, upload.versionId, upload.uploaded],
  };
  const bound = ofUpload(derived, upload);
  expect(bound.toItem(['1', 'Ada', '36'])).toEqual(item);
  expect(bound.toItem(['1', 'Ada', ''])).not.toHaveProperty('nextAge');
  // @ts-expect-error it is text
  item.search satisfies number;
});

test.each<[string, (row: { name: string }) => unknown, string, string | undefined]>([
  [
    'throws',
    ({ name }) => {
      throw new Error(name);
    },
    'throws an error',
    undefined,
  ],
  ['returns nothing', () => undefined, 'returns no plain object', undefined],
  ['returns a map', () => new Map(), 'returns no plain object', undefined],
  ['returns a date', () => ({ at: new Date(0) }), 'returns a value that DynamoDB cannot store', 'at'],
  ['returns no number', () => ({ n: Number.NaN }), 'returns a value that DynamoDB cannot store', 'n'],
  ['returns a column', () => ({ name: 'x' }), 'returns an attribute that the item has anyway', 'name'],
  ['returns the key', () => ({ pk: 'x' }), 'returns an attribute that the item has anyway', 'pk'],
  [
    'names an attribute after a cell',
    ({ name }) => ({ [name.repeat(256)]: 1 }),
    'returns an attribute whose name DynamoDB does not take',
    expect.any(String),
  ],
])('a derive that %s rejects the row, and its reason has no cell', (_, derive, reason, detail) => {
  const { toItem, problem } = dataset({
    name: 'x',
    columns: { id: text(), name: text() },
    key: '{id}',
    derive: derive as () => Record<string, string>,
  });
  expect(problem).toBeUndefined();
  expect(toItem(['1', 'Q'])).toEqual({
    column: null,
    code: 'derive_failed',
    reason: `cannot be derived: derive ${reason}`,
    ...(detail !== undefined && { detail }),
  });
});

test('a load that skips rows which have not changed passes nothing of the upload to derive', () => {
  const given: unknown[] = [];
  const followed = dataset({
    name: 'x',
    columns: { id: text() },
    key: '{id}',
    load: { changesOnly: true, feed: 'object' },
    derive: (...all) => {
      given.push(...all);
      return {};
    },
  });
  expect(ofUpload(followed, upload).toItem(['1'])).toEqual({ pk: '1', id: '1' });
  expect(given).toEqual([{ id: '1' }]);
});

test('the text of a key gives its attributes back', () => {
  const [item] = [ownKeys.toItem(['A1', '-12', 'ff', '2025-01-02'])];
  const text = keyOf(ownKeys.key, { ...item });
  expect(text).toBe('A1\0-12');
  expect(keyFrom(ownKeys.key, text)).toEqual({ orderId: 'A1', 'line#': NumberValue.from('-12') });
  const bytes: TableKey = [{ name: 'b', type: 'B', template: '{b}' }];
  const key = { b: Buffer.from([0, 255]) };
  expect(keyFrom(bytes, keyOf(bytes, { ...key, other: 1 }))).toEqual(key);
});

const columns = { id: text(), note: text({ empty: 'omit' }) };
const numbers = { id: text(), line: integer(), price: decimal() };

test.each([
  // @ts-expect-error no such column
  ['key names dd, which is not a column (did you mean "id"?)', dataset({ name: 'x', columns, key: '{dd}' })],
  // @ts-expect-error no such column, nor one like it
  ['key names price, which is not a column', dataset({ name: 'x', columns, key: '{price}' })],
  // @ts-expect-error it may be empty
  ['key names note, which may be empty', dataset({ name: 'x', columns, key: '{note}' })],
  [
    'key must name a column in braces; without one, every row has the same key',
    // @ts-expect-error no column at all
    dataset({ name: 'x', columns, key: 'ROW' }),
  ],
  [
    'sort names nam, which is not a column',
    // @ts-expect-error no such column
    dataset({ name: 'x', columns, key: '{id}', sort: '{nam}' }),
  ],
  [
    'sort names line, a number, which would sort as text, with 10 before 9; pad it to as many digits as it can have, such as {line:6}, or make it part of key',
    // @ts-expect-error it needs a width
    dataset({ name: 'x', columns: numbers, key: '{id}', sort: '{line}' }),
  ],
  [
    'sort names price, a number that may have a fraction, which would sort as text; make it part of key, or use an integer() with a width such as {price:6}',
    // @ts-expect-error it cannot be padded
    dataset({ name: 'x', columns: numbers, key: '{id}', sort: '{price}' }),
  ],
  [
    'sort pads id, which is not a whole number',
    // @ts-expect-error it is text
    dataset({ name: 'x', columns: numbers, key: '{id}', sort: '{id:6}' }),
  ],
  [
    'sort pads line to 0 digits; the width must be from 1 to 38',
    dataset({ name: 'x', columns: numbers, key: '{id}', sort: '{line:0}' }),
  ],
  [
    'nulls must be an array of strings, not "NA"',
    // @ts-expect-error not an array
    dataset({ name: 'x', columns, key: '{id}', nulls: 'NA' }),
  ],
  [
    "key must be a template such as 'ORDER#{id}', or an attribute with its template, not undefined",
    // @ts-expect-error it is required
    dataset({ name: 'x', columns }),
  ],
  [
    'it has two columns called "id": id and other',
    dataset({ name: 'x', columns: { id: text(), other: text({ aliases: [' ID'] }) }, key: '{id}' }),
  ],
  [
    'it has both the key and the column pk as the attribute pk; rename one of them',
    dataset({ name: 'x', columns: { id: text(), pk: text() }, key: '{id}' }),
  ],
  [
    'it has both the key and the column n as the attribute n; rename one of them',
    // A text cannot be the same attribute as a number.
    dataset({ name: 'x', columns: { id: text(), n: integer() }, key: { n: 'N#{n}' } }),
  ],
  [
    'it has both the column a and the column b as the attribute x.y; rename one of them',
    dataset({
      name: 'x',
      columns: { id: text(), a: text({ attribute: 'x.y' }), b: text({ attribute: 'x.y' }) },
      key: '{id}',
    }),
  ],
  [
    'it has the column a as x.y, but the column x as x, which is no map; rename one of them',
    dataset({ name: 'x', columns: { id: text(), a: text({ attribute: 'x.y' }), x: text() }, key: '{id}' }),
  ],
  [
    'it has the column a as pk.y, but the key as pk, which is no map; rename one of them',
    dataset({ name: 'x', columns: { id: text(), a: text({ attribute: 'pk.y' }) }, key: '{id}' }),
  ],
  [
    'it has both the column id and the constant id as the attribute id; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', constants: { id: 'x' } }),
  ],
  [
    'a.attribute names ""; a name must have 1 to 255 bytes',
    dataset({ name: 'x', columns: { id: text(), a: text({ attribute: 'x..y' }) }, key: '{id}' }),
  ],
  [
    'constants.when is no value that DynamoDB can store',
    // @ts-expect-error no date
    dataset({ name: 'x', columns, key: '{id}', constants: { when: new Date(0) } }),
  ],
  [
    'load.mode is "merge", which cannot set x.y of the column a, because an item may lack the map around it; choose an attribute without a dot',
    dataset({
      name: 'x',
      columns: { id: text(), a: text({ attribute: 'x.y' }) },
      key: '{id}',
      load: { mode: 'merge' },
    }),
  ],
  [
    'load.operation.column names op, which is not stored; remove the attribute of the column',
    dataset({
      name: 'x',
      columns: { id: text(), op: text({ attribute: 'x' }) },
      key: '{id}',
      load: { operation: { column: 'op', delete: ['D'] } },
    }),
  ],
  [
    'derive must be a function that is not async, not [AsyncFunction: derive]',
    // @ts-expect-error it is async
    dataset({ name: 'x', columns, key: '{id}', derive: async () => ({}) }),
  ],
  [
    'derive may have only one parameter, the row: changesOnly and "replace" skip rows that have not changed, and what is derived from the upload changes in every row',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      load: { mode: 'replace', feed: 'object' },
      derive: (_, { time }) => ({ time }),
    }),
  ],
  [
    'derive does not work with the mode "merge", whose files may lack columns; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      load: { mode: 'merge' },
      derive: ({ id }) => ({ upper: id }),
    }),
  ],
  [
    'ttl.from names id, which is not a date or a time',
    dataset({ name: 'x', columns, key: '{id}', ttl: { attribute: 'expires', from: 'id', days: 1 } }),
  ],
  [
    'ttl.days must be more than 0 and at most 36500, not 0',
    dataset({ name: 'x', columns, key: '{id}', ttl: { attribute: 'expires', days: 0 } }),
  ],
  [
    'it has both the column id and ttl as the attribute id; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', ttl: { attribute: 'id', days: 1 } }),
  ],
  [
    'ttl.from must name a column, because changesOnly and "replace" skip rows that have not changed, and the time of the upload changes in every row',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      ttl: { attribute: 'expires', days: 1 },
      load: { changesOnly: true, feed: 'object' },
    }),
  ],
  [
    'indexes.byNote.key names note, which may be empty',
    // @ts-expect-error it may be empty
    dataset({ name: 'x', columns, key: '{id}', indexes: { byNote: { key: '{note}' } } }),
  ],
  [
    'it has both the column note and a key of the index byId as the attribute note; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', indexes: { byId: { key: { note: 'N#{id}' } } } }),
  ],
  [
    'indexes.x must have a name of 3 to 250 letters, digits, _, - and .',
    dataset({ name: 'x', columns, key: '{id}', indexes: { x: { key: '{id}' } } }),
  ],
  [
    'it has both the key and the sort key as the attribute id; rename one of them',
    dataset({ name: 'x', columns, key: { id: '{id}' }, sort: { id: '{id}' } }),
  ],
  [
    'key must have exactly one attribute, with its template',
    dataset({ name: 'x', columns, key: { id: '{id}', other: '{id}' } }),
  ],
  ['key names ""; a name must have 1 to 255 bytes', dataset({ name: 'x', columns, key: { '': '{id}' } })],
  [
    'key names note, which may be empty',
    // @ts-expect-error it may be empty
    dataset({ name: 'x', columns, key: { other: '{note}' } }),
  ],
  [
    'key names code, which is not text, a number, a date or a boolean',
    // @ts-expect-error bytes are not text
    dataset({ name: 'x', columns: { code: binary({ encoding: 'hex' }) }, key: { id: 'C#{code}' } }),
  ],
  [
    'it has a column called "__proto__", which is not allowed; rename it, and make this an alias',
    dataset({ name: 'x', columns: { id: text(), ['__proto__']: text() }, key: '{id}' }),
  ],
  [
    'a is not required and so may be empty, but rejects empty cells',
    dataset({
      name: 'x',
      columns: { id: text(), a: text({ required: false, empty: 'reject' }) },
      key: '{id}',
    }),
  ],
  [
    'sort needs something between two columns; without it, 1 and 23 make the same key as 12 and 3',
    dataset({ name: 'x', columns: { a: text(), b: text() }, key: '{a}', sort: '{a}{b}' }),
  ],
  // @ts-expect-error the kind is not called
  ['a must be a column, such as text()', dataset({ name: 'x', columns: { a: text }, key: '{a}' })],
  [
    'tolerance.share must be from 0 to 1, not 5',
    dataset({ name: 'x', columns, key: '{id}', tolerance: { share: 5 } }),
  ],
  [
    'tolerance.rows must be a whole number, 0 or more, not 0.5',
    dataset({ name: 'x', columns, key: '{id}', tolerance: { rows: 0.5 } }),
  ],
  [
    'tolerance must have either rows or share',
    // @ts-expect-error both
    dataset({ name: 'x', columns, key: '{id}', tolerance: { rows: 1, share: 0.5 } }),
  ],
  [
    'tolerance has the unknown option "row" (did you mean "rows"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', tolerance: { rows: 1, row: 1 } }),
  ],
  [
    'it has the unknown option "tolerence" (did you mean "tolerance"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', tolerence: { rows: 1 } }),
  ],
  [
    'duplicates must be "last-wins" or "reject", not "last-win" (did you mean "last-wins"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', duplicates: 'last-win' }),
  ],
  [
    'load.mode must be "upsert", "insert", "merge" or "replace", not "inserts" (did you mean "insert"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'inserts' } }),
  ],
  [
    'it has both the column _upload and the name of the upload as the attribute _upload; rename one of them',
    dataset({ name: 'x', columns: { id: text(), _upload: text() }, key: '{id}', load: { mode: 'insert' } }),
  ],
  [
    'load.newest has no effect on an insert, which never replaces an item; remove one of the two',
    // @ts-expect-error a contradiction
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'insert', newest: { attribute: 'at' } } }),
  ],
  [
    'load.mode cannot be "merge" in a dataset of 501 columns; DynamoDB sets at most 500 at once',
    dataset({
      name: 'x',
      columns: {
        ...columns,
        ...Object.fromEntries(Array.from({ length: 499 }, (_, i) => [`c${i}`, text()])),
      },
      key: '{id}',
      load: { mode: 'merge' },
    }),
  ],
  [
    'load.operation contradicts newest, since a deleted item has no time; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { newest: { attribute: 'at' }, operation: { column: 'note', delete: ['D'] } },
    }),
  ],
  [
    'load.operation contradicts an insert, which never deletes an item; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { mode: 'insert', operation: { column: 'note', delete: ['D'] } },
    }),
  ],
  [
    'load.operation.column names notes, which is not a column (did you mean "note"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', load: { operation: { column: 'notes', delete: ['D'] } } }),
  ],
  [
    'load.operation.column names id, which is part of the key, so that a row deletes nothing; take it out of the key',
    dataset({ name: 'x', columns, key: '{id}', load: { operation: { column: 'id', delete: ['D'] } } }),
  ],
  [
    'load.operation.delete names "X", which is not text that the column op can have',
    dataset({
      name: 'x',
      columns: { ...columns, op: oneOf(['I', 'D']) },
      key: '{id}',
      load: { operation: { column: 'op', delete: ['D', 'X'] } },
    }),
  ],
  [
    'load.operation.delete names "1", which is not text that the column n can have',
    dataset({
      name: 'x',
      columns: { ...columns, n: integer() },
      key: '{id}',
      // @ts-expect-error not text
      load: { operation: { column: 'n', delete: ['1'] } },
    }),
  ],
  [
    'load.operation.delete must have at least one value',
    // @ts-expect-error none
    dataset({ name: 'x', columns, key: '{id}', load: { operation: { column: 'note', delete: [] } } }),
  ],
  [
    'it has both the column id and load.newest as the attribute id; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', load: { newest: { attribute: 'id' } } }),
  ],
  [
    'it has both the key and load.newest as the attribute pk; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', load: { newest: { attribute: 'pk' } } }),
  ],
  [
    "load.changesOnly needs to know which uploads follow each other: add feed: 'object' if a file comes under the same name each time, or feed: 'dataset' if its name changes and each file of the dataset replaces the one before",
    // @ts-expect-error no feed
    dataset({ name: 'x', columns, key: '{id}', load: { changesOnly: true } }),
  ],
  [
    'load.feed must be "object" or "dataset", not "key"',
    // @ts-expect-error no such feed
    dataset({ name: 'x', columns, key: '{id}', load: { changesOnly: true, feed: 'key' } }),
  ],
  [
    'load.feed has no effect without changesOnly: true or mode: "replace"; remove it, or add one of these',
    // @ts-expect-error without effect
    dataset({ name: 'x', columns, key: '{id}', load: { feed: 'object' } }),
  ],
  [
    'load.changesOnly works with the mode "upsert" alone, not with "merge"; remove one of the two',
    // @ts-expect-error a contradiction
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'merge', changesOnly: true, feed: 'object' } }),
  ],
  [
    'load.changesOnly contradicts newest, since the feed then does not show what the table has; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { changesOnly: true, feed: 'object', newest: { attribute: 'at' } },
    }),
  ],
  [
    "load.mode is \"replace\", which needs to know which uploads follow each other: add feed: 'object' if a file comes under the same name each time, or feed: 'dataset' if its name changes and each file of the dataset replaces the one before",
    // @ts-expect-error no feed
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'replace' } }),
  ],
  [
    'load.mode is "replace", which contradicts newest, since the feed then does not show what the table has; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { mode: 'replace', feed: 'object', newest: { attribute: 'at' } },
    }),
  ],
  [
    'load.changesOnly is what "replace" does anyway; remove it',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { mode: 'replace', changesOnly: true, feed: 'object' },
    }),
  ],
  [
    'load.listChanges has no effect without changesOnly: true or mode: "replace"; remove it, or add one of these',
    // @ts-expect-error without effect
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'insert', listChanges: true } }),
  ],
  [
    'load.maxRemoved has no effect without mode: "replace"; remove it, or add that',
    // @ts-expect-error without effect
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'upsert', maxRemoved: { share: 1 } } }),
  ],
  [
    'load.maxRemoved must have share, rows, or both',
    // @ts-expect-error no limit
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'replace', feed: 'object', maxRemoved: {} } }),
  ],
  [
    'load.maxRemoved.share must be from 0 to 1, not 20',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      load: { mode: 'replace', feed: 'object', maxRemoved: { share: 20 } },
    }),
  ],
  [
    'load.newest.attribute must be 1 to 255 bytes long',
    dataset({ name: 'x', columns, key: '{id}', load: { newest: { attribute: '' } } }),
  ],
  [
    'load.newest.attribute must be a string, not undefined',
    // @ts-expect-error missing
    dataset({ name: 'x', columns, key: '{id}', load: { newest: {} } }),
  ],
  [
    "encodings must be one encoding in brackets, such as ['shift_jis'], or ['utf-8', 'windows-1252'], not [ 'windows-1252', 'utf-8' ]",
    // @ts-expect-error in the wrong order
    dataset({ name: 'x', columns, key: '{id}', encodings: ['windows-1252', 'utf-8'] }),
  ],
  [
    'encodings has the unknown encoding "shift_jiss" (did you mean "shift_jis"?); use a name that TextDecoder knows, or convert the files to UTF-8',
    dataset({ name: 'x', columns, key: '{id}', encodings: ['shift_jiss'] }),
  ],
  [
    'encodings has the unknown encoding "cp932" (it is "shift_jis" here); use a name that TextDecoder knows, or convert the files to UTF-8',
    dataset({ name: 'x', columns, key: '{id}', encodings: ['cp932'] }),
  ],
  [
    'encodings has the unknown encoding "cp850"; use a name that TextDecoder knows, or convert the files to UTF-8',
    dataset({ name: 'x', columns, key: '{id}', encodings: ['cp850'] }),
  ],
  [
    'encodings has UTF-7, which is not supported; convert the files to UTF-8',
    dataset({ name: 'x', columns, key: '{id}', encodings: ['UTF-7'] }),
  ],
  [
    'delimiter must be one character other than a line break or the quote, not "||"',
    dataset({ name: 'x', columns, key: '{id}', delimiter: '||' }),
  ],
  [
    'delimiter must be one character other than a line break or the quote, not "\\""',
    dataset({ name: 'x', columns, key: '{id}', delimiter: '"' }),
  ],
])('a dataset says what is wrong with it, and cannot be used: %s', (problem, { problem: found, toItem }) => {
  const sentence = `The dataset "x" is invalid: ${problem}.`;
  expect(found).toBe(sentence);
  expect(() => toItem([])).toThrow(sentence);
});

test('a name that cannot be part of a table name is invalid', () => {
  expect(dataset({ name: 'X', columns, key: '{id}' }).problem).toBe(
    'The dataset "X" is invalid: name must be 1 to 32 characters of a-z, 0-9 and -, starting with a letter.',
  );
});

test('all columns whose options are wrong are named in one sentence', () => {
  const orders = dataset({
    name: 'orders',
    columns: {
      // @ts-expect-error misspelt
      price: decimal({ emtpy: 'omit' }),
      // @ts-expect-error misspelt
      ordered: date({ empty: 'ommit' }),
      id: text(),
    },
    key: '{id}',
  });
  expect(orders.problem).toBe(
    'The dataset "orders" is invalid: price has the unknown option "emtpy" (did you mean "empty"?); ordered.empty must be "reject", "omit", "null" or "text", not "ommit" (did you mean "omit"?).',
  );
});

test('a key that a schema of your own makes empty rejects the row', () => {
  const own = dataset({ name: 'x', columns: { a: custom(z.string().transform(() => '')) }, key: '{a}' });
  expect(own.toItem(['x'])).toEqual({ column: 'a', code: 'empty', reason: 'makes an empty key' });
});

test('names are the same in any case, also where capitals have another letter', () => {
  const { problem } = dataset({
    name: 'x',
    columns: { a: text({ aliases: ['Straße'] }), b: text({ aliases: ['STRASSE'] }) },
    key: '{a}',
  });
  expect(problem).toContain('has two columns called "strasse": a and b');
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

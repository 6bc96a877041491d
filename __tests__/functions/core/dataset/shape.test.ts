/** Where the values of an item are, and what it has besides those of the columns. */

import {
  binary,
  date,
  dateTime,
  decimal,
  integer,
  NumberValue,
  text,
} from '../../../../functions/core/dataset/columns.ts';
import { dataset, type ItemOf, ofUpload, uniqueValue } from '../../../../functions/core/dataset/dataset.ts';
import { keyFrom, keyOf, type TableKey } from '../../../../functions/core/dataset/shape/table-key.ts';
import { itemHash } from '../../../../functions/core/table/identity.ts';

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

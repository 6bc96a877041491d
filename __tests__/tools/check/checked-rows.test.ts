import { orders } from '../../../datasets/orders.ts';
import { readRecords } from '../../../functions/core/csv/records.ts';
import { text } from '../../../functions/core/dataset/columns.ts';
import type { Dataset } from '../../../functions/core/dataset/dataset.ts';
import { loadOf } from '../../../functions/core/dataset/load.ts';
import type { Format } from '../../../functions/core/messages.ts';
import { CheckedRows, type RowFindings } from '../../../tools/check/checked-rows.ts';
import { MAX_KEYS } from '../../../tools/check/last-lines.ts';
import { reader } from '../../support/bytes.ts';

const header = ['order_id', ' Position', ...orders.columns.slice(2, -1).map(({ name }) => name)];

/** The findings in rows of `orders` whose last column is missing. */
async function findings(rows: readonly string[], dataset: Dataset = orders): Promise<RowFindings> {
  const bytes = Buffer.from(rows.join('\n'));
  const format: Format = {
    dataset: orders.name,
    compression: 'none',
    encoding: 'utf-8',
    size: bytes.length,
    delimiter: ';',
    width: header.length,
    isPadded: false,
    columns: [...header.keys(), -1],
    headerEnd: 0,
    headerLines: 1,
    ignored: [],
    warnings: [],
  };
  const checked = new CheckedRows(format, header, dataset, MAX_KEYS);
  const range = { start: 0, end: bytes.length, size: bytes.length };
  for await (const batch of readRecords(reader(bytes), range, format)) checked.add(batch);
  return checked.findings();
}

const noCells = { filled: 0, empty: 0, rejected: 0, distinct: 0, smallest: null, largest: null };

test('each cell is counted in its column, also in rejected rows', async () => {
  const { columns, counts, rejects } = await findings([
    '1;1;c;a;1.000;1,50;31.01.2024;;offen;ja',
    // Three cells are invalid; the row is rejected because of the first.
    '2;x;c;;10;y;01.02.2024;;offen;',
  ]);
  const byName = Object.fromEntries(columns.map(({ name, ...column }) => [name, column]));
  expect(byName).toMatchObject({
    order_id: { header: 'order_id', filled: 2, empty: 0, rejected: 0, distinct: 2 },
    line: { header: 'Position', filled: 1, empty: 0, rejected: 1, smallest: '1', largest: '1' },
    customer_id: { filled: 2, distinct: 1 },
    article: { filled: 1, empty: 0, rejected: 1 },
    quantity: { filled: 2, smallest: '10', largest: '1000' },
    price: { filled: 1, rejected: 1, smallest: '1.5', largest: '1.5' },
    ordered: { filled: 2, smallest: '2024-01-31', largest: '2024-02-01' },
    shipped: { filled: 0, empty: 2, rejected: 0 },
    gift: { filled: 1, empty: 1, smallest: 'true' },
  });
  expect(counts).toEqual({ read: 2, rejected: 1, duplicates: 0, blank: 0, footer: 0 });
  expect(rejects).toEqual([{ code: 'not_an_integer', column: 'line', rows: 1 }]);
});

test('what a row that deletes has outside its key is not rejected', async () => {
  const load = loadOf({ operation: { column: 'status', delete: ['offen'] } }, { status: text() });
  const toItem = () => ({ pk: '1', status: 'offen' });
  const { columns, counts } = await findings(['1;1;;;x;;;;offen;'], { ...orders, load, toItem });
  expect(columns.map(({ rejected }) => rejected)).toEqual(columns.map(() => 0));
  expect(columns).toContainEqual(expect.objectContaining({ name: 'status', filled: 1, smallest: 'offen' }));
  expect(counts).toMatchObject({ read: 1, rejected: 0 });
});

test('a column that is missing from the file has no cells', async () => {
  const { columns } = await findings(['1;1;c;a;1;1,50;31.01.2024;;offen;ja']);
  expect(columns.at(-1)).toMatchObject({ name: 'note', header: null, ...noCells });
});

test.each([
  ['too few fields', '1;1;c;a;1;1,50;31.01.2024;;offen'],
  ['too many fields', '1;1;c;a;1;1,50;31.01.2024;;offen;ja;x'],
  ['a stray quote', '1;1;c;a"b;1;1,50;31.01.2024;;offen;ja'],
])('a row with %s counts in no column', async (_, row) => {
  const { columns, counts } = await findings([row]);
  expect(columns).toHaveLength(orders.columns.length);
  for (const column of columns) expect(column).toMatchObject(noCells);
  expect(counts).toMatchObject({ read: 1, rejected: 1 });
});

describe('a row with the same key as a later row', () => {
  const row = (id: string | number, line: string | number) => `${id};${line};c;a;1;1,50;31.01.2024;;offen;ja`;
  const rows = [row('1', 1), row('1', 2), row('1', 1), row('2', 1), row('2', 'x'), row('1', 1)];

  test('is a duplicate if both parts of the key are equal', async () => {
    const { counts, rejected } = await findings(rows);
    expect(counts).toEqual({ read: 6, rejected: 1, duplicates: 2, blank: 0, footer: 0 });
    expect(rejected.map(({ line }) => line)).toEqual([6]);
  });

  test('is rejected if the dataset rejects duplicates', async () => {
    const { counts, rejects, rejected } = await findings(rows, { ...orders, duplicates: 'reject' });
    expect(counts).toEqual({ read: 6, rejected: 3, duplicates: 0, blank: 0, footer: 0 });
    expect(rejects).toEqual([
      { code: 'duplicate_key', column: null, rows: 2 },
      { code: 'not_an_integer', column: 'line', rows: 1 },
    ]);
    const reason = 'has the same key as a later row: "ORDER#1 LINE#000001"';
    expect(rejected).toEqual([
      { line: 2, column: '', code: 'duplicate_key', reason },
      { line: 4, column: '', code: 'duplicate_key', reason },
      { line: 6, column: 'line', code: 'not_an_integer', reason: expect.any(String) },
    ]);
  });

  test('is among the first rejected rows, even if the later row is far away', async () => {
    const many = Array.from({ length: 50 }, (_, index) => row(index, index % 2 === 0 ? 'x' : 1));
    const { rejected } = await findings([...many, row(7, 1), row(49, 1)], {
      ...orders,
      duplicates: 'reject',
    });
    expect(rejected.map(({ line }) => line)).toEqual(
      [...Array.from({ length: 19 }, (_, index) => 2 + 2 * index), 9].sort((one, other) => one - other),
    );
  });
});

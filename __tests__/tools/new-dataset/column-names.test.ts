/** Names of the columns of a guessed dataset, and of the dataset itself. */

import { nameColumns } from '../../../tools/new-dataset/column-names.ts';
import { nameAfter } from '../../../tools/new-dataset/draft-dataset.ts';
import { Generator, lineOf, valuesOf } from '../../support/generated.ts';

const generator = new Generator();
afterAll(() => generator.remove());

describe('column names', () => {
  test.each([
    ['customer', 'customer: integer()'],
    ['CustomerID', 'CustomerID: integer()'],
    ['_id2', '_id2: integer()'],
    ['Customer ID', 'customer_id: integer({ aliases: ["Customer ID"] })'],
    [' Order-No. ', 'order_no: integer({ aliases: ["Order-No."] })'],
    ['unitPrice €', 'unit_price: integer({ aliases: ["unitPrice €"] })'],
    ['Größe', 'grosse: integer({ aliases: ["Größe"] })'],
    ['Prénom', 'prenom: integer({ aliases: ["Prénom"] })'],
    ['2024', 'column_2024: integer({ aliases: ["2024"] })'],
    ['名前', 'column_1: integer({ aliases: ["名前"] })'],
    ['pk', 'pk_column: integer({ aliases: ["pk"] })'],
    ['SK', 'sk_column: integer({ aliases: ["SK"] })'],
    ['__proto__', 'proto: integer({ aliases: ["__proto__"] })'],
    ['constructor', 'constructor_column: integer({ aliases: ["constructor"] })'],
    ['toString', 'to_string: integer({ aliases: ["toString"] })'],
    ['Ｉｄ', 'id: integer()'],
  ])('%s', async (name, line) => {
    const { source, items } = await generator.from(`${name},x\n7,a\n`);
    expect(source).toContain(`\n${line},\n`);
    expect(valuesOf(items, line.split(':')[0] ?? '')).toEqual([7n]);
  });

  test('long names are shortened', async () => {
    // Longer than the piece of the file that is read at a time.
    const name = 'ab'.repeat(40_000);
    const { source, items } = await generator.from(`${name},${'c'.repeat(255)}\n7,8\n`);
    expect(items).toEqual([{ pk: 'SAMPLE#7', ['ab'.repeat(32)]: 7n, ['c'.repeat(255)]: 8n }]);
    expect(lineOf(source, `${'ab'.repeat(32)}: `)).toBe(`integer({ aliases: ["${name}"] })`);
  });

  test('equal derived names are numbered, and the name in the header is kept', async () => {
    const { source, items } = await generator.from('Customer ID,customer-id,customer_id\na,b,c\n');
    expect(items[0]).toMatchObject({ customer_id: 'c', customer_id_2: 'a', customer_id_3: 'b' });
    expect(lineOf(source, 'customer_id_2: ')).toBe('text({ aliases: ["Customer ID"] })');
  });

  test('a column without a name is left out, with a warning', async () => {
    const { draft, source, items } = await generator.from(',id, \n1,2,3\n');
    expect(items).toEqual([{ pk: 'SAMPLE#2', id: 2n }]);
    const warning = 'Columns 1 and 3 have no name in the header and are left out.';
    expect(draft.warnings).toEqual([warning]);
    expect(source).toContain(` * ${warning}\n`);
  });

  test('many columns without a name are one warning', async () => {
    const { draft } = await generator.from(`id${','.repeat(16_000)}\n1${','.repeat(16_000)}\n`);
    expect(draft.warnings).toEqual([
      '16,000 columns (2, 3, 4, 5, 6, …) have no name in the header and are left out.',
    ]);
  });

  test('columns with the same name are left out, as a run ignores them, with a warning', async () => {
    const { draft, items } = await generator.from('id,x,y, X \n1,2,3,4\n');
    expect(items).toEqual([{ pk: 'SAMPLE#1', id: 1n, y: 3n }]);
    expect(draft.warnings).toEqual([
      expect.stringMatching(/^Columns 2 and 4 have the same names in the header as others,.* are left out/),
    ]);
  });

  test('many names that become the same one are numbered, and no number is tried twice', () => {
    const names = Array.from(
      { length: 50_000 },
      (_, index) => `a ${String.fromCodePoint(0x4e00 + (index % 20_000), 0x5e00 + (index >> 14))}`,
    );
    const { named } = nameColumns(names);
    expect(new Set(named.map(({ name }) => name)).size).toBe(50_000);
    expect(named.at(-1)?.name).toBe('a_50000');
  });

  test('the columns that a report adds are left out', async () => {
    const { items, draft } = await generator.from(
      'id,_line,_column,_code,_reason,_source_loaded\n1,2,id,empty,is empty,s\n',
    );
    expect(items).toEqual([{ pk: 'SAMPLE#1', id: 1n }]);
    expect(draft.warnings).toEqual([]);
  });

  test.each([
    ['sample.csv', 'sample'],
    ['a/b/2024 Q1_Orders (final).CSV', 'q1-orders-final'],
    ['Übersicht.csv.gz', 'ubersicht'],
    ['orders', 'orders'],
    ['orders.csv.zip', 'orders'],
    ['orders.ZIP', 'orders'],
    ['orders.v2.csv.zst', 'orders-v2'],
    [`${'abc-'.repeat(20)}.csv`, 'abc-abc-abc-abc-abc-abc-abc-abc'],
  ])('the dataset of %s is called %s', (file, name) => {
    expect(nameAfter(file)).toBe(name);
  });
});

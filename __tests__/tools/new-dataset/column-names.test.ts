/** Names of the columns of a guessed dataset, and of the dataset itself. */

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
    const warnings = [1, 3].map((column) => `Column ${column} has no name in the header and is left out.`);
    expect(draft.warnings).toEqual(warnings);
    for (const each of warnings) expect(source).toContain(` * ${each}\n`);
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
    [`${'abc-'.repeat(20)}.csv`, 'abc-abc-abc-abc-abc-abc-abc-abc'],
  ])('the dataset of %s is called %s', (file, name) => {
    expect(nameAfter(file)).toBe(name);
  });
});

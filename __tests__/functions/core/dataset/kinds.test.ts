/** Columns of several values, of bytes, and of text in a form. */

import { storedValue } from '../../../../functions/core/dataset/columns/column.ts';
import {
  binary,
  CellFault,
  type Column,
  decimal,
  email,
  integer,
  json,
  list,
  NumberValue,
  oneOf,
  pattern,
  set,
  text,
  uuid,
} from '../../../../functions/core/dataset/columns.ts';
import type { Storable } from '../../../../functions/core/dataset/storable.ts';

function read(column: Column<Storable>, cell: string): unknown {
  const value = storedValue(column, cell);
  return value instanceof CellFault ? `refused: ${value.code}` : value;
}

const tags = list({ separator: '|', of: text({ empty: 'omit' }), maxLength: 3 });
const numbers = set({ separator: ',', of: decimal() });
const base64 = binary({ encoding: 'base64', maxLength: 3 });
const id = '123E4567-e89b-12d3-a456-426614174000';

test.each<[Column<Storable>, string, unknown]>([
  [tags, 'a | b', ['a', 'b']],
  [tags, 'a||b', ['a', 'b']],
  [tags, 'a|b|c|d', 'refused: out_of_bounds'],
  [list({ separator: ';', of: integer() }), '1;2', [1n, 2n]],
  [list({ separator: ';', of: integer() }), '1;x', 'refused: not_an_integer'],
  [list({ separator: ';', of: integer() }), '1;', 'refused: empty'],
  [set({ separator: ',', of: text() }), 'a,b,a', new Set(['a', 'b'])],
  [set({ separator: ',', of: text({ empty: 'omit' }) }), ' , ', 'refused: empty'],
  [numbers, '1.0,1', new Set([NumberValue.from('1')])],
  [numbers, '', 'refused: empty'],
  [base64, 'AQID', new Uint8Array([1, 2, 3])],
  [base64, 'AQ==', new Uint8Array([1])],
  [base64, 'AQ', 'refused: not_binary'],
  [base64, 'AR==', 'refused: not_binary'],
  [base64, 'AQIDBA==', 'refused: out_of_bounds'],
  [binary({ encoding: 'hex' }), '00fF', new Uint8Array([0, 255])],
  [binary({ encoding: 'hex' }), '0', 'refused: not_binary'],
  [binary({ encoding: 'hex' }), '0g', 'refused: not_binary'],
  [uuid(), id, id.toLowerCase()],
  [uuid(), `{${id}}`, 'refused: not_a_uuid'],
  [email(), 'Ada.L@example.co.uk', 'Ada.L@example.co.uk'],
  [email(), 'ada@example', 'refused: not_an_email'],
  [email(), `${'a'.repeat(250)}@example.com`, 'refused: not_an_email'],
  [text({ maxLength: 2 }), '😀😀', '😀😀'],
  [text({ maxLength: 2 }), 'abc', 'refused: out_of_bounds'],
  [pattern(/^[A-Z]{2}\d{3}$/), 'AB123', 'AB123'],
  [pattern(/^[A-Z]{2}\d{3}$/), 'AB12', 'refused: invalid'],
  [pattern(/^a+$/, { maxLength: 3 }), 'aaaa', 'refused: out_of_bounds'],
  [json(), '{"a":[true,null,"x"]}', { a: [true, null, 'x'] }],
  [json(), '[12345678901234567890.5]', [NumberValue.from('12345678901234567890.5')]],
  [json(), '[1e400]', 'refused: number_out_of_range'],
  [json(), '"text"', 'refused: not_json'],
  [json(), '{"a":1', 'refused: not_json'],
  [json(), '{"":1}', 'refused: not_json'],
  [json(), '{"a":1,"b":2,"a":3}', 'refused: not_json'],
  [json(), '[{"b":{"a":1, "\\u0061" :3}}]', 'refused: not_json'],
  [json(), '{"a":{"a":"a:"},"b":[{"a":"x"},{"a":"y"}]}', { a: { a: 'a:' }, b: [{ a: 'x' }, { a: 'y' }] }],
  [json(), '["\\ud800"]', 'refused: not_json'],
  [json(), `${'['.repeat(33)}${']'.repeat(33)}`, 'refused: not_json'],
  [json(), '["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["]', [expect.stringMatching(/^\[+$/)]],
])('%#: %s', (column, cell, expected) => {
  expect(read(column, cell)).toEqual(expected);
});

test.each([
  [pattern(/^(a+)+$/), /takes exponential time/],
  [pattern(/^(a|a)*b$/), /takes exponential time/],
  [pattern(/\d+\d+\d+x/, { maxLength: 1_000 }), /may take \d+ steps on a cell of 1000 characters/],
  [pattern(/a/g), /flag g or y/],
  [set({ separator: ',', of: json() }), /must be text or numbers/],
  [list({ separator: ',', of: decimal({ grouping: '.' }) }), /^of cannot have "\."/],
  // @ts-expect-error it is required
  [list({ of: text() }), /must be a string, not undefined/],
])('%#: options that would do harm are refused', ({ problems }, message) => {
  expect(problems.map((problem) => problem.message)).toEqual([expect.stringMatching(message)]);
});

test("the user's words are apart from the reason, which stands in states and logs", () => {
  const fault = new CellFault('invalid', 'breaks a rule of the dataset', 'is no article number');
  expect(storedValue(pattern(/^\d{8}$/, { reason: 'is no article number' }), 'x1')).toEqual(fault);
});

test.each([
  ['1.50\u200B', 'it contains the invisible character U+200B'],
  ['\u200E1.50', 'it contains the invisible character U+200E'],
  ['1.\u00AD50', 'it contains the invisible character U+00AD'],
  ['NA', 'if it stands for no value, declare it in nulls'],
  [String.raw`\N`, 'if it stands for no value, declare it in nulls'],
])('the reason names what is in the cell %j', (cell, said) => {
  expect(storedValue(decimal(), cell)).toMatchObject({ reason: expect.stringContaining(`; ${said}`) });
});

test('a cell that is accepted keeps its invisible characters', () => {
  expect(storedValue(text(), 'a\u200Bb')).toBe('a\u200Bb');
  expect(storedValue(oneOf(['a']), 'a\u200B')).toMatchObject({ code: 'not_in_list' });
});

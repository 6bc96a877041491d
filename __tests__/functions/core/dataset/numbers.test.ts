/** The ways in which files write numbers. */

import {
  CellFault,
  type Column,
  decimal,
  integer,
  NumberValue,
} from '../../../../functions/core/dataset/columns.ts';
import type { Storable } from '../../../../functions/core/dataset/storable.ts';

/** What is stored for a cell, numbers as their text; or why it is refused, after what it is not. */
function read(column: Column<Storable>, cell: string): unknown {
  const value = column.read(cell);
  if (value instanceof CellFault) return `refused: ${value.reason.replace(/^is not .*?; /, '')}`;
  return value instanceof NumberValue ? value.value : value;
}

const accounting = decimal({ negative: 'parentheses', grouping: ',', currency: ['$', 'USD'] });

test.each([
  [decimal({ percent: true }), '12.5%', '0.125'],
  [decimal({ percent: true }), '12.5 %', '0.125'],
  [decimal({ percent: true }), '-100%', '-1'],
  [decimal({ percent: true, point: ',' }), '0,0000000001%', '0.000000000001'],
  [
    decimal({ percent: true }),
    '12345678901234567890.12345678901234567%',
    '123456789012345678.9012345678901234567',
  ],
  [decimal({ percent: true }), '12.5', 'refused: it has no percent sign'],
  [decimal({ percent: true }), '1e2%', 'refused: no separators, currency signs or blanks'],
  [decimal({ percent: true }), '5%%', 'refused: no separators, currency signs or blanks'],
  [decimal(), '12.5%', 'refused: it has a percent sign, which the option percent accepts'],
  [accounting, '(1,234.50)', '-1234.5'],
  [accounting, '$1,234.50', '1234.5'],
  [accounting, '$(1,234.50)', '-1234.5'],
  [accounting, '($ 1,234.50)', '-1234.5'],
  [accounting, '-$5', '-5'],
  [accounting, '$-5', '-5'],
  [accounting, 'USD 5', '5'],
  [accounting, '5\u00A0USD', '5'],
  [accounting, '-5', '-5'],
  [accounting, '(-5)', 'refused: no currency signs or blanks'],
  [accounting, '-(5)', 'refused: no currency signs or blanks'],
  [
    accounting,
    '-$-5',
    'refused: it has a currency sign or code that is not declared; see the option currency',
  ],
  [accounting, '€5', 'refused: it has a currency sign or code that is not declared; see the option currency'],
  [accounting, '(1,23.50)', 'refused: no currency signs or blanks'],
  [accounting, '$', 'refused: no currency signs or blanks'],
  [accounting, '()', 'refused: no currency signs or blanks'],
  [decimal(), '(5)', "refused: it is in parentheses, which the option negative: 'parentheses' accepts"],
  [decimal({ negative: 'trailing' }), '1234.50-', '-1234.5'],
  [decimal({ negative: 'trailing' }), '-5-', 'refused: no separators, currency signs or blanks'],
  [decimal(), '5-', "refused: its sign is at the end, which the option negative: 'trailing' accepts"],
  [decimal({ currency: '€', point: ',', grouping: '.' }), '-1.234,50 €', '-1234.5'],
  [decimal({ currency: 'Rs.' }), 'Rs.500.25', '500.25'],
  [integer({ currency: '¥', grouping: ',' }), '¥1,234', 1234n],
  [decimal({ unicode: true }), '\u22121.5', '-1.5'],
  [decimal({ unicode: true, negative: 'trailing' }), '1.5\u2212', '-1.5'],
  [decimal({ unicode: true }), '１２.5', '12.5'],
  [decimal({ unicode: true, percent: true }), '－１２．５％', '-0.125'],
  [integer({ unicode: true }), '＋１２', 12n],
  [
    decimal(),
    '\u22121.5',
    'refused: it has a minus or digits beyond ASCII, which the option unicode accepts',
  ],
  [integer(), '１２', 'refused: it has a minus or digits beyond ASCII, which the option unicode accepts'],
  [decimal({ unicode: true }), '١٢', 'refused: no separators, currency signs or blanks'],
  [decimal({ grouping: ',', groups: 'indian' }), '12,34,567.50', '1234567.5'],
  [decimal({ grouping: ',', groups: 'indian' }), '1,234', '1234'],
  [decimal({ grouping: ',', groups: 'indian' }), '123', '123'],
  [decimal({ grouping: ',', groups: 'indian' }), '123,456', expect.stringMatching(/^refused/)],
  [decimal({ grouping: ',', groups: 'indian' }), '1,234,567', expect.stringMatching(/^refused/)],
  [decimal({ grouping: "'" }), '1\u2019234\u2019567.5', '1234567.5'],
  [integer({ grouping: ' ' }), '1\u2009234', 1234n],
  [integer({ grouping: '_' }), '1_000_000', 1000000n],
  [integer({ grouping: '_' }), '1_00', expect.stringMatching(/^refused/)],
  [integer({ grouping: '\u00B7' }), '1\u00B7234', 1234n],
  [
    decimal(),
    '1,234.50',
    'refused: it has a separator that is not declared; see the options point and grouping',
  ],
])('%#: %s is read in its declared form alone', (column, cell, expected) => {
  expect(read(column, cell)).toEqual(expected);
});

test.each([
  [decimal({ min: 0, max: 0.1 }), '0.1', '0.1'],
  [decimal({ min: 0, max: 0.1 }), '0.10000000000000000000001', 'refused: is more than 0.1'],
  [decimal({ min: 0, max: 0.1 }), '-1e-100', 'refused: is less than 0'],
  [integer({ min: 1 }), '0', 'refused: is less than 1'],
  [integer({ max: 9 }), '10', 'refused: is more than 9'],
])('%#: a number beyond a bound is refused, however small the difference', (column, cell, expected) => {
  expect(read(column, cell)).toBe(expected);
});

test.each([
  [decimal({ min: 2, max: 1 }), 'has a min of 2, which is more than its max of 1'],
  [integer({ groups: 'indian' }), 'has groups, but no grouping such as ","'],
  [integer({ grouping: '5' }), 'must be one character, such as "." or " ", not "5"'],
  [decimal({ currency: '-' }), 'must be a currency sign or code such as "€", or an array of them, not "-"'],
])('%#: options that mean nothing are refused', ({ problems }, message) => {
  expect(problems.map((problem) => problem.message)).toEqual([message]);
});

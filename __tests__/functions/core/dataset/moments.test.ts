/** The ways in which files write days and times. */

import { CellFault, type Column, date, dateTime, month } from '../../../../functions/core/dataset/columns.ts';

function read(column: Column<string>, cell: string): unknown {
  const value = column.read(cell);
  return value instanceof CellFault ? `refused: ${value.code}` : value;
}

const halves = dateTime({ format: 'M/D/YYYY h:mm A' });
const seconds = dateTime({ format: 'X' });
const nanoseconds = dateTime({ format: 'YYYY-MM-DDTHH:mm:ss.SZ', fraction: 9 });
const zoned = dateTime({ format: 'YYYY-MM-DD HH:mm:ss Z', fraction: 0 });

test.each([
  [halves, '2/22/2024 4:21 AM', '2024-02-22T04:21:00.000'],
  [halves, '2/22/2024 4:21 pm', '2024-02-22T16:21:00.000'],
  [halves, '2/22/2024 12:00 AM', '2024-02-22T00:00:00.000'],
  [halves, '2/22/2024 12:00 PM', '2024-02-22T12:00:00.000'],
  [halves, '2/22/2024 0:00 AM', 'refused: not_a_date'],
  [halves, '2/22/2024 13:00 PM', 'refused: not_a_date'],
  [halves, '2/22/2024 1:00', 'refused: not_a_date'],
  [dateTime({ format: 'MM/DD/YYYY hh:mm:ss A' }), '02/22/2024 04:21:55 AM', '2024-02-22T04:21:55.000'],
  [date({ format: 'DD.MM.YY', pivot: 50 }), '22.02.24', '2024-02-22'],
  [date({ format: 'DD.MM.YY', pivot: 50 }), '22.02.49', '2049-02-22'],
  [date({ format: 'DD.MM.YY', pivot: 50 }), '22.02.50', '1950-02-22'],
  [date({ format: 'DD-MMM-YY', pivot: 100 }), '22-FEB-99', '2099-02-22'],
  [date({ format: 'DD-MMM-YY', pivot: 0 }), '29-FEB-00', 'refused: not_a_date'],
  [date({ format: 'D MMMM YYYY' }), '2 february 2024', '2024-02-02'],
  [date({ format: 'D MMMM YYYY' }), '2 Feb 2024', 'refused: not_a_date'],
  [date({ format: 'D MMM YYYY' }), '2 February 2024', 'refused: not_a_date'],
  [date({ format: 'MMMM D, YYYY' }), 'May 31, 2024', '2024-05-31'],
  [nanoseconds, '2024-02-22T04:21:55.596854321Z', '2024-02-22T04:21:55.596854321Z'],
  [nanoseconds, '2024-02-22T04:21:55.5Z', '2024-02-22T04:21:55.500000000Z'],
  [nanoseconds, '2024-02-22T04:21:55Z', '2024-02-22T04:21:55.000000000Z'],
  [nanoseconds, '2024-02-22T01:21:55.000000001+02:00', '2024-02-21T23:21:55.000000001Z'],
  [nanoseconds, '2024-02-22T04:21:55.Z', 'refused: not_a_date'],
  [nanoseconds, '2024-02-22T04:21:55.1234567890Z', 'refused: not_a_date'],
  [dateTime({ format: 'YYYY-MM-DD HH:mm:ss,S' }), '2024-02-22 04:21:55,123000', '2024-02-22T04:21:55.123'],
  [dateTime({ format: 'YYYY-MM-DD HH:mm:ss,S' }), '2024-02-22 04:21:55,1231', 'refused: too_exact'],
  [zoned, '2024-02-22 04:21:55 UTC', '2024-02-22T04:21:55Z'],
  [zoned, '2024-02-22 04:21:55 gmt', '2024-02-22T04:21:55Z'],
  [zoned, '2024-02-22 04:21:55 +02', '2024-02-22T02:21:55Z'],
  [zoned, '2024-02-22 04:21:55 -0030', '2024-02-22T04:51:55Z'],
  [zoned, '2024-02-22 04:21:55 CET', 'refused: not_a_date'],
  [zoned, '2024-02-22 04:21:55', 'refused: not_a_date'],
  [seconds, '1708575715', '2024-02-22T04:21:55.000Z'],
  [seconds, '1708575715.25', '2024-02-22T04:21:55.250Z'],
  [seconds, '-1', '1969-12-31T23:59:59.000Z'],
  [seconds, '1708575715596', 'refused: not_a_date'],
  [seconds, '1e9', 'refused: not_a_date'],
  [seconds, '999999999999', 'refused: not_a_date'],
  [dateTime({ format: 'x' }), '1708575715596', '2024-02-22T04:21:55.596Z'],
  [dateTime({ format: 'x', fraction: 0 }), '1708575715596', 'refused: too_exact'],
  [date({ format: 'X' }), '1708575715', '2024-02-22'],
  [month(), '2024-02', '2024-02'],
  [month(), '2024-13', 'refused: not_a_date'],
  [month(), '2024-02-01', 'refused: not_a_date'],
  [month({ format: 'MMMM YYYY' }), 'February 2024', '2024-02'],
  [month({ format: 'M/YY', pivot: 50 }), '2/24', '2024-02'],
  [date({ min: '2000-01-01', max: '2024-12-31' }), '1999-12-31', 'refused: out_of_bounds'],
  [date({ min: '2000-01-01', max: '2024-12-31' }), '2024-12-31', '2024-12-31'],
  [dateTime({ max: '2024-12-31' }), '2024-12-31T23:59:59', '2024-12-31T23:59:59.000'],
  [dateTime({ max: '2024-12-31' }), '2025-01-01T00:00:00', 'refused: out_of_bounds'],
])('%#: %s is read in its format alone', (column, cell, expected) => {
  expect(read(column, cell)).toBe(expected);
});

test.each([
  [dateTime({ fraction: 10 }), 'must be a whole number from 0 to 9, not 10'],
  [
    date({ pivot: 50 }),
    'has the date format "YYYY-MM-DD", which has no two-digit year (YY), but has a pivot',
  ],
  [
    month({ format: 'YYYY-MM-DD' }),
    'has the date format "YYYY-MM-DD", which must have a year and a month, and nothing else',
  ],
  [date({ min: '31.12.2024' }), 'has a min that is not written as the column is stored, such as 2024-12-31'],
])('%#: options that mean nothing are refused', ({ problems }, message) => {
  expect(problems.map((problem) => problem.message)).toEqual([message]);
});

test('moments of one column sort as text like the moments that they are', () => {
  const written = ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.25Z', '2024-01-01T00:00:01Z'];
  const column = dateTime({ format: 'YYYY-MM-DDTHH:mm:ss.SZ' });
  const stored = written.map((cell) => String(column.read(cell)));
  expect(stored.toSorted()).toEqual(stored);
});

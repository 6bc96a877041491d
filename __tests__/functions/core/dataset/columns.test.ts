import { z } from 'zod';
import {
  boolean,
  CellFault,
  type Column,
  custom,
  date,
  dateTime,
  decimal,
  integer,
  NumberValue,
  oneOf,
  type Storable,
  text,
} from '../../../../functions/core/dataset/columns.ts';

/** What is stored for a cell, or the code with which it is refused; numbers as their text. */
function read(column: Column<Storable>, cell: string): unknown {
  const value = column.read(cell);
  if (value instanceof CellFault) return `refused: ${value.code}`;
  return value instanceof NumberValue ? value.value : value;
}

/** What is wrong with a column, as a sentence says it after the column's name. */
function problem({ problems }: Column<Storable>): string {
  return problems
    .map(({ path, message }) => [...(path.length === 0 ? [] : [path.join('.')]), message].join(' '))
    .join();
}

test.each([
  ['007', '007'],
  ['+49 30', '+49 30'],
  ['1e5', '1e5'],
])('text keeps %s as it stands', (cell, stored) => {
  expect(read(text(), cell)).toBe(stored);
});

describe('decimals', () => {
  test.each([
    ['1,5', '1.5'],
    ['-1.234,50', '-1234.5'],
    ['1234,5', '1234.5'],
    ['1.234.567', '1234567'],
    [',5', '0.5'],
    ['1.23', 'refused: not_a_decimal'],
    ['1.2345,6', 'refused: not_a_decimal'],
    ['1234.567', 'refused: not_a_decimal'],
    ['1,234.5', 'refused: not_a_decimal'],
    ['1,2,3', 'refused: not_a_decimal'],
    ['.123', 'refused: not_a_decimal'],
  ])('with a decimal comma and points between thousands, %s is %s', (cell, expected) => {
    expect(read(decimal({ point: ',', grouping: '.' }), cell)).toBe(expected);
  });

  test.each([
    [',', '1,234.5', '1234.5'],
    [',', '12,34', 'refused: not_a_decimal'],
    ["'", "1'234.5", '1234.5'],
    ["'", '1\u2019234.5', '1234.5'],
    [' ', '1 234 567.5', '1234567.5'],
    [' ', '1\u00A0234', '1234'],
    [' ', '1\u202F234', '1234'],
    [' ', '1  234', 'refused: not_a_decimal'],
  ] as const)('grouped with "%s", %s is %s', (grouping, cell, expected) => {
    expect(read(decimal({ grouping }), cell)).toBe(expected);
  });

  test('a decimal comma is accepted only if it is declared', () => {
    expect(read(decimal(), '1,5')).toBe('refused: not_a_decimal');
    expect(read(decimal({ point: ',' }), '1.5')).toBe('refused: not_a_decimal');
  });

  test('a character cannot be both the point and the grouping', () => {
    expect(problem(decimal({ grouping: '.' }))).toBe(
      'cannot have "." as both the decimal point and the grouping',
    );
  });
});

test.each([
  ['0', 0n],
  ['-17', -17n],
  ['+17', 17n],
  ['007', 7n],
  ['9'.repeat(38), BigInt('9'.repeat(38))],
  ['9'.repeat(39), 'refused: number_out_of_range'],
  ['1.0', 'refused: not_an_integer'],
  ['1e3', 'refused: not_an_integer'],
  ['1,000', 'refused: not_an_integer'],
  ['0x1', 'refused: not_an_integer'],
])('the integer %s is %s', (cell, expected) => {
  expect(read(integer(), cell)).toBe(expected);
});

test.each([
  ['1.200', 1200n],
  ['1,5', 'refused: not_an_integer'],
  ['12.00', 'refused: not_an_integer'],
])('grouped with a point, the integer %s is %s', (cell, expected) => {
  expect(read(integer({ grouping: '.' }), cell)).toBe(expected);
});

test.each([
  ['JA', true],
  ['x', true],
  ['nein', false],
  ['no', 'refused: not_a_boolean'],
  ['1', 'refused: not_a_boolean'],
])('with words of its own, the boolean %s is %s', (cell, expected) => {
  expect(read(boolean({ true: ['ja', 'x'], false: ['Nein'] }), cell)).toBe(expected);
});

test('a word cannot be both true and false', () => {
  expect(problem(boolean({ true: ['x'], false: ['X'] }))).toBe('cannot have "X" for both true and false');
});

test('an enumeration takes its values as they are written', () => {
  const status = oneOf(['open', 'closed']);
  expect(read(status, 'open')).toBe('open');
  expect(status.read('Open')).toEqual(new CellFault('not_in_list', 'is not one of open, closed'));
});

test('a long list of values is shortened in the reason', () => {
  const { reason } = Object(oneOf(Array.from({ length: 500 }, (_, index) => `v${index}`)).read('x'));
  expect(reason).toMatch(/^is not one of v0, v1, .*, v19 and 480 others$/);
});

test.each([
  [date(), '2024-02-29', '2024-02-29'],
  [date(), '2023-02-29', 'refused: not_a_date'],
  [date(), '2024-2-9', 'refused: not_a_date'],
  [date({ format: 'DD.MM.YYYY' }), '29.02.2024', '2024-02-29'],
  [date({ format: 'DD.MM.YYYY' }), '2024-02-29', 'refused: not_a_date'],
  [date({ format: 'DD.MM.YYYY' }), '1.2.2024', 'refused: not_a_date'],
  [date({ format: 'D.M.YYYY' }), '1.2.2024', '2024-02-01'],
  [date({ format: 'MM/DD/YYYY' }), '02/13/2024', '2024-02-13'],
  [date({ format: 'MM/DD/YYYY' }), '13/02/2024', 'refused: not_a_date'],
  [date({ format: 'MMM D YYYY' }), 'Jan 1 2000', '2000-01-01'],
  [date({ format: 'DD-MMM-YYYY' }), '09-SEP-1999', '1999-09-09'],
  [date({ format: 'YYYYMMDD' }), '20240229', '2024-02-29'],
  [date({ format: 'YYYY-MM-DD' }), '0050-01-01', '0050-01-01'],
  [dateTime(), '2024-02-29T23:59:59', '2024-02-29T23:59:59.000'],
  [dateTime(), '2024-02-29T24:00:00', 'refused: not_a_date'],
  [dateTime(), '2024-02-29T23:60:00', 'refused: not_a_date'],
  [dateTime({ format: 'YYYY-MM-DD HH:mm' }), '2024-02-29 23:59', '2024-02-29T23:59:00.000'],
  [dateTime({ format: 'YYYY-MM-DD HH:mm:ss.SSS' }), '2024-02-29 23:59:01.25', '2024-02-29T23:59:01.250'],
  [dateTime({ format: 'YYYY-MM-DDTHH:mm:ssZ' }), '2024-03-01T00:30:00+02:00', '2024-02-29T22:30:00.000Z'],
  [dateTime({ format: 'YYYY-MM-DDTHH:mm:ssZ' }), '2024-03-01T00:30:00-0330', '2024-03-01T04:00:00.000Z'],
  [dateTime({ format: 'YYYY-MM-DDTHH:mm:ssZ' }), '2024-03-01T00:30:00Z', '2024-03-01T00:30:00.000Z'],
  [dateTime({ format: 'YYYY-MM-DDTHH:mm:ssZ' }), '2024-03-01T00:30:00+15:00', 'refused: not_a_date'],
  [dateTime({ format: 'YYYY-MM-DDTHH:mm:ssZ' }), '2024-03-01T00:30:00', 'refused: not_a_date'],
  [dateTime({ format: 'YYYY-MM-DD' }), '2024-02-29', '2024-02-29T00:00:00.000'],
] as const)('%#: the date %s is read in its format alone', (column, cell, expected) => {
  expect(read(column, cell)).toBe(expected);
});

test('no time zone of the machine has a part in a date', () => {
  const before = process.env.TZ;
  try {
    // Where midnight did not exist on that day.
    for (const zone of ['America/Sao_Paulo', 'Pacific/Kiritimati', 'UTC']) {
      process.env.TZ = zone;
      expect(read(dateTime({ format: 'YYYY-MM-DD' }), '2018-11-04')).toBe('2018-11-04T00:00:00.000');
    }
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

test.each([
  ['YYYY-MM-DDTkk:mm:ss', 'in which the letter k has no meaning'],
  ['DD.MM.YYYY DD', 'which has the same part twice'],
  ['YYYY-MM', 'which must have a year (YYYY), a month and a day; month() reads a month alone'],
  ['DD.MM', 'which must have a year (YYYY), a month and a day'],
  ['YYYY DD', 'which must have a year (YYYY), a month and a day'],
  ['M/D/YYYY h:mm', 'in which hh and A (AM or PM) must stand together'],
  ['M/D/YYYY H:mm A', 'in which hh and A (AM or PM) must stand together'],
  ['M/D/YYYY H:hh A', 'which has the same part twice'],
  ['M/D/YY', 'which needs a pivot: two-digit years from there on are in the 1900s, those below in the 2000s'],
])('a date cannot have the format %s, %s', (format, why) => {
  expect(problem(dateTime({ format }))).toBe(`has the date format "${format}", ${why}`);
});

test.each([
  // @ts-expect-error
  [text({ emtpy: 'omit' }), 'has the unknown option "emtpy" (did you mean "empty"?)'],
  // @ts-expect-error among others that are known
  [decimal({ empty: 'omit', poimt: ',' }), 'has the unknown option "poimt" (did you mean "point"?)'],
  // @ts-expect-error that another kind has
  [text({ format: 'DD.MM.YYYY' }), 'has the unknown option "format"'],
  [
    // @ts-expect-error
    integer({ point: ',', gruping: '.' }),
    'has the unknown options "point", "gruping" (did you mean "grouping"?)',
  ],
  // @ts-expect-error
  [date({ fromat: 'DD.MM.YYYY' }), 'has the unknown option "fromat" (did you mean "format"?)'],
  // @ts-expect-error
  [oneOf(['a'], { aliasses: ['A'] }), 'has the unknown option "aliasses" (did you mean "aliases"?)'],
  // @ts-expect-error
  [custom(z.string(), { reasons: 'is odd' }), 'has the unknown option "reasons" (did you mean "reason"?)'],
  // @ts-expect-error
  [text({ empty: 1 }), 'empty must be "reject", "omit", "null" or "text", not 1'],
  [decimal({ grouping: '__' }), 'grouping must be one character, such as "." or " ", not "__"'],
  // @ts-expect-error
  [text({ aliases: 'x' }), 'aliases must be an array of strings, not "x"'],
  // @ts-expect-error
  [text({ aliases: ['x', 1] }), 'aliases.1 must be a string, not 1'],
  // @ts-expect-error
  [text({ required: 'no' }), 'required must be true or false, not "no"'],
  // @ts-expect-error
  [boolean({ true: ['ja'] }), 'words.false must be an array of strings, not undefined'],
  // @ts-expect-error
  [boolean(), 'words must be an object, not undefined'],
  // @ts-expect-error
  [oneOf('abc'), 'values must be an array of strings, not "abc"'],
])('%#: unknown options and wrong values are problems of the column', (column, found) => {
  expect(problem(column)).toBe(found);
});

test('a custom schema decides, and its message is not passed on', () => {
  const email = custom(z.email('SECRET is no address'), { reason: 'is no address' });
  expect(read(email, 'ada@example.com')).toBe('ada@example.com');
  expect(email.read('SECRET')).toEqual(
    new CellFault('invalid', 'breaks a rule of the dataset', 'is no address'),
  );
  expect(custom(z.email('SECRET')).read('x')).toEqual(
    new CellFault('invalid', 'breaks a rule of the dataset'),
  );
});

test('a schema that throws rejects the cell, and no cell gets into a reason', () => {
  const id = custom(z.string().transform((cell) => BigInt(cell)));
  expect(read(id, '17')).toBe(17n);
  expect(id.read('SECRET')).toEqual(new CellFault('invalid', 'breaks a rule of the dataset'));
});

test.each([
  ['1.5', 1.5],
  ['12345678901234567890', 'refused: number_out_of_range'],
  ['1e308', 'refused: number_out_of_range'],
  ['1e-200', 'refused: number_out_of_range'],
  ['Infinity', 'refused: invalid'],
])('what a schema makes of %s is refused before the load, if DynamoDB would refuse it', (cell, expected) => {
  expect(read(custom(z.string().pipe(z.coerce.number())), cell)).toBe(expected);
});

test('lists and maps of a schema are looked into', () => {
  const parsed = (value: Storable) => read(custom(z.string().transform((): Storable => value)), 'x');
  expect(parsed({ a: ['x', null, { b: 1n }] })).toEqual({ a: ['x', null, { b: 1n }] });
  expect(parsed({ a: [10n ** 40n + 1n] })).toBe('refused: number_out_of_range');
  const deep = (levels: number): Storable => (levels === 0 ? 'x' : [deep(levels - 1)]);
  expect(parsed(deep(32))).toEqual(deep(32));
  expect(parsed(deep(33))).toBe('refused: invalid');
  expect(parsed(Object(new Date()))).toBe('refused: invalid');
});

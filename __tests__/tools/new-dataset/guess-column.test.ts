/** The kinds of columns that are guessed, tested by how the generated dataset reads the cells. */

import { Generator, valuesOf } from '../../support/generated.ts';

const generator = new Generator();
afterAll(() => generator.remove());

/** The values of a column with these cells, and its source. */
async function column(cells: readonly string[], others: readonly string[] = cells.map(() => '')) {
  const rows = cells.map((cell, row) => `k${row};${cell};${others[row]}`);
  const { draft, items, rejections, source } = await generator.from(['key;c;other', ...rows, ''].join('\n'));
  expect(rejections).toEqual([]);
  const [, comment, form] = /\/\/ (.*)\nc: (.*),\n/.exec(source) ?? [];
  return { values: valuesOf(items, 'c'), form, comment, warnings: draft.warnings };
}

const digits = (text: string) => ({ digits: text });

describe('codes stay text', () => {
  test.each([
    ['leading zeros', ['007', '12', '340']],
    ['one leading zero among whole numbers', ['1', '2', '-03']],
    ['leading zeros before a fraction', ['007.5', '1.5']],
    ['more digits than a number keeps', ['123456789012345678901234567890123456789', '1']],
    ['groups that begin with a zero', ["0'123", "1'234"]],
    ['phone numbers', ['+4930123456', '+15550100']],
    ['phone numbers, some without a plus', ['49301234560', '+49301234561']],
    ['long numbers that a spreadsheet has shortened', ['4.00638E+12', '4.00638E+12', '12']],
    ['the same with a decimal comma', ['4,01E+12', '4,02E+12']],
    ['countries that look like yes and no', ['SI', 'NO', 'NO']],
    ['exponents without a point', ['12', '12E3']],
    ['version numbers', ['1.2.3', '1.10.0']],
    ['percentages among other numbers', ['1.5%', '2']],
    ['negatives written in two ways', ['(1.5)', '2-']],
    ['codes in parentheses', ['(030)', '(089)']],
    ['times of a day', ['08:30', '17:00']],
    ['words', ['NaN', 'Infinity']],
    ['hexadecimal numbers', ['0x10', '0x20']],
    ['ones and zeros with another word', ['1', '0', 'x']],
    ['two-digit years in an uncertain order', ['01/02/24', '12/02/24']],
    ['days that do not exist', ['2024-02-28', '2024-02-30']],
    ['days in two formats', ['2024-02-28', '28.02.2024']],
    ['days and times', ['2024-02-28', '2024-02-28 10:00']],
    ['a single boolean value', ['yes', 'yes']],
    ['words of two pairs', ['yes', 'nein']],
    ['boolean values and another word', ['yes', 'no', 'maybe']],
    ['words of a list', ['open', 'closed', 'open']],
  ])('%s', async (_what, cells) => {
    const { values, form } = await column(cells);
    expect(values).toEqual(cells);
    expect(form).toBe('text()');
  });

  test.each([
    ['007', '1 cell has leading zeros'],
    ['+4930123456', 'look like phone numbers with a plus sign'],
    ['4.00638E+12', 'what a spreadsheet leaves of longer ones'],
    ['1E5', 'may be codes'],
    [`${'9'.repeat(39)}`, 'no more than 38 digits'],
  ])('and the comment about %s says why', async (cell, why) => {
    expect((await column([cell])).comment).toContain(why);
  });
});

test.each([
  ['all of them', ['4.00638E+12', '4,01E+12'], 2],
  ['some of them', ['A12', '4.00638E+12'], 1],
])('a warning says that digits are lost in %s', async (_what, cells, count) => {
  const { warnings } = await column(cells);
  expect(warnings.join()).toContain(`The column c has ${count} number`);
  expect(warnings.join()).toContain('the other digits are lost in the file');
  expect((await column(['4006381333931', '12'])).warnings.join()).not.toContain('lost');
});

test('a number of thousands of zeros is text', async () => {
  const cells = [`1${'0'.repeat(5_000)}1`, '5'];
  expect(await column(cells)).toMatchObject({ values: cells, form: 'text()' });
});

describe('numbers', () => {
  test.each([
    ['whole numbers', ['1', '-20', '+3', '0'], [1n, -20n, 3n, 0n]],
    ['0 and 1', ['0', '1', '1'], [0n, 1n, 1n]],
    ['the maximum number of digits', ['9'.repeat(38)], [10n ** 38n - 1n]],
    ['decimal numbers', ['1.5', '-0.25', '.5', '7'], ['1.5', '-0.25', '0.5', '7'].map(digits)],
    ['numbers with an exponent', ['1.5e3', '2e-3', '1e3'], ['1500', '0.002', '1000'].map(digits)],
    ['percentages', ['1.5%', '2 %'], ['0.015', '0.02'].map(digits)],
    ['amounts with a currency sign', ['$1.50', '-$2'], ['1.5', '-2'].map(digits)],
    ['amounts with the sign and the code of a currency', ['1,50 €', '2,5 EUR'], ['1.5', '2.5'].map(digits)],
    ['accounting', ['(1,234.50)', '2.00'], ['-1234.5', '2'].map(digits)],
    ['a minus at the end', ['1234.50-', '2'], ['-1234.5', '2'].map(digits)],
    ['a minus of its own', ['\u22121.50', '2'], ['-1.5', '2'].map(digits)],
    ['full-width digits', ['１２．５', '３'], ['12.5', '3'].map(digits)],
    ['Indian groups', ['12,34,567', '1,234'], [1_234_567n, 1_234n]],
    ['underscores', ['1_234', '7'], [1_234n, 7n]],
    ['thin spaces', ['1\u2009234', '12'], [1_234n, 12n]],
    ['an exponent too small for a shortened number', ['1.5E+10'], ['15000000000'].map(digits)],
    ['a plus before few digits', ['+12', '1234567'], [12n, 1_234_567n]],
    ['a point before three digits', ['1.234', '5'], ['1.234', '5'].map(digits)],
    ['decimal commas', ['12,5', '1,234'], ['12.5', '1.234'].map(digits)],
    ['decimal commas and points', ['1.234,50', '7.890,00', '5'], ['1234.5', '7890', '5'].map(digits)],
    ['decimal points and commas', ['1,234.50', '99', '-7'], ['1234.5', '99', '-7'].map(digits)],
    ['two commas', ['1,234,567', '12'], [1_234_567n, 12n]],
    ['two points', ['1.234.567', '1.234'], [1_234_567n, 1_234n]],
    ['apostrophes', ["1'234", '7'], [1_234n, 7n]],
    ['apostrophes and points', ["1'234.50", "2'000"], ['1234.5', '2000'].map(digits)],
    ['spaces and commas', ['1 234,50', '12'], ['1234.5', '12'].map(digits)],
    ['no-break spaces', ['1\u00A0234', '12'], [1_234n, 12n]],
  ])('%s', async (_what, cells, expected) => {
    expect((await column(cells)).values).toEqual(expected);
  });

  test.each([
    ['a comma before three digits', ['1,234', '5']],
    ['a comma before three digits, a point elsewhere', ['1,234', '5.5']],
    ['a point before three digits, a comma elsewhere', ['1.234', '5,5']],
    ['spaces between groups', ['123 456', '7']],
    ['both orders', ['1.234,50', '1,234.50']],
    ['amounts in several currencies', ['$1.50', '€2.50']],
  ])('%s is ambiguous, and is text', async (_what, cells) => {
    const { values, form } = await column(cells);
    expect(values).toEqual(cells);
    expect(form).toBe('text()');
  });

  test('the comment about an ambiguous comma says what it may be', async () => {
    expect((await column(['1,234'])).comment).toMatch(
      /decimal\(\{ point: ',' \}\).*integer\(\{ grouping: ',' \}\)/,
    );
  });

  test('an ambiguous point is a decimal point, and the comment says what else it may be', async () => {
    const { form, comment } = await column(['1.234', '5']);
    expect(form).toBe('decimal()');
    expect(comment).toContain("if 1.234 is over a thousand, use integer({ grouping: '.' })");
    expect((await column(['1.234', '0.5'])).comment).not.toContain('thousand');
  });

  test('an ambiguous point is text in a file with decimal commas', async () => {
    const { values, comment } = await column(['1.200', '5'], ['12,50', '7,25']);
    expect(values).toEqual(['1.200', '5']);
    expect(comment).toContain('the file has decimal commas elsewhere');
    expect((await column(['1.25', '5'], ['12,50', '7,25'])).values).toEqual(['1.25', '5'].map(digits));
  });

  test('the comment about 0 and 1 says what else they may be', async () => {
    const hint = "it may be boolean({ true: ['1'], false: ['0'] })";
    expect((await column(['0', '1'])).comment).toContain(hint);
    expect((await column(['0', '2'])).comment).not.toContain(hint);
  });
});

describe('null markers', () => {
  test.each([
    ['among numbers', ['1', 'NA', '-', '3'], ['NA', '-'], [1n, undefined, undefined, 3n]],
    ['of programs', ['1', '<NA>', '#DIV/0!'], ['<NA>', '#DIV/0!'], [1n, undefined, undefined]],
    ['of typists', ['2024-01-02', '…', '---'], ['…', '---'], ['2024-01-02', undefined, undefined]],
    ['among days', ['2024-01-02', '0000-00-00'], ['0000-00-00'], ['2024-01-02', undefined]],
    ['among yes and no', ['yes', 'no', '?'], ['?'], [true, false, undefined]],
    ['among words', ['a', 'NULL', String.raw`\N`], ['NULL', String.raw`\N`], ['a', undefined, undefined]],
    ['alone', ['-', 'NA'], ['-', 'NA'], [undefined, undefined]],
  ])('%s are declared', async (_where, cells, nulls, expected) => {
    const { values, form } = await column(cells);
    expect(values).toEqual(expected);
    expect(form).toContain(`nulls: ${JSON.stringify(nulls)}`);
    expect(form).toContain('empty: "omit"');
  });

  test('that may be words among words are kept', async () => {
    const cells = ['Namibia', 'NA', '-', 'none'];
    expect(await column(cells)).toMatchObject({ values: cells, form: 'text()' });
  });

  test('count as empty cells', async () => {
    expect((await column(['1', 'NA', ''])).comment).toBe(
      'Filled in 1 of 3 rows, otherwise omitted: whole numbers.',
    );
  });
});

describe('dates', () => {
  test.each([
    ['YYYY-MM-DD', ['2024-02-29', '0001-01-01'], ['2024-02-29', '0001-01-01']],
    ['DD.MM.YYYY', ['01.02.2024', '03.04.2024'], ['2024-02-01', '2024-04-03']],
    ['D.M.YYYY', ['1.2.2024', '13.4.2024'], ['2024-02-01', '2024-04-13']],
    ['DD/MM/YYYY', ['01/02/2024', '13/02/2024'], ['2024-02-01', '2024-02-13']],
    ['MM/DD/YYYY', ['01/02/2024', '02/13/2024'], ['2024-01-02', '2024-02-13']],
    ['M/D/YYYY', ['1/2/2024', '12/25/2024'], ['2024-01-02', '2024-12-25']],
    ['DD-MM-YYYY', ['01-02-2024', '31-12-2024'], ['2024-02-01', '2024-12-31']],
    ['D MMM YYYY', ['1 Feb 2024', '13 mar 2024'], ['2024-02-01', '2024-03-13']],
    ['MMM D, YYYY', ['Feb 1, 2024', 'Mar 13, 2024'], ['2024-02-01', '2024-03-13']],
    ['DD-MMM-YYYY', ['01-Feb-2024', '02-Mar-2024'], ['2024-02-01', '2024-03-02']],
  ])('days written %s', async (format, cells, expected) => {
    const { values, form } = await column(cells);
    expect(values).toEqual(expected);
    expect(form).toBe(`date({ format: "${format}" })`);
  });

  test.each([
    ['YYYY-MM-DDTHH:mm:ss', ['2024-02-29T10:20:30'], ['2024-02-29T10:20:30.000']],
    ['YYYY-MM-DDTHH:mm:ssZ', ['2024-02-29T10:20:30Z'], ['2024-02-29T10:20:30.000Z']],
    ['YYYY-MM-DDTHH:mm:ssZ', ['2024-02-29T10:20:30+02:00'], ['2024-02-29T08:20:30.000Z']],
    ['YYYY-MM-DDTHH:mm:ss.SSSZ', ['2024-02-29T10:20:30.125Z'], ['2024-02-29T10:20:30.125Z']],
    ['YYYY-MM-DD HH:mm:ss', ['2024-02-29 10:20:30'], ['2024-02-29T10:20:30.000']],
    ['DD.MM.YYYY HH:mm', ['01.02.2024 10:20'], ['2024-02-01T10:20:00.000']],
    [
      'M/D/YYYY H:mm',
      ['1/2/2024 9:05', '12/25/2024 17:30'],
      ['2024-01-02T09:05:00.000', '2024-12-25T17:30:00.000'],
    ],
  ])('times written %s', async (format, cells, expected) => {
    const { values, form } = await column(cells);
    expect(values).toEqual(expected);
    expect(form).toBe(`dateTime({ format: "${format}" })`);
  });

  test.each([
    [
      'two-digit years',
      'date({ format: "DD.MM.YY", pivot: 69 })',
      ['01.02.24', '13.02.70'],
      ['2024-02-01', '1970-02-13'],
    ],
    ['long names of months', 'date({ format: "D MMMM YYYY" })', ['1 February 2024'], ['2024-02-01']],
    [
      'AM and PM',
      'dateTime({ format: "M/D/YYYY h:mm A" })',
      ['2/22/2024 4:21 AM', '2/3/2024 12:05 PM'],
      ['2024-02-22T04:21:00.000', '2024-02-03T12:05:00.000'],
    ],
    [
      'microseconds',
      'dateTime({ format: "YYYY-MM-DD HH:mm:ss.S", fraction: 9 })',
      ['2024-02-22 04:21:55.123456', '2024-02-22 04:21:56'],
      ['2024-02-22T04:21:55.123456000', '2024-02-22T04:21:56.000000000'],
    ],
    [
      'the name of a zone',
      'dateTime({ format: "YYYY-MM-DD HH:mm:ss Z" })',
      ['2024-02-22 04:21:55 UTC'],
      ['2024-02-22T04:21:55.000Z'],
    ],
  ])('with %s', async (_what, expected, cells, stored) => {
    const { values, form } = await column(cells);
    expect(form).toBe(expected);
    expect(values).toEqual(stored);
  });

  test.each([
    ['DD/MM/YYYY', 'MM/DD/YYYY', ['01/02/2024', '12/12/2024']],
    ['D/M/YYYY', 'M/D/YYYY', ['1/2/2024', '12/12/2024']],
    ['DD-MM-YYYY', 'MM-DD-YYYY', ['01-02-2024']],
    ['DD/MM/YYYY HH:mm', 'MM/DD/YYYY HH:mm', ['01/02/2024 10:00']],
  ])('days that may be %s or %s are text', async (one, other, cells) => {
    const { values, comment } = await column(cells);
    expect(values).toEqual(cells);
    expect(comment).toMatch(/ambiguous/);
    expect(comment).toContain(`'${one}'`);
    expect(comment).toContain(`'${other}'`);
  });
});

test.each([
  ['true', 'false'],
  ['Yes', 'NO'],
  ['Y', 'n'],
  ['ja', 'nein'],
  ['oui', 'non'],
  ['si', 'no'],
  ['SÍ', 'NO'],
  ['on', 'off'],
])('%s and %s are boolean values', async (yes, no) => {
  const { values } = await column([yes, no, yes.toLowerCase(), '']);
  expect(values).toEqual([true, false, true, undefined]);
});

describe('comments', () => {
  test('say how many cells are filled', async () => {
    expect((await column(['1', '2'])).comment).toBe('Never empty in 2 rows: whole numbers.');
    expect((await column(['1', ' ', ''])).comment).toBe(
      'Filled in 1 of 3 rows, otherwise omitted: whole numbers.',
    );
    expect(await column(['', ' '])).toMatchObject({
      comment: 'Empty in all 2 rows: text, because there are no values.',
      form: 'text({ empty: "omit" })',
      values: [undefined, undefined],
    });
  });

  test('say how many distinct values there are, but not which', async () => {
    const cells = Array.from({ length: 40 }, (_, row) => ['open', 'paid', 'sent', 'lost'][row % 4] ?? '');
    const { comment, values } = await column(cells);
    expect(comment).toBe(
      'Never empty in 40 rows: text with 4 distinct values; oneOf(…) would reject any other.',
    );
    expect(values).toEqual(cells);
    expect((await column(cells.slice(1))).comment).not.toContain('distinct');
  });

  test.each([
    ['a whole number', ['1', '2', '3', '4', '5', 'none at all']],
    ['a decimal number', ['1.5', '2', '3', '4', '5', '1x']],
    ['a day written YYYY-MM-DD', ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', 'x']],
  ])('say which line is the first without %s', async (what, cells) => {
    expect((await column(cells)).comment).toBe(
      `Never empty in 6 rows: text, because line 7 is not ${what}, unlike the 5 cells before it.`,
    );
  });
});

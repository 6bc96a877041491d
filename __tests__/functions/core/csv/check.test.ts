import { NumberValue } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { results } from '../../../../datasets/results.ts';
import { check } from '../../../../functions/core/csv/check.ts';
import { Framer } from '../../../../functions/core/csv/framing.ts';
import { type CsvRecord, recordReader } from '../../../../functions/core/csv/records.ts';
import type { Dataset } from '../../../../functions/core/dataset/dataset.ts';
import { loadOf } from '../../../../functions/core/dataset/load.ts';

const format = {
  columns: [0, 1, 2, 3],
  width: 4,
  isPadded: false,
  delimiter: ',',
  encoding: 'utf-8' as const,
};
const valid = { id: '1', name: 'Ada', amount: '12.50', date: '2024-02-29' };

function record(fields: readonly string[]): CsvRecord {
  return { start: 0, end: 1, line: 0, raw: Buffer.from(fields.join(',')), fields };
}

/** Checks a valid row in which the given cells are replaced. */
function checkRow(cells: Partial<typeof valid>) {
  return check(record(Object.values({ ...valid, ...cells })), format, results);
}

function code(cells: Partial<typeof valid>): string | undefined {
  const checked = checkRow(cells);
  return 'rejection' in checked ? `${checked.rejection.column}: ${checked.rejection.code}` : undefined;
}

/** The number that is stored for an amount, or the code of its rejection. */
function amount(cell: string): string | undefined {
  const checked = checkRow({ amount: cell });
  return 'item' in checked ? checked.item.amount.value : checked.rejection.code;
}

describe('check', () => {
  test('makes an item from a valid row', () => {
    expect(checkRow({ id: ' 1 ', name: ' Ada ' })).toEqual({
      item: {
        pk: 'ROW#1',
        id: '1',
        name: 'Ada',
        amount: NumberValue.from('12.5'),
        date: '2024-02-29T00:00:00.000',
      },
    });
  });

  test.each([
    [{ id: '' }, 'id: empty'],
    [{ id: '  ' }, 'id: empty'],
    [{ name: ' ' }, 'name: empty'],
    [{ amount: '' }, 'amount: empty'],
    [{ date: '' }, 'date: empty'],
    [{ date: '2023-02-29' }, 'date: not_a_date'],
    [{ date: '2024-13-01' }, 'date: not_a_date'],
    [{ date: '2024-04-31' }, 'date: not_a_date'],
    [{ date: '2024-1-1' }, 'date: not_a_date'],
    [{ date: '01/02/2024' }, 'date: not_a_date'],
    [{ date: '2024-01-01T00:00:00.000' }, 'date: not_a_date'],
    [{ date: '+02024-01-01' }, 'date: not_a_date'],
  ])('%j is rejected as %s', (cells, expected) => {
    expect(code(cells)).toBe(expected);
  });

  test.each([[{ date: '0001-01-01' }], [{ date: '2000-02-29' }], [{ name: '__proto__' }]])(
    '%j is accepted',
    (cells) => {
      expect(code(cells)).toBeUndefined();
    },
  );

  test('an id must fit in the key together with its prefix', () => {
    expect(code({ id: 'x'.repeat(2_044) })).toBeUndefined();
    expect(code({ id: 'x'.repeat(2_045) })).toBe('id: too_long');
    expect(code({ id: 'é'.repeat(1_022) })).toBeUndefined();
    expect(code({ id: 'é'.repeat(1_023) })).toBe('id: too_long');
  });

  test.each([
    ['0.1', '0.1'],
    ['12.50', '12.5'],
    ['-0', '0'],
    ['+7', '7'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['-1e3', '-1000'],
    ['1.5E-3', '0.0015'],
    [' 3 ', '3'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['0.12345678901234567890123456789012345678', '0.12345678901234567890123456789012345678'],
    ['1234567890123456789.0123456789012345678', '1234567890123456789.0123456789012345678'],
    [`1${'0'.repeat(60)}`, '1E60'],
    [`-0.${'0'.repeat(60)}12`, '-1.2E-61'],
    ['9.99e125', '9.99E125'],
    ['1e-130', '1E-130'],
    ['123456789012345678901234567890123456789', 'number_out_of_range'],
    ['1e126', 'number_out_of_range'],
    ['1e-131', 'number_out_of_range'],
    ['1e999999', 'number_out_of_range'],
    ['NaN', 'not_a_decimal'],
    ['Infinity', 'not_a_decimal'],
    ['-Infinity', 'not_a_decimal'],
    ['1,000', 'not_a_decimal'],
    ['1 000', 'not_a_decimal'],
    ['1_000', 'not_a_decimal'],
    ['0x10', 'not_a_decimal'],
    ['1e', 'not_a_decimal'],
    ['.', 'not_a_decimal'],
    ['--1', 'not_a_decimal'],
    ['€5', 'not_a_decimal'],
    ['٣', 'not_a_decimal'],
  ])('the amount %s is stored or rejected as %s', (cell, expected) => {
    expect(amount(cell)).toBe(expected);
  });

  test('an amount keeps its value exactly', () => {
    const digits = fc.stringMatching(/^[0-9]{1,19}$/);
    fc.assert(
      fc.property(
        fc.boolean(),
        digits,
        digits,
        fc.integer({ min: -60, max: 60 }),
        (negative, whole, fraction, power) => {
          const stored = amount(`${negative ? '-' : ''}${whole}.${fraction}e${power}`) ?? '';
          /** The value in units of 10^-200. */
          const scaled = (text: string): bigint => {
            const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
            const [whole = '', decimals = ''] = mantissa.split('.');
            return BigInt(whole + decimals) * 10n ** BigInt(200 - decimals.length + Number(exponent));
          };
          expect(scaled(stored)).toBe(scaled(`${negative ? '-' : ''}${whole}.${fraction}e${power}`));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('a row whose number of fields differs from that of the header is rejected as a whole', () => {
    expect(check(record(['1', 'Ada', '1']), format, results)).toEqual({
      rejection: { column: null, code: 'too_few_fields', reason: 'has 3 fields, but the header has 4' },
    });
    expect(check(record(['1', 'Ada', '1', '2024-01-01', '']), format, results)).toEqual({
      rejection: { column: null, code: 'too_many_fields', reason: 'has 5 fields, but the header has 4' },
    });
  });

  test.each([
    [['id', 'name', 'amount', 'date'], true],
    [['\uFEFFID', ' Name', 'AMOUNT\u200B', 'date'], true],
    [['\uFEFF"id"', 'name', 'amount', 'date'], true],
    [['date', 'amount', 'name', 'id'], true],
    [['id', 'name', 'amount', 'date', 'more'], true],
    [['id', 'name', 'amount', '2024-01-01'], false],
    [['id', 'name', 'amount'], false],
  ])('%j is a repeated header: %s', (fields, isRepeated) => {
    const checked = check(record(fields), format, results);
    expect('rejection' in checked && checked.rejection.code === 'repeated_header').toBe(isRepeated);
  });

  test('columns may come in any order', () => {
    expect(
      check(
        record(['x', '2024-01-01', '5', 'Ada', '1']),
        { ...format, columns: [4, 3, 2, 1], width: 5 },
        results,
      ),
    ).toMatchObject({
      item: { pk: 'ROW#1', name: 'Ada', date: '2024-01-01T00:00:00.000' },
    });
  });

  test('an item over 400 KB is rejected', () => {
    const name = (length: number) => ({ name: 'x'.repeat(length) });
    // pk, id, name, amount and date with their values, except that of name: 2+5, 2+1, 4, 6+21, 4+23 bytes.
    const others = 68;
    expect(code(name(409_600 - others))).toBeUndefined();
    expect(code(name(409_601 - others))).toBe('null: item_too_large');
  });

  test('what an insert adds to an item counts towards its size', () => {
    const inserted: Dataset = { ...results, load: loadOf({ mode: 'insert' }) };
    const nameOf = (length: number) => record(Object.values({ ...valid, name: 'x'.repeat(length) }));
    const checked = (length: number, dataset: Dataset) => 'item' in check(nameOf(length), format, dataset);
    const longest = 409_600 - ['pk', 'ROW#1', 'id', '1', 'name', 'amount', 'date'].join('').length - 21 - 23;
    expect([checked(longest, results), checked(longest + 1, results)]).toEqual([true, false]);
    const { addedBytes } = inserted.load;
    expect([checked(longest - addedBytes, inserted), checked(longest - addedBytes + 1, inserted)]).toEqual([
      true,
      false,
    ]);
  });

  test('the reason names the byte that is not UTF-8', () => {
    const raw = Buffer.from('1,\xef\xbf\xbd\xe4,x', 'latin1');
    expect(
      check({ start: 1_000, end: 1_008, line: 0, raw, fault: 'invalid_encoding' }, format, results),
    ).toEqual({
      rejection: {
        column: null,
        code: 'invalid_encoding',
        reason:
          'is not valid UTF-8 at byte 1005; if the files have another encoding, declare it with encodings',
      },
    });
  });

  test('a UTF-8 row in a file that is read as windows-1252 is rejected, not mangled', () => {
    const row = (bytes: Buffer) => ({ ...record(['1', 'x', '1', '2024-01-01']), raw: bytes });
    const mixed: Dataset = { ...results, encodings: ['utf-8', 'windows-1252'] };
    const in1252 = { ...format, encoding: 'windows-1252' as const };
    expect(check(row(Buffer.from('1,grün,1')), in1252, mixed)).toMatchObject({
      rejection: { column: null, code: 'invalid_encoding' },
    });
    expect(check(row(Buffer.from('1,grün,1', 'latin1')), in1252, mixed)).toHaveProperty('item');
    // If the dataset declares windows-1252 only, the row is read as such.
    const declared: Dataset = { ...results, encodings: ['windows-1252'] };
    expect(check(row(Buffer.from('1,Ã¼,1')), in1252, declared)).toHaveProperty('item');
  });

  test.each([
    ['1,"Bob,1,2024-01-01', 1_002],
    ['"1","B""b,1', 1_004],
    ['"1","B""b","x', 1_011],
    ['"1', 1_000],
  ])('the reason names the byte of the opening quote: %s', (line, byte) => {
    const dialect = { delimiter: ',', encoding: 'utf-8' } as const;
    const framer = new Framer(dialect);
    const [record] = [...framer.push(Buffer.from(line)), ...framer.end()].flatMap(
      recordReader(dialect, 1_000),
    );
    if (record === undefined) throw new Error('There is no record.');
    expect(check(record, format, results)).toEqual({
      rejection: {
        column: null,
        code: 'unclosed_quote',
        reason: `has a quoted field that is not properly closed: it opens at byte ${byte}`,
      },
    });
  });

  test('no reason contains data of the row', () => {
    const cells = fc.constantFrom('SECRET', 'SECRET SECRET', '"SECRET', '\u0000SECRET');
    fc.assert(
      fc.property(fc.array(cells, { minLength: 1, maxLength: 6 }), (fields) => {
        expect(JSON.stringify(check(record(fields), format, results))).not.toContain('SECRET');
      }),
    );
  });
});

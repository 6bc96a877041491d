import { results } from '../../../../datasets/results.ts';
import { matchHeader } from '../../../../functions/core/csv/header/match.ts';
import { readHeader } from '../../../../functions/core/csv/header.ts';

const file = 's3://bucket/file.csv';
const options = { dataset: results, delimiters: [','], encodings: ['utf-8'] } as const;

async function read(csv: string | Buffer, size = 1_000) {
  const bytes = Buffer.from(csv);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return readHeader(pieces, { ...options, delimiters: results.delimiters }, file);
}

describe('readHeader', () => {
  test.each([
    ['LF', 'id,name\n1,a\n', { fields: ['id', 'name'], end: 8, lines: 1 }],
    ['CRLF', 'id,name\r\n1,a\r\n', { fields: ['id', 'name'], end: 9, lines: 1 }],
    ['CR', 'id,name\r1,a\r', { fields: ['id', 'name'], end: 8, lines: 1 }],
    ['no row after it', 'id,name', { fields: ['id', 'name'], end: 8, lines: 1 }],
    ['a BOM', '\uFEFFid,name\n', { fields: ['id', 'name'], end: 11, lines: 1 }],
    ['a BOM and quotes', '\uFEFF"id","name"\n', { fields: ['id', 'name'], end: 15, lines: 1 }],
    ['blank lines in front of it', '\n\r\nid,name\n', { fields: ['id', 'name'], end: 11, lines: 3 }],
    [
      'semicolons',
      'id;"a;b";amount\n',
      { delimiter: ';', fields: ['id', 'a;b', 'amount'], end: 16, lines: 1 },
    ],
    ['tabs', 'id\tname\tx, y\n', { delimiter: '\t', fields: ['id', 'name', 'x, y'], end: 13, lines: 1 }],
    ['bars', 'id|name|x;y;z\n', { delimiter: '|', fields: ['id', 'name', 'x;y;z'], end: 14, lines: 1 }],
    [
      'more commas than columns',
      'id;name;"a,b,c,d"\n',
      { delimiter: ';', fields: ['id', 'name', 'a,b,c,d'], end: 18, lines: 1 },
    ],
    [
      'a line that names the delimiter',
      'sep=;\r\nid;x,name\r\n',
      { delimiter: ';', fields: ['id', 'x,name'], end: 18, lines: 2 },
    ],
    [
      'a BOM and a line that names an unusual delimiter',
      '\uFEFFSEP=~\nid~name\n',
      { delimiter: '~', fields: ['id', 'name'], end: 17, lines: 2 },
    ],
    [
      'quoted fields that are unknown with every delimiter',
      '"foo";"bar"\n',
      { delimiter: ';', fields: ['foo', 'bar'], end: 12, lines: 1 },
    ],
    ['a quoted line break', '"i\nd",name\n', { fields: ['i\nd', 'name'], end: 11, lines: 2 }],
  ])('%s, in pieces of any size', async (_, csv, expected) => {
    for (const size of [1, 2, 3, 5, 1_000]) {
      // A header without a line break ends with the file.
      expect(await read(csv, size)).toMatchObject({
        delimiter: ',',
        encoding: 'utf-8',
        hasBom: csv.startsWith('\uFEFF'),
        isAscii: true,
        ...expected,
        end: Math.min(expected.end, Buffer.byteLength(csv)),
      });
    }
  });

  test.each([
    ['an empty file', ''],
    ['only a BOM', '\uFEFF'],
    ['only blank lines', '\n\r\n'],
  ])('%s is refused as empty', async (_, csv) => {
    await expect(read(csv)).rejects.toThrow(
      `${file} is empty. It needs a header with the columns id, name, amount, date.`,
    );
  });

  test.each([
    ['an unclosed quote', '"id,name\n1,a\n', 'has a quoted field that is not properly closed'],
    ['a stray quote', 'i"d,name\n1,a\n', 'has a quote in an unquoted field'],
    ['invalid UTF-8', Buffer.from('id,na\xefme\n', 'latin1'), 'has bytes that are not valid in its encoding'],
  ])('%s is refused', async (_, csv, message) => {
    await expect(read(csv)).rejects.toMatchObject({ name: 'HeaderError' });
    await expect(read(csv)).rejects.toThrow(`The header of ${file} ${message}`);
  });

  test.each([
    [
      'no line has a column',
      'x,y\n1,2\n',
      'No header was found in the first 100 lines. Check that the file belongs',
    ],
    [
      'a line has them with another delimiter',
      'x\nid^name^amount^date\n',
      "Line 2 has the columns: declare delimiter: '^'",
    ],
    [
      'a line further down has them',
      `x,y\n"${'x'.repeat(70_000)}",id,name,amount,date\n`,
      'Line 2 has the columns: declare header: { skip: 1 }',
    ],
  ])('where the header is searched for, and %s, find is not recommended', async (_, csv, advice) => {
    const dataset = { ...results, header: { find: true } } as const;
    const { delimiters } = results;
    const { hint } = await readHeader([Buffer.from(csv)], { ...options, dataset, delimiters }, file);
    expect(hint?.advice).toContain(advice);
    expect(hint?.advice).not.toContain('find: true');
  });

  test('a first row that is too long, in a file without a header, is refused as too long', async () => {
    const dataset = { ...results, header: false } as const;
    const reading = readHeader([Buffer.from(`"${'x'.repeat(500_000)}"\n`)], { ...options, dataset }, file);
    await expect(reading).rejects.toThrow('line 1 is longer than 409600 bytes');
  });

  test('reads no more of the stream than the first window, if the header is in it', async () => {
    let pulled = 0;
    const endless = (function* () {
      for (;;) {
        pulled += 1;
        yield Buffer.from('id,name\n');
      }
    })();
    await readHeader(endless, options, file);
    expect(pulled).toBe((64 * 1024) / 8);
  });
});

/** The message of the error with which something is refused. */
function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
}

/** Columns named `c1` and so on. */
function wide(count: number) {
  const [column] = results.columns;
  if (column === undefined) throw new Error('The dataset has no columns.');
  return Array.from({ length: count }, (_, index) => ({ ...column, name: `c${index + 1}` }));
}

describe('matchHeader', () => {
  test('finds columns in any order and case, with blanks around them and among other columns', () => {
    expect(
      matchHeader([' Date', 'AMOUNT', 'Note', 'iD ', 'name', '__proto__', 'constructor'], results, file),
    ).toEqual({
      columns: [3, 4, 1, 0],
      ignored: ['Note', '__proto__', 'constructor'],
      warnings: [],
    });
  });

  test('compares names without invisible characters', () => {
    const invisible = [
      '\u200B',
      '\u200C',
      '\u200D',
      '\u200E',
      '\u200F',
      '\u2060',
      '\u00AD',
      '\uFEFF',
      '\u061C',
    ];
    for (const one of invisible) {
      const fields = [`${one}id`, `na${one}me`, `amount${one}`, `${one} date ${one}`];
      expect(matchHeader(fields, results, file).columns).toEqual([0, 1, 2, 3]);
    }
  });

  test('names a missing column and the column that is probably meant', () => {
    expect(() => matchHeader(['id', 'name', 'Amout', 'note'], results, file)).toThrow(
      expect.objectContaining({
        name: 'HeaderError',
        message: `The header of ${file} does not match the dataset: the column "amount" is missing (is it "Amout"?); the column "date" is missing.`,
      }),
    );
  });

  test('names the first columns of many that are missing, and counts the others', () => {
    const many = { columns: wide(3_000) };
    const message = refusal(() => matchHeader(['c1'], many, file));
    expect(message).toMatch(
      /: the column "c2" is missing; .*"c6" is missing; and 2,994 more columns are missing /,
    );
    expect(message.length).toBeLessThan(500);
    expect(refusal(() => matchHeader(['x'], many, file))).toMatch(
      /it has none of the columns "c1", .*"c10" and 2,990 more\.$/,
    );
  });

  test('warns about an ignored column that is spelt almost like one that the file has', () => {
    const warnings = (...more: string[]) =>
      matchHeader(['id', 'name', 'amount', 'date', ...more], results, file).warnings;
    expect(warnings('Amuont ')).toEqual([
      'The column "Amuont" is ignored, although it is spelt almost like "amount", which the file also has. Check which of them has the values.',
    ]);
    expect(warnings('amount2', 'note', 'customer id')).toEqual([]);
    expect(warnings(...Array.from({ length: 9 }, (_, index) => `amoun${'abcdefghi'[index]}`))).toHaveLength(
      1,
    );
  });

  test('suggests a column whose letters are in another order', () => {
    expect(() => matchHeader(['id', 'nmae', 'amount', 'dtae'], results, file)).toThrow(
      'the column "name" is missing (is it "nmae"?); the column "date" is missing (is it "dtae"?)',
    );
  });

  test('the message does not repeat a first row of data', () => {
    expect(() => matchHeader(['17', 'Ada Lovelace', '12.50', '2024-01-01'], results, file)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/Ada|12\.50/) }),
    );
  });

  test('names a column that appears twice', () => {
    expect(() => matchHeader(['id', 'name', 'amount', 'date', 'ID'], results, file)).toThrow(
      'the column "id" appears 2 times, as "id", "ID"; keep one',
    );
  });

  test('lists a limited number of unknown columns and shortens their names', () => {
    const many = Array.from({ length: 500 }, (_, index) => `x${index}`.padEnd(1_000, 'x'));
    const { ignored } = matchHeader(['id', 'name', 'amount', 'date', ...many], results, file);
    expect(ignored).toHaveLength(20);
    expect(Math.max(...ignored.map((name) => name.length))).toBe(64);
  });

  test('suggests a column whose name contains the missing one, but no long name and no data', () => {
    const missing = (fields: string[]) => {
      try {
        matchHeader(fields, results, file);
      } catch (error) {
        return String(error);
      }
      return '';
    };
    expect(missing(['id', 'Customer Name', 'amount', 'date'])).toContain('(is it "Customer Name"?)');
    expect(missing(['id', `name ${'x'.repeat(100)}`, 'amount', 'date'])).not.toContain('xxx');
    expect(missing(['7', 'a secret name of somebody', 'x', 'y'])).not.toContain('secret');
    expect(missing(Array.from({ length: 50_000 }, () => 'id')).length).toBeLessThan(1_000);
  });
});

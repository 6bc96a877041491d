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

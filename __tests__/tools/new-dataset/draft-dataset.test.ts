/** Datasets that are guessed from whole files. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { normalisedName } from '../../../functions/core/dataset/names.ts';
import { UsageError } from '../../../report/terminal/errors.ts';
import { Generator, lineOf, valuesOf } from '../../support/generated.ts';

const root = join(__dirname, '../../..');

const generator = new Generator();
afterAll(() => generator.remove());

describe('a file is accepted by the dataset that is guessed from it', () => {
  // The one row of location_coordinates.csv has fewer fields than its header.
  const files = ['samples', 'node_modules/csv-spectrum/csvs']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .filter((file) => !file.endsWith('location_coordinates.csv'));

  test.each(files)('%s', async (file) => {
    const { draft, items, rejections } = await generator.fromFile(join(root, file));
    expect(items).toHaveLength(draft.rows);
    // Rows whose fields cannot be told from each other are left out of the guesses.
    const broken = /^(\d+) rows? broken/m.exec(draft.warnings.join('\n'))?.[1] ?? '0';
    expect(rejections.map(({ column }) => column)).toEqual(Array(Number(broken)).fill(null));
  });

  test('but for rows that are broken, which is said', async () => {
    const { draft, source, rejections } = await generator.from('a,b\n1,2\n3\n4,5"6\n7,8\n');
    expect(rejections.map(({ code }) => code)).toEqual(['too_few_fields', 'stray_quote']);
    expect(draft.rows).toBe(2);
    const warning =
      '2 rows broken or with another number of fields than the header: not looked at, and rejected by the dataset.';
    expect(draft.warnings).toEqual([warning]);
    expect(source).toContain(` * ${warning}\n`);
  });

  test('whatever the columns and the delimiter are', async () => {
    const cells = {
      integer: fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
      code: fc.stringMatching(/^[+-]?[0-9]{1,6}$/),
      decimal: fc.stringMatching(/^[+-]?[0-9]{1,4}[.,][0-9]{0,4}(e-?[0-9]{1,3})?$/),
      grouped: fc.stringMatching(/^[1-9][0-9]{0,2}([.,' \u00A0][0-9]{3}){0,3}([.,][0-9]{1,3})?$/),
      date: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map(isoDay),
      slashes: fc.stringMatching(/^(0[1-9]|1[0-9])[/.-](0[1-9]|1[0-9])[/.-]20[0-9][0-9]$/),
      time: fc
        .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
        .map((at) => at.toISOString()),
      boolean: fc.constantFrom('yes', 'no', 'Yes', 'true'),
      any: fc.string({ unit: 'grapheme' }).filter((cell) => !/[\0\r]/.test(cell)),
    };
    const column = fc.constantFrom(...Object.values(cells)).chain((cell) =>
      fc.record({
        name: fc.stringMatching(/^[A-Za-z0-9 _äß'"$.{}()*/\\-]{1,12}$/).filter((name) => name.trim() !== ''),
        cells: fc.array(fc.oneof({ weight: 9, arbitrary: cell }, fc.constantFrom('', ' ')), {
          minLength: 8,
          maxLength: 8,
        }),
      }),
    );
    const table = fc.record({
      columns: fc.uniqueArray(column, {
        minLength: 1,
        maxLength: 6,
        selector: ({ name }) => normalisedName(name),
      }),
      rows: fc.integer({ min: 1, max: 8 }),
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      lineBreak: fc.constantFrom('\n', '\r\n'),
      encode: fc.constantFrom(
        (csv: string) => Buffer.from(csv),
        (csv: string) => Buffer.from(`\uFEFF${csv}`),
        (csv: string) => Buffer.from(`\uFEFF${csv}`, 'utf16le'),
        (csv: string) => gzipSync(csv),
      ),
    });
    await fc.assert(
      fc.asyncProperty(table, async ({ columns, rows, delimiter, lineBreak, encode }) => {
        const header = ['the id', ...columns.map(({ name }) => `${name}.`)];
        const body = Array.from({ length: rows }, (_, row) => [
          `id ${row}`,
          ...columns.map((each) => each.cells[row] ?? ''),
        ]);
        const csv = stringify([header, ...body], {
          delimiter,
          record_delimiter: lineBreak,
          quoted_match: /[\r\n]/,
        });
        const { items, rejections, dataset } = await generator.from(encode(csv));
        expect(rejections).toEqual([]);
        expect(items).toHaveLength(rows);
        for (const [index, { name }] of dataset.columns.entries()) {
          const written = body.map((cells) => (cells[index] ?? '').trim() || undefined);
          const values = valuesOf(items, name);
          expect(values.map((value) => value === undefined)).toEqual(
            written.map((cell) => cell === undefined),
          );
          // A zero that a number would lose, and whatever else is text, is still there.
          for (const [row, value] of values.entries()) {
            const cell = written[row] ?? '';
            if (/^[+-]?0\d+$/.test(cell)) expect(value).toBe(cell);
            if (typeof value === 'bigint') expect(value).toBe(BigInt(cell.replaceAll(/[^-\d]/g, '')));
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

function isoDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

describe('how a file is written', () => {
  const rows = [
    ['id', 'name'],
    ['1', 'Zoë, “the” €'],
    ['2', 'Bob'],
  ];
  const csv = stringify(rows);

  test.each([
    ['UTF-8', Buffer.from(csv)],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${csv}`)],
    ['UTF-16 with a byte order mark', Buffer.from(`\uFEFF${csv}`, 'utf16le')],
    ['UTF-16, the other way round', Buffer.from(`\uFEFF${csv}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(csv, 'utf16le')],
    ['gzip', gzipSync(csv)],
    ['gzip and UTF-16', gzipSync(Buffer.from(`\uFEFF${csv}`, 'utf16le'))],
  ])('%s', async (_what, content) => {
    const { items, source } = await generator.from(content);
    expect(valuesOf(items, 'name')).toEqual(['Zoë, “the” €', 'Bob']);
    expect(valuesOf(items, 'id')).toEqual([1n, 2n]);
    expect(source).not.toContain('encodings');
    expect(source).not.toContain('delimiter');
  });

  test.each([
    ['a row', 'id,name\n1,Zo\xEB \x80\n2,Bob\n', 'name'],
    ['the header', 'id,pr\xE9nom\n1,Zo\xEB \x80\n2,Bob\n', 'prenom'],
  ])('windows-1252 in %s', async (_where, content, name) => {
    const { items, source } = await generator.from(Buffer.from(content, 'latin1'));
    expect(valuesOf(items, name)).toEqual(['Zoë €', 'Bob']);
    expect(source).toMatch(/\/\/ .*may be windows-1252.*\nencodings: \['utf-8', 'windows-1252'\],/);
  });

  test.each([
    ['another row is sound UTF-8', 'id,name\n1,Zo\xEB\n2,\xC3\xAB\n'],
    ['the header is sound UTF-8', 'id,n\xC3\xA4me\n1,Zo\xEB\n2,Bob\n'],
    ['it has the mark of UTF-8', '\xEF\xBB\xBFid,name\n1,Zo\xEB\n2,Bob\n'],
    ['a byte is nothing in windows-1252', 'id,name\n1,Zo\xEB \x81\n2,Bob\n'],
    ['it is UTF-16', Buffer.from('id,name\n1,Zo\uD800\n2,Bob\n', 'utf16le').toString('latin1')],
  ])('it is not taken for windows-1252 when %s', async (_when, content) => {
    const { draft, source, rejections } = await generator.from(Buffer.from(content, 'latin1'));
    expect(source).not.toContain('encodings');
    expect(rejections.map(({ code }) => code)).toEqual(['invalid_encoding']);
    expect(draft.warnings[0]).toMatch('1 row broken');
  });

  test.each([
    [';', 'a;b\n1,5;2,5\n3,5;4,5\n'],
    ['\t', 'a\tb\n1,5\t"x;y\tz"\n3,5\t4,5\n'],
    ['|', 'a|b\n1,5|2,5\n3,5|4,5\n'],
    ['^', 'sep=^\na^b\n1,5^2\n3,5^x\n'],
    [';', 'SEP=;\r\na;b,c\r\n1,5;2\r\n3,5;x\r\n'],
    [';', 'a, b;c\n"1;5";2\n3;x\n'],
    [';', 'a\n1,5\n2,5\n'],
    // One row of three agrees with the header if it is a comma, and all if it is a semicolon.
    [';', 'a, b;c\n1;2\n3, 4;x\n5;6\n'],
    // Three rows of five, although there would be more columns.
    [';', 'a;b,c,d\n1;2,3,4\n1;2,3,4\n1;2,3,4\n5;6\n7;8\n'],
    // The last row has no line break.
    [';', 'a, b;c\n1;2'],
  ])('fields are delimited by %j', async (delimiter, content) => {
    const { source, items, rejections } = await generator.from(content);
    expect(lineOf(source, 'delimiter: ')).toBe(JSON.stringify(delimiter));
    expect(source).toContain('// As in the sample; a file with another one is refused.');
    expect(rejections).toEqual([]);
    expect(items.length).toBeGreaterThan(0);
  });

  test.each([
    ['a comma, with semicolons in the rows', 'a,b\n1;2;3,x\n4;5;6,y\n'],
    ['a comma, with some rows broken', 'a,b,c\n1,2,3\n1,2\n1,2,3\n1;2,3\n'],
    ['a comma, with quoted line breaks', 'a,b\n"1\n;;;\n\n2",x\n"3;",y\n'],
    ['nothing: there is one column', 'a\nx\ny\n'],
  ])('fields are delimited by %s', async (_what, content) => {
    expect((await generator.from(content)).source).not.toContain('delimiter');
  });
});

describe('the key', () => {
  const key = async (content: string | readonly string[]) => {
    const { source, items, draft } = await generator.from(
      typeof content === 'string' ? content : ['key;c', ...content].join('\n'),
    );
    const keys = items.map(({ pk, sk }) => (sk === undefined ? pk : `${pk} ${sk}`));
    return { key: lineOf(source, 'key: '), sort: lineOf(source, 'sort: '), keys, source, draft };
  };

  test('is the first column that is never empty and different in each row', async () => {
    const found = await key('a,b,c,d\n1,,x,p\n1,2,y,q\n2,3,z,r\n');
    expect(found).toMatchObject({
      key: '"SAMPLE#{c}"',
      sort: undefined,
      keys: ['SAMPLE#x', 'SAMPLE#y', 'SAMPLE#z'],
    });
    expect(found.source).toContain(
      '// Never empty, and different in each of the 3 rows. With so few rows that may be chance.',
    );
  });

  test('is by chance less likely among many rows', async () => {
    const { source } = await key(['id', ...Array.from({ length: 1_000 }, (_, row) => `n${row}`)].join('\n'));
    expect(source).toContain('// Never empty, and different in each of the 1,000 rows.\n');
  });

  test('or else the first pair of columns', async () => {
    const found = await key('a,b,c,d\n1,1,x,p\n1,1,y,q\n2,1,x,p\n2,1,y,q\n');
    expect(found).toMatchObject({ key: '"SAMPLE#{a}"', sort: '"{c}"' });
    expect(new Set(found.keys).size).toBe(4);
    expect(found.source).toContain('// No column is different in each of the 4 rows; these two together are');
  });

  test('tells rows apart by what is stored, not by how it is written', async () => {
    // 1.0 and 1.00 are one number.
    expect(await key('a,b\n1.0,x\n1.00,y\n')).toMatchObject({ key: '"SAMPLE#{b}"' });
    // Together they would be the same text.
    expect(await key('a,b,c\nx,xx,1\nxx,x,1\nx,y,1\nxx,xx,1\n')).toMatchObject({
      key: '"SAMPLE#{a}"',
      sort: '"{b}"',
    });
  });

  test('is found behind many columns that come again', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
    const rows = Array.from({ length: 30 }, (_, row) =>
      names.map((_name, index) => (index === 39 ? `r${row}` : `v${row % 29}`)),
    );
    expect(await key(stringify([names, ...rows]))).toMatchObject({ key: '"SAMPLE#{c39}"' });
  });

  test('has no cells that are longer than a key may be', async () => {
    const long = (bytes: number) => 'é'.repeat(bytes / 2);
    // Seven bytes are those of SAMPLE#.
    expect(await key(`a,b\n${long(2_042)},1\nx,2\n`)).toMatchObject({ key: '"SAMPLE#{b}"' });
    expect(await key(`a,b\n${long(2_040)},1\nx,2\n`)).toMatchObject({ key: '"SAMPLE#{a}"' });
    const sort = (bytes: number) => key(`a,b,c\n1,${long(bytes)},x\n1,x,y\n2,x,x\n2,${long(bytes)},y\n`);
    expect(await sort(1_024)).toMatchObject({ sort: '"{b}"' });
    expect(await sort(1_026)).toMatchObject({ sort: '"{c}"' });
    await expect(key(`a\n${long(2_042)}\nx\n`)).rejects.toThrow('No column of');
  });

  test('has no column that is empty anywhere', async () => {
    // With the empty cell as one more value, the first two would tell all rows apart.
    expect(await key('a,b,c\n1,,x\n1,2,x\n2,3,x\n2,2,x\n')).toMatchObject({
      key: '"SAMPLE#{a}"',
      sort: undefined,
    });
  });

  test('that nothing makes unique is the first that is never empty, with a warning', async () => {
    const found = await key('a,b,c\n,1,x\ny,1,x\ny,1,x\n');
    expect(found).toMatchObject({ key: '"SAMPLE#{b}"', sort: undefined });
    expect(found.keys).toHaveLength(3);
    const warning =
      /The key is NOT unique in the sample: of rows with the same b only the last one is loaded/;
    expect(found.draft.warnings.join()).toMatch(warning);
    expect(/.*\nkey:/.exec(found.source)?.[0]).toMatch(warning);
  });

  test('of rows in which every column is empty somewhere is the fullest, and says that rows are rejected', async () => {
    const { draft, source, rejections } = await generator.from('a,b\n,1\n,2\nx,\n');
    expect(lineOf(source, 'key: ')).toBe('"SAMPLE#{b}"');
    expect(lineOf(source, 'b: ')).toBe('integer()');
    expect(source).toContain('// Filled in 2 of 3 rows, and rejected in the others: whole numbers.');
    expect(rejections).toMatchObject([{ column: 'b', code: 'empty' }]);
    expect(draft.warnings.join()).toContain('No column is always filled: 1 row without b have no key');
  });
});

describe('a limit', () => {
  const content = ['id', '1', '2', '3', 'x', ''].join('\n');

  test.each([
    ['rows', { rows: 3, bytes: 1_000 }, 3],
    // The fourth row begins within the limit, and is not whole.
    ['bytes', { rows: 1_000, bytes: 10 }, 3],
  ])('of %s is kept, and said', async (_what, limits, rows) => {
    const { draft, source } = await generator.from(content, limits);
    expect(draft.rows).toBe(rows);
    expect(lineOf(source, 'id: ')).toBe('integer()');
    expect(draft.warnings).toEqual([`The file has more than the ${rows} rows that were read.`]);
    expect(source).toContain(` * The file has more than the ${rows} rows that were read.\n`);
  });

  test.each([
    { rows: 4, bytes: 1_000 },
    { rows: 1_000, bytes: content.length },
  ])('that is just enough is none: %j', async (limits) => {
    const { draft, source } = await generator.from(content, limits);
    expect(draft).toMatchObject({ rows: 4, warnings: [] });
    expect(lineOf(source, 'id: ')).toBe('text()');
  });

  test('holds over many pieces of a file', async () => {
    const rows = Array.from({ length: 5_000 }, (_, row) => `${row},${'x'.repeat(60)}`);
    const long = ['id,text', ...rows, 'x,y', ''].join('\n');
    const { draft, source } = await generator.from(long, { rows: 5_000, bytes: 2 ** 30 });
    // None of them is damaged where one piece ends and the next one begins.
    expect(source).toContain('Never empty in 5,000 rows: text; 1 distinct value:');
    expect(draft).toMatchObject({
      rows: 5_000,
      warnings: ['The file has more than the 5,000 rows that were read.'],
    });
    expect((await generator.from(gzipSync(long), { rows: 5_001, bytes: 2 ** 30 })).draft.warnings).toEqual(
      [],
    );
  });
});

test.each([
  ['an empty file', '', 'sample.csv is empty'],
  ['a file of blank lines', '\uFEFF\n\r\n', 'sample.csv is empty'],
  ['a header alone', 'a,b\n', 'sample.csv has a header, but no row to guess from'],
  ['rows of another width', 'a,b\n1,2,3\n4,5,6\n', 'None of the 2 rows of'],
  ['no name in the header', ',\n1,2\n', 'has no name of a column'],
  ['a name twice', 'a, A\n1,2\n', 'has the name "A" twice, in columns 1 and 2: rename one of them'],
])('from %s nothing is guessed', async (_what, content, message) => {
  await expect(generator.from(content)).rejects.toThrow(UsageError);
  await expect(generator.from(content)).rejects.toThrow(message);
});

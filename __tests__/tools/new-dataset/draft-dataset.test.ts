/** Datasets guessed from whole files. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { normalisedName } from '../../../functions/core/dataset/names.ts';
import { UsageError } from '../../../report/terminal/errors.ts';
import { everyNth, inFull } from '../../support/full-run.ts';
import { Generator, lineOf, valuesOf } from '../../support/generated.ts';

const root = join(__dirname, '../../..');

const generator = new Generator();
afterAll(() => generator.remove());

describe('a guessed dataset accepts its sample', () => {
  // The one row of location_coordinates.csv has fewer fields than its header.
  const files = ['samples', 'node_modules/csv-spectrum/csvs']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
    )
    .filter((file) => file.endsWith('.csv'))
    .filter((file) => !file.endsWith('location_coordinates.csv'));

  test.each(everyNth(2, files))('%s', async (file) => {
    const { draft, items, rejections } = await generator.fromFile(join(root, file));
    expect(items).toHaveLength(draft.rows);
    // Rows with invalid CSV are left out of the guess.
    const invalid = /^(\d+) rows? with invalid CSV/m.exec(draft.warnings.join('\n'))?.[1] ?? '0';
    expect(rejections.map(({ column }) => column)).toEqual(Array(Number(invalid)).fill(null));
  });

  test('except for invalid rows, with a warning', async () => {
    const { draft, source, rejections } = await generator.from('id,b\n1,2\n3\n4,5"6\n7,8\n');
    expect(rejections.map(({ code }) => code)).toEqual(['too_few_fields', 'stray_quote']);
    expect(draft.rows).toBe(2);
    const warning =
      '2 rows with invalid CSV or another number of fields than the header: ignored here, rejected by the dataset.';
    expect(draft.warnings).toEqual([warning]);
    expect(source).toContain(` * ${warning}\n`);
  });

  test('with any columns and any delimiter', async () => {
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
      any: fc.string({ unit: 'grapheme' }).filter((cell) => !/[\0\r]|^\s*[-?.]+\s*$/.test(cell)),
    };
    const column = fc.constantFrom(...Object.values(cells)).chain((cell) =>
      fc.record({
        name: fc
          .stringMatching(/^[A-Za-z0-9 _äß'"$.{}()*/\\-]{1,12}$/)
          .filter((name) => /[A-Za-z]/.test(name)),
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
          // Numbers keep their value, and leading zeros are kept as text.
          for (const [row, value] of values.entries()) {
            const cell = written[row] ?? '';
            if (/^[+-]?0\d+$/.test(cell)) expect(value).toBe(cell);
            if (typeof value === 'bigint') expect(value).toBe(BigInt(cell.replaceAll(/[^-\d]/g, '')));
          }
        }
      }),
      { numRuns: inFull(100, 5) },
    );
  });
});

function isoDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

describe('encodings, compression and delimiters', () => {
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
    ['big-endian UTF-16 with a byte order mark', Buffer.from(`\uFEFF${csv}`, 'utf16le').swap16()],
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
    const { draft, items, source } = await generator.from(Buffer.from(content, 'latin1'));
    expect(valuesOf(items, name)).toEqual(['Zoë €', 'Bob']);
    expect(source).toMatch(/\/\/ The sample is not UTF-8.*\nencodings: \["utf-8","windows-1252"\],/);
    expect(draft.warnings.join()).toMatch('The sample is not UTF-8. It may be windows-1252');
  });

  test.each([
    ['another row is valid UTF-8', 'id,name\n1,Zo\xEB\n2,\xC3\xAB\n'],
    ['the header is valid UTF-8', 'id,n\xC3\xA4me\n1,Zo\xEB\n2,Bob\n'],
    ['it has a UTF-8 byte order mark', '\xEF\xBB\xBFid,name\n1,Zo\xEB\n2,Bob\n'],
    ['it is UTF-16', Buffer.from('id,name\n1,Zo\uD800\n2,Bob\n', 'utf16le').toString('latin1')],
  ])('a file is not read as windows-1252 if %s', async (_when, content) => {
    const { draft, source, rejections } = await generator.from(Buffer.from(content, 'latin1'));
    expect(source).not.toContain('encodings');
    expect(rejections.map(({ code }) => code)).toEqual(['invalid_encoding']);
    expect(draft.warnings[0]).toMatch('1 row with invalid CSV');
  });

  test.each([
    ['shift_jis', Buffer.from([0x8e, 0x52, 0x93, 0x63, 0x91, 0xbe, 0x98, 0x59]), '山田太郎'],
    ['gb18030', Buffer.from([0xb1, 0xb1, 0xbe, 0xa9, 0xb9, 0xe3, 0xd6, 0xdd]), '北京广州'],
    ['windows-1251', Buffer.from([0xcc, 0xee, 0xf1, 0xea, 0xe2, 0xe0]), 'Москва'],
  ])('%s is declared, with a warning', async (encoding, name, expected) => {
    const content = Buffer.concat([Buffer.from('id,name\n1,'), name, Buffer.from('\n2,Bob\n')]);
    const { draft, items, source, rejections } = await generator.from(content);
    expect(rejections).toEqual([]);
    expect(valuesOf(items, 'name')).toEqual([expected, 'Bob']);
    expect(lineOf(source, 'encodings: ')).toBe(`["${encoding}"]`);
    expect(draft.warnings[0]).toMatch(
      new RegExp(`^The sample is not UTF-8. It (may be|looks like) ${encoding};`),
    );
  });

  test.each([
    [';', 'a;b\n1,5;2,5\n3,5;4,5\n'],
    ['\t', 'a\tb\n1,5\t"x;y\tz"\n3,5\t4,5\n'],
    ['|', 'a|b\n1,5|2,5\n3,5|4,5\n'],
    ['^', 'sep=^\na^b\n1,5^2\n3,5^x\n'],
    [';', 'SEP=;\r\na;b,c\r\n1,5;2\r\n3,5;x\r\n'],
    [';', 'a, b;c\n"1;5";2\n3;x\n'],
    [';', 'a\n1,5\n2,5\n'],
    // With a comma one row of three matches the header; with a semicolon all do.
    [';', 'a, b;c\n1;2\n3, 4;x\n5;6\n'],
    // With a comma only three rows of five match, although the header has more columns.
    [';', 'a;b,c,d\n1;2,3,4\n1;2,3,4\n1;2,3,4\n5;6\n7;8\n'],
    // The last row has no line break.
    [';', 'a, b;c\n1;2'],
  ])('fields are delimited by %j', async (delimiter, content) => {
    const { source, items, rejections } = await generator.from(content);
    expect(lineOf(source, 'delimiter: ')).toBe(JSON.stringify(delimiter));
    expect(source).toContain('// The delimiter of the sample. A file with another one is rejected.');
    expect(rejections).toEqual([]);
    expect(items.length).toBeGreaterThan(0);
  });

  test.each([
    ['a comma, with semicolons in the rows', 'a,b\n1;2;3,x\n4;5;6,y\n'],
    ['a comma, with some invalid rows', 'a,b,c\n1,2,3\n1,2\n1,2,3\n1;2,3\n'],
    ['a comma, with quoted line breaks', 'a,b\n"1\n;;;\n\n2",x\n"3;",y\n'],
    ['nothing, with a single column', 'a\nx\ny\n'],
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

  test('is the first column that is never empty and unique', async () => {
    const found = await key('a,b,c,d\n1,,x,p\n1,2,y,q\n2,3,z,r\n');
    expect(found).toMatchObject({
      key: '"SAMPLE#{c}"',
      sort: undefined,
      keys: ['SAMPLE#x', 'SAMPLE#y', 'SAMPLE#z'],
    });
    expect(found.source).toContain(
      '// Never empty, and unique in the 3 rows. With so few rows, this may be chance.',
    );
  });

  test('has no warning about chance with many rows', async () => {
    const { source } = await key(['id', ...Array.from({ length: 1_000 }, (_, row) => `n${row}`)].join('\n'));
    expect(source).toContain('// Never empty, and unique in the 1,000 rows.\n');
  });

  test('is otherwise the first unique pair of columns', async () => {
    const found = await key('a,b,c,d\n1,1,x,p\n1,1,y,q\n2,1,x,p\n2,1,y,q\n');
    expect(found).toMatchObject({ key: '"SAMPLE#{a}"', sort: '"{c}"' });
    expect(new Set(found.keys).size).toBe(4);
    expect(found.source).toContain('// No better column is unique in the 4 rows; these two together are');
  });

  test('compares stored values, not how they are written', async () => {
    // 1.0 and 1.00 are the same number.
    expect(await key('a,b\n1.0,x\n1.00,y\n')).toMatchObject({ key: '"SAMPLE#{b}"' });
    // Concatenated, the cells would be equal.
    expect(await key('a,b,c\nx,xx,1\nxx,x,1\nx,y,1\nxx,xx,1\n')).toMatchObject({
      key: '"SAMPLE#{a}"',
      sort: '"{b}"',
    });
  });

  test.each([
    ['the column that identifies the row', 'date,name,order_id,id', '{id}', undefined],
    ['a column that identifies something', 'date,name,order_id', '{order_id}', undefined],
    ['such a column in camel case', 'date,name,orderId', '{orderId}', undefined],
    ['such a column in another language', 'date,name,Bestell-Nr', '{bestell_nr}', undefined],
    ['a number or a word', 'date,prose,count', '{count}', undefined],
    ['a number or a word, even after a fraction', 'price,count', '{count}', undefined],
    ['a repeated named column with another one', 'prose,date,twice_id,line', '{line}', undefined],
    ['a repeated named column with a moment', 'prose,date,twice_id', '{twice_id}', '{date}'],
    ['free text', 'date,prose', '{prose}', undefined],
    ['a moment', 'date,half', '{date}', undefined],
  ])('is rather %s', async (_what, header, expected, sort) => {
    const cells: Readonly<Record<string, (row: number) => string>> = {
      date: (row) => `2024-01-0${row}`,
      prose: (row) => `some words ${row}`,
      price: (row) => `${row}.5`,
      twice_id: (row) => `t${row >> 1}`,
      half: (row) => `${(row >> 1) + 0.5}`,
    };
    const names = header.split(',');
    const row = (number: number) => names.map((name) => cells[name]?.(number) ?? `${number}`).join(',');
    const found = await key([header, ...[1, 2, 3, 4, 5].map(row)].join('\n'));
    expect(found.key).toBe(JSON.stringify(`SAMPLE#${expected}`));
    expect(found.sort).toBe(sort && JSON.stringify(sort));
  });

  test.each([
    ['few rows', 'name', 5, /^The key, name, is unique in the 5 rows; with so few rows, this may be chance/],
    ['few rows, though its name is one of keys', 'order_id', 5, /may be chance/],
    ['a moment in it', 'time', 1_000, /^The key may not stay unique: time is a date or a time/],
    ['free text in it', 'prose', 1_000, /^The key may not stay unique: prose is free text/],
  ])('has a warning with %s', async (_what, name, count, warning) => {
    const cell = (row: number) =>
      ({ time: new Date(row * 1e6).toISOString(), prose: `some words ${row}` })[name] ?? `n${row}`;
    const rows = Array.from({ length: count }, (_, row) => cell(row));
    expect((await key([name, ...rows].join('\n'))).draft.warnings).toEqual([expect.stringMatching(warning)]);
  });

  test.each([
    ['id', 1],
    ['order_id', 1_000],
    ['name', 1_000],
  ])('has no warning for %s in %d rows', async (name, count) => {
    const rows = Array.from({ length: count }, (_, row) => `n${row}`);
    expect((await key([name, ...rows].join('\n'))).draft.warnings).toEqual([]);
  });

  test('is found after many columns with repeated values', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
    const rows = Array.from({ length: 30 }, (_, row) =>
      names.map((_name, index) => (index === 39 ? `r${row}` : `v${row % 29}`)),
    );
    expect(await key(stringify([names, ...rows]))).toMatchObject({ key: '"SAMPLE#{c39}"' });
  });

  test('has no cells longer than a key can be', async () => {
    const long = (bytes: number) => 'é'.repeat(bytes / 2);
    // SAMPLE# takes seven bytes.
    expect(await key(`a,b\n${long(2_042)},1\nx,2\n`)).toMatchObject({ key: '"SAMPLE#{b}"' });
    expect(await key(`a,b\n${long(2_040)},1\nx,2\n`)).toMatchObject({ key: '"SAMPLE#{a}"' });
    const sort = (bytes: number) => key(`a,b,c\n1,${long(bytes)},x\n1,x,y\n2,x,x\n2,${long(bytes)},y\n`);
    expect(await sort(1_024)).toMatchObject({ sort: '"{b}"' });
    expect(await sort(1_026)).toMatchObject({ sort: '"{c}"' });
    await expect(key(`a\n${long(2_042)}\nx\n`)).rejects.toThrow('No column of');
  });

  test('has no column with an empty cell', async () => {
    // If the empty cell counted as a value, a and b together would be unique.
    expect(await key('a,b,c\n1,,x\n1,2,x\n2,3,x\n2,2,x\n')).toMatchObject({
      key: '"SAMPLE#{a}"',
      sort: undefined,
    });
  });

  test('is the first column that is never empty if nothing is unique, with a warning', async () => {
    const found = await key('a,b,c\n,1,x\ny,1,x\ny,1,x\n');
    expect(found).toMatchObject({ key: '"SAMPLE#{b}"', sort: undefined });
    expect(found.keys).toHaveLength(3);
    const warning =
      /The key is NOT unique in the sample: of the rows with the same b, only the last is loaded/;
    expect(found.draft.warnings.join()).toMatch(warning);
    expect(/.*\nkey:/.exec(found.source)?.[0]).toMatch(warning);
  });

  test('is the fullest column if every column has empty cells, with a warning about rejected rows', async () => {
    const { draft, source, rejections } = await generator.from('a,b\n,1\n,2\nx,\n');
    expect(lineOf(source, 'key: ')).toBe('"SAMPLE#{b}"');
    expect(lineOf(source, 'b: ')).toBe('integer()');
    expect(source).toContain('// Filled in 2 of 3 rows, otherwise rejected: whole numbers.');
    expect(rejections).toMatchObject([{ column: 'b', code: 'empty' }]);
    expect(draft.warnings.join()).toContain(
      'Rows without b have no key and are rejected: 1 row of the sample.',
    );
  });
});

describe('a limit', () => {
  const content = ['id', '1', '2', '3', 'x', ''].join('\n');

  test.each([
    ['rows', { rows: 3, bytes: 1_000 }, 3],
    // The fourth row starts within the limit, but is incomplete.
    ['bytes', { rows: 1_000, bytes: 10 }, 3],
  ])('of %s is respected, with a warning', async (_what, limits, rows) => {
    const { draft, source } = await generator.from(content, limits);
    expect(draft.rows).toBe(rows);
    expect(lineOf(source, 'id: ')).toBe('integer()');
    expect(draft.warnings).toEqual([`Reading stopped after ${rows} rows; the file has more.`]);
    expect(source).toContain(` * Reading stopped after ${rows} rows; the file has more.\n`);
  });

  test.each([
    { rows: 4, bytes: 1_000 },
    { rows: 1_000, bytes: content.length },
  ])('that is just large enough has no effect: %j', async (limits) => {
    const { draft, source } = await generator.from(content, limits);
    expect(draft).toMatchObject({ rows: 4, warnings: [] });
    expect(lineOf(source, 'id: ')).toBe('text()');
  });

  test('applies across many pieces of a file', async () => {
    const rows = Array.from({ length: 5_000 }, (_, row) => `${row},${'x'.repeat(60)}`);
    const long = ['id,text', ...rows, 'x,y', ''].join('\n');
    const { draft, source } = await generator.from(long, { rows: 5_000, bytes: 2 ** 30 });
    // No row is damaged at the border between two pieces.
    expect(source).toContain('Never empty in 5,000 rows: text with 1 distinct value;');
    expect(draft).toMatchObject({
      rows: 5_000,
      warnings: ['Reading stopped after 5,000 rows; the file has more.'],
    });
    expect((await generator.from(gzipSync(long), { rows: 5_001, bytes: 2 ** 30 })).draft.warnings).toEqual(
      [],
    );
  });
});

test.each([
  ['an empty file', '', 'sample.csv is empty'],
  ['a file of blank lines', '\uFEFF\n\r\n', 'sample.csv is empty'],
  ['a header alone', 'a,b\n', 'sample.csv has a header but no rows to guess from'],
  ['rows of another width', 'a,b\n1,2,3\n4,5,6\n', 'None of the 2 rows of'],
  ['no name in the header', ',\n1,2\n', 'has a header but no rows'],
  ['no name that is there once', 'a, A\n1,2\n', 'has no usable column names: all are empty or repeated'],
])('%s throws an error', async (_what, content, message) => {
  await expect(generator.from(content)).rejects.toThrow(UsageError);
  await expect(generator.from(content)).rejects.toThrow(message);
});

test.each([
  ['JSON', '[\n  {"id": 1},\n  {"id": 2}\n]\n'],
  ['an XML or HTML document', '<rows>\n<row id="1"/>\n<row id="2"/>\n</rows>\n'],
])('a sample that is %s is refused, although its lines are valid CSV', async (what, content) => {
  await expect(generator.from(content)).rejects.toThrow(`sample.csv is ${what}, not CSV.`);
});

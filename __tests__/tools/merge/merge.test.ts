/** Corrected rows of a report are put back into their file. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { main } from '../../../cli/program.ts';
import { datasetNamed } from '../../../datasets/index.ts';
import type { Encoding } from '../../../functions/core/messages.ts';
import { checkFile } from '../../../tools/check/check-file.ts';
import { mergeReports } from '../../../tools/merge/merge.ts';
import { reportOn } from '../../support/local-report.ts';

const [results, orders] = [datasetNamed('results'), datasetNamed('orders')];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merge-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Merges, and returns the new file, which must be the only one that was written. */
async function merged(file: string | Uint8Array, ...reports: (string | Uint8Array)[]) {
  const path = write('file.csv', file);
  const paths = reports.map((report, index) => write(`rejected-${index}.csv`, report));
  const files = readdirSync(folder).length;
  const out = join(folder, 'fixed.csv');
  const result = await mergeReports(path, paths, out).finally(() => {
    expect(readdirSync(folder).filter((name) => name !== 'fixed.csv')).toHaveLength(files);
  });
  const bytes = readFileSync(out);
  rmSync(out);
  return { ...result, bytes };
}

test('a signal that ends the program leaves no temporary file', async () => {
  const rows = Array.from({ length: 20_000 }, (_, row) => `${row},A,${row === 0 ? 'x' : 1},2024-01-01`);
  const file = ['id,name,amount,date', ...rows].join('\n');
  const path = write('file.csv', file);
  const { header, rows: rejected } = await reportOn(Buffer.from(file), results);
  const report = write('rejected.csv', [header, ...rejected].join('\n').replace('A,x', 'A,1'));
  const temporary = () => readdirSync(folder).filter((name) => name.endsWith('.tmp'));
  const exit = jest.spyOn(process, 'exit').mockImplementation();
  const merging = mergeReports(path, [report], join(folder, 'fixed.csv')).catch(() => undefined);
  while (temporary().length === 0) await new Promise(setImmediate);
  process.emit('SIGINT', 'SIGINT');
  expect(temporary()).toEqual([]);
  expect(exit).toHaveBeenCalledWith(130);
  await merging;
  exit.mockRestore();
  expect(process.listenerCount('SIGINT')).toBe(0);
});

const HEADER = 'id,name,amount,date';
const FILE = [
  HEADER,
  '1,"Ada ""L.""\r\n",x,2024-01-01',
  '',
  '2,"fine",1,2024-01-01',
  '3,Bob',
  '4,Eve,1,234.50,2024-01-01',
  '5,"Zoë"x,1,2024-01-01',
  '6,"never closed,1,2024-01-01',
  '7,Kim,1,2024-01-01',
].join('\r\n');

const CORRECTED = [
  ['1', 'Ada "L."\r\n', '1', '2024-01-01'],
  ['3', 'Bob', '2', '2024-01-01'],
  ['4', 'Eve', '1234.50', '2024-01-01'],
  ['5', 'Zoë', '1', '2024-01-01'],
  ['6', 'never closed', '1', '2024-01-01'],
];

const FIXED = [
  HEADER,
  '1,"Ada ""L.""\r\n",1,2024-01-01',
  '',
  '2,"fine",1,2024-01-01',
  '3,Bob,2,2024-01-01',
  '4,Eve,1234.50,2024-01-01',
  '5,Zoë,1,2024-01-01',
  '6,never closed,1,2024-01-01',
  '7,Kim,1,2024-01-01',
].join('\r\n');

/** A report as rows of cells. */
async function reportRows(file: Buffer, options: Parameters<typeof reportOn>[2] = {}): Promise<string[][]> {
  const { header, rows } = await reportOn(file, results, options);
  return parse([header, ...rows].join(''), { bom: true });
}

/** The report of {@link FILE}, or of the same text in other bytes, with its rows corrected. */
async function corrected(file: Buffer = Buffer.from(FILE)): Promise<string[][]> {
  const [header = [], ...rows] = await reportRows(file);
  return [header, ...rows.map((row, index) => [...(CORRECTED[index] ?? []), ...row.slice(4)])];
}

const sameBytes: [string, (text: string) => Buffer][] = [
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a byte order mark', (text) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['UTF-16, the first byte the higher', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
];

test.each(sameBytes)('in %s, every other byte stays the same', async (_, encode) => {
  const file = encode(FILE);
  const report = stringify(await corrected(file));
  expect(await merged(file, report)).toMatchObject({ bytes: encode(FIXED), replaced: 5, unchanged: 0 });
  expect(
    (await checkFile(write('f.csv', encode(FIXED)), { dataset: results, maxDecompressedBytes: 1e9 }))
      .accepted,
  ).toBe(true);
});

test.each<[string, (bytes: Buffer) => Uint8Array, (bytes: Buffer) => Uint8Array | undefined]>([
  ['gzip', gzipSync, gunzipSync],
  ['zstd', zstdCompressSync, zstdDecompressSync],
  ['zip', (bytes) => zipSync({ 'export.csv': bytes }), (bytes) => unzipSync(bytes)['merged.csv']],
])('a file in %s is merged into another one, in its own encoding', async (_, pack, textOf) => {
  for (const [, encode] of sameBytes) {
    const file = Buffer.from(pack(encode(FILE)));
    const { bytes } = await merged(file, stringify(await corrected(file)));
    expect(Buffer.from(textOf(bytes) ?? [])).toEqual(encode(FIXED));
  }
});

test('in windows-1252, also where only a row shows that encoding', async () => {
  const header = 'order_id;line;customer_id;article;quantity;price;ordered;shipped;status';
  const rows = ['a;1;c;Tüte;x;1,50;01.02.2025;;offen', 'b;1;c;"Öl";1;1,50;01.02.2025;;offen'];
  const file = Buffer.from([header, ...rows].join('\n'), 'latin1');
  const report = await reportOn(file, orders, { encoding: 'windows-1252' });
  const euro = `\uFEFF${report.header}${report.rows.join('').replace('Tüte;x', 'Tüte 2 €;1')}`;
  const { bytes } = await merged(file, euro);
  expect(bytes.toString('latin1')).toBe(
    [header, rows[0]?.replace('Tüte;x', 'Tüte 2 \x80;1'), rows[1]].join('\n'),
  );
  const lacking = euro.replace('2 €', '日本');
  await expect(merged(file, lacking)).rejects.toThrow(
    'The corrected row on line 2 has a character that windows-1252, the encoding of',
  );
});

test('a report may be in any order, in several files, with the delimiter and line breaks of a spreadsheet', async () => {
  const [header = [], ...rows] = await corrected();
  const options = { delimiter: ';', record_delimiter: '\r\n', quoted: true } as const;
  const spreadsheet = `\uFEFF${stringify([header, ...rows.slice(0, 3).reverse()], options)};;;;;;;;\r\n`;
  const { bytes } = await merged(FILE, spreadsheet, stringify([header, ...rows.slice(3)]));
  expect(bytes.toString()).toBe(FIXED);
});

test('rows that are not corrected, or are deleted from the report, stay as they are', async () => {
  const { header, rows } = await reportOn(Buffer.from(FILE), results);
  const untouched = await merged(FILE, header + rows.join(''));
  expect(untouched).toMatchObject({ bytes: Buffer.from(FILE), replaced: 0, unchanged: 5 });
  const [columns = [], , second = []] = await corrected();
  const one = await merged(FILE, stringify([columns, second]));
  expect(one).toMatchObject({ replaced: 1, unchanged: 0 });
  expect(one.bytes.toString()).toBe(FILE.replace('3,Bob', '3,Bob,2,2024-01-01'));
});

test('a row whose cells are emptied is taken out of the file', async () => {
  const [header = [], ...rows] = await corrected();
  const emptied = rows.map((row, index) => (index === 0 ? row.map((cell, at) => (at < 4 ? '' : cell)) : row));
  const { bytes } = await merged(FILE, stringify([header, ...emptied]));
  const fixed = write('fixed.csv', bytes);
  const result = await checkFile(fixed, { dataset: results, maxDecompressedBytes: 1e9 });
  expect(result).toMatchObject({ accepted: true, counts: { read: 6, blank: 1 } });
});

test('a report is merged into a report that was rejected again', async () => {
  const first = await reportOn(
    Buffer.from('id,name,amount,date\n1,"A,\nda",one,2024\n2,Bo,two,2024-01-01\n'),
    results,
    {
      isLoaded: true,
    },
  );
  const half = Buffer.from(first.header + first.rows.join('').replace('one', '1').replace('two', '2'));
  const second = await reportOn(half, results);
  expect(second.rows).toHaveLength(1);
  const { bytes } = await merged(
    half,
    second.header + second.rows.join('').replace(',2024,', ',2024-01-01,'),
  );
  expect(bytes.toString()).toBe(half.toString().replace(',2024,', ',2024-01-01,'));
});

describe('refuses', () => {
  const edit = (change: (rows: string[][]) => string[][]) => async () => stringify(change(await corrected()));
  const LINE = 4;

  test.each<[string, () => Promise<string>, string]>([
    [
      'a row that appears twice',
      edit(([header = [], row = []]) => [header, row, row]),
      'The row on line 2 appears more than once in',
    ],
    [
      'a line on which no row starts',
      edit(([header = [], row = []]) => [header, row.with(LINE, '3')]),
      'The report lists a row on line 3, but no row of',
    ],
    [
      'a line after the last',
      edit(([header = [], row = []]) => [header, row.with(LINE, '99')]),
      'The report lists a row on line 99, but no row of',
    ],
    [
      'the line of another row',
      edit(([header = [], row = []]) => [header, row.with(LINE, '5')]),
      'The row that the report lists on line 5 is not the one on that line of',
    ],
    [
      'a row without its line',
      edit(([header = [], row = []]) => [header, row.with(LINE, '')]),
      '_line is not as it was in the report',
    ],
    [
      'an added row',
      edit(([header = [], row = []]) => [header, row.map((cell, index) => (index < LINE ? cell : ''))]),
      'rows cannot be added',
    ],
    [
      'a row without its source',
      edit(([header = [], row = []]) => [header, row.with(-1, 'x')]),
      'its last column is not as it was in the report',
    ],
    [
      'other columns',
      edit(([header = [], ...rows]) => [header.with(0, 'name').with(1, 'id'), ...rows]),
      'Restore their names and their order',
    ],
    [
      'a report without its columns',
      edit((rows) => rows.map((row) => row.slice(0, 7))),
      'is not a report of rejected rows in UTF-8',
    ],
    ['a report in UTF-16', async () => '\uFEFFi\0d\0', 'is not a report of rejected rows in UTF-8'],
    ['a report without rows', edit((rows) => rows.slice(0, 1)), 'has no rows'],
    [
      'a row with another number of fields',
      async () => `${stringify(await corrected()).trim()},1,2\n`,
      'fields, but the report',
    ],
    ['broken quotes', async () => `${stringify(await corrected())}"x"y,\n`, 'The quotes in line'],
    [
      'rows of two files',
      async () => {
        const [header = [], row = []] = await corrected();
        const [, other = []] = await reportRows(Buffer.from(`${FILE}\r\n`));
        return stringify([header, row, other]);
      },
      'is from another file than the row in line 2 of',
    ],
    [
      'a dataset that is not known',
      async () => stringify(await corrected()).replaceAll('results/', 'gone/'),
      'the dataset "gone"',
    ],
    [
      'an encoding that the dataset does not have',
      async () => stringify(await corrected()).replaceAll('/utf-8/', '/big5/'),
      'no longer declares',
    ],
  ])('%s', async (_, report, message) => {
    await expect(merged(FILE, await report())).rejects.toThrow(message);
  });

  test('another file, by its size and its MD5', async () => {
    const report = stringify(await corrected());
    await expect(merged(`${FILE}\r\n`, report)).rejects.toThrow(
      /The report is about another file than .*: it has \d+ bytes, and that file \d+\./,
    );
    await expect(merged(FILE.replace('Kim', 'Tim'), report)).rejects.toThrow(
      /: its MD5 is \w+, and the ETag of that file is \w+, which is its MD5 unless its bucket encrypts with a KMS key\./,
    );
  });

  test('another file that was uploaded in several parts, by its rows', async () => {
    const parts = stringify(await corrected()).replaceAll(/\b[0-9a-f]{32}\b/g, `${'0'.repeat(32)}-2`);
    expect((await merged(FILE, parts)).bytes.toString()).toBe(FIXED);
    await expect(merged(FILE.replace('Bob', 'Tim'), parts)).rejects.toThrow('is not the one on that line of');
  });

  test('a row in which a spreadsheet has replaced bytes that are not text', async () => {
    const file = Buffer.from(`${HEADER}\n1,Zo\xEB,1,2024-01-01\n`, 'latin1');
    const [header = [], row = []] = await reportRows(file);
    expect(row[1]).toBe('Zo\uFFFD');
    await expect(merged(file, stringify([header, row]))).rejects.toThrow(
      'The row on line 2 has U+FFFD in place of bytes that are not text',
    );
    const { bytes } = await merged(file, stringify([header, row.with(1, 'Zoë')]));
    expect(bytes.toString()).toBe(`${HEADER}\n1,Zoë,1,2024-01-01\n`);
  });

  test('bytes that are not UTF-8, in a corrected row', async () => {
    const report = Buffer.from(stringify(await corrected()).replace('Zoë', 'Zo\xEB'), 'latin1');
    await expect(merged(FILE, report)).rejects.toThrow(
      /The row in line \d+ of .* is not UTF-8\. Save the report as "CSV UTF-8"\./,
    );
  });
});

test('a row that is too long for the report stays as it is', async () => {
  const file = `${HEADER}\n1,${'x'.repeat(500_000)},1,2024-01-01\n2,Ada,x,2024-01-01\n`;
  const { header, rows } = await reportOn(Buffer.from(file), results);
  const report = header + rows.join('').replace('Ada,x', 'Ada,1');
  const { bytes, ...result } = await merged(file, report);
  expect(result).toMatchObject({ replaced: 1, unchanged: 0, tooLong: 1 });
  expect(bytes.toString()).toBe(file.replace('Ada,x', 'Ada,1'));
  const shortened = header + rows.join('').replace(/x{409000}x*/, 'y');
  await expect(merged(file, shortened)).rejects.toThrow(
    'is too long for the report, which has only its beginning',
  );
});

test('random files are as if their rows had been corrected by hand', async () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', 'ü', ',', ';', '"', '\n', '\r', '\r\n', '€', ' '),
    maxLength: 6,
  });
  const row = fc.record({
    name: cell,
    isBad: fc.boolean(),
    isLeft: fc.boolean(),
    end: fc.constantFrom('\n', '\r\n', '\r'),
  });
  const encodings = fc.constantFrom<Encoding>('utf-8', 'utf-16le', 'utf-16be');
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const plain = (text: string) => (/[",\r\n]/.test(text) ? quoted(text) : text);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 12 }),
      encodings,
      fc.boolean(),
      fc.infiniteStream(fc.nat(100)),
      async (rows, encoding, isZipped, order) => {
        const text = (isFixed: boolean) =>
          [
            `${HEADER}\n`,
            ...rows.map(({ name, isBad, isLeft, end }, id) =>
              isFixed && isBad && !isLeft
                ? `${id},${plain(`n${name}n`)},1,2024-01-01${end}`
                : `${id},${quoted(`n${name}n`)},${isBad ? 'x' : '1'},2024-01-01${end}`,
            ),
          ].join('');
        const encode = (content: string) => iconv.encode(content, encoding, { addBOM: true });
        const bytes = isZipped ? gzipSync(encode(text(false))) : encode(text(false));
        const [header = [], ...listed] = await reportRows(bytes);
        const fixed = listed.map((cells) => (rows[Number(cells[0])]?.isLeft ? cells : cells.with(2, '1')));
        const shuffled = fixed
          .map((cells) => ({ cells, rank: order.next().value ?? 0 }))
          .sort((one, other) => one.rank - other.rank)
          .map(({ cells }) => cells);
        fc.pre(shuffled.length > 0);
        run += 1;
        const result = await merged(bytes, stringify([header, ...shuffled]));
        const content = isZipped ? gunzipSync(result.bytes) : result.bytes;
        expect(content.equals(encode(text(true)))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
  expect(run).toBeGreaterThan(30);
});

describe('csv-pipeline merge', () => {
  /** Runs the command in this process. */
  async function run(...args: string[]) {
    const printed = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      jest.spyOn(process[stream], 'write').mockImplementation((text) => {
        printed[stream] += text;
        return true;
      });
    }
    const code = await main(['merge', ...args]);
    jest.restoreAllMocks();
    return { code, ...printed };
  }

  test('writes the file, says what to do next, and overwrites nothing', async () => {
    const [file, report] = [write('file.csv', FILE), write('rejected.csv', stringify(await corrected()))];
    const out = join(folder, 'fixed.csv');
    expect(await run(file, report, '--out', out)).toEqual({
      code: 0,
      stdout: `${out}: ${file} with 5 rows replaced.\nTo check it: npx csv-pipeline check ${out} --dataset results\n`,
      stderr: '',
    });
    expect(readFileSync(out, 'utf8')).toBe(FIXED);
    for (const existing of [out, file, report]) {
      expect(await run(file, report, '--out', existing)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('already exists'),
      });
    }
    const json = await run(file, report, '--out', join(folder, 'other.csv'), '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ dataset: 'results', replaced: 5, unchanged: 0 });
  });

  test('ends with 1 if the report does not fit, and with 2 if a file cannot be read', async () => {
    const [file, report] = [
      write('file.csv', `${FILE}\r\n`),
      write('rejected.csv', stringify(await corrected())),
    ];
    const out = join(folder, 'fixed.csv');
    expect(await run(file, report, '--out', out)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: The report is about another file'),
    });
    expect(await run(file, join(folder, 'none.csv'), '--out', out)).toMatchObject({ code: 2 });
    expect(await run(join(folder, 'none.csv'), report, '--out', out)).toMatchObject({ code: 2 });
    expect(await run(file, report)).toMatchObject({ code: 2 });
    expect(existsSync(out)).toBe(false);
  });
});

/** The dry run and the pipeline agree on a file. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { datasetNamed } from '../../../../datasets/index.ts';
import { REJECT_CODES } from '../../../../functions/core/dataset/reject-codes.ts';
import { NotTriggeredError } from '../../../../report/terminal/errors.ts';
import { checkFile } from '../../../../tools/check/check-file.ts';
import { checkSummary } from '../../../../tools/check/print-check.ts';
import { both, expectAgreement } from '../../../support/dry-run.ts';
import { everyNth, inFull } from '../../../support/full-run.ts';
import { type Pipeline, sharedPipeline } from '../../../support/pipeline.ts';

const samples = join(__dirname, '../../../../samples');

let pipeline: Pipeline;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
  pipeline = await sharedPipeline();
});
afterAll(() => rmSync(folder, { recursive: true }));

const HEADER = 'id,name,amount,date';
const good = (id: string) => `${id},Ada,1.5,2024-01-01`;

/** A file with every fault that a row of `results` can have. */
const bad = [
  HEADER,
  good('1'),
  '2,"two\nlines",one,2024-01-01',
  '',
  ' ',
  ',,,',
  HEADER,
  '3,Bob,1',
  '4,Eve,1,234.50,2024-01-01',
  '5,"Zoë"x,1,2024-01-01',
  '6,Zo"ë,1,2024-01-01',
  '7,,1,2024-01-01',
  '8,Kim,1,2023-02-29',
  `9,Kim,${'9'.repeat(39)},2024-01-01`,
  `${'x'.repeat(2_049)},Kim,1,2024-01-01`,
  '10,Ki\0m,1,2024-01-01',
  '11,Ki\xFFm,1,2024-01-01',
  `12,${'x'.repeat(409_560)},1,2024-01-01`,
  `13,${'x'.repeat(409_700)},1,2024-01-01`,
  good('14'),
  '15,"never closed,1,2024-01-01',
  good('16'),
];

/** Rows of `orders` with faults, within its tolerance. */
const orders = [
  'Bestell-Nr;Position;Kunden-Nr;Artikel;Menge;Preis;Bestellt am;Versandt am;Status;Geschenk;weitere',
  ...Array.from(
    { length: 40 },
    (_, row) => `${row};1;00042;Öl;1.000;1.234,50;31.01.2024;;offen;${row % 3 === 0 ? 'ja' : ''};x`,
  ),
  '41;zwei;00042;Öl;1;1,50;31.01.2024;;offen;;',
  '42;1;00042;Öl;1;1,50;31.01.2024;;geliefert;;',
  '43;1;00042;Öl;1;1,50;31.01.2024;;offen;vielleicht;',
  '',
];

test('they agree on a file without rejected rows', async () => {
  const { dry, real } = await both(pipeline, 'sample.csv', readFileSync(join(samples, 'sample.csv')));
  expectAgreement({ dry, real });
  expect(real.status).toBe('SUCCEEDED');
  expect(dry.counts).toEqual({ read: 250, rejected: 0, duplicates: 0, blank: 0, footer: 0 });
});

describe('they agree on every fault that a row can have', () => {
  const codes = new Set<string>();

  const breaks: [name: string, lineBreak: string][] = [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ];

  test.each(inFull(breaks, breaks.slice(0, 1)))('with %s', async (_, lineBreak) => {
    const result = await both(
      pipeline,
      'bad.csv',
      Buffer.from(bad.join(lineBreak).replaceAll('ë', 'Ã«'), 'latin1'),
    );
    expectAgreement(result);
    expect(result.dry.rejected).toHaveLength(15);
    expect(result.dry.counts.blank).toBe(2);
    for (const { code } of result.dry.rejected) codes.add(code);
  });

  test('in another dataset', async () => {
    const result = await both(pipeline, 'orders.csv', orders.join('\n'), 'orders');
    expectAgreement(result);
    expect(result.dry).toMatchObject({ accepted: true, counts: { read: 43, rejected: 3 } });
    for (const { code } of result.dry.rejected) codes.add(code);
  });

  test('and every reject code is covered', () => {
    // The datasets of the stack have no rules of their own, and none of these kinds of columns.
    const rules = [
      'invalid',
      'check_failed',
      'derive_failed',
      'duplicate_key',
      'not_unique',
      'out_of_bounds',
      'too_exact',
    ];
    const kinds = ['not_a_uuid', 'not_an_email', 'not_binary', 'not_json'];
    const others = [...rules, ...kinds];
    expect([...codes].sort()).toEqual(
      Object.keys(REJECT_CODES)
        .filter((code) => !others.includes(code))
        .sort(),
    );
  });
});

describe('they agree on encodings, compression and delimiters', () => {
  const rows = [HEADER, good('1'), '2,Zoë 😀,?,2024-01-01', good('3'), ''].join('\n');
  const utf16be = Buffer.from(rows, 'utf16le').swap16();

  test.each(
    everyNth<[string, string, string | Uint8Array, object]>(4, [
      ['a byte order mark', 'f.csv', `\uFEFF${rows}`, { encoding: 'utf-8' }],
      ['UTF-16', 'f.csv', Buffer.from(`\uFEFF${rows}`, 'utf16le'), { encoding: 'utf-16le' }],
      ['UTF-16 without a byte order mark', 'f.csv', utf16be, { encoding: 'utf-16be' }],
      ['half a character of UTF-16', 'f.csv', utf16be.subarray(0, -3), { encoding: 'utf-16be' }],
      ['gzip', 'f.csv.gz', gzipSync(rows), { compression: 'gzip' }],
      ['gzip without the suffix .gz', 'f.csv', gzipSync(rows), { compression: 'gzip' }],
      ['UTF-16 in gzip', 'f.csv.gz', gzipSync(utf16be), { compression: 'gzip', encoding: 'utf-16be' }],
      ['semicolons', 'f.csv', rows.replaceAll(',', ';'), { delimiter: ';' }],
      ['tabs', 'f.csv', rows.replaceAll(',', '\t'), { delimiter: '\t' }],
      ['a line that names the delimiter', 'f.csv', `sep=,\r\n${rows}`, { header_lines: 2 }],
      ['a header over two lines', 'f.csv', rows.replace('name', '"na\nme",name'), { header_lines: 2 }],
    ]),
  )('with %s', async (_, name, content, detected) => {
    const result = await both(pipeline, name, content);
    expectAgreement(result);
    expect(result.dry).toMatchObject({ detected, error: 'ValidationError' });
  });

  test.each(
    everyNth<[string, string, Uint8Array, object]>(2, [
      ['windows-1252', 'f.csv', Buffer.from(orders.join('\n'), 'latin1'), { encoding: 'windows-1252' }],
      [
        'windows-1252 in gzip',
        'f.csv.gz',
        gzipSync(Buffer.from(orders.join('\n'), 'latin1')),
        { encoding: 'windows-1252', compression: 'gzip' },
      ],
      [
        'windows-1252 with a UTF-8 byte order mark, which takes precedence',
        'f.csv',
        Buffer.from(`\xEF\xBB\xBF${orders.join('\n')}`, 'latin1'),
        { encoding: 'utf-8' },
      ],
      [
        'UTF-8 with one row in windows-1252, which is rejected',
        'f.csv',
        Buffer.concat([
          Buffer.from(orders.join('\n')),
          Buffer.from('44;1;00042;Öl;1;1,50;31.01.2024;;offen;;', 'latin1'),
        ]),
        { encoding: 'utf-8' },
      ],
    ]),
  )('in %s', async (_, name, content, detected) => {
    const result = await both(pipeline, name, content, 'orders');
    expectAgreement(result);
    expect(result.dry).toMatchObject({ detected, counts: { read: expect.any(Number) } });
  });

  test('and on the corrected report of a file whose other rows were loaded', async () => {
    const { real } = await both(pipeline, 'bad.csv', orders.join('\n'), 'orders');
    const report = readFileSync(real.rejectedReport ?? '', 'utf8');
    const corrected = report.replace('zwei', '2').replace('geliefert', 'offen').replace('vielleicht', 'ja');
    const result = await both(pipeline, 'corrected.csv', corrected, 'orders');
    expectAgreement(result);
    expect(result.dry).toMatchObject({ counts: { read: 3, rejected: 0 } });
  });
});

describe('they agree on a file that cannot be read', () => {
  const compressed = gzipSync(
    [HEADER, ...Array.from({ length: 20_000 }, (_, id) => good(`${id}`))].join('\n'),
  );

  test.each<[string, string, string | Uint8Array]>([
    ['because it is empty', 'f.csv', ''],
    ['because a column is misspelled', 'f.csv', 'id,name,amuont,date\n'],
    ['because it is damaged', 'f.csv.gz', compressed.subarray(0, -100)],
    ['because it is damaged at its start', 'f.csv.gz', compressed.subarray(0, 11)],
  ])('%s', async (_, name, content) => {
    const { dry, real } = await both(pipeline, name, content);
    expectAgreement({ dry, real });
    const place = `s3://${pipeline.stack.synthesized.sourceBucket}/${name}`;
    expect(real).toMatchObject({ status: 'FAILED', cause: dry.cause?.replace(dry.file, place) });
  });

  test('because it is the report of a file from which nothing was loaded', async () => {
    const { real } = await both(pipeline, 'bad.csv', `${HEADER}\n1,Ada,x,2024-01-01\n`);
    const { dry, real: again } = await both(pipeline, 'report.csv', readFileSync(real.rejectedReport ?? ''));
    expectAgreement({ dry, real: again });
    expect(dry).toMatchObject({ error: 'HeaderError', cause: expect.stringContaining('csv-pipeline merge') });
  });

  test('because it is larger than the environment allows', async () => {
    const file = join(folder, 'large.csv.gz');
    writeFileSync(file, compressed);
    const options = { dataset: datasetNamed('results'), maxDecompressedBytes: 100_000 };
    expect(await checkFile(file, options)).toMatchObject({
      accepted: false,
      error: 'DecompressionError',
      cause: expect.stringMatching(/^.*large\.csv\.gz decompresses to more than the 100000 bytes/),
    });
  });
});

test.each(['a.csv', 'a.CSV', 'a.csv.gz', 'a.txt', 'a.gz', 'a.csv.zip', 'csv'])(
  'they agree on whether the name %s starts the pipeline',
  async (name) => {
    const file = join(folder, name);
    writeFileSync(file, `${HEADER}\n`);
    const { warnings } = await checkFile(file, {
      dataset: datasetNamed('results'),
      maxDecompressedBytes: 1e9,
    });
    const starts = await pipeline.stack.upload(file, name).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NotTriggeredError) return false;
        throw error;
      },
    );
    expect(warnings).toHaveLength(starts ? 0 : 1);
  },
);

test.each([
  ['last-wins', 0],
  ['reject', 1],
] as const)('duplicates are not counted if there are too many keys, with %s', async (duplicates, warned) => {
  const file = join(folder, 'keys.csv');
  writeFileSync(file, [HEADER, good('1'), good('1'), good('2'), good('3'), good('3')].join('\n'));
  const dataset = { ...datasetNamed('results'), duplicates, tolerance: { rows: 1 } };
  const result = await checkFile(file, { dataset, maxDecompressedBytes: 1e9, maxKeys: 2 });
  expect(result).toMatchObject({ accepted: true, counts: { read: 5, duplicates: null } });
  expect(result.warnings).toHaveLength(warned);
  expect(checkSummary(result)).toContain('duplicates not counted: too many keys');
});

import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { type CsvRecord, readRecords } from '../../../functions/core/records.ts';

/** All records of some bytes, read in pieces of `size`. */
async function read(bytes: Buffer, size = 65_536, start = 0): Promise<CsvRecord[]> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  const records: CsvRecord[] = [];
  for await (const batch of readRecords(pieces, ',', start)) records.push(...batch);
  return records;
}

const cell = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '"', ',', '\n', '\r\n', '\r', "'", ';', '\t', '\0', 'é'),
    maxLength: 8,
  }),
);
/** At least two columns, so that no row is a blank line. */
const table = fc
  .integer({ min: 2, max: 5 })
  .chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
  );

describe('readRecords', () => {
  test('what a CSV writer wrote comes back as it was, with its place in the file', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        async (rows, lineBreak, quoted, size) => {
          // csv-stringify quotes a cell for the record's own line break only, and these files may have any.
          const bytes = Buffer.from(
            stringify(rows, {
              record_delimiter: lineBreak,
              quoted,
              quoted_match: /[\r\n]/,
              quoted_empty: quoted,
            }),
          );
          const records = await read(bytes, size, 100);
          expect(records.map(({ fields }) => fields)).toEqual(rows);
          for (const { raw, start, end, line } of records) {
            expect(bytes.subarray(start - 100, end - 100)).toEqual(raw);
            const before = bytes.toString('utf8', 0, start - 100);
            expect(line).toBe(before.split(/\r\n|\r|\n/).length - 1);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('any bytes: the parser finds just the records that were framed, and sound rows are what csv-parse makes', async () => {
    const nasty = fc
      .array(fc.constantFrom('a', 'b,', ',', '"', '""', '"c"', '\n', '\r', '\r\n', '\xff', 'é', ' ', '\t'), {
        maxLength: 50,
      })
      .map((parts) =>
        Buffer.from(parts.map((part) => (part === 'é' ? '\xc3\xa9' : part)).join(''), 'latin1'),
      );
    await fc.assert(
      fc.asyncProperty(nasty, fc.integer({ min: 1, max: 20 }), async (bytes, size) => {
        const records = await read(bytes, size);
        for (const { fields, fault, raw } of records) {
          expect(fields === undefined).toBe(fault !== undefined && fault !== 'bare_quote');
          if (fault === undefined) expect(parse(raw, { relax_column_count: true })).toEqual([fields]);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('a record that is not UTF-8 is at fault, and its neighbours are not', async () => {
    const bytes = Buffer.from('1,ä\n2,\xe4\n3,b\n4,\xf0\x9f\n5,c', 'latin1');
    bytes.write('1,a', 0);
    const records = await read(bytes);
    expect(records.map(({ fields, fault }) => fault ?? fields)).toEqual([
      ['1', 'a'],
      'invalid_encoding',
      ['3', 'b'],
      'invalid_encoding',
      ['5', 'c'],
    ]);
  });

  test('a character that two pieces of the stream share is whole', async () => {
    for (let size = 1; size < 10; size += 1) {
      const records = await read(Buffer.from('日本,語\n'), size);
      expect(records.map(({ fields }) => fields)).toEqual([['日本', '語']]);
    }
  });
});

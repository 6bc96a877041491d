import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { written } from '../../../../functions/core/csv/dialect.ts';
import { MAX_RECORD_BYTES } from '../../../../functions/core/csv/framing.ts';
import { type CsvRecord, isBlankRecord, readRecords } from '../../../../functions/core/csv/records.ts';
import { isBlank } from '../../../../functions/core/dataset/row-kinds.ts';
import { reader } from '../../../support/bytes.ts';
import { inFull } from '../../../support/full-run.ts';

const DIALECT = { delimiter: ',', encoding: 'utf-8' } as const;

/** All records of a file, read in pieces of `size` bytes. */
async function read(bytes: Buffer, size = 65_536): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  const whole = { start: 0, end: bytes.length, size: bytes.length };
  for await (const batch of readRecords(reader(bytes, size), whole, DIALECT)) records.push(...batch.records);
  return records;
}

const cell = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '"', ',', '\n', '\r\n', '\r', "'", ';', '\t', 'é'),
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
  test('reads what a CSV writer wrote, with its position in the file', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        async (rows, lineBreak, quoted, size) => {
          // By default csv-stringify quotes a cell only for the line break of the records; these cells have any.
          const bytes = Buffer.from(
            stringify(rows, {
              record_delimiter: lineBreak,
              quoted,
              quoted_match: /[\r\n]/,
              quoted_empty: quoted,
            }),
          );
          const records = await read(bytes, size);
          expect(records.map(({ fields }) => fields)).toEqual(rows);
          for (const { raw, start, end, line } of records) {
            expect(bytes.subarray(start, end)).toEqual(raw);
            const before = bytes.toString('utf8', 0, start);
            expect(line).toBe(before.split(/\r\n|\r|\n/).length - 1);
          }
        },
      ),
      { numRuns: inFull(1_000, 200) },
    );
  });

  test('any bytes: each framed record is split into fields, and valid records as csv-parse splits them', async () => {
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
      { numRuns: inFull(3_000, 400) },
    );
  });

  test('records of any dialect are split as csv-parse splits them', async () => {
    const dialects = fc.record({
      delimiter: fc.constantFrom(',', '^', '§', '\x01'),
      quote: fc.constantFrom('"', "'"),
      escape: fc.constantFrom('"', "'", '\\'),
      ltrim: fc.boolean(),
    });
    const cells = fc.string({
      unit: fc.constantFrom('a', ' ', '"', "'", '\\', ',', '^', '§', '\x01', '\n', 'é'),
      maxLength: 8,
    });
    const rows = fc.array(fc.array(cells, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(dialects, rows, async (some, table) => {
        const dialect = { ...some, encoding: 'utf-8' as const };
        const blanks = dialect.ltrim ? ' ' : '';
        const line = (row: readonly string[]) =>
          row.map((cell) => blanks + written(cell, dialect)).join(dialect.delimiter);
        const bytes = Buffer.from(table.map((row) => `${line(row)}\n`).join(''));
        const whole = { start: 0, end: bytes.length, size: bytes.length };
        const records: CsvRecord[] = [];
        for await (const batch of readRecords(reader(bytes, 7), whole, dialect))
          records.push(...batch.records);
        // With ltrim, csv-parse also trims unquoted fields, as a dataset does with all cells.
        const trimmed = (row: readonly string[] = []) =>
          row.map((field) => (dialect.ltrim ? field.trimStart() : field));
        for (const { raw, fields, fault } of records) {
          if (fault !== undefined) continue;
          expect(trimmed(fields)).toEqual(trimmed(parse(raw, { ...some, relax_column_count: true })[0]));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a record is blank if its fields are, whatever separates them', async () => {
    const delimiter = fc.constantFrom(',', 'a', '7', 'é');
    const text = fc.string({
      unit: fc.constantFrom('a', '7', ',', 'é', ' ', '"', '\u00a0', '\n'),
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(delimiter, text, async (delimiter, text) => {
        const [bytes, dialect] = [Buffer.from(text), { delimiter, encoding: 'utf-8' as const }];
        const whole = { start: 0, end: bytes.length, size: bytes.length };
        for await (const { records } of readRecords(reader(bytes), whole, dialect)) {
          const blank = records.map((record) => isBlankRecord(record, dialect));
          expect(blank).toEqual(records.map(({ fields }) => isBlank(fields)));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a record that is not UTF-8 has a fault, and its neighbours do not', async () => {
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

  test('a record with a NUL byte has a fault, and its neighbours do not', async () => {
    const records = await read(Buffer.from('1,a\n2,b\0\n3,c\n'));
    expect(records.map(({ fields, fault }) => fault ?? fields)).toEqual([['1', 'a'], 'nul_byte', ['3', 'c']]);
  });

  test('a character that is split between two pieces of the stream is read whole', async () => {
    for (let size = 1; size < 10; size += 1) {
      const records = await read(Buffer.from('日本,語\n'), size);
      expect(records.map(({ fields }) => fields)).toEqual([['日本', '語']]);
    }
  });

  describe('a part of a file', () => {
    /** Where reading of `[start, end)` ends, the rows found, and the number of bytes read past `end`. */
    async function part(bytes: Buffer, start: number, end: number) {
      let bytesPastEnd = 0;
      const rows: unknown[] = [];
      const read = reader(bytes);
      let at: number | undefined;
      let lines = 0;
      const batches = readRecords(
        (from, to) => {
          if (from >= end) bytesPastEnd += Math.min(to, bytes.length) - from;
          return read(from, to);
        },
        { start, end, size: bytes.length },
        DIALECT,
      );
      for await (const batch of batches) {
        rows.push(...batch.records.map(({ fields, fault }) => fault ?? fields));
        ({ at, lines } = batch);
      }
      return { at, lines, rows, bytesPastEnd };
    }

    test('that ends with a record is read to its end and no further', async () => {
      expect(await part(Buffer.from('1,a\n2,b\n3,c\n'), 4, 8)).toEqual({
        at: 8,
        lines: 1,
        rows: [['2', 'b']],
        bytesPastEnd: 0,
      });
    });

    test('that ends within a record includes the record and is read to its end', async () => {
      expect(await part(Buffer.from('1,a\n2,b\n3,c\n'), 0, 5)).toMatchObject({
        at: 8,
        rows: [
          ['1', 'a'],
          ['2', 'b'],
        ],
      });
    });

    test('that ends within a quoted field is read to the end of the record', async () => {
      const bytes = Buffer.from('1,"a\n2,b\n3",c\n4,d\n');
      expect(await part(bytes, 0, 5)).toMatchObject({ at: 14, lines: 3, rows: [['1', 'a\n2,b\n3', 'c']] });
    });

    test('whose last line opens a quote that is never closed ends with that line', async () => {
      const filler = 'x,y\n'.repeat(MAX_RECORD_BYTES / 4 + 10);
      const bytes = Buffer.from(`1,"a\n${filler}`);
      const { at, rows, bytesPastEnd } = await part(bytes, 0, 5);
      expect({ at, rows }).toEqual({ at: 5, rows: ['unclosed_quote'] });
      expect(bytesPastEnd).toBeLessThanOrEqual(MAX_RECORD_BYTES + 2 * 65_536);
    });

    test('that ends within a record that is too long is read up to the end of that record', async () => {
      const bytes = Buffer.from(`1,a\n2,"${'x\n'.repeat(1_000_000)}"\n3,c\n${'x'.repeat(1_000_000)}`);
      const { at, bytesPastEnd } = await part(bytes, 0, 10);
      expect(bytes.toString('utf8', at, (at ?? 0) + 3)).toBe('3,c');
      expect(bytesPastEnd).toBeLessThanOrEqual(2_000_000 + 2 * 65_536);
    });
  });
});

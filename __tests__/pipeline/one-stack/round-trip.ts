/** What a CSV writer writes is stored in the table unchanged. */

import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { inFull } from '../../support/full-run.ts';
import { type Pipeline, sharedPipeline } from '../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

/** Strings that are not empty and have no surrounding white space, which the pipeline stores unchanged. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.string({
      unit: fc.constantFrom('a', ' ', '"', ',', '\n', '\r\n', '\r', "'", ';', '\t', 'é', '日', '😀'),
      minLength: 1,
      maxLength: 12,
    }),
  )
  .filter((value) => value.trim() === value && value !== '');
const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,18})(\.[0-9]{0,17}[1-9])?$/);
const row = fc.record({
  name: text,
  amount: fc
    .tuple(fc.boolean(), digits)
    .map(([negative, number]) => (negative && /[1-9]/.test(number) ? `-${number}` : number)),
  date: fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  ignored: fc.string({ unit: 'grapheme' }),
});
const columns = ['id', 'name', 'amount', 'date', '__proto__'] as const;
const file = fc.record({
  rows: fc.array(row, { maxLength: 60, size: 'max' }),
  order: fc.shuffledSubarray([...columns], { minLength: columns.length }),
  quoted: fc.boolean(),
  bom: fc.boolean(),
  lineBreak: fc.constantFrom('\n', '\r\n', '\r'),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
});

test('any file', async () => {
  let run = 0;
  let tested = 0;
  await fc.assert(
    fc.asyncProperty(file, async ({ rows, order, quoted, bom, lineBreak, delimiter }) => {
      run += 1;
      const ids = rows.map((_, index) => `${run}-${String(index).padStart(3, '0')}`);
      const records = rows.map(({ name, amount, date, ignored }, index) => {
        const cells: Record<(typeof columns)[number], string> = {
          id: ids[index] ?? '',
          name,
          amount,
          date,
          ['__proto__']: ignored,
        };
        return order.map((column) => cells[column]);
      });
      const csv = stringify([[...order], ...records], {
        bom,
        delimiter,
        quoted,
        quoted_match: /[\r\n]/,
        record_delimiter: lineBreak,
      });
      const result = await pipeline.ingest('file.csv', csv);
      expect(result).toMatchObject({
        status: 'SUCCEEDED',
        output: { read: rows.length, loaded: rows.length, rejected: 0, duplicates: 0 },
      });
      const items = result.items.filter((item) => String(item.id).startsWith(`${run}-`));
      expect(items.map(({ amount: _, ...item }) => item)).toEqual(
        rows.map(({ name, date }, index) => ({
          pk: `ROW#${ids[index]}`,
          id: ids[index],
          name,
          date: `${date}T00:00:00.000`,
        })),
      );
      tested += rows.length;
    }),
    { numRuns: inFull(15, 10), seed: 20_261_122, endOnFailure: true },
  );
  expect(tested).toBeGreaterThan(100);
});

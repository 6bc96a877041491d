import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { results } from '../../../../datasets/results.ts';
import { readHeader } from '../../../../functions/core/csv/header.ts';
import { readRecords } from '../../../../functions/core/csv/records.ts';
import { reader } from '../../../support/bytes.ts';

/** csv-spectrum: CSV files of every kind, each with the JSON that it stands for. */
const folder = dirname(require.resolve('csv-spectrum/package.json'));
const names = readdirSync(join(folder, 'csvs')).map((file) => file.replace('.csv', ''));

describe('csv-spectrum', () => {
  test('has all its files', () => {
    expect(names).toHaveLength(12);
  });

  test.each(names)('%s', async (name) => {
    const bytes = readFileSync(join(folder, 'csvs', `${name}.csv`));
    const expected: unknown = JSON.parse(readFileSync(join(folder, 'json', `${name}.json`), 'utf8'));
    const header = await readHeader(
      [bytes],
      { dataset: results, delimiters: [','], encodings: ['utf-8'] },
      name,
    );
    const rows: Record<string, string | undefined>[] = [];
    const body = { start: header.end, end: bytes.length, size: bytes.length };
    for await (const { records } of readRecords(reader(bytes), body, { delimiter: ',', encoding: 'utf-8' })) {
      for (const { fields } of records) {
        rows.push(Object.fromEntries(header.fields.map((column, index) => [column, fields?.[index]])));
      }
    }
    // The JSON of one file is an object instead of a list, and has a different telephone number.
    const corrected =
      name === 'location_coordinates'
        ? [{ ...Object(expected), 'Contact Phone Number': '2095257564' }]
        : expected;
    expect(rows).toEqual(corrected);
  });
});

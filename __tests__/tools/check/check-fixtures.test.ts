/** The dry run gives the expected result for every fixture. */

import { join } from 'node:path';
import { checkFile } from '../../../tools/check/check-file.ts';
import { fixtureDataset } from '../../fixtures/datasets.ts';
import { byteOf, fixtureNames, readFixture } from '../../support/fixtures.ts';

test.each(fixtureNames)('%s', async (name) => {
  const { expected } = readFixture(name);
  const dataset = fixtureDataset(expected.dataset);
  const file = join(__dirname, '../../fixtures', `${name}.csv`);
  const result = await checkFile(file, { dataset, maxDecompressedBytes: 1e9 });
  if (expected.error !== undefined) {
    const { error, cause, counts } = result;
    expect({ error, cause, counts }).toEqual({
      error: expected.error,
      cause: expect.stringContaining(expected.message),
      counts: { read: 0, rejected: 0, duplicates: 0, blank: 0, footer: 0 },
    });
    return;
  }
  const { encoding, delimiter, ignored, items, rejects, blank = 0, footer = 0 } = expected;
  expect(result.detected).toMatchObject({ encoding, delimiter, ignored_columns: ignored });
  expect(result.counts).toMatchObject({
    read: items.length + rejects.length,
    rejected: rejects.length,
    blank,
    footer,
  });
  expect(
    result.rejected.map(({ line, column, code, reason }) => ({
      ...{ line, column: column || null, code, ...byteOf(reason) },
    })),
  ).toEqual(rejects.slice(0, 20));
  for (const column of result.columns) {
    const values = items.map((item) => item[column.name] ?? '').filter((value) => value !== '');
    // Rows that are rejected because of another column count, too.
    if (rejects.length === 0) expect(column.filled).toBe(values.length);
    else expect(column.filled).toBeGreaterThanOrEqual(values.length);
  }
});

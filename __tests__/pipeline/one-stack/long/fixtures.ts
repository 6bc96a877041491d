/** Some fixtures have the same result in the whole pipeline as in its core. */

import { isTolerated } from '../../../../functions/core/dataset/tolerance.ts';
import { fixtureDataset } from '../../../fixtures/datasets.ts';
import { byteOf, readFixture } from '../../../support/fixtures.ts';
import { type Ingested, type Pipeline, sharedPipeline } from '../../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

type Items = Ingested['items'];

function sorted(items: Items): Items {
  const key = ({ pk, sk }: Items[number]): string => `${pk} ${sk ?? ''}`;
  return items.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** Keys of the items of earlier files. */
const known = new Set<unknown>();

const names = [
  'valid-utf8',
  'valid-utf8-bom-quoted-header',
  'valid-utf16le-bom',
  'valid-utf16be-without-bom',
  'valid-orders-windows-1252',
  'valid-orders-utf8-bom',
  'valid-airports',
  'invalid-utf8-bytes',
  'invalid-utf16be-half-surrogates',
  'invalid-utf16le-odd-byte-in-last-row',
  'invalid-orders-windows-1252-one-byte',
  'invalid-orders-cells',
  'invalid-too-few-fields',
  'invalid-stray-quotes',
  'invalid-unclosed-quote-and-no-other',
  'invalid-nul-bytes',
  'invalid-too-large',
  'invalid-too-long-at-the-end',
  'invalid-lines-after-quoted-breaks',
  'invalid-key-too-long',
  'invalid-file-empty',
  'invalid-header-twice',
  'invalid-header-misspelt',
  'invalid-header-nul',
];

// The core's test reads all of them in any case.
test.each(names)('%s', async (name) => {
  const { bytes, expected } = readFixture(name);
  const { items, ...result } = await pipeline.ingest(`${name}.csv`, bytes, { dataset: expected.dataset });
  const added = items.filter(({ pk }) => !known.has(pk));
  for (const { pk } of items) known.add(pk);

  if (expected.error !== undefined) {
    const { error, message } = expected;
    expect(result).toMatchObject({ status: 'FAILED', error, cause: expect.stringContaining(message) });
    expect({ added, rejected: result.rejected }).toEqual({ added: [], rejected: [] });
    return;
  }
  const { rejects } = expected;
  const read = expected.items.length + rejects.length;
  expect(
    result.rejected.map(({ line, column, code, reason }) => ({
      ...{ line, column: column === '' ? null : column, code, ...byteOf(reason) },
    })),
  ).toEqual(rejects);
  if (isTolerated(fixtureDataset(expected.dataset).tolerance, rejects.length, read)) {
    const counts = { read, loaded: expected.items.length, rejected: rejects.length, duplicates: 0 };
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: counts });
    expect(added).toEqual(sorted(expected.items));
  } else {
    expect(result).toMatchObject({ status: 'FAILED', error: 'ValidationError' });
    expect(added).toEqual([]);
  }
});

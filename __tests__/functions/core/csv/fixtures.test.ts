/** Each fixture yields the items, rejects or error in the JSON file next to it. */

import { fixtureDataset } from '../../../fixtures/datasets.ts';
import { asText, byteOf, fixtureNames, readFixture } from '../../../support/fixtures.ts';
import { inFull } from '../../../support/full-run.ts';
import { type Reading, type ReadOptions, readFile } from '../../../support/fuzz/read-file.ts';

/** Maximum number of pieces in which a file is read; small pieces of a large file take too long. */
const MAX_PIECES = 500;

const pieces = inFull([1, 3, 64, 1_000, 65_536], [3]);
const allOptions: readonly ReadOptions[] = [
  ...pieces.map((pieceBytes) => ({ pieceBytes })),
  ...inFull([1, 7, 64, 1_000], [64]).flatMap((minChunkBytes) =>
    pieces.map((pieceBytes) => ({ minChunkBytes, pieceBytes, stopsOften: pieceBytes < 64 })),
  ),
];

/** The outcome of reading a file, in the form of a fixture. */
async function outcome(name: string, options: ReadOptions): Promise<{ text: string; reading?: Reading }> {
  const { bytes, expected } = readFixture(name);
  const { dataset } = expected;
  try {
    const reading = await readFile(bytes, fixtureDataset(dataset), options);
    const { encoding, delimiter, ignored } = reading.format;
    const rejects = reading.rejects.map(({ line, column, code, reason }) => ({
      ...{ line, column, code, ...byteOf(reason) },
    }));
    const { items, blank, footer } = reading;
    const text = asText({
      ...{ dataset, encoding, delimiter, ignored, items, rejects },
      ...(blank > 0 && { blank }),
      ...(footer > 0 && { footer }),
    });
    return { text, reading };
  } catch (error) {
    if (!(error instanceof Error) || expected.error === undefined) throw error;
    const isNamed = error.message.includes(expected.message);
    return {
      text: asText({ dataset, error: error.name, message: isNamed ? expected.message : error.message }),
    };
  }
}

/** Number of physical lines of a file. */
function linesOf(text: Buffer): number {
  // The end-of-file byte of DOS is not a line.
  const end = text.at(-1) === 0x1a ? text.length - 1 : text.length;
  const lines = text.toString('latin1', 0, end).split(/\r\n|\r|\n/);
  return lines.at(-1) === '' ? lines.length - 1 : lines.length;
}

describe('fixture', () => {
  test.each(fixtureNames)('%s', async (name) => {
    const { bytes, expected, expectedText } = readFixture(name);
    const isValid = expected.error === undefined && expected.rejects.length === 0;
    expect(name.startsWith('valid-')).toBe(isValid);
    for (const options of allOptions) {
      if (bytes.length / options.pieceBytes > MAX_PIECES) continue;
      const { text, reading } = await outcome(name, options);
      expect(text).toBe(expectedText);
      if (reading === undefined) continue;
      expect(reading.isProven).toBe(true);
      expect(reading.lines).toBe(linesOf(reading.text));
    }
  });
});

test('chunks cut by probing yield the same rows if they prove each other', async () => {
  const counts = { cut: 0, proven: 0 };
  for (const name of fixtureNames) {
    const { bytes, expected, expectedText } = readFixture(name);
    if (expected.error !== undefined || bytes.length > 100_000) continue;
    for (const window of [16, 40, 64, 160]) {
      for (const minChunkBytes of [1, 7, 64, 1_000]) {
        const { text, reading } = await outcome(name, { pieceBytes: 65_536, minChunkBytes, window });
        if (reading === undefined || reading.chunks.length < 2) continue;
        counts.cut += 1;
        if (!reading.isProven) continue;
        counts.proven += 1;
        expect(text).toBe(expectedText);
      }
    }
  }
  // The test is only meaningful if enough files are cut and enough of the guesses are right.
  expect(counts.cut).toBeGreaterThan(80);
  expect(counts.proven).toBeGreaterThan(counts.cut / 2);
});

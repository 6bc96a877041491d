/** Guesses the delimiter of a file whose columns are not known. */

import { Framer, type Frames } from '../../functions/core/csv/framing.ts';
import { type Header, readHeader } from '../../functions/core/csv/header.ts';
import { parseFields } from '../../functions/core/csv/records.ts';
import { DELIMITERS } from '../../functions/core/dataset/dataset.ts';
import { HeaderError } from '../../functions/core/errors.ts';
import type { Encoding } from '../../functions/core/messages.ts';

/** Records that are looked at with each of them. */
const MAX_RECORDS = 100;

/** What there is for a delimiter, the weightiest first. */
type Score = readonly [agreement: number, width: number, share: number];

/**
 * Reads the header with the delimiter for which most records have as many fields as the header. A first line such as `sep=;`
 * overrides the guess.
 * @param bytes the beginning of the file, in UTF-8 or another superset of ASCII
 * @param isWhole whether `bytes` is the whole file
 * @throws HeaderError if the header is not valid CSV with any delimiter
 */
export async function guessHeader(
  bytes: Buffer,
  isWhole: boolean,
  encodings: readonly Encoding[],
  place: string,
): Promise<Header> {
  let best: { readonly header: Header; readonly score: Score } | undefined;
  let failure: unknown;
  for (const delimiter of DELIMITERS) {
    try {
      const options = { dataset: { columns: [] }, delimiters: [delimiter], encodings };
      const header = await readHeader([bytes], options, place);
      if (header.delimiter !== delimiter) return header;
      const score = scoreOf(header, bytes.subarray(header.end), isWhole);
      if (best === undefined || isHigher(score, best.score)) best = { header, score };
    } catch (error) {
      if (!(error instanceof HeaderError)) throw error;
      failure ??= error;
    }
  }
  if (best === undefined) throw failure;
  return best.header;
}

/**
 * Records that match a wide header are better evidence than those that match a narrow one. If no record matches, the
 * delimiter that splits the header into the most fields wins.
 */
function scoreOf({ delimiter, fields }: Header, body: Buffer, isWhole: boolean): Score {
  const width = fields.length;
  const widths = widthsOf(body, delimiter, isWhole);
  const share = widths.filter((each) => each === width).length / Math.max(1, widths.length);
  // The share is squared, so that a header twice as wide does not outweigh half of the records.
  return [widths.length === 0 ? 0 : share ** 2 * (width - 1), width, share];
}

/** Number of fields of each of the first records; 0 for an invalid one. */
function widthsOf(body: Buffer, delimiter: string, isWhole: boolean): number[] {
  const framer = new Framer({ delimiter });
  const framed = [...framer.push(body), ...(isWhole ? framer.end() : [])];
  const count = ({ bytes, frames }: Frames) =>
    frames.slice(0, MAX_RECORDS).map(({ start, end, fault }) => {
      if (fault !== undefined) return 0;
      // latin1 has a character for each byte, so the number of fields is right in any encoding.
      return parseFields(bytes.subarray(start, end), { delimiter, encoding: 'latin1' })[0]?.length ?? 0;
    });
  return framed.flatMap(count).slice(0, MAX_RECORDS);
}

function isHigher(one: Score, other: Score): boolean {
  const difference = one.map((part, index) => part - (other[index] ?? 0)).find((part) => part !== 0);
  return (difference ?? 0) > 0;
}

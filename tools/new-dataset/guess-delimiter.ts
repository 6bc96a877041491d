/** Finds what stands between the fields of a file of which no column is known. */

import type { Encoding } from '../../functions/core/csv/encoding.ts';
import { Framer, type Frames } from '../../functions/core/csv/framing.ts';
import { type Header, readHeader } from '../../functions/core/csv/header.ts';
import { parseFields } from '../../functions/core/csv/records.ts';
import { DELIMITERS } from '../../functions/core/dataset/dataset.ts';
import { HeaderError } from '../../functions/core/errors.ts';

/** Records that are looked at with each of them. */
const MAX_RECORDS = 100;

/** What there is for a delimiter, the weightiest first. */
type Score = readonly [agreement: number, width: number, share: number];

/**
 * Reads the header with the delimiter with which the records behind it agree the most with it, or with the one that a
 * first line such as `sep=;` names.
 * @param bytes the file's first ones, in UTF-8 or an encoding that has ASCII's bytes.
 * @param isWhole whether they are all of it.
 * @throws HeaderError when the header is not sound CSV with any of them.
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
 * Many fields tell more than few, and a header of one field nothing; where no record agrees with any header, the
 * delimiter that the header itself has is meant.
 */
function scoreOf({ delimiter, fields }: Header, body: Buffer, isWhole: boolean): Score {
  const width = fields.length;
  const widths = widthsOf(body, delimiter, isWhole);
  const share = widths.filter((each) => each === width).length / Math.max(1, widths.length);
  // Squared, so that twice as many fields do not make up for every other record.
  return [widths.length === 0 ? 0 : share ** 2 * (width - 1), width, share];
}

/** The number of fields of the first records; 0 for one that is not sound. */
function widthsOf(body: Buffer, delimiter: string, isWhole: boolean): number[] {
  const framer = new Framer(delimiter);
  const framed = [framer.push(body), ...(isWhole ? [framer.end()] : [])];
  const count = ({ bytes, frames }: Frames) =>
    frames.slice(0, MAX_RECORDS).map(({ start, end, fault }) => {
      if (fault !== undefined) return 0;
      // A character for each byte: whatever the encoding is, there are as many fields.
      return parseFields(bytes.subarray(start, end), { delimiter, encoding: 'latin1' })[0]?.length ?? 0;
    });
  return framed.flatMap(count).slice(0, MAX_RECORDS);
}

function isHigher(one: Score, other: Score): boolean {
  const difference = one.map((part, index) => part - (other[index] ?? 0)).find((part) => part !== 0);
  return (difference ?? 0) > 0;
}

/** Guesses the delimiter of a file whose columns are not known, and where its header is. */

import type { Delimited } from '../../functions/core/csv/dialect.ts';
import { countLineBreaks, Framer, type Frames } from '../../functions/core/csv/framing.ts';
import { type Header, readHeader } from '../../functions/core/csv/header.ts';
import { parseFields } from '../../functions/core/csv/records.ts';
import { DELIMITERS } from '../../functions/core/dataset/dataset.ts';
import type { Quoting } from '../../functions/core/dataset/file-format/quoting.ts';
import { isBlank } from '../../functions/core/dataset/row-kinds.ts';
import { HeaderError } from '../../functions/core/errors.ts';
import type { Encoding } from '../../functions/core/messages.ts';
import { type Fields, headerIndex, looksLikeRow } from './guess-layout.ts';

/** Records that are looked at with each of them. */
const MAX_RECORDS = 200;

/** Delimiters of which there must be one in each record, since they are rare. */
const RARE_DELIMITERS: readonly string[] = ['^', '~', ':', '\x01', '\x1f'];

/** What there is for a delimiter, the weightiest first. */
type Score = readonly [agreement: number, width: number, share: number];

/** The header of a file, and what is in front of it. */
export interface GuessedHeader {
  readonly header: Header;
  /** Whether the pipeline finds it only if it searches for it. */
  readonly isFound: boolean;
  /** Physical lines in front of it. */
  readonly skipped: number;
  /** Whether there is none, because the first record looks like a row of data; the fields are then numbered. */
  readonly isRow: boolean;
}

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
  { encodings, quoting }: { readonly encodings: readonly Encoding[]; readonly quoting: Quoting },
  place: string,
): Promise<GuessedHeader> {
  let best: { readonly guess: GuessedHeader; readonly score: Score } | undefined;
  let failure: unknown;
  for (const delimiter of [...DELIMITERS, ...RARE_DELIMITERS]) {
    const isRare = !DELIMITERS.includes(delimiter);
    if (isRare && best !== undefined && best.score[0] > 0) break;
    try {
      const found = await guessWith(delimiter, { bytes, isWhole, encodings, quoting, place });
      const { guess, score, isNamed } = found;
      if (isNamed) return guess;
      if (isRare && (guess.isFound || score[0] < score[1] - 1)) continue;
      if (best === undefined || isHigher(score, best.score)) best = found;
    } catch (error) {
      if (!(error instanceof HeaderError)) throw error;
      failure ??= error;
    }
  }
  if (best === undefined) throw failure;
  return best.guess;
}

async function guessWith(
  delimiter: string,
  {
    bytes,
    isWhole,
    encodings,
    quoting,
    place,
  }: {
    readonly bytes: Buffer;
    readonly isWhole: boolean;
    readonly encodings: readonly Encoding[];
    readonly quoting: Quoting;
    readonly place: string;
  },
) {
  const read = (from: number, candidates: readonly Encoding[]) => {
    const options = { dataset: { columns: [], quoting }, delimiters: [delimiter], encodings: candidates };
    return readHeader([bytes.subarray(from)], options, place);
  };
  const first = await read(0, encodings);
  const records = recordsOf(
    bytes,
    first.hasBom ? BOM_BYTES : 0,
    { ...quoting, delimiter: first.delimiter },
    isWhole,
  );
  const { start = 0 } = records[headerIndex(records.map(({ fields }) => fields))] ?? {};
  const lines = countLineBreaks(bytes, 0, start);
  const below = await read(start, first.hasBom ? ['utf-8'] : encodings);
  // The pipeline skips a line such as `sep=;` by itself, and blank lines.
  const isLater = start + below.end > first.end;
  const isFound = isLater && !isBlank(first.fields);
  const named = isLater
    ? { ...below, end: start + below.end, lines: lines + below.lines, hasBom: first.hasBom }
    : first;
  const rows = records.filter((record) => record.start >= named.end).map(({ fields }) => fields);
  const isRow = !isLater && looksLikeRow(named.fields, rows);
  const numbered = { ...named, fields: named.fields.map((_, index) => `column_${index + 1}`) };
  const header = isRow ? { ...numbered, end: start, lines } : named;
  return {
    guess: { header, isFound, skipped: isFound ? lines : 0, isRow },
    score: scoreOf(named, rows, isFound),
    isNamed: first.delimiter !== delimiter,
  };
}

/** Bytes of the byte order mark of UTF-8. */
const BOM_BYTES = 3;

interface SplitRecord {
  /** Byte of the file. */
  readonly start: number;
  readonly fields: Fields;
}

/** The first records that are not blank. */
function recordsOf(bytes: Buffer, from: number, dialect: Delimited, isWhole: boolean): SplitRecord[] {
  const framer = new Framer(dialect);
  const framed = [...framer.push(bytes.subarray(from)), ...(isWhole ? framer.end() : [])];
  const split = ({ bytes: block, offset, frames }: Frames): SplitRecord[] =>
    frames.slice(0, MAX_RECORDS).flatMap(({ start, end, fault }) => {
      // latin1 has a character for each byte, so the number of fields is right in any encoding.
      const fields =
        fault === undefined
          ? parseFields(block.subarray(start, end), { ...dialect, encoding: 'latin1' })[0]
          : undefined;
      return isBlank(fields) ? [] : [{ start: from + offset + start, fields }];
    });
  return framed.flatMap(split).slice(0, MAX_RECORDS);
}

/** How much less a header counts that is not in the first record: a wrong delimiter often makes one look like one. */
const FOUND_WEIGHT = 0.5;

/**
 * Records that match a wide header are better evidence than those that match a narrow one. If no record matches, the
 * delimiter that splits the header into the most fields wins.
 */
function scoreOf({ width }: Header, rows: readonly Fields[], isFound: boolean): Score {
  const share = rows.filter((row) => row?.length === width).length / Math.max(1, rows.length);
  // The share is squared, so that a header twice as wide does not outweigh half of the records.
  const agreement = share ** 2 * (width - 1) * (isFound ? FOUND_WEIGHT : 1);
  return [rows.length === 0 ? 0 : agreement, width, share];
}

function isHigher(one: Score, other: Score): boolean {
  const difference = one.map((part, index) => part - (other[index] ?? 0)).find((part) => part !== 0);
  return (difference ?? 0) > 0;
}

/** Reads a file's header, finds its delimiter and encoding, and matches it with the columns of a dataset. */

import { isAscii } from 'node:buffer';
import type { Dataset } from '../dataset/dataset.ts';
import { nearestName, normalisedName } from '../dataset/names.ts';
import { HeaderError } from '../errors.ts';
import { FAULTS } from './check.ts';
import type { Encoding } from './encoding.ts';
import { countLineBreaks, Framer } from './framing.ts';
import { type CsvRecord, toRecords } from './records.ts';
import { isReport, REPORT_COLUMNS } from './report-rows.ts';

const [LF, CR] = [0x0a, 0x0d];

/** Names of unknown columns that are reported, those of one that stands many times, and characters of each. */
const [MAX_IGNORED, MAX_LISTED, MAX_NAME] = [20, 5, 64];

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A first line that names the delimiter, which is not the quote, as Excel has it; 8 bytes at the most. */
const SEPARATOR_LINE = /^sep=([\t\x20\x21\x23-\x7e])(?:\r\n|\n|\r)/i;
const SEPARATOR_LINE_BYTES = 8;

export interface Header {
  readonly delimiter: string;
  readonly encoding: Encoding;
  readonly fields: readonly string[];
  /** Byte behind the header's line break. */
  readonly end: number;
  /** Physical lines up to there. */
  readonly lines: number;
  /** Whether a byte order mark stands before it. */
  readonly hasMark: boolean;
  /** Whether its characters are the same in every encoding. */
  readonly isAscii: boolean;
}

/** What a header may be written like. */
export interface HeaderOptions {
  readonly dataset: Pick<Dataset, 'columns'>;
  /** The one wins with which the most of the dataset's columns are found. */
  readonly delimiters: readonly string[];
  /** The first one in which the header is sound text. */
  readonly encodings: readonly Encoding[];
}

/**
 * Reads the first record, and no more of the stream than that takes.
 * @param stream the file from its first byte on.
 * @param place the object, for messages.
 * @throws HeaderError when there is no header, or it is not sound CSV.
 */
export async function readHeader(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: HeaderOptions,
  place: string,
): Promise<Header> {
  let bytes = Buffer.alloc(0);
  let found: Candidate | undefined;
  for await (const piece of stream) {
    bytes = Buffer.concat([bytes, piece]);
    found = findHeader(bytes, options, false);
    if (found !== undefined) break;
  }
  found ??= findHeader(bytes, options, true);
  if (found === undefined) {
    const names = options.dataset.columns.map(({ name }) => name);
    throw new HeaderError(
      `${place} is empty: it has not even a header. It needs the columns ${names.join(', ')}.`,
    );
  }
  const { record, header } = found;
  if (record.fault !== undefined) {
    throw new HeaderError(`The header of ${place} ${FAULTS[record.fault].reason}.`);
  }
  return header;
}

interface Candidate {
  readonly record: CsvRecord;
  readonly header: Header;
}

/** The header, taken apart with the delimiter that fits best; undefined while it may not be whole, or if there is none. */
function findHeader(bytes: Buffer, options: HeaderOptions, isWhole: boolean): Candidate | undefined {
  if (!isWhole && bytes.length < BYTE_ORDER_MARK.length + SEPARATOR_LINE_BYTES) return undefined;
  const hasMark = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const mark = hasMark ? BYTE_ORDER_MARK.length : 0;
  const named = SEPARATOR_LINE.exec(bytes.toString('latin1', mark, mark + SEPARATOR_LINE_BYTES));
  const start = mark + (named?.[0].length ?? 0);
  const known = spellings(options.dataset);
  // The mark is one of UTF-8; text that was UTF-16 has it, too.
  const encodings: readonly Encoding[] = hasMark ? ['utf-8'] : options.encodings;
  let best: Candidate | undefined;
  let most = -2;
  for (const delimiter of named?.[1] === undefined ? options.delimiters : [named[1]]) {
    const framer = new Framer(delimiter);
    const framed = framer.push(bytes.subarray(start));
    const whole = framed.frames.length > 0 || !isWhole ? framed : framer.end();
    const first = { ...whole, frames: whole.frames.slice(0, 1) };
    // With another delimiter it may be another record.
    if (first.frames.length === 0 && !isWhole) return undefined;
    const [encoding, record] = decoded(
      (each) => toRecords(first, { delimiter, encoding: each }, start)[0],
      encodings,
    );
    if (record === undefined) continue;
    // With a delimiter that is not the file's, a quoted header is not even sound.
    const isValid = record.fault === undefined;
    const score = isValid
      ? (record.fields ?? []).filter((field) => known.has(normalisedName(field))).length
      : -1;
    if (score <= most) continue;
    most = score;
    const [next, afterNext] = bytes.subarray(record.end, record.end + 2);
    const lineBreak = next === undefined ? 0 : next === CR && afterNext === LF ? 2 : 1;
    const lines = record.line + countLineBreaks(record.raw, 0, record.raw.length) + 1;
    best = {
      record,
      header: {
        delimiter,
        encoding,
        fields: record.fields ?? [],
        end: record.end + lineBreak,
        lines: lines + (named === null ? 0 : 1),
        hasMark,
        isAscii: isAscii(record.raw),
      },
    };
  }
  return best;
}

/** The record in the first encoding in which it is sound text, or else in the first of all. */
function decoded(
  decode: (encoding: Encoding) => CsvRecord | undefined,
  encodings: readonly Encoding[],
): readonly [Encoding, CsvRecord | undefined] {
  const [first = 'utf-8', ...others] = encodings;
  const record = decode(first);
  if (record?.fault !== 'invalid_encoding') return [first, record];
  for (const encoding of others) {
    const other = decode(encoding);
    if (other?.fault !== 'invalid_encoding') return [encoding, other];
  }
  return [first, record];
}

/** The column of each name that a header may have. */
function spellings({ columns }: Pick<Dataset, 'columns'>): ReadonlyMap<string, string> {
  return new Map(
    columns.flatMap(({ name, aliases }) => [name, ...aliases].map((each) => [normalisedName(each), name])),
  );
}

export interface MatchedHeader {
  /** For each column of the dataset, its position in the file; -1 for one that is not there and need not be. */
  readonly columns: readonly number[];
  readonly ignored: readonly string[];
}

/**
 * Finds the dataset's columns in a header, in any order and case and by any of their names.
 * @param fields the header's fields, without a byte order mark.
 * @param place the object, for messages.
 * @throws HeaderError that names each column which is missing or stands twice, and what was probably meant.
 */
export function matchHeader(
  fields: readonly string[],
  dataset: Pick<Dataset, 'columns'>,
  place: string,
): MatchedHeader {
  const known = spellings(dataset);
  const names = fields.map((field) => known.get(normalisedName(field)));
  const added = isReport(fields) ? REPORT_COLUMNS.length : 0;
  const unknown = fields.slice(0, fields.length - added).filter((_, index) => names[index] === undefined);
  // In a file without a header, the first row is taken for one: what stands in it is data, and not repeated.
  const isHeader = names.some((name) => name !== undefined);
  const problems: string[] = [];
  const columns = dataset.columns.map(({ name, aliases, required }) => {
    const positions = names.flatMap((candidate, index) => (candidate === name ? [index] : []));
    if (positions.length > 1) {
      const written = positions
        .slice(0, MAX_LISTED)
        .map((position) => `"${fields[position]?.trim()}"`)
        .join(', ');
      problems.push(`the column "${name}" stands ${positions.length} times, as ${written}; keep one`);
    }
    if (positions.length === 0 && required) {
      problems.push(
        `the column "${name}" is missing${isHeader ? suggestion([name, ...aliases], unknown) : ''}`,
      );
    }
    return positions[0] ?? -1;
  });
  if (problems.length > 0) {
    throw new HeaderError(`The header of ${place} does not fit: ${problems.join('; ')}.`);
  }
  return { columns, ignored: unknown.slice(0, MAX_IGNORED).map((name) => name.trim().slice(0, MAX_NAME)) };
}

/** Names the unknown column that is spelt nearly like a missing one, or is called it and more. */
function suggestion(spelt: readonly string[], unknown: readonly string[]): string {
  const byName = new Map(
    unknown.filter(({ length }) => length <= MAX_NAME).map((field) => [normalisedName(field), field.trim()]),
  );
  const names = [...byName.keys()];
  const found = spelt
    .map(normalisedName)
    .map((name) => nearestName(name, names) ?? names.find((other) => words(other).includes(name)))
    .find((name) => name !== undefined);
  return found === undefined ? '' : ` (is it the one called "${byName.get(found)}"?)`;
}

function words(name: string): string[] {
  return name.split(/[^\p{L}\p{N}]+/u);
}

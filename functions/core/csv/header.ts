/** Reads the header of a file, detects its delimiter and encoding, and matches it with the columns of a dataset. */

import { isAscii } from 'node:buffer';
import type { Dataset } from '../dataset/dataset.ts';
import type { Quoting } from '../dataset/file-format/quoting.ts';
import { namesBySpelling, nearestName, normalisedName } from '../dataset/names.ts';
import { HeaderError } from '../errors.ts';
import type { Encoding } from '../messages.ts';
import { FAULTS } from './check.ts';
import type { Delimited } from './dialect.ts';
import { countLineBreaks, Framer, type Frames } from './framing.ts';
import { type CsvRecord, recordReader } from './records.ts';
import { ownColumns } from './report-columns.ts';

const [LF, CR] = [0x0a, 0x0d];

/** Names of unknown columns that are reported. */
const MAX_IGNORED_NAMES = 20;

/** Spellings that a message lists of a column that appears more than once. */
const MAX_LISTED_SPELLINGS = 5;

/** Characters of a column name that are reported. */
const MAX_NAME_CHARACTERS = 64;

/** The byte order mark of UTF-8. */
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** A first line that names the delimiter, as Excel accepts it; any printable character but the quote. */
const SEPARATOR_LINE = /^sep=([\t\x20\x21\x23-\x7e])(?:\r\n|\n|\r)/i;

/** Maximum length of a separator line in bytes: with CRLF. */
const SEPARATOR_LINE_BYTES = 8;

export interface Header {
  readonly delimiter: string;
  readonly encoding: Encoding;
  readonly fields: readonly string[];
  /** Byte after the header's line break. */
  readonly end: number;
  /** Physical lines up to `end`. */
  readonly lines: number;
  /** Whether the file starts with a BOM. */
  readonly hasBom: boolean;
  /** Whether its characters are the same in every encoding. */
  readonly isAscii: boolean;
}

/** The formats that a header may have. */
export interface HeaderOptions {
  readonly dataset: Pick<Dataset, 'columns'>;
  /** Candidates; the delimiter that yields the most columns of the dataset wins. */
  readonly delimiters: readonly string[];
  readonly quoting?: Quoting;
  /** Candidates; the first in which the header is valid text wins. */
  readonly encodings: readonly Encoding[];
}

/**
 * Reads the first record, and no more of the stream than that needs.
 * @param stream the file from its first byte.
 * @param file the file's name for messages.
 * @throws HeaderError when the file has no header or its header is not valid CSV.
 */
export async function readHeader(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: HeaderOptions,
  file: string,
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
    throw new HeaderError(`${file} is empty. It needs a header with the columns ${names.join(', ')}.`);
  }
  const { record, header } = found;
  if (record.fault !== undefined) {
    throw new HeaderError(`The header of ${file} ${FAULTS[record.fault].reason}.`);
  }
  return header;
}

interface Candidate {
  readonly record: CsvRecord;
  readonly header: Header;
}

/** Parses the header with the delimiter that fits best; undefined while it may be incomplete, or if there is none. */
function findHeader(bytes: Buffer, options: HeaderOptions, isWhole: boolean): Candidate | undefined {
  if (!isWhole && bytes.length < BOM.length + SEPARATOR_LINE_BYTES) return undefined;
  const hasBom = bytes.subarray(0, BOM.length).equals(BOM);
  const bomLength = hasBom ? BOM.length : 0;
  const named = SEPARATOR_LINE.exec(bytes.toString('latin1', bomLength, bomLength + SEPARATOR_LINE_BYTES));
  const start = bomLength + (named?.[0].length ?? 0);
  const known = namesBySpelling(options.dataset.columns);
  // Only UTF-8 has this BOM; text that was rewritten from UTF-16 has it too.
  const encodings: readonly Encoding[] = hasBom ? ['utf-8'] : options.encodings;
  let best: Candidate | undefined;
  let most = -2;
  for (const delimiter of named?.[1] === undefined ? options.delimiters : [named[1]]) {
    const first = firstFrame(bytes.subarray(start), { ...options.quoting, delimiter }, isWhole);
    // The record may be a different one with another delimiter, so wait for more bytes.
    if (first === undefined && !isWhole) return undefined;
    if (first === undefined) continue;
    const [encoding, record] = decoded(
      (each) => recordReader({ ...options.quoting, delimiter, encoding: each }, start)(first)[0],
      encodings,
    );
    if (record === undefined) continue;
    // With the wrong delimiter, a quoted header is not even valid CSV.
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
        hasBom,
        isAscii: isAscii(record.raw),
      },
    };
  }
  return best;
}

/** The first record of these bytes; undefined if there is none, or if it may not be whole. */
function firstFrame(bytes: Buffer, dialect: Delimited, isWhole: boolean): Frames | undefined {
  const framer = new Framer(dialect);
  for (const read of [framer.push(bytes), ...(isWhole ? [framer.end()] : [])]) {
    for (const framed of read) {
      if (framed.frames.length > 0) return { ...framed, frames: framed.frames.slice(0, 1) };
    }
  }
  return undefined;
}

/** The record in the first encoding in which it is valid text, or else in the first encoding. */
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

export interface MatchedHeader {
  /** For each column of the dataset, its position in the file; -1 for an optional column that is missing. */
  readonly columns: readonly number[];
  /** Names of columns that the dataset does not have. */
  readonly ignored: readonly string[];
}

/**
 * Finds the dataset's columns in a header, in any order and case and under any of their names.
 * @param fields the header's fields, without a BOM.
 * @param file the file's name for messages.
 * @throws HeaderError that names each column that is missing or appears twice, and suggests a misspelt one; or that the
 * dataset's columns are all missing.
 */
export function matchHeader(
  fields: readonly string[],
  dataset: Pick<Dataset, 'columns'>,
  file: string,
): MatchedHeader {
  const known = namesBySpelling(dataset.columns);
  const names = fields.map((field) => known.get(normalisedName(field)));
  const unknown = ownColumns(fields).filter((_, index) => names[index] === undefined);
  // Without a header, the first row of data is read as one. Its cells must not appear in the message.
  const isHeader = names.some((name) => name !== undefined);
  const problems: string[] = [];
  const columns = dataset.columns.map(({ name, aliases, required }) => {
    const positions = names.flatMap((candidate, index) => (candidate === name ? [index] : []));
    if (positions.length > 1) {
      const written = positions
        .slice(0, MAX_LISTED_SPELLINGS)
        .map((position) => `"${fields[position]?.trim()}"`)
        .join(', ');
      problems.push(`the column "${name}" appears ${positions.length} times, as ${written}; keep one`);
    }
    if (positions.length === 0 && required) {
      problems.push(`the column "${name}" is missing${suggestion([name, ...aliases], unknown)}`);
    }
    return positions[0] ?? -1;
  });
  if (problems.length > 0 && !isHeader) {
    const required = dataset.columns.flatMap((column) => (column.required ? [`"${column.name}"`] : []));
    throw new HeaderError(
      `The header of ${file} does not match the dataset: it has none of the columns ${required.join(', ')}. Check that the first line is a header with a delimiter that the dataset accepts, and that the file belongs to this dataset.`,
    );
  }
  if (problems.length > 0) {
    throw new HeaderError(`The header of ${file} does not match the dataset: ${problems.join('; ')}.`);
  }
  return {
    columns,
    ignored: unknown.slice(0, MAX_IGNORED_NAMES).map((name) => name.trim().slice(0, MAX_NAME_CHARACTERS)),
  };
}

/** Names the unknown column that is spelt almost like a missing one, or contains its name as a word. */
function suggestion(spellings: readonly string[], unknown: readonly string[]): string {
  const byName = new Map(
    unknown
      .filter(({ length }) => length <= MAX_NAME_CHARACTERS)
      .map((field) => [normalisedName(field), field.trim()]),
  );
  const names = [...byName.keys()];
  const found = spellings
    .map(normalisedName)
    .map(
      (name) =>
        nearestName(name, names) ?? names.find((other) => other.split(/[^\p{L}\p{N}]+/u).includes(name)),
    )
    .find((name) => name !== undefined);
  return found === undefined ? '' : ` (is it "${byName.get(found)}"?)`;
}

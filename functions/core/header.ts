/** Reads a file's header, finds its delimiter, and matches it with the row contract. */

import { closest, distance } from 'fastest-levenshtein';
import { columnNames, FAULTS } from './check.ts';
import { HeaderError } from './errors.ts';
import { countLineBreaks, Framer } from './framing.ts';
import { type CsvRecord, toRecords } from './records.ts';

const [LF, CR] = [0x0a, 0x0d];

/** Names of unknown columns that are reported, and characters of each. */
const [MAX_IGNORED, MAX_NAME] = [20, 64];

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** What may stand between fields, the likeliest first. */
export const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];

/** A first line that names the delimiter, as Excel writes and reads it; it has 8 bytes at the most. */
const SEPARATOR_LINE = /^sep=([\x20-\x7e\t])(?:\r\n|\n|\r)/i;
const SEPARATOR_LINE_BYTES = 8;

export interface Header {
  readonly delimiter: string;
  readonly fields: readonly string[];
  /** Byte behind the header's line break. */
  readonly end: number;
  /** Physical lines up to there. */
  readonly lines: number;
}

/**
 * Reads the first record, and no more of the stream than that takes.
 * @param stream the file from its first byte on.
 * @param delimiters that the file may have: the one wins with which the most of the contract's columns are found.
 * @param place the object, for messages.
 * @throws HeaderError when there is no header, or it is not sound CSV in UTF-8.
 */
export async function readHeader(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  delimiters: readonly string[],
  place: string,
): Promise<Header> {
  let bytes = Buffer.alloc(0);
  let found: Candidate | undefined;
  for await (const piece of stream) {
    bytes = Buffer.concat([bytes, piece]);
    found = findHeader(bytes, delimiters, false);
    if (found !== undefined) break;
  }
  found ??= findHeader(bytes, delimiters, true);
  if (found === undefined) {
    throw new HeaderError(
      `${place} is empty: it has not even a header. It needs the columns ${columnNames.join(', ')}.`,
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
function findHeader(bytes: Buffer, delimiters: readonly string[], isWhole: boolean): Candidate | undefined {
  if (!isWhole && bytes.length < BYTE_ORDER_MARK.length + SEPARATOR_LINE_BYTES) return undefined;
  const mark = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const named = SEPARATOR_LINE.exec(bytes.toString('latin1', mark, mark + SEPARATOR_LINE_BYTES));
  const start = mark + (named?.[0].length ?? 0);
  let best: Candidate | undefined;
  let most = -1;
  for (const delimiter of named?.[1] === undefined ? delimiters : [named[1]]) {
    const framer = new Framer(delimiter);
    const framed = framer.push(bytes.subarray(start));
    const whole = framed.frames.length > 0 || !isWhole ? framed : framer.end();
    const [record] = toRecords({ ...whole, frames: whole.frames.slice(0, 1) }, delimiter, start);
    if (record === undefined) {
      // With another delimiter it may be another record.
      if (!isWhole) return undefined;
      continue;
    }
    const known = (record.fields ?? []).filter((field) => columnNames.includes(normalised(field))).length;
    if (known <= most) continue;
    most = known;
    const [next, afterNext] = bytes.subarray(record.end, record.end + 2);
    const lineBreak = next === undefined ? 0 : next === CR && afterNext === LF ? 2 : 1;
    const lines = record.line + countLineBreaks(record.raw, 0, record.raw.length) + 1;
    best = {
      record,
      header: {
        delimiter,
        fields: record.fields ?? [],
        end: record.end + lineBreak,
        lines: lines + (named === null ? 0 : 1),
      },
    };
  }
  return best;
}

/** A column's name as names are compared. */
function normalised(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

export interface MatchedHeader {
  /** For each column of the contract, its position in the file. */
  readonly columns: readonly number[];
  readonly ignored: readonly string[];
}

/**
 * Finds the contract's columns in a header, in any order and case.
 * @param fields the header's fields, without a byte order mark.
 * @param place the object, for messages.
 * @throws HeaderError that names each column which is missing or stands twice, and what was probably meant.
 */
export function matchHeader(fields: readonly string[], place: string): MatchedHeader {
  const names = fields.map(normalised);
  const unknown = fields.filter((_, index) => !columnNames.includes(names[index] ?? ''));
  const problems: string[] = [];
  const columns = columnNames.map((name) => {
    const positions = names.flatMap((candidate, index) => (candidate === name ? [index] : []));
    if (positions.length > 1) {
      problems.push(`the column "${name}" stands ${positions.length} times; keep one`);
    }
    if (positions.length === 0) problems.push(`the column "${name}" is missing${suggestion(name, unknown)}`);
    return positions[0] ?? -1;
  });
  if (problems.length > 0) {
    throw new HeaderError(`The header of ${place} does not fit: ${problems.join('; ')}.`);
  }
  return { columns, ignored: unknown.slice(0, MAX_IGNORED).map((name) => name.trim().slice(0, MAX_NAME)) };
}

/** Names the unknown column that is spelt nearly like a missing one; anything further off could be data. */
function suggestion(name: string, unknown: readonly string[]): string {
  if (unknown.length === 0) return '';
  const byName = new Map(unknown.map((field) => [normalised(field), field.trim()]));
  const nearest = closest(name, [...byName.keys()]);
  return isMisspelt(name, nearest) ? ` (is it the one called "${byName.get(nearest)}"?)` : '';
}

/** Whether a name is another one with a letter or so wrong, or with its letters in another order. */
function isMisspelt(name: string, other: string): boolean {
  const letters = (text: string): string => [...text].sort().join('');
  return (
    letters(name) === letters(other) || distance(name, other) <= Math.max(1, Math.floor(name.length / 3))
  );
}

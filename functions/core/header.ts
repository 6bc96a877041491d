/** Reads a file's header, and matches it with the row contract. */

import { closest, distance } from 'fastest-levenshtein';
import { columnNames, FAULTS } from './check.ts';
import { HeaderError } from './errors.ts';
import { countLineBreaks, Framer } from './framing.ts';
import { toRecords } from './records.ts';

const [LF, CR] = [0x0a, 0x0d];

/** Names of unknown columns that are reported, and characters of each. */
const [MAX_IGNORED, MAX_NAME] = [20, 64];

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export interface Header {
  readonly fields: readonly string[];
  /** Byte behind the header's line break. */
  readonly end: number;
  /** Physical lines up to there. */
  readonly lines: number;
}

/**
 * Reads the first record, and no more of the stream than that takes.
 * @param stream the file from its first byte on.
 * @param place the object, for messages.
 * @throws HeaderError when there is none, or it is not sound CSV in UTF-8.
 */
export async function readHeader(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  delimiter: string,
  place: string,
): Promise<Header> {
  const framer = new Framer(delimiter);
  let first = Buffer.alloc(0);
  let markBytes: number | undefined;
  const take = (framed: ReturnType<Framer['push']>): Header | undefined => {
    const [record] = toRecords({ ...framed, frames: framed.frames.slice(0, 1) }, delimiter, markBytes ?? 0);
    if (record === undefined) return undefined;
    if (record.fields === undefined || record.fault !== undefined) {
      throw new HeaderError(`The header of ${place} ${FAULTS[record.fault ?? 'stray_quote'].reason}.`);
    }
    const behind = record.end - (markBytes ?? 0) - framed.offset;
    const [next, afterNext] = framed.bytes.subarray(behind, behind + 2);
    const lineBreak = next === undefined ? 0 : next === CR && afterNext === LF ? 2 : 1;
    return {
      fields: record.fields,
      end: record.end + lineBreak,
      lines: record.line + countLineBreaks(record.raw, 0, record.raw.length) + 1,
    };
  };
  for await (const bytes of stream) {
    let fresh: Buffer = bytes;
    if (markBytes === undefined) {
      first = Buffer.concat([first, bytes]);
      if (first.length < BYTE_ORDER_MARK.length) continue;
      markBytes = first.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
        ? BYTE_ORDER_MARK.length
        : 0;
      fresh = first.subarray(markBytes);
    }
    const header = take(framer.push(fresh));
    if (header !== undefined) return header;
  }
  const header = (markBytes === undefined ? take(framer.push(first)) : undefined) ?? take(framer.end());
  if (header !== undefined) return header;
  throw new HeaderError(
    `${place} is empty: it has not even a header. It needs the columns ${columnNames.join(', ')}.`,
  );
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
  const names = fields.map((field) => field.trim().toLowerCase());
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
  const byName = new Map(unknown.map((field) => [field.trim().toLowerCase(), field.trim()]));
  const nearest = closest(name, [...byName.keys()]);
  return distance(name, nearest) <= Math.max(1, Math.floor(name.length / 3))
    ? ` (is it the one called "${byName.get(nearest)}"?)`
    : '';
}

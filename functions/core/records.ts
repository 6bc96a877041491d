/** Reads records: {@link Framer} cuts the bytes into whole records, csv-parse takes these apart into fields. */

import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { type FrameFault, Framer } from './framing.ts';

/** How a record breaks the rules of the format. */
export type RecordFault = FrameFault | 'invalid_encoding';

/** One record of a file. */
export interface CsvRecord {
  /** Byte of the file at which the record starts, and the one behind its end; without the line break. */
  readonly start: number;
  readonly end: number;
  /** Physical lines before the record, counted from where reading started. */
  readonly line: number;
  /** The record as it stands in the file, without its line break. */
  readonly raw: Buffer;
  /** Absent when a fault leaves it open where they begin and end. */
  readonly fields?: readonly string[];
  readonly fault?: RecordFault;
}

/** Parses whole records, one after the other in `bytes`, into their fields. */
export function parseFields(bytes: Buffer, delimiter: string): string[][] {
  return parse(bytes, {
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
}

/**
 * Yields the records of a stream of bytes, some at a time, and at the end tells how many lines there were.
 * @param start byte of the file at which the stream begins; a record begins there.
 */
export async function* readRecords(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  delimiter: string,
  start: number,
): AsyncGenerator<readonly CsvRecord[], { readonly lines: number }> {
  const framer = new Framer(delimiter);
  for await (const bytes of stream) {
    const records = toRecords(framer.push(bytes), delimiter, start);
    if (records.length > 0) yield records;
  }
  const records = toRecords(framer.end(), delimiter, start);
  if (records.length > 0) yield records;
  return { lines: framer.lines };
}

/** Takes framed records apart into fields. */
export function toRecords(
  { bytes, offset, frames }: ReturnType<Framer['push']>,
  delimiter: string,
  streamStart: number,
): CsvRecord[] {
  const position = streamStart + offset;
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined) return [];

  // Nearly always the whole block is sound, and one look at it is enough.
  const blockIsUtf8 = isUtf8(bytes.subarray(first.start, last.end));
  const records: CsvRecord[] = [];
  let runStart = 0;
  const closeRun = (runEnd: number): void => {
    const from = frames[runStart];
    const to = frames[runEnd - 1];
    if (from === undefined || to === undefined || runStart === runEnd) return;
    const parsed = parseFields(bytes.subarray(from.start, to.end), delimiter);
    if (parsed.length !== runEnd - runStart) {
      throw new Error(
        `The parser found ${parsed.length} records where ${runEnd - runStart} were framed, at byte ${position + from.start}.`,
      );
    }
    for (const [index, fields] of parsed.entries()) {
      const frame = frames[runStart + index];
      if (frame !== undefined)
        records.push({ ...place(frame), fields, ...(frame.fault && { fault: frame.fault }) });
    }
  };
  const place = (frame: (typeof frames)[number]) => ({
    start: position + frame.start,
    end: position + frame.end,
    line: frame.line,
    raw: bytes.subarray(frame.start, frame.end),
  });

  for (const [index, frame] of frames.entries()) {
    const fault =
      frame.fault ??
      (blockIsUtf8 || isUtf8(bytes.subarray(frame.start, frame.end))
        ? undefined
        : ('invalid_encoding' as const));
    if (fault === undefined || fault === 'bare_quote') continue;
    closeRun(index);
    records.push({ ...place(frame), fault });
    runStart = index + 1;
  }
  closeRun(frames.length);
  return records;
}

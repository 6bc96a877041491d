/**
 * Finds where records begin and end in a stream of bytes, without parsing their fields. It provides what a field parser
 * cannot: the byte and physical line of each record, cuts between records, a size limit, and recovery after a broken
 * record.
 *
 * The rules are those of RFC 4180, with LF, CRLF or CR as a line break. A field is quoted if a quote is its first
 * character. Inside it a quote is doubled, and the field ends after the closing quote. A record whose quoted fields
 * break these rules ends with its *first physical line*, and framing continues on the next line. One stray quote
 * therefore costs one line, never the rest of the file.
 *
 * Cutting a file into chunks relies on one consequence: framing from any reported boundary yields the same boundaries
 * after it.
 */

import { NotCsvError } from '../errors.ts';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/**
 * Maximum size of a record in bytes: that of a DynamoDB item.
 * Source: 400 KB per item, "Service, account, and table quotas" in the DynamoDB developer guide.
 */
export const MAX_RECORD_BYTES = 400 * 1024;

/** Bytes without a line break, after a record that is too long, at which the file is refused. */
const MAX_SKIPPED_BYTES = 64 * 1024 * 1024;

/** How a record breaks the rules of RFC 4180. */
export type FrameFault =
  /** A quote in an unquoted field. The end of the record and its fields are still certain. */
  | 'bare_quote'
  /** Text after the closing quote of a field. */
  | 'stray_quote'
  /** A quoted field that opens on the record's first line and has no valid end there or later. */
  | 'unclosed_quote'
  | 'record_too_long';

/** The position of a record. */
export interface Frame {
  /** Byte of the record's first character, counted in {@link Frames.bytes}. */
  readonly start: number;
  /** Byte after the record's last character, without the line break. */
  readonly end: number;
  /** Physical lines in front of the record, counted from where the framer started. */
  readonly line: number;
  readonly fault: FrameFault | undefined;
}

/** Consecutive records. */
export interface Frames {
  readonly bytes: Buffer;
  /** Byte of `bytes[0]`, counted from where the framer started. */
  readonly offset: number;
  readonly frames: readonly Frame[];
}

/** The end of a record, the fault that leaves it without one, or `more` when more bytes are needed. */
type Scan =
  | { readonly end: number; readonly fault: 'bare_quote' | undefined }
  | { readonly end?: never; readonly fault: 'stray_quote' | 'unclosed_quote' }
  | 'more';

/** Cuts a stream into records. Holds at most one record and the bytes of the last call. */
export class Framer {
  readonly #delimiter: number;
  readonly #stop: number;
  #rest: Buffer = Buffer.alloc(0);
  #offset = 0;
  #line = 0;
  /** Whether the position is inside a line that was rejected as too long, and the bytes of it skipped since. */
  #skipping = false;
  #skipped = 0;
  /**
   * Field starts that scans of multi-line records have visited, and the last of these. From a field start every scan
   * continues the same way, whatever record it began with. Without them, a file in which no record ends would be
   * scanned up to the size limit for every line.
   */
  readonly #fieldStarts = new Set<number>();
  #frontier = -1;
  #lastBare = -1;

  /**
   * @param delimiter one ASCII character.
   * @param stop byte, counted from where the framer starts, at or after which no record may begin.
   */
  constructor(delimiter: string, stop = Number.POSITIVE_INFINITY) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#stop = stop;
  }

  /** Byte after all returned records and their line breaks, counted from where the framer started. */
  get position(): number {
    return this.#offset;
  }

  /** Whether a record may begin at {@link position}: false within a line that is too long. */
  get atBoundary(): boolean {
    return !this.#skipping;
  }

  /** Line breaks so far, plus one for a last line without a line break. */
  get lines(): number {
    return this.#line;
  }

  /** Takes the next bytes and returns the records that they complete. */
  push(bytes: Buffer): Frames {
    return this.#frame(this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]), false);
  }

  /** Returns the last record, if it has no line break. */
  end(): Frames {
    return this.#frame(this.#rest, true);
  }

  #frame(bytes: Buffer, final: boolean): Frames {
    const frames: Frame[] = [];
    const length = bytes.length;
    const find = (byte: number, from: number): number => {
      const at = bytes.indexOf(byte, from);
      return at === -1 ? Number.POSITIVE_INFINITY : at;
    };
    let [lf, cr, quote] = [-1, -1, -1];
    let position = 0;

    while (position < length && (this.#skipping || this.#offset + position < this.#stop)) {
      if (lf < position) lf = find(LF, position);
      if (cr < position) cr = find(CR, position);
      if (quote < position) quote = find(QUOTE, position);
      const lineEnd = Math.min(lf, cr, length);
      const lineIsWhole = lineEnd < length ? final || bytes[lineEnd] !== CR || lineEnd + 1 < length : final;
      const afterLine = lineEnd + (bytes[lineEnd] === CR && bytes[lineEnd + 1] === LF ? 2 : 1);

      if (this.#skipping) {
        this.#skipped += lineEnd - position;
        if (this.#skipped > MAX_SKIPPED_BYTES) {
          throw new NotCsvError(
            `A line is longer than ${MAX_SKIPPED_BYTES} bytes. The file is damaged or is not a CSV file.`,
          );
        }
        if (!lineIsWhole) {
          position = lineEnd;
          break;
        }
        this.#skipping = false;
        this.#skipped = 0;
        this.#line += 1;
        position = Math.min(afterLine, length);
        continue;
      }

      let fault: FrameFault | undefined;
      if (quote < lineEnd) {
        const scan = this.#scanQuoted(bytes, position, lineEnd, final);
        const end = scan === 'more' ? length : scan.end;
        const isTooLong = end !== undefined && end - position > MAX_RECORD_BYTES;
        if (scan === 'more' && !isTooLong) break;
        if (scan !== 'more' && scan.end !== undefined && !isTooLong) {
          const { end } = scan;
          this.#fieldStarts.clear();
          // The line break after a quoted record may be in the next bytes.
          if (!final && (end === length || (bytes[end] === CR && end + 1 === length))) break;
          frames.push({ start: position, end, line: this.#line, fault: scan.fault });
          this.#line += 1 + (lineEnd < end ? countLineBreaks(bytes, position, end) : 0);
          position = Math.min(end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1), length);
          continue;
        }
        fault = isTooLong || scan === 'more' ? 'unclosed_quote' : scan.fault;
      }

      if (lineEnd - position > MAX_RECORD_BYTES) {
        // Where the line ends does not matter: the rest of it is skipped.
        const end = position + MAX_RECORD_BYTES;
        frames.push({ start: position, end, line: this.#line, fault: 'record_too_long' });
        this.#skipping = true;
        position = end;
        continue;
      }
      if (!lineIsWhole) break;
      if (lineEnd > position) {
        frames.push({ start: position, end: lineEnd, line: this.#line, fault });
      }
      this.#line += 1;
      position = Math.min(afterLine, length);
    }

    if (final && this.#skipping) {
      // The file ends within the line that is too long.
      this.#skipping = false;
      this.#line += 1;
    }
    const offset = this.#offset;
    // A copy, because the bytes of a stream may be a small part of a large block of memory.
    this.#rest = Buffer.from(bytes.subarray(position));
    this.#offset += position;
    return { bytes, offset, frames };
  }

  /** Scans the fields of the record at `start`, whose first line ends at `lineEnd` and contains a quote. */
  #scanQuoted(bytes: Buffer, start: number, lineEnd: number, final: boolean): Scan {
    const length = bytes.length;
    const delimiter = this.#delimiter;
    let position = start;
    // A fault after the first line is blamed on a quote opened on the first line, even where the rest of the file shows
    // otherwise. The result is then the same for a chunk that ends after that line.
    const fault = (at: number): Scan => ({ fault: at > lineEnd ? 'unclosed_quote' : 'stray_quote' });
    let bare: 'bare_quote' | undefined;
    if (this.#offset + start > this.#frontier || this.#fieldStarts.size > MAX_RECORD_BYTES)
      this.#fieldStarts.clear();
    for (;;) {
      const field = this.#offset + position;
      if (this.#fieldStarts.has(field)) {
        if (this.#lastBare >= field) bare = 'bare_quote';
        position = this.#frontier - this.#offset;
        if (position - start > MAX_RECORD_BYTES) return { fault: 'unclosed_quote' };
      } else if (position > lineEnd) {
        this.#fieldStarts.add(field);
        this.#frontier = field;
      }
      if (bytes[position] === QUOTE) {
        position += 1;
        for (;;) {
          const close = bytes.indexOf(QUOTE, position);
          if (close === -1) return final ? { fault: 'unclosed_quote' } : 'more';
          if (close - start > MAX_RECORD_BYTES) return { fault: 'unclosed_quote' };
          if (close + 1 === length && !final) return 'more';
          position = close + 1;
          if (bytes[position] !== QUOTE) break;
          position += 1;
        }
        const next = bytes[position];
        if (position >= length || next === LF || next === CR) return { end: position, fault: bare };
        if (next !== delimiter) return fault(position);
        position += 1;
      } else {
        for (;;) {
          if (position >= length) return final ? { end: length, fault: bare } : 'more';
          const byte = bytes[position];
          if (byte === LF || byte === CR) return { end: position, fault: bare };
          if (byte === QUOTE) {
            bare = 'bare_quote';
            this.#lastBare = this.#offset + position;
          }
          position += 1;
          if (byte === delimiter) break;
        }
      }
    }
  }
}

/** Line breaks in `bytes[start, end)`; a CRLF is one. */
export function countLineBreaks(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let position = start; position < end; position += 1) {
    const byte = bytes[position];
    if (byte === LF || (byte === CR && bytes[position + 1] !== LF)) count += 1;
  }
  return count;
}

/** Position in a line of the quote that opens a field and is not closed on the line; 0 if there is none. */
export function openQuote(line: Buffer, delimiter: string): number {
  for (let field = 0; ; ) {
    if (line[field] === QUOTE) {
      let close = line.indexOf(QUOTE, field + 1);
      while (close !== -1 && line[close + 1] === QUOTE) close = line.indexOf(QUOTE, close + 2);
      if (close === -1) return field;
    }
    const next = line.indexOf(delimiter, field);
    if (next === -1) return 0;
    field = next + 1;
  }
}

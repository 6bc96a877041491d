/**
 * Finds where records begin and end in a stream of bytes, without parsing their fields. It provides what a field parser
 * cannot: the byte and physical line of each record, cuts between records, a size limit, and recovery after a broken
 * record.
 *
 * The rules are those of RFC 4180, with LF, CRLF or CR as a line break; `record-scan.ts` has those about quotes. A record
 * that is too long is skipped up to its own end.
 *
 * Cutting a file into chunks relies on one consequence: framing from any reported boundary yields the same boundaries
 * after it.
 */

import { type Delimited, type Syntax, syntaxOf } from './dialect.ts';
import { MAX_SCANNED_BYTES, type QuoteFault, RecordScan, recordTooLong } from './record-scan.ts';

const LF = 0x0a;
const CR = 0x0d;

/** The last byte of a file that an old program wrote: end of file in CP/M and DOS. */
const END_OF_FILE = 0x1a;

/**
 * Maximum size of a record in bytes: that of a DynamoDB item.
 * Source: 400 KB per item, "Service, account, and table quotas" in the DynamoDB developer guide.
 */
export const MAX_RECORD_BYTES = 400 * 1024;

/** Bytes that are framed before their records are passed on. */
const BATCH_BYTES = 64 * 1024;

/** Bytes of a record from which on there is room for the longest one, so that it is not copied with each piece of it. */
const LONG_RECORD_BYTES = 1024 * 1024;

/** How a record breaks the rules of the format. */
export type FrameFault = QuoteFault | 'record_too_long';

/** The position of a record. */
export interface Frame {
  /** Byte of the record's first character, counted in {@link Frames.bytes}. */
  readonly start: number;
  /** Byte after the record's last character, without the line break. One that is too long is cut off. */
  readonly end: number;
  /** Physical lines in front of the record, counted from where the framer started. */
  readonly line: number;
  readonly fault: FrameFault | undefined;
  /** With `unclosed_quote`, the byte of that quote. */
  readonly quote?: number;
}

/** Consecutive records. */
export interface Frames {
  /** All bytes up to the end of the last record's line break. */
  readonly bytes: Buffer;
  /** Byte of `bytes[0]`, counted from where the framer started. */
  readonly offset: number;
  readonly frames: readonly Frame[];
}

/** Cuts a stream into records. Holds one record, or the bytes in which its end is looked for, and those of the last call. */
export class Framer {
  readonly #syntax: Syntax;
  readonly #scan: RecordScan;
  readonly #origin: number;
  readonly #stop: number;
  /** Bytes after the last record, at the start of a buffer that has room for more. */
  #rest: Buffer = Buffer.alloc(0);
  #room: Buffer = this.#rest;
  /** Whether the scan of a record goes on that starts at the first byte. */
  #isScanning = false;
  /** Bytes of the first line that have neither a line break nor a quote. */
  #searched = 0;
  #offset = 0;
  #line = 0;

  /**
   * @param origin byte of the file where the framer starts, for messages.
   * @param stop byte, counted from where the framer starts, at or after which no record may begin.
   */
  constructor(dialect: Delimited, origin = 0, stop = Number.POSITIVE_INFINITY) {
    this.#syntax = syntaxOf(dialect);
    this.#scan = new RecordScan(this.#syntax);
    this.#origin = origin;
    this.#stop = stop;
  }

  /** Byte after all returned records and their line breaks, counted from where the framer started. */
  get position(): number {
    return this.#offset;
  }

  /** Line breaks so far, plus one for a last line without a line break. */
  get lines(): number {
    return this.#line;
  }

  /**
   * Takes the next bytes and yields the records that they complete, at least once.
   * @throws NotCsvError if a record does not end within {@link MAX_SCANNED_BYTES}.
   */
  *push(bytes: Buffer): Generator<Frames, void> {
    yield* this.#frame(this.#rest.length === 0 ? bytes : this.#joined(bytes), false);
  }

  /** Yields the last record, if it has no line break. */
  *end(): Generator<Frames, void> {
    yield* this.#frame(this.#rest, true);
  }

  *#frame(all: Buffer, isFinal: boolean): Generator<Frames, void> {
    // An end-of-file byte counts only as the last byte of the file, so it is kept until more bytes follow.
    const bytes = all.at(-1) === END_OF_FILE ? all.subarray(0, -1) : all;
    const { length } = bytes;
    const base = this.#offset;
    const find = (byte: number, from: number): number => {
      const at = bytes.indexOf(byte, from);
      return at === -1 ? Number.POSITIVE_INFINITY : at;
    };
    let [lf, cr, quote] = [-1, -1, -1];
    let position = 0;
    let passedOn = 0;
    let frames: Frame[] = [];
    const batch = (): Frames => {
      this.#offset = base + position;
      const framed = { bytes: bytes.subarray(passedOn, position), offset: base + passedOn, frames };
      passedOn = position;
      frames = [];
      return framed;
    };

    while (position < length && base + position < this.#stop) {
      if (position - passedOn >= BATCH_BYTES) yield batch();
      let isComment = false;
      let end = -1;
      if (!this.#isScanning) {
        const from = position + this.#searched;
        this.#searched = 0;
        if (lf < from) lf = find(LF, from);
        if (cr < from) cr = find(CR, from);
        if (quote < from) quote = find(this.#syntax.quote, from);
        end = Math.min(lf, cr, length);
        isComment = this.#startsComment(bytes, position);
        if (quote < end && !isComment) {
          this.#isScanning = true;
          this.#scan.begin(position, this.#origin + base);
        }
      }
      const lineEnd = end;
      if (this.#isScanning) end = this.#scan.scan(bytes, isFinal) ?? length;
      const isWhole = isFinal || (end < length && (bytes[end] !== CR || end + 1 < length));
      if (!isWhole) {
        if (!this.#isScanning) this.#searched = end - position;
        if (length - position > MAX_SCANNED_BYTES) throw recordTooLong(this.#origin + base + position);
        break;
      }
      if (end > position && !isComment) frames.push(this.#frameOf(position, end, passedOn));
      this.#isScanning = false;
      this.#line += 1 + (end > lineEnd ? countLineBreaks(bytes, position, end) : 0);
      position = Math.min(end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1), length);
    }
    if (isFinal && position === length) position = all.length;
    yield batch();
    this.#keep(all, position);
  }

  /** The record at `start`, with positions counted from `from`. */
  #frameOf(start: number, end: number, from: number): Frame {
    const place = { start: start - from, line: this.#line };
    if (end - start > MAX_RECORD_BYTES)
      return { ...place, end: place.start + MAX_RECORD_BYTES, fault: 'record_too_long' };
    const { fault, opening } = this.#scan;
    const frame = { ...place, end: end - from, fault: this.#isScanning ? fault : undefined };
    return frame.fault === 'unclosed_quote' ? { ...frame, quote: opening - from } : frame;
  }

  #startsComment(bytes: Buffer, position: number): boolean {
    const { comments } = this.#syntax;
    return comments.length > 0 && bytes.subarray(position, position + comments.length).equals(comments);
  }

  /** The rest, followed by these bytes. */
  #joined(bytes: Buffer): Buffer {
    const { length } = this.#rest;
    const needed = length + bytes.length;
    if (this.#room.length < needed) {
      const wanted = length < LONG_RECORD_BYTES ? 2 * length : MAX_SCANNED_BYTES + LONG_RECORD_BYTES;
      this.#room = Buffer.allocUnsafe(Math.max(needed, wanted));
      this.#rest.copy(this.#room);
    }
    bytes.copy(this.#room, length);
    return this.#room.subarray(0, needed);
  }

  /** Keeps the bytes from `position` on. */
  #keep(bytes: Buffer, position: number): void {
    if (this.#isScanning) this.#scan.shift(position);
    if (position === 0 && bytes.buffer === this.#room.buffer && bytes.byteOffset === this.#room.byteOffset) {
      this.#rest = bytes;
      return;
    }
    // A copy, because the bytes of a stream may be a small part of a large block of memory.
    this.#rest = Buffer.from(bytes.subarray(position));
    this.#room = this.#rest;
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

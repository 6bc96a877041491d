/**
 * Finds the end of a record that has a quote on its first line.
 *
 * A field is quoted if a quote is its first character. Inside it a quote is doubled, and the field ends with a quote at
 * its edge: in front of a delimiter, a line break or the end of the file. A quote that is neither is misplaced, and the
 * record is rejected. Whether its cell goes on after a line break is decided by the next quote at the edge of a field:
 *
 * - If that quote closes a field, the cell was still open, and the record goes on.
 * - If it opens a field, the cell was never closed, and the record ends with the line on which it was opened.
 * - If there is none, the cell was never closed either.
 *
 * A line from inside a well-formed quoted cell is therefore never taken for a record, whatever precedes the cell in its
 * record. The decision depends only on the bytes from the start of the record on, and it is the same for a file that
 * ends where the next record starts.
 *
 * The time is linear: what is searched beyond the end of a record has no quote that opens a field, so no record in it is
 * searched beyond its end.
 */

import { NotCsvError } from '../errors.ts';
import type { Syntax } from './dialect.ts';

const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const BLANK = 0x20;

/** Maximum bytes of a record, and of the text in which the end of a cell is looked for: more is not a CSV file. */
export const MAX_SCANNED_BYTES = 64 * 1024 * 1024;

/** Bytes after a line break in which the end of a cell is looked for that has a misplaced quote. */
const MAX_DOUBTFUL_BYTES = 400 * 1024;

/** How a record breaks the rules of quoting. */
export type QuoteFault =
  /** A quote in an unquoted field. The end of the record and its fields are still certain. */
  | 'bare_quote'
  /** A quoted field that blanks precede. */
  | 'spaced_quote'
  /** A quote inside a quoted field that is neither doubled nor in front of a delimiter or line break. */
  | 'stray_quote'
  /** A quoted field that is never closed. */
  | 'unclosed_quote';

/** The error about a record that is longer than {@link MAX_SCANNED_BYTES}. */
export function recordTooLong(start: number): NotCsvError {
  return new NotCsvError(
    `The row at byte ${start} does not end within ${MAX_SCANNED_BYTES} bytes. Check it for a quoted field that is not closed; if it has none, the file is damaged or is not a CSV file.`,
  );
}

/** What one step of a scan leads to: the end of the record, another step, or the need for more bytes. */
type Step = number | 'next' | 'more';

/** Scans one record at a time. All positions are those of the bytes that {@link scan} gets. */
export class RecordScan {
  /** The record's fault, once its end is known. */
  fault: QuoteFault | undefined;
  /** Where the quoted field opens that was scanned last. */
  opening = 0;
  readonly #syntax: Syntax;
  #origin = 0;
  #start = 0;
  #position = 0;
  /** End of the blanks at the start of the field, and of the quotes that follow, as far as they have been scanned. */
  #blanksEnd = 0;
  #quotesEnd = 0;
  #isFieldStart = true;
  #isInCell = false;
  /** Whether an odd number of misplaced quotes makes it uncertain that the cell is closed. */
  #isInDoubt = false;
  /** Whether no quote of the cell was misplaced before its first line break. */
  #isSound = true;
  /** The first line break of the cell; -1 until there is one. */
  #lineBreak = -1;
  /** Where the search for the first line break continues. */
  #searched = 0;

  constructor(syntax: Syntax) {
    this.#syntax = syntax;
  }

  /**
   * Starts with the record at this position.
   * @param origin byte of the file that has position 0, for messages.
   */
  begin(start: number, origin: number): void {
    this.#start = start;
    this.#origin = origin;
    this.#quotesEnd = start;
    this.#startField(start);
    this.fault = undefined;
    this.#isInCell = false;
    this.#isInDoubt = false;
  }

  /** Moves all positions when that many bytes have been dropped in front. */
  shift(bytes: number): void {
    this.#origin += bytes;
    this.#start -= bytes;
    this.#position -= bytes;
    this.#blanksEnd -= bytes;
    this.#quotesEnd -= bytes;
    this.#lineBreak = this.#lineBreak === -1 ? -1 : this.#lineBreak - bytes;
    this.#searched -= bytes;
    this.opening -= bytes;
  }

  /**
   * Continues with the bytes so far, which still have those of earlier calls at the same positions.
   * @param isFinal whether these are all bytes of the file.
   * @returns the byte after the record; undefined if more bytes are needed.
   * @throws NotCsvError if the record is longer than {@link MAX_SCANNED_BYTES}.
   */
  scan(bytes: Buffer, isFinal: boolean): number | undefined {
    for (;;) {
      const step = this.#isInCell ? this.#scanCell(bytes, isFinal) : this.#scanField(bytes, isFinal);
      if (typeof step === 'number') return step;
      if (step === 'next') continue;
      if (bytes.length - this.#start > MAX_SCANNED_BYTES) throw this.#tooLong();
      return undefined;
    }
  }

  /** Scans an unquoted field, or the opening quote of a quoted one. */
  #scanField(bytes: Buffer, isFinal: boolean): Step {
    const { quote, relaxQuotes, ltrim, delimiter } = this.#syntax;
    const { length } = bytes;
    if (this.#isFieldStart) {
      if (relaxQuotes && !ltrim) this.#blanksEnd = this.#position;
      else while (this.#isBlank(bytes[this.#blanksEnd])) this.#blanksEnd += 1;
      const opening = this.#blanksEnd;
      if (opening >= length && !isFinal) return 'more';
      if (bytes[opening] === quote) return this.#open(bytes, opening, isFinal);
      this.#isFieldStart = false;
    }
    let position = this.#position;
    for (; position < length; position += 1) {
      const byte = bytes[position];
      if (byte === LF || byte === CR) return this.#endLine(position);
      if (byte === quote && !relaxQuotes) this.fault ??= 'bare_quote';
      if (byte !== delimiter[0]) continue;
      const isDelimiter = this.#isDelimiter(bytes, position, isFinal);
      if (isDelimiter) {
        this.#startField(position + delimiter.length);
        return 'next';
      }
      if (isDelimiter === undefined) break;
    }
    this.#position = position;
    return isFinal ? length : 'more';
  }

  /** Opens a quoted field. */
  #open(bytes: Buffer, opening: number, isFinal: boolean): Step {
    const end = this.#endOfQuotes(bytes, opening);
    const isOpen = (end - opening) % 2 === 1;
    if (end >= bytes.length && !isFinal) return 'more';
    const isSpaced = opening > this.#position && !this.#syntax.ltrim;
    // With only a quote in an unquoted field, the fields would still be certain.
    if (isSpaced && (this.fault === undefined || this.fault === 'bare_quote')) this.fault = 'spaced_quote';
    this.opening = opening;
    if (isOpen) {
      this.#enterCell(end);
      return 'next';
    }
    const isEdge = this.#isEdge(bytes, end, isFinal);
    if (isEdge === undefined) return 'more';
    if (!isEdge) this.fault = 'stray_quote';
    this.#isFieldStart = false;
    this.#position = end;
    return 'next';
  }

  /** Scans a quoted field after its opening quote, up to the next quotes. */
  #scanCell(bytes: Buffer, isFinal: boolean): Step {
    const { length } = bytes;
    const quotes = this.#nextQuote(bytes);
    if (quotes === 'more') return isFinal ? this.#endUnclosed(length) : 'more';
    const found = quotes === -1 ? length : quotes;
    if (this.#lineBreak === -1) this.#lineBreak = this.#firstLineBreak(bytes, found);
    if (!this.#isSound && this.#lineBreak !== -1 && found - this.#lineBreak > MAX_DOUBTFUL_BYTES)
      return this.#endUnclosed(length);
    if (found - this.#start > MAX_SCANNED_BYTES) throw this.#tooLong();
    this.#position = found;
    if (quotes === -1) return isFinal ? this.#endUnclosed(length) : 'more';

    const end = this.#endOfQuotes(bytes, quotes);
    const isEdge = end >= length && !isFinal ? undefined : this.#isEdge(bytes, end, isFinal);
    if (isEdge === undefined) return 'more';
    const isDoubled = (end - quotes) % 2 === 0;
    if (isDoubled) {
      this.#position = end;
    } else if (isEdge) {
      // The field may have been closed already, by a quote that turns out to be a misplaced one.
      this.#isInDoubt &&= this.#lineBreak === -1;
      this.#isInCell = false;
      this.#isFieldStart = false;
      this.#position = end;
    } else if (!this.#opensField(bytes, quotes)) {
      this.#misplaced();
      this.#position = end;
    } else if (this.#lineBreak === -1) {
      this.#misplaced();
      this.opening = quotes;
      this.#enterCell(end);
    } else {
      return this.#endUnclosed(length);
    }
    return 'next';
  }

  #startField(position: number): void {
    this.#position = position;
    this.#blanksEnd = position;
    this.#isFieldStart = true;
  }

  #enterCell(position: number): void {
    this.#isInCell = true;
    this.#isSound = true;
    this.#lineBreak = -1;
    this.#searched = position;
    this.#position = position;
  }

  #misplaced(): void {
    if (this.fault !== 'unclosed_quote') this.fault = 'stray_quote';
    // What follows the line break is searched from any line of the cell, so it must not count.
    if (this.#lineBreak !== -1) return;
    this.#isInDoubt = !this.#isInDoubt;
    this.#isSound = false;
  }

  /** The end of a line outside quoted fields. If there is doubt about that, the cell may go on. */
  #endLine(position: number): Step {
    if (!this.#isInDoubt) return position;
    this.#enterCell(position);
    this.#isSound = false;
    this.#lineBreak = position;
    return 'next';
  }

  /** The end of a record whose cell is not closed: the cell's first line break. */
  #endUnclosed(length: number): number {
    if (this.#isSound) this.fault = 'unclosed_quote';
    return this.#lineBreak === -1 ? length : this.#lineBreak;
  }

  /** Position of the next quote that is not escaped; -1 if there is none so far, `more` if that is not yet known. */
  #nextQuote(bytes: Buffer): number | 'more' {
    const { quote, escape: escapes } = this.#syntax;
    const found = bytes.indexOf(quote, this.#position);
    if (escapes === quote) return found;
    let next = found;
    for (;;) {
      const escaped = bytes.subarray(0, next === -1 ? undefined : next).indexOf(escapes, this.#position);
      if (escaped === -1) return next;
      if (escaped + 1 >= bytes.length) return 'more';
      const isEscape = bytes[escaped + 1] === quote || bytes[escaped + 1] === escapes;
      this.#position = escaped + (isEscape ? 2 : 1);
      if (next !== -1 && next < this.#position) next = bytes.indexOf(quote, this.#position);
    }
  }

  /** The end of consecutive quotes: one quote, if it is not doubled inside a field. */
  #endOfQuotes(bytes: Buffer, start: number): number {
    const { quote, escape: escapes } = this.#syntax;
    if (escapes !== quote) return start + 1;
    let end = Math.max(start + 1, this.#quotesEnd);
    while (bytes[end] === quote) end += 1;
    this.#quotesEnd = end;
    return end;
  }

  /** The first line break of the cell in front of `end`; -1 if there is none. */
  #firstLineBreak(bytes: Buffer, end: number): number {
    for (let position = this.#searched; position < end; position += 1) {
      const byte = bytes[position];
      if (byte === LF || byte === CR) return position;
    }
    this.#searched = end;
    return -1;
  }

  /** Whether a field ends at this position; undefined if more bytes are needed to know. */
  #isEdge(bytes: Buffer, position: number, isFinal: boolean): boolean | undefined {
    if (position >= bytes.length) return isFinal ? true : undefined;
    const byte = bytes[position];
    return byte === LF || byte === CR || this.#isDelimiter(bytes, position, isFinal);
  }

  #isDelimiter(bytes: Buffer, position: number, isFinal: boolean): boolean | undefined {
    const { delimiter } = this.#syntax;
    for (let index = 0; index < delimiter.length; index += 1) {
      if (position + index >= bytes.length) return isFinal ? false : undefined;
      if (bytes[position + index] !== delimiter[index]) return false;
    }
    return true;
  }

  /** Whether a field starts in front of these quotes, or of the blanks in front of them. */
  #opensField(bytes: Buffer, quotes: number): boolean {
    const { delimiter } = this.#syntax;
    let start = quotes;
    while (start > this.#start && this.#isBlank(bytes[start - 1])) start -= 1;
    const before = bytes[start - 1];
    if (start === this.#start || before === LF || before === CR) return true;
    return (
      start - delimiter.length >= this.#start &&
      this.#isDelimiter(bytes, start - delimiter.length, true) === true
    );
  }

  #isBlank(byte: number | undefined): boolean {
    return (byte === BLANK || byte === TAB) && byte !== this.#syntax.delimiter[0];
  }

  #tooLong(): NotCsvError {
    return recordTooLong(this.#origin + this.#start);
  }
}

/** Reads the header of a file, and detects its delimiter, its encoding and how many fields its rows have. */

import { isAscii } from 'node:buffer';
import type { Dataset } from '../dataset/dataset.ts';
import type { Quoting } from '../dataset/file-format/quoting.ts';
import { listedNames, namesBySpelling, normalisedName } from '../dataset/names.ts';
import { isBlank } from '../dataset/row-kinds.ts';
import { HeaderError } from '../errors.ts';
import type { Encoding } from '../messages.ts';
import { FAULTS } from './check.ts';
import type { Delimited, Dialect } from './dialect.ts';
import { countLineBreaks, Framer, type Frames, MAX_RECORD_BYTES } from './framing.ts';
import { type Hint, hintFor, shownDelimiter } from './header/hint.ts';
import { type RowWidth, rowWidth } from './header/row-width.ts';
import { type CsvRecord, recordReader } from './records.ts';
import { isReport } from './report-columns.ts';

const CR = 0x0d;

/**
 * Bytes that are searched for a header, and whose rows show how many fields a row has: one window, which is read in any
 * case.
 */
const HEAD_BYTES = 64 * 1024;

/** Lines that are searched for a header, and rows whose fields are counted. */
const HEAD_LINES = 100;

/** Bytes after which a header that has not ended is taken as it is: it is too long, or a quote in it is never closed. */
const MAX_HEADER_BYTES = MAX_RECORD_BYTES + HEAD_BYTES;

/** The byte order mark of UTF-8. */
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * A first line that names the delimiter, as Excel accepts it. Programs that write all records alike enclose it in quotes,
 * or give it as many fields as the others.
 */
const SEPARATOR_LINE = /^("?)sep=([^\0"\r\n\x80-\xff])\1\2*(?:\r\n|\n|\r)/i;

export interface Header extends RowWidth {
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
  /** What to do about it, if it lacks columns. */
  readonly hint?: Hint;
}

/** The formats that a header may have. */
export interface HeaderOptions {
  readonly dataset: Pick<Dataset, 'columns'> & Partial<Pick<Dataset, 'header' | 'quoting'>>;
  /** Candidates; the delimiter that yields the most columns of the dataset wins. */
  readonly delimiters: readonly string[];
  /** Candidates; the first in which the header is valid text wins. */
  readonly encodings: readonly Encoding[];
}

/**
 * Reads the header, and no more of the stream than that needs, or than {@link HEAD_BYTES}.
 * @param stream the file from its first byte.
 * @param file the file's name for messages.
 * @throws HeaderError when the file has no header or its header is not valid CSV.
 */
export async function readHeader(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: HeaderOptions,
  file: string,
): Promise<Header> {
  let pieces: Buffer[] = [];
  let size = 0;
  let found: Candidate | undefined;
  for await (const piece of stream) {
    pieces.push(piece);
    size += piece.length;
    if (size < HEAD_BYTES) continue;
    pieces = [Buffer.concat(pieces)];
    found = findHeader(new Head(pieces, options, size > MAX_HEADER_BYTES), options, file);
    if (found !== undefined || size > MAX_HEADER_BYTES) break;
  }
  found ??= findHeader(new Head(pieces, options, true), options, file);
  if (found === undefined) {
    const names = options.dataset.columns.map(({ name }) => name);
    const needed = options.dataset.header === false ? 'rows with the columns' : 'a header with the columns';
    throw new HeaderError(`${file} is empty. It needs ${needed} ${listedNames(names)}.`);
  }
  const { record, header } = found;
  if (record?.fault !== undefined) {
    throw new HeaderError(`The header of ${file} ${FAULTS[record.fault].reason}.`);
  }
  return header;
}

interface Candidate {
  /** Undefined if the dataset's files have no header. */
  readonly record?: CsvRecord;
  readonly header: Header;
}

/** A record in the first encoding in which it is valid text, or else in the first encoding. */
export interface Decoded {
  readonly record: CsvRecord;
  readonly encoding: Encoding;
}

/** The first bytes of a file. */
export class Head {
  readonly bytes: Buffer;
  readonly hasBom: boolean;
  /** The delimiter that the first line names. */
  readonly named: string | undefined;
  /** Byte after the BOM and the line that names the delimiter. */
  readonly start: number;
  /** Whether no more bytes follow, or none are read. */
  readonly isWhole: boolean;
  readonly #encodings: readonly Encoding[];
  readonly #quoting: Quoting;

  constructor(
    pieces: readonly Buffer[],
    { encodings, dataset }: Pick<HeaderOptions, 'encodings' | 'dataset'>,
    isWhole: boolean,
  ) {
    const bytes = Buffer.concat(pieces);
    this.bytes = bytes;
    this.#quoting = dataset.quoting ?? {};
    this.isWhole = isWhole;
    this.hasBom = bytes.subarray(0, BOM.length).equals(BOM);
    const bomLength = this.hasBom ? BOM.length : 0;
    const line = SEPARATOR_LINE.exec(bytes.toString('latin1', bomLength, HEAD_BYTES));
    this.named = line?.[2];
    this.start = bomLength + (line?.[0].length ?? 0);
    // Only UTF-8 has this BOM; text that was rewritten from UTF-16 has it too.
    this.#encodings = this.hasBom ? ['utf-8'] : encodings;
  }

  /** Byte after the first `count` physical lines; undefined if there are fewer. */
  afterLines(count: number): number | undefined {
    let at = 0;
    for (let line = 0; line < count; line += 1) {
      const [lf, cr] = [this.bytes.indexOf(0x0a, at), this.bytes.indexOf(CR, at)];
      if (lf === -1 && cr === -1) return undefined;
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      at = end + (end === cr && lf === cr + 1 ? 2 : 1);
    }
    return at;
  }

  /** The first records that are not blank, at most `count`. */
  records(delimiter: string, start: number, count: number): Decoded[] {
    const [first = 'utf-8', ...others] = this.#encodings;
    const dialect = { ...this.#quoting, delimiter };
    const found: Decoded[] = [];
    for (const record of recordsIn(this.bytes, { ...dialect, encoding: first }, start, this.isWhole)) {
      const other = record.fault === 'invalid_encoding' ? this.#inOther(record, dialect, others) : undefined;
      const decoded = other ?? { record, encoding: first };
      if (isBlank(decoded.record.fields)) continue;
      found.push(decoded);
      if (found.length === count) return found;
    }
    return found;
  }

  /** Whether a record and its line break are within {@link HEAD_BYTES}, however many bytes were read. */
  holds({ end }: CsvRecord): boolean {
    return end + 2 <= HEAD_BYTES;
  }

  /**
   * The record in the first of other encodings in which it is valid. The delimiter may be other bytes in each of them, so
   * the record's fields are found again.
   */
  #inOther(
    { start, end, line }: CsvRecord,
    dialect: Delimited,
    encodings: readonly Encoding[],
  ): Decoded | undefined {
    for (const encoding of encodings) {
      const bytes = this.bytes.subarray(0, end);
      const [record] = recordsIn(bytes, { ...dialect, encoding }, start, true);
      if (record !== undefined && record.fault !== 'invalid_encoding')
        return { record: { ...record, fields: record.fields, line }, encoding };
    }
    return undefined;
  }
}

/** The records from `start` on. */
function* recordsIn(
  bytes: Buffer,
  dialect: Dialect,
  start: number,
  isWhole: boolean,
): Generator<CsvRecord, void> {
  const toRecords = recordReader(dialect, start);
  const framer = new Framer(dialect);
  const batches = function* (): Generator<Frames, void> {
    yield* framer.push(bytes.subarray(start));
    if (isWhole) yield* framer.end();
  };
  for (const batch of batches()) yield* toRecords(batch);
}

/** Finds the header with the delimiter that fits best; undefined while it may be incomplete, or if there is none. */
function findHeader(head: Head, options: HeaderOptions, file: string): Candidate | undefined {
  const { header: place = { skip: 0 } } = options.dataset;
  const delimiters = head.named === undefined ? options.delimiters : [head.named];
  // The report of an earlier load has a header of its own.
  const report = withHeader(head, delimiters, head.start, options, false);
  if (report !== undefined && isReport(report.header.fields)) return report;
  if (place === false) return withoutHeader(head, delimiters, options, file);
  const { skip = 0, find = false } = place;
  const start = head.afterLines(skip);
  if (start === undefined) {
    if (!head.isWhole) return undefined;
    throw new HeaderError(
      `${file} ends within the ${skip} lines that the dataset skips in front of the header. Correct the file, or header: { skip: ${skip} } in the dataset.`,
    );
  }
  if (skip === 0 && !find) return report;
  return withHeader(head, delimiters, Math.max(start, head.start), options, find);
}

function withHeader(
  head: Head,
  delimiters: readonly string[],
  start: number,
  { dataset, delimiters: declared }: HeaderOptions,
  find: boolean,
): Candidate | undefined {
  const names = namesBySpelling(dataset.columns);
  const required = dataset.columns.flatMap(({ name, required: isNeeded }) => (isNeeded ? [name] : []));
  const fitOf = ({ record: { fields = [], fault } }: Decoded): Fit => {
    if (fault !== undefined) return { columns: -1, isComplete: false };
    const known = new Set(fields.flatMap((field) => names.get(normalisedName(field)) ?? []));
    return { columns: known.size, isComplete: required.every((name) => known.has(name)) };
  };
  let best:
    | { readonly delimiter: string; readonly index: number; readonly records: readonly Decoded[] }
    | undefined;
  let most: Fit = { columns: -2, isComplete: false };
  for (const delimiter of delimiters) {
    const records = head.records(delimiter, start, 2 * HEAD_LINES);
    // The record may be a different one with another delimiter, so wait for more bytes.
    if (records.length === 0 && !head.isWhole) return undefined;
    const searched = find
      ? records.slice(0, HEAD_LINES).filter(({ record }, index) => index === 0 || head.holds(record))
      : records.slice(0, 1);
    const fits = searched.map(fitOf);
    const complete = fits.findIndex(({ isComplete }) => isComplete);
    const index =
      complete === -1 ? fits.reduce((top, each, at) => (isBetter(each, fits[top]) ? at : top), 0) : complete;
    const found = fits[index];
    // With the wrong delimiter, a quoted header is not even valid CSV.
    if (found === undefined || !isBetter(found, most)) continue;
    most = found;
    best = { delimiter, index, records };
  }
  const chosen = best?.records[best.index];
  if (best === undefined || chosen === undefined) return undefined;
  const { delimiter, index, records } = best;
  const { record, encoding } = chosen;
  const { fields = [] } = record;
  const [next, afterNext] = head.bytes.subarray(record.end, record.end + 2);
  const end = record.end + (next === undefined ? 0 : next === CR && afterNext === 0x0a ? 2 : 1);
  const rows = records.slice(index + 1, index + 1 + HEAD_LINES).filter((row) => head.holds(row.record));
  const hint =
    most.isComplete || record.fault !== undefined
      ? undefined
      : hintFor(
          head,
          { start, record, delimiter, columns: most.columns },
          { fitOf, declared, lines: HEAD_LINES, isSearched: find },
        );
  return {
    record,
    header: {
      delimiter,
      encoding,
      fields,
      end,
      lines: countLineBreaks(head.bytes, 0, end) + (next === undefined ? 1 : 0),
      hasBom: head.hasBom,
      isAscii: isAscii(record.raw),
      ...rowWidth(
        fields,
        rows.map(({ record: row }) => row),
      ),
      ...(hint !== undefined && { hint }),
    },
  };
}

/** How well a record fits as the header: how many of the dataset's columns it has, and whether it has all required. */
export interface Fit {
  readonly columns: number;
  readonly isComplete: boolean;
}

function isBetter(one: Fit, other: Fit | undefined): boolean {
  return other === undefined || one.columns > other.columns;
}

/** The format of a file without a header, whose columns are those of the dataset in their order. */
function withoutHeader(
  head: Head,
  delimiters: readonly string[],
  { dataset }: HeaderOptions,
  file: string,
): Candidate | undefined {
  const fields = dataset.columns.map(({ name }) => name);
  const fitting = (delimiter: string) => {
    const all = head.records(delimiter, head.start, HEAD_LINES);
    const rows = all.filter(({ record }, index) => index === 0 || head.holds(record));
    const found = rowWidth(
      fields,
      rows.map(({ record }) => record),
    );
    const count = rows.filter(({ record }) => record.fields?.length === found.width).length;
    return { delimiter, first: rows[0], found, count, share: count / rows.length };
  };
  const all = delimiters.map(fitting);
  if (all.some(({ first }) => first === undefined)) return undefined;
  const [best] = all.toSorted((one, other) => other.share - one.share || other.count - one.count);
  if (best?.first === undefined) return undefined;
  const { delimiter, first, found, count } = best;
  if (count === 0) {
    const { line, fault, fields: cells = [] } = first.record;
    const problem =
      fault === undefined
        ? `has ${cells.length} fields with ${shownDelimiter(delimiter)}, and the dataset has ${fields.length} columns`
        : FAULTS[fault].reason;
    throw new HeaderError(
      `${file} does not match the dataset, whose files have no header: line ${line + 1} ${problem}. Correct the file, or the dataset's columns, header or delimiter.`,
    );
  }
  return {
    header: {
      delimiter,
      encoding: first.encoding,
      fields,
      end: head.start,
      lines: countLineBreaks(head.bytes, 0, head.start),
      hasBom: head.hasBom,
      isAscii: true,
      ...found,
    },
  };
}

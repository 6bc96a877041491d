/** How the records of a file are written: its encoding, what separates fields, and what quotes and comments look like. */

import type { Quoting } from '../dataset/file-format/quoting.ts';
import type { Encoding } from '../messages.ts';

/** What is needed to find fields and records in bytes. */
export interface Delimited extends Quoting {
  readonly delimiter: string;
  /** UTF-8 unless it is named; all encodings have the same ASCII characters. */
  readonly encoding?: Encoding;
}

/** How the bytes of a file become fields. */
export interface Dialect extends Delimited {
  readonly encoding: Encoding;
}

/** A dialect in bytes, as it is looked for in a file. */
export interface Syntax {
  readonly delimiter: Buffer;
  readonly quote: number;
  /** The quote itself, unless the dialect has another character for it. */
  readonly escape: number;
  readonly relaxQuotes: boolean;
  readonly ltrim: boolean;
  /** Empty if there are no comments. */
  readonly comments: Buffer;
}

/** The bytes of a dialect. Files in other encodings are rewritten as UTF-8 before they are read. */
export function syntaxOf(dialect: Delimited): Syntax {
  const { delimiter, encoding, quote = '"', comments = '' } = dialect;
  const bytesOf = (text: string) => Buffer.from(text, encoding === 'windows-1252' ? 'latin1' : 'utf8');
  return {
    delimiter: bytesOf(delimiter),
    quote: quote.charCodeAt(0),
    escape: (dialect.escape ?? quote).charCodeAt(0),
    relaxQuotes: dialect.relaxQuotes ?? false,
    ltrim: dialect.ltrim ?? false,
    comments: bytesOf(comments),
  };
}

/** The dialect of UTF-8 text that is read with one character for each byte. */
export function bytewise(dialect: Delimited): Delimited {
  return { ...dialect, delimiter: Buffer.from(dialect.delimiter).toString('latin1') };
}

/** A field as it is written: in quotes if it would not be read back otherwise. */
export function written(field: string, { delimiter, quote = '"', ...dialect }: Delimited): string {
  const { comments, escape: escapes = quote } = dialect;
  const isPlain =
    !field.includes(delimiter) &&
    !field.includes(quote) &&
    !/[\r\n]/.test(field) &&
    !(comments !== undefined && field.startsWith(comments));
  if (isPlain) return field;
  const escaped = escapes === quote ? field : field.replaceAll(escapes, escapes + escapes);
  return quote + escaped.replaceAll(quote, escapes + quote) + quote;
}

/** A reader of the fields of a record whose quoting the framer has found to be valid. */
export function fieldSplitter(dialect: Delimited): (record: string) => string[] {
  const { delimiter, quote = '"', relaxQuotes = false, ltrim = false } = dialect;
  const escapes = dialect.escape ?? quote;
  const skipsBlanks = ltrim || !relaxQuotes;
  const isBlank = (at: string | undefined) => (at === ' ' || at === '\t') && at !== delimiter;
  const unescaped = (field: string): string => {
    if (!field.includes(escapes)) return field;
    if (escapes === quote) return field.replaceAll(quote + quote, quote);
    let text = '';
    for (let from = 0; ; ) {
      const at = field.indexOf(escapes, from);
      if (at === -1) return text + field.slice(from);
      const next = field[at + 1];
      const isEscape = next === quote || next === escapes;
      text += field.slice(from, at) + (isEscape ? next : escapes);
      from = at + (isEscape ? 2 : 1);
    }
  };
  const closing = (record: string, from: number): number => {
    let close = record.indexOf(quote, from);
    if (escapes === quote) {
      while (close !== -1 && record[close + 1] === quote) close = record.indexOf(quote, close + 2);
      return close;
    }
    for (let at = from; ; ) {
      const escaped = record.indexOf(escapes, at);
      if (escaped === -1 || (close !== -1 && escaped > close)) return close;
      const isEscape = record[escaped + 1] === quote || record[escaped + 1] === escapes;
      at = escaped + (isEscape ? 2 : 1);
      if (close < at) close = record.indexOf(quote, at);
    }
  };
  return (record) => {
    if (!record.includes(quote)) return record.split(delimiter);
    const fields: string[] = [];
    for (let from = 0; ; ) {
      let opening = from;
      if (skipsBlanks) while (isBlank(record[opening])) opening += 1;
      let end: number;
      if (record[opening] === quote) {
        const close = closing(record, opening + 1);
        if (close === -1) throw new Error('The framer accepted a record with an unclosed quote.');
        fields.push(unescaped(record.slice(opening + 1, close)));
        end = close + 1 < record.length ? close + 1 : -1;
      } else {
        end = record.indexOf(delimiter, from);
        fields.push(record.slice(from, end === -1 ? undefined : end));
      }
      if (end === -1) return fields;
      from = end + delimiter.length;
    }
  };
}

/**
 * Encodings of files. One in UTF-16, as Excel's "Unicode text" is, is rewritten in UTF-8 where packed files are
 * unpacked, so that everything behind it, the cutting above all, deals with encodings whose line breaks, quotes and
 * delimiters are the single bytes of ASCII. Windows-1252, as Excel's plain "CSV" is, is such a one: its records are
 * decoded when they are parsed.
 */

import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Bytes from which {@link detectEncoding} can tell the encoding: those of a few words of a header. */
export const DETECTION_BYTES = 64;

/** A byte that stands in no UTF-8 text, put where UTF-16 is broken: the row is rejected for it, and nothing replaced. */
const INVALID = Buffer.from([0xff]);

/**
 * The encoding of a text, by its byte order mark, or by the zero bytes that a header in UTF-16 has.
 * Source: "The byte order mark" and its use for detection, Unicode standard, chapter 23.8.
 * @param otherwise that it has if neither is there.
 */
export function detectEncoding(first: Buffer, otherwise: Encoding): Encoding {
  const [one, two, three] = first;
  if (one === 0xef && two === 0xbb && three === 0xbf) return 'utf-8';
  if (one === 0xff && two === 0xfe) return 'utf-16le';
  if (one === 0xfe && two === 0xff) return 'utf-16be';
  // Delimiters and most letters of a header have a zero byte; a damaged file in another encoding has few.
  const start = first.subarray(0, DETECTION_BYTES);
  const [high, low] = [zeros(start, 0), zeros(start, 1)];
  const enough = Math.max(2, start.length / 2 / 3);
  // Some characters have a zero for their other byte.
  if (high >= enough && low * 4 <= high) return 'utf-16be';
  if (low >= enough && high * 4 <= low) return 'utf-16le';
  return otherwise;
}

/** Zero bytes at every other place. */
function zeros(bytes: Buffer, from: 0 | 1): number {
  return bytes.filter((byte, position) => byte === 0 && position % 2 === from).length;
}

export function isUtf16(encoding: Encoding): boolean {
  return encoding === 'utf-16le' || encoding === 'utf-16be';
}

/** Rewrites a text in UTF-16 in UTF-8, and passes on any other; a byte order mark stays one. */
export async function* withoutUtf16(
  text: AsyncIterable<Buffer>,
  encoding: Encoding,
): AsyncGenerator<Buffer, void> {
  if (!isUtf16(encoding)) {
    yield* text;
    return;
  }
  let rest = Buffer.alloc(0);
  for await (const bytes of text) {
    const units = Buffer.concat([rest, bytes]);
    const end = wholeCharacters(units, encoding);
    rest = units.subarray(end);
    if (end > 0) yield encode(units.subarray(0, end), encoding);
  }
  // A byte too few, or half a character: whatever it was meant to be, the last row is not sound.
  if (rest.length > 0) yield INVALID;
}

/** Bytes up to which the units are whole, and so are the pairs of surrogates. */
function wholeCharacters(units: Buffer, encoding: Encoding): number {
  const end = units.length - (units.length % 2);
  if (end < 2) return end;
  const last = encoding === 'utf-16le' ? units.readUInt16LE(end - 2) : units.readUInt16BE(end - 2);
  return last >= 0xd800 && last < 0xdc00 ? end - 2 : end;
}

function encode(units: Buffer, encoding: Encoding): Buffer {
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(units);
  if (!text.includes('\uFFFD')) return Buffer.from(text);
  // U+FFFD is in the text itself, or stands for a surrogate without its other half.
  const littleEndian = encoding === 'utf-16le' ? units : Buffer.from(units).swap16();
  const parts = littleEndian
    .toString('utf16le')
    .split(/(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
  return Buffer.concat(
    parts.flatMap((part, index) => (index === 0 ? [Buffer.from(part)] : [INVALID, Buffer.from(part)])),
  );
}

/**
 * What the bytes 80 to 9F are in windows-1252; five of them are nothing. The others are what they are in latin1.
 * Source: the code page's table at unicode.org, cp1252.txt.
 */
const WINDOWS_1252 =
  '\u20AC\0\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\0\u017D\0\0\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\0\u017E\u0178';

/** Position of the first byte that is nothing in windows-1252; -1 if there is none. */
export function firstNot1252(bytes: Buffer): number {
  return bytes.findIndex((byte) => byte >= 0x80 && byte < 0xa0 && WINDOWS_1252[byte - 0x80] === '\0');
}

/** The bytes of a record, in UTF-8. A byte that is nothing in windows-1252 stays as it is, and so is not UTF-8 either. */
export function recordToUtf8(bytes: Buffer, encoding: Encoding): Buffer {
  if (encoding !== 'windows-1252' || isAscii(bytes)) return bytes;
  const parts: Buffer[] = [];
  let from = 0;
  const decode = (end: number): void => {
    const text = bytes.toString('latin1', from, end);
    parts.push(
      Buffer.from(text.replaceAll(/[\x80-\x9f]/g, (c) => WINDOWS_1252[c.charCodeAt(0) - 0x80] ?? c)),
    );
  };
  for (let bad = firstNot1252(bytes); bad !== -1; ) {
    decode(bad);
    parts.push(bytes.subarray(bad, bad + 1));
    from = bad + 1;
    const next = firstNot1252(bytes.subarray(from));
    bad = next === -1 ? -1 : from + next;
  }
  decode(bytes.length);
  return Buffer.concat(parts);
}

/**
 * Encodings of files. A file in UTF-16 (Excel's "Unicode text") or another encoding that is not UTF-8 is rewritten as
 * UTF-8 in the step that decompresses files. Later steps, which cut and parse the file, then only see encodings whose
 * line breaks, quotes and delimiters are single ASCII bytes. Windows-1252 (Excel's plain "CSV") is one of these: its
 * records are decoded when they are parsed.
 */

import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';
import type { Encoding, Format } from '../messages.ts';

/** Bytes that {@link detectEncoding} needs: a few words of a header. */
export const DETECTION_BYTES = 64;

/** A byte that is never valid in UTF-8. It marks bytes that are invalid in another encoding, so that the row is rejected instead of
 * altered. */
const INVALID = Buffer.from([0xff]);

/**
 * Detects the encoding of text by its byte order mark (BOM), or by the zero bytes of a UTF-16 header.
 * Source: "Byte Order Mark", Unicode standard, chapter 23.8.
 * @param fallback the encoding of text that has neither.
 */
export function detectEncoding(first: Buffer, fallback: Encoding): Encoding {
  const [one, two, three] = first;
  if (one === 0xef && two === 0xbb && three === 0xbf) return 'utf-8';
  if (one === 0xff && two === 0xfe) return 'utf-16le';
  if (one === 0xfe && two === 0xff) return 'utf-16be';
  // In UTF-16, delimiters and most letters of a header have a zero byte; a damaged file in another encoding has few.
  const start = first.subarray(0, DETECTION_BYTES);
  const [high, low] = [zeros(start, 0), zeros(start, 1)];
  const enough = Math.max(2, start.length / 2 / 3);
  // Some characters have zero as their other byte.
  if (high >= enough && low * 4 <= high) return 'utf-16be';
  if (low >= enough && high * 4 <= low) return 'utf-16le';
  return fallback;
}

/** Number of zero bytes at even (0) or odd (1) positions. */
function zeros(bytes: Buffer, from: 0 | 1): number {
  return bytes.filter((byte, position) => byte === 0 && position % 2 === from).length;
}

export function isUtf16(encoding: Encoding): boolean {
  return encoding === 'utf-16le' || encoding === 'utf-16be';
}

/** Whether a file in this encoding is rewritten as UTF-8 before it is cut and parsed. */
export function isRewritten(encoding: Encoding): boolean {
  return encoding !== 'utf-8' && encoding !== 'windows-1252';
}

/** How the bytes of a file are turned into text. */
export type Coding = Pick<Format, 'compression' | 'encoding'>;

/**
 * Whether a file can be read as it is. A compressed file, or one in an encoding other than UTF-8 and
 * windows-1252, is first rewritten into the reports bucket's working area, one object per chunk.
 */
export function isPlain({ compression, encoding }: Coding): boolean {
  return compression === 'none' && !isRewritten(encoding);
}

/** Rewrites text as UTF-8, unless it can be read as it is. A BOM stays a BOM. */
export function toUtf8(text: AsyncIterable<Buffer>, encoding: Encoding): AsyncIterable<Buffer> {
  if (!isRewritten(encoding)) return text;
  return isUtf16(encoding) ? utf16ToUtf8(text, encoding) : legacyToUtf8(text, encoding);
}

/**
 * U+FFFD in GB18030, the only one of these encodings that has it, and its neighbour. The text is decoded with either:
 * U+FFFD that is in the text itself differs, and U+FFFD in place of invalid bytes does not.
 */
const [REPLACEMENT, NEIGHBOUR] = ['\x84\x31\xa4\x37', '\x84\x31\xa4\x36'];

/**
 * Characters in place of invalid bytes. Node.js takes more bytes as valid in some encodings than the Encoding standard
 * does, and decodes them to control characters and characters for private use.
 */
const PLACEHOLDER = /\uFFFD/g;
const PLACEHOLDERS: Readonly<Record<string, RegExp>> = {
  big5: /[\uFFFD\x80-\x9f\uE000-\uF8FF]/g,
  'euc-jp': /[\uFFFD\x80-\x9f\uE000-\uF8FF]/g,
  'euc-kr': /[\uFFFD\x80-\x9f\uE000-\uF8FF]/g,
};

/**
 * Bytes that are decoded at a time, at least. Node.js 24 throws an error if a piece of fewer bytes than a character has
 * completes invalid bytes of the piece in front of it.
 */
const MIN_DECODED_BYTES = 16;

async function* legacyToUtf8(text: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer, void> {
  const placeholder = PLACEHOLDERS[encoding] ?? PLACEHOLDER;
  const decoder = new TextDecoder(encoding);
  const twin = encoding === 'gb18030' ? new TextDecoder(encoding) : undefined;
  const decode = (bytes: Buffer, stream: boolean): Buffer => {
    const decoded = decoder.decode(bytes, { stream });
    const neighbour = twin?.decode(
      Buffer.from(bytes.toString('latin1').replaceAll(REPLACEMENT, NEIGHBOUR), 'latin1'),
      { stream },
    );
    const parts: Buffer[] = [];
    let from = 0;
    for (const { index } of decoded.matchAll(placeholder)) {
      if (neighbour !== undefined && neighbour[index] !== decoded[index]) continue;
      parts.push(Buffer.from(decoded.slice(from, index)), INVALID);
      from = index + 1;
    }
    return Buffer.concat([...parts, Buffer.from(decoded.slice(from))]);
  };
  // The bytes at the end of a piece that may begin U+FFFD.
  let rest = Buffer.alloc(0);
  for await (const bytes of text) {
    const all = Buffer.concat([rest, bytes]);
    const end = all.toString('latin1', Math.max(0, all.length - REPLACEMENT.length + 1));
    const open = [3, 2, 1].find((length) => end.endsWith(REPLACEMENT.slice(0, length))) ?? 0;
    const whole = all.length < MIN_DECODED_BYTES ? 0 : all.length - open;
    rest = all.subarray(whole);
    if (whole > 0) yield decode(all.subarray(0, whole), true);
  }
  yield decode(rest, false);
}

async function* utf16ToUtf8(text: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer, void> {
  let rest = Buffer.alloc(0);
  for await (const bytes of text) {
    const units = Buffer.concat([rest, bytes]);
    const end = wholeCharacters(units, encoding);
    rest = units.subarray(end);
    if (end > 0) yield encode(units.subarray(0, end), encoding);
  }
  // The text ends in the middle of a character, so its last row is not valid.
  if (rest.length > 0) yield INVALID;
}

/** Number of leading bytes that hold whole units and whole surrogate pairs. */
function wholeCharacters(units: Buffer, encoding: Encoding): number {
  const end = units.length - (units.length % 2);
  if (end < 2) return end;
  const last = encoding === 'utf-16le' ? units.readUInt16LE(end - 2) : units.readUInt16BE(end - 2);
  return last >= 0xd800 && last < 0xdc00 ? end - 2 : end;
}

function encode(units: Buffer, encoding: Encoding): Buffer {
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(units);
  if (!text.includes('\uFFFD')) return Buffer.from(text);
  // U+FFFD is either in the text itself or replaces an unpaired surrogate.
  const littleEndian = encoding === 'utf-16le' ? units : Buffer.from(units).swap16();
  const parts = littleEndian
    .toString('utf16le')
    .split(/(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
  return Buffer.concat(
    parts.flatMap((part, index) => (index === 0 ? [Buffer.from(part)] : [INVALID, Buffer.from(part)])),
  );
}

/**
 * The characters of bytes 80 to 9F in windows-1252; \0 where a byte is undefined. All other bytes are as in latin1.
 * Source: the code page's table at unicode.org, cp1252.txt.
 */
const WINDOWS_1252 =
  '\u20AC\0\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\0\u017D\0\0\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\0\u017E\u0178';

/** Position of the first byte that is undefined in windows-1252; -1 if there is none. */
export function firstInvalid1252(bytes: Buffer): number {
  return bytes.findIndex((byte) => byte >= 0x80 && byte < 0xa0 && WINDOWS_1252[byte - 0x80] === '\0');
}

/** Converts a record to UTF-8. A byte that is undefined in windows-1252 is kept, and is then not valid UTF-8 either. */
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
  for (let bad = firstInvalid1252(bytes); bad !== -1; ) {
    decode(bad);
    parts.push(bytes.subarray(bad, bad + 1));
    from = bad + 1;
    const next = firstInvalid1252(bytes.subarray(from));
    bad = next === -1 ? -1 : from + next;
  }
  decode(bytes.length);
  return Buffer.concat(parts);
}

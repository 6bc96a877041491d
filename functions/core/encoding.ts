/**
 * Files in UTF-16, as Excel's "Unicode text" is. They are rewritten in UTF-8 where packed files are unpacked, so that
 * everything behind it, the cutting above all, deals with one encoding whose line breaks and quotes are single bytes.
 */

import { TextDecoder } from 'node:util';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Bytes from which {@link detectEncoding} can tell the encoding. */
export const DETECTION_BYTES = 4;

/** A byte that stands in no UTF-8 text, put where UTF-16 is broken: the row is rejected for it, and nothing replaced. */
const INVALID = Buffer.from([0xff]);

/**
 * The encoding of a text, by its byte order mark, or by the zero bytes that a header in UTF-16 has; UTF-8 if in doubt.
 * Source: "The byte order mark" and its use for detection, Unicode standard, chapter 23.8.
 */
export function detectEncoding(first: Buffer): Encoding {
  const [one, two, three, four] = first;
  if (one === 0xff && two === 0xfe) return 'utf-16le';
  if (one === 0xfe && two === 0xff) return 'utf-16be';
  if (one === 0 && two !== 0 && three === 0 && four !== 0) return 'utf-16be';
  if (one !== 0 && two === 0 && three !== 0 && four === 0) return 'utf-16le';
  return 'utf-8';
}

/** Rewrites a text in UTF-8; a byte order mark stays one. */
export async function* toUtf8(text: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer, void> {
  if (encoding === 'utf-8') {
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

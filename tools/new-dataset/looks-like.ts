/** Guesses the encoding of text that is neither UTF-8 nor UTF-16. */

import { isUtf8 } from 'node:buffer';

/** The encoding that bytes look like. */
export interface Likeness {
  /** As `TextDecoder` names it, which is how a dataset declares it. */
  readonly encoding: string;
  /** Whether there is so much text that another encoding is improbable. */
  readonly isSure: boolean;
}

/** The encodings that are considered: for each name of jschardet, that of `TextDecoder`. */
const ENCODINGS: Readonly<Record<string, string>> = {
  'Windows-1252': 'windows-1252',
  MacRoman: 'macintosh',
  'Windows-1250': 'windows-1250',
  'ISO-8859-2': 'iso-8859-2',
  'Windows-1251': 'windows-1251',
  'KOI8-R': 'koi8-r',
  IBM866: 'ibm866',
  MacCyrillic: 'x-mac-cyrillic',
  'Windows-1253': 'windows-1253',
  'Windows-1254': 'windows-1254',
  'Windows-1255': 'windows-1255',
  'Windows-1256': 'windows-1256',
  'Windows-1257': 'windows-1257',
  CP932: 'shift_jis',
  'EUC-JP': 'euc-jp',
  GB18030: 'gb18030',
  Big5: 'big5',
  CP949: 'euc-kr',
};

/** Begins text in ISO-2022-JP; source: RFC 1468. */
const ESCAPE = '\x1b$';

/** Bytes that are looked at: enough text for a guess, and little enough for it to take no time. */
const MAX_BYTES = 64 * 1024;

/** Characters outside ASCII from which a guess may be sure. */
const ENOUGH_CHARACTERS = 20;

/** How many times likelier than the next one an encoding must be. */
const CLEAR_LEAD = 2;

/** Confidence of jschardet below which text fits an encoding by chance. */
const LEAST_CONFIDENCE = 0.01;

/** Difference between shares of implausible characters that says nothing. */
const SAME_SHARE = 0.05;

/** What is expected of text that is not known to be anything else. */
const USUAL = 'windows-1252';

/**
 * Guesses the encoding of text.
 * @returns undefined if it is no encoding that a dataset can declare.
 */
export async function looksLike(bytes: Uint8Array): Promise<Likeness | undefined> {
  // Its bytes are ASCII; the escape sequences select other characters.
  if (Buffer.from(bytes).includes(ESCAPE)) return { encoding: 'iso-2022-jp', isSure: true };
  if (isUtf8(bytes)) return { encoding: 'utf-8', isSure: true };
  const start = bytes.subarray(0, MAX_BYTES);
  // Loading the library takes 80 ms, which only this needs.
  const { default: jschardet } = await import('jschardet');
  const detectEncodings = Object.keys(ENCODINGS);
  const candidates = jschardet
    .detectAll(start, { detectEncodings })
    .flatMap(({ encoding: name, confidence }) => {
      const encoding = ENCODINGS[name ?? ''];
      return encoding === undefined ? [] : [{ encoding, confidence, ...implausible(start, encoding) }];
    });
  const least = Math.min(...candidates.map(({ share }) => share));
  const [first, second] = candidates
    .filter(({ share }) => share <= least + SAME_SHARE)
    .sort((one, other) => weight(other) - weight(one));
  if (first === undefined) return undefined;
  const isClear = second === undefined || weight(first) > CLEAR_LEAD * weight(second);
  const { encoding, characters, confidence, share } = first;
  const isEnough = characters >= ENOUGH_CHARACTERS && share <= SAME_SHARE && confidence >= LEAST_CONFIDENCE;
  return { encoding, isSure: isClear && isEnough };
}

/** How likely a candidate is. What is usual is likelier than what few letters suggest. */
function weight({
  encoding,
  confidence,
}: {
  readonly encoding: string;
  readonly confidence: number;
}): number {
  return encoding === USUAL ? CLEAR_LEAD * confidence : confidence;
}

/** A sign that stands next to letters only where an encoding is wrong. */
const SIGN = String.raw`[^\p{L}\p{M}\p{N}\p{P}\p{Z}°©®™\x00-\x7f]`;

/** What text hardly ever has: unassigned characters, `aB`, signs next to letters, and scripts mixed within a word. */
const IMPLAUSIBLE = new RegExp(
  [
    String.raw`[\x80-\x9f\p{Co}\p{Cn}\uFFFD]`,
    String.raw`(?<=\p{Ll})\p{Lu}(?<=[^\0-\x7f])`,
    `(?<=\\p{L})${SIGN}|${SIGN}(?=\\p{L})`,
    String.raw`(?<=\p{Script=Latin})(?=\p{L})\P{Script=Latin}`,
    String.raw`(?<=(?=\p{L})\P{Script=Latin})\p{Script=Latin}`,
  ].join('|'),
  'gu',
);

/** How much of the text outside ASCII is implausible when it is decoded in an encoding. */
function implausible(
  bytes: Uint8Array,
  encoding: string,
): { readonly share: number; readonly characters: number } {
  const text = new TextDecoder(encoding).decode(bytes);
  const characters = text.match(/[^\0-\x7f]/g)?.length ?? 0;
  return { share: (text.match(IMPLAUSIBLE)?.length ?? 0) / Math.max(1, characters), characters };
}

/** The encodings that a dataset can declare: those that `TextDecoder` knows, by any of their names. */

import { inspect, TextDecoder } from 'node:util';
import { didYouMean } from '../names.ts';

/** One encoding, or UTF-8 with windows-1252 for the files that are not UTF-8. */
export type DeclaredEncodings = readonly [string] | readonly ['utf-8', 'windows-1252'];

/**
 * Names that are suggested instead of one that `TextDecoder` does not know.
 * Source: the names in the Encoding standard, encoding.spec.whatwg.org, and Windows' numbers of code pages.
 */
const SUGGESTED: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  'mac-roman': 'macintosh',
  ...Object.fromEntries(
    [
      ...[
        'utf-8',
        'utf-16le',
        'utf-16be',
        'shift_jis',
        'euc-jp',
        'iso-2022-jp',
        'gb18030',
        'gbk',
        'big5',
        'euc-kr',
      ],
      ...['windows-874', 'koi8-r', 'koi8-u', 'ibm866', 'macintosh', 'x-mac-cyrillic'],
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((digit) => `windows-125${digit}`),
      ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => `iso-8859-${part}`),
    ].map((name) => [name, name]),
  ),
};

/** The name that `TextDecoder` has for an encoding; undefined if it does not know it. */
export function encodingNamed(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** The encodings by the names that `TextDecoder` has for them. */
export function encodingNames([first, ...others]: readonly [string, ...string[]]): [string, ...string[]] {
  const named = (label: string): string => encodingNamed(label) ?? label;
  return [named(first), ...others.map(named)];
}

/** What is wrong with the declared encodings; undefined if nothing is. */
export function encodingsProblem(value: unknown): string | undefined {
  const labels: readonly unknown[] = Array.isArray(value) ? value : [];
  for (const label of labels) {
    if (typeof label === 'string' && encodingNamed(label) === undefined) return unknownEncoding(label);
  }
  const names = labels.map((label) => (typeof label === 'string' ? encodingNamed(label) : undefined)).join();
  if (names !== '' && (labels.length === 1 || names === 'utf-8,windows-1252')) return undefined;
  return `must be one encoding in brackets, such as ['shift_jis'], or ['utf-8', 'windows-1252'], not ${inspect(value, { maxArrayLength: 5, maxStringLength: 40, breakLength: Number.POSITIVE_INFINITY })}`;
}

function unknownEncoding(label: string): string {
  const name = label.trim().toLowerCase().slice(0, 40);
  if (/^utf-?7$/.test(name)) return 'has UTF-7, which is not supported; convert the files to UTF-8';
  const suggested = SUGGESTED[name];
  // A code page with another number is another one.
  const similar = /^cp\d+$/.test(name) ? '' : didYouMean(name, Object.keys(SUGGESTED));
  const hint = suggested === undefined ? similar : ` (it is "${suggested}" here)`;
  return `has the unknown encoding ${JSON.stringify(name)}${hint}; use a name that TextDecoder knows, or convert the files to UTF-8`;
}

/** Numbers as they are written in files, kept with all their digits. */

/** Digits that DynamoDB keeps of a number; source: "Data types", DynamoDB developer guide. */
export const MAX_DIGITS = 38;

/** Powers of ten of a number's first digit that DynamoDB accepts: 1E-130 to 9.99…E+125; source: as above. */
const [MIN_POWER, MAX_POWER] = [-130, 125];

/** Characters of a number; longer ones have more digits than are kept, or none but zeros to add to them. */
const MAX_CHARACTERS = 1_000;

/** What a decimal point may be. */
export const POINTS = ['.', ','] as const;

/** Where digits are grouped: `1,234,567`, or `12,34,567` as in India. */
export const GROUPS = ['thousands', 'indian'] as const;

/** How a negative number may be written beside `-12.50`: `(12.50)` or `12.50-`. */
export const NEGATIVES = ['parentheses', 'trailing'] as const;

export interface NumberFormat {
  /** The decimal point; `.` by default. */
  readonly point?: (typeof POINTS)[number];
  /** The character between groups of digits; nothing by default. A blank includes the no-break and the thin ones. */
  readonly grouping?: string;
  /** `thousands` by default. */
  readonly groups?: (typeof GROUPS)[number];
  /** Whether each number is followed by a percent sign: `12.5%` is 0.125. */
  readonly percent?: boolean;
  /** Signs or codes of currencies that are left out, in front of a number or after it. */
  readonly currency?: readonly string[];
  readonly negative?: (typeof NEGATIVES)[number];
  /** Whether the minus may be U+2212, and digits and signs may be full-width ones. */
  readonly unicode?: boolean;
}

/** Characters that are written in place of a grouping character. */
const ALIKE: Readonly<Record<string, string>> = { "'": "['\u2019]", ' ': '[ \u00A0\u2009\u202F]' };

/** A minus sign of its own, and full-width characters, as East Asian programs write them. */
const UNUSUAL = /[\u2212\uFF05\uFF08\uFF09\uFF0B-\uFF0E\uFF10-\uFF19]/g;

/** How far full-width characters are from those of ASCII. */
const FULL_WIDTH = 0xfee0;

/**
 * Makes a reader for numbers in a format. It returns the sign, the digits and the exponent as plain text with a point
 * and without groups, or undefined for a cell that is not in the format.
 * @throws RangeError when point and grouping are the same character, or groups are declared without what separates them;
 * its message follows the column's name.
 */
export function numberReader(format: NumberFormat): (cell: string) => string | undefined {
  const { point = '.', grouping, groups, percent = false, currency = [], negative, unicode = false } = format;
  if (point === grouping)
    throw new RangeError(`cannot have "${point}" as both the decimal point and the grouping`);
  if (grouping === undefined && groups !== undefined)
    throw new RangeError(`has groups, but no grouping such as ","`);
  const dot = escaped(point);
  const separator = grouping === undefined ? undefined : (ALIKE[grouping] ?? escaped(grouping));
  const first = groups === 'indian' ? String.raw`\d{1,2}(?:${separator}\d\d)*` : String.raw`\d{1,3}`;
  const last = String.raw`(?:${separator}\d{3})${groups === 'indian' ? '' : '+'}`;
  const grouped = separator === undefined ? '' : String.raw`|${first}${last}(?:${dot}\d*)?`;
  const exponent = percent ? '' : String.raw`(?:[eE][+-]?\d{1,6})?`;
  const pattern = new RegExp(String.raw`^[+-]?(?:\d+(?:${dot}\d*)?|${dot}\d+${grouped})${exponent}$`);
  const separators = separator === undefined ? undefined : new RegExp(separator, 'g');
  const plain = (cell: string): string | undefined => {
    if (!pattern.test(cell)) return undefined;
    const digits = separators === undefined ? cell : cell.replaceAll(separators, '');
    return point === '.' ? digits : digits.replace(',', '.');
  };
  const isBare = !percent && currency.length === 0 && negative === undefined;
  const read = isBare
    ? plain
    : (cell: string): string | undefined => {
        const bare = withoutSigns(cell, { percent, currency, negative });
        const number = bare === undefined ? undefined : plain(bare);
        return number !== undefined && percent ? `${number}e-2` : number;
      };
  return unicode ? (cell) => read(cell) ?? read(inAscii(cell)) : read;
}

function inAscii(cell: string): string {
  return cell.replaceAll(UNUSUAL, (character) =>
    character === '\u2212' ? '-' : String.fromCharCode(character.charCodeAt(0) - FULL_WIDTH),
  );
}

/** A number with at most a sign in front of it; undefined if it has two, or no percent sign where there must be one. */
function withoutSigns(
  cell: string,
  {
    percent,
    currency,
    negative,
  }: {
    readonly percent: boolean;
    readonly currency: readonly string[];
    readonly negative: NumberFormat['negative'];
  },
): string | undefined {
  let rest = withoutCurrency(cell, currency);
  const isEnclosed = negative === 'parentheses' && rest.startsWith('(') && rest.endsWith(')');
  if (isEnclosed) rest = rest.slice(1, -1);
  const isTrailing = negative === 'trailing' && rest.endsWith('-');
  if (isTrailing) rest = rest.slice(0, -1);
  const sign = /^[+-]/.exec(rest)?.[0] ?? '';
  rest = withoutCurrency(rest.slice(sign.length), currency);
  if (percent && !rest.endsWith('%')) return undefined;
  if (percent) rest = rest.slice(0, -1).trimEnd();
  const isNegative = isEnclosed || isTrailing;
  if (/^[+-]/.test(rest) || (isNegative && sign !== '')) return undefined;
  return (isNegative ? '-' : sign) + rest;
}

function withoutCurrency(text: string, currency: readonly string[]): string {
  const before = currency.find((each) => text.startsWith(each));
  if (before !== undefined) return text.slice(before.length).trimStart();
  const after = currency.find((each) => text.endsWith(each));
  return after === undefined ? text : text.slice(0, -after.length).trimEnd();
}

/** A character as a regular expression has it. */
export function escaped(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);
}

/** Numbers of up to 37 digits that have no shorter form. */
const SHORTEST = /^-?(?:[1-9]\d{0,18}|0(?=\.))(?:\.\d{0,17}[1-9])?$/;

/**
 * The shortest plain text of a number; with an exponent where it would have many zeros.
 * @param number as {@link numberReader} returns it.
 * @returns undefined when DynamoDB cannot keep all its digits.
 */
export function normalise(number: string): string | undefined {
  // Nearly all are; splitting one takes five times as long.
  if (SHORTEST.test(number)) return number;
  if (number.length > MAX_CHARACTERS) return undefined;
  const [, sign = '', mantissa = '', exponent = '0'] = /^([+-]?)([\d.]+)(?:[eE](.+))?$/.exec(number) ?? [];
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  let length = all.length;
  // A regular expression for zeros at the end would start again at each zero in front of them.
  while (all[length - 1] === '0') length -= 1;
  const digits = all.slice(0, length);
  if (digits === '') return '0';
  const minus = sign === '-' ? '-' : '';
  /** The number is 0.DIGITS times ten to this power. */
  const power = all.length - fraction.length + Number(exponent);
  if (digits.length > MAX_DIGITS || power - 1 < MIN_POWER || power - 1 > MAX_POWER) return undefined;
  if (power > MAX_DIGITS || power < 1 - MAX_DIGITS) {
    return `${minus}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}E${power - 1}`;
  }
  if (power <= 0) return `${minus}0.${'0'.repeat(-power)}${digits}`;
  return power >= digits.length
    ? minus + digits.padEnd(power, '0')
    : `${minus}${digits.slice(0, power)}.${digits.slice(power)}`;
}

/** Compares all digits of two numbers within DynamoDB's range; a JavaScript number has too few. */
export function compareNumbers(one: string, other: string): number {
  if (one === other) return 0;
  const difference = Number(one) - Number(other);
  if (difference !== 0) return difference;
  const [first, second] = [exact(one), exact(other)];
  const power = Math.min(first.power, second.power);
  const rest = scaled(first, power) - scaled(second, power);
  return rest === 0n ? 0 : rest < 0n ? -1 : 1;
}

interface Exact {
  readonly digits: bigint;
  /** Power of ten by which the digits are multiplied. */
  readonly power: number;
}

function exact(number: string): Exact {
  const [mantissa = '', exponent = '0'] = number.split(/e/i);
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), power: Number(exponent) - fraction.length };
}

function scaled({ digits, power }: Exact, to: number): bigint {
  return digits * 10n ** BigInt(power - to);
}

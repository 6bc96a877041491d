/** Numbers as they are written in files, kept with all their digits. */

/** Digits that DynamoDB keeps of a number; source: "Data types", DynamoDB developer guide. */
export const MAX_DIGITS = 38;

/** Powers of ten of a number's first digit that DynamoDB accepts: 1E-130 to 9.99…E+125; source: as above. */
const [MIN_POWER, MAX_POWER] = [-130, 125];

/** Characters of a number; longer ones have more digits than are kept, or none but zeros to add to them. */
const MAX_CHARACTERS = 1_000;

/** What a decimal point may be. */
export const POINTS = ['.', ','] as const;

/** What may separate groups of three digits; a blank includes the no-break ones. */
export const GROUPINGS = ['.', ',', "'", ' '] as const;

export interface NumberFormat {
  /** The decimal point; `.` by default. */
  readonly point?: (typeof POINTS)[number];
  /** What separates groups of three digits; nothing by default. */
  readonly grouping?: (typeof GROUPINGS)[number];
}

const GROUPING: Readonly<Record<(typeof GROUPINGS)[number], string>> = {
  '.': String.raw`\.`,
  ',': ',',
  "'": "['\u2019]",
  ' ': '[ \u00A0\u202F]',
};

/**
 * Makes a reader for numbers in a format. It returns the sign, the digits and the exponent as plain text with a point
 * and without groups, or undefined for a cell that is not in the format.
 * @throws RangeError when point and grouping are the same character; its message follows the column's name.
 */
export function numberReader({ point = '.', grouping }: NumberFormat): (cell: string) => string | undefined {
  if (point === grouping)
    throw new RangeError(`cannot have "${point}" as both the decimal point and the grouping`);
  const escaped = point === '.' ? String.raw`\.` : point;
  const plain = String.raw`\d+(?:${escaped}\d*)?|${escaped}\d+`;
  const separator = grouping === undefined ? '' : GROUPING[grouping];
  const grouped = grouping === undefined ? '' : String.raw`|\d{1,3}(?:${separator}\d{3})+(?:${escaped}\d*)?`;
  const pattern = new RegExp(String.raw`^[+-]?(?:${plain}${grouped})(?:[eE][+-]?\d{1,6})?$`);
  const separators = new RegExp(separator, 'g');
  return (cell) => {
    if (!pattern.test(cell)) return undefined;
    const digits = grouping === undefined ? cell : cell.replaceAll(separators, '');
    return point === '.' ? digits : digits.replace(',', '.');
  };
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

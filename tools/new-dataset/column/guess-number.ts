/** Guesses whether the cells of a column are numbers, and in which format. */

import {
  MAX_DIGITS,
  type NumberFormat,
  normalise,
  numberReader,
} from '../../../functions/core/dataset/numbers.ts';
import { Candidates } from './candidates.ts';
import { Signs } from './number-signs.ts';

/** A leading zero, as in codes. A number would lose it. */
const LEADING_ZERO = /^[+-]?0\d/;

/** A whole or decimal number with a leading zero. */
const CODE_WITH_ZERO = /^[+-]?0\d+(?:[.,]\d+)?$/;

/** A number with an exponent that may also be a code, such as 12E3. */
const CODE_WITH_E = /^[+-]?\d+e\d/i;

/** A phone number of at most 15 digits, with or without its plus sign; source: ITU-T E.164. */
const PHONE_NUMBER = /^\+?\d{7,15}$/;

/**
 * A number as spreadsheets show one of more than 11 digits: with six digits at most. The others are lost.
 * Source: "Number format codes", General, Excel's documentation.
 */
const SHORTENED = /^-?\d(?:[.,]\d{1,5})?E\+(?:1[1-9]|[2-9]\d)$/;

const DIGITS = /^[+-]?\d+$/;

/** A number with three decimal places, or one over a thousand. */
const AMBIGUOUS = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;

/** Cells without a decimal point whose separators certainly group thousands. */
const GROUPED: Readonly<Record<string, RegExp>> = {
  '.': /\..*\./,
  ',': /,.*,/,
  "'": /./,
  // A no-break space; with ordinary spaces it may be a phone number.
  ' ': /[\u00A0\u2009\u202F]/,
  _: /./,
};

/** A format, and what reads it. */
interface NumberReader {
  readonly format: NumberFormat;
  readonly read: (cell: string) => string | undefined;
  readonly separator: RegExp | undefined;
}

const SEPARATORS: Readonly<Record<string, RegExp>> = {
  '.': /\./,
  ',': /,/,
  "'": /['\u2019]/,
  ' ': /[ \u00A0\u2009\u202F]/,
  _: /_/,
};

function separatorOf({ grouping }: NumberFormat): RegExp | undefined {
  if (grouping === undefined) return undefined;
  return SEPARATORS[grouping];
}

/** Formats of a number, simplest first. */
const FORMATS: readonly NumberFormat[] = [
  {},
  { point: ',' },
  { grouping: ',' },
  { point: ',', grouping: '.' },
  { grouping: "'" },
  { point: ',', grouping: "'" },
  { grouping: ' ' },
  { point: ',', grouping: ' ' },
  { grouping: ',', groups: 'indian' },
  { grouping: '_' },
];

const READERS: readonly NumberReader[] = FORMATS.map((format) => ({
  format,
  read: numberReader(format),
  separator: separatorOf(format),
}));

export type NumberForm =
  | { readonly kind: 'integer'; readonly options: Omit<NumberFormat, 'point' | 'percent'> }
  | { readonly kind: 'decimal'; readonly options: NumberFormat };

export type NumberGuess =
  | {
      readonly form: NumberForm;
      /** Whether there is no decimal point, or one that cannot be a thousands separator. */
      readonly isPointProven: boolean;
      /** Whether all cells are 0 or 1. */
      readonly isBinary: boolean;
    }
  /** Numbers whose separators have more than one meaning. */
  | 'ambiguous'
  /** Whole numbers, some with an exponent, which may be codes. */
  | 'codes'
  /** Phone numbers, which would lose their plus sign. */
  | 'phone'
  /** Long numbers that a spreadsheet has shortened. */
  | 'shortened';

/** Takes the cells of a column, one at a time. */
export class NumberEvidence {
  readonly #formats = new Candidates(READERS.map((reader) => new FormatEvidence(reader)));
  readonly #signs = new Signs();
  #areBinary = true;
  #arePhoneNumbers = true;
  #hasPlus = false;
  #mayBeCodes = false;
  /** Number of cells that a spreadsheet has shortened. */
  shortened = 0;
  #withExponent = 0;
  /** Number of cells that would be numbers without their leading zeros. */
  leadingZeros = 0;
  hasTooManyDigits = false;

  /** The first cell that is not a number like the cells before it. */
  get broken() {
    return this.#formats.broken;
  }

  add(cell: string, line: number): void {
    if (CODE_WITH_ZERO.test(cell)) this.leadingZeros += 1;
    if (DIGITS.test(cell) && !isStorable(cell)) this.hasTooManyDigits = true;
    if (SHORTENED.test(cell)) this.shortened += 1;
    if (this.#formats.broken !== undefined) return;
    if (/e/i.test(cell)) this.#withExponent += 1;
    this.#areBinary &&= cell === '0' || cell === '1';
    this.#arePhoneNumbers &&= PHONE_NUMBER.test(cell);
    this.#hasPlus ||= cell.startsWith('+');
    // Most numbers are plain digits, which are the same in all formats.
    const isPlain = cell.length <= MAX_DIGITS && DIGITS.test(cell);
    const bare = isPlain ? cell : this.#signs.take(cell);
    this.#mayBeCodes ||= CODE_WITH_E.test(cell);
    const isNumber = bare !== undefined && !LEADING_ZERO.test(bare);
    this.#formats.add(line, (format) => isNumber && (isPlain || format.accepts(bare)));
  }

  /** The format of the cells before the break; undefined if there are none. */
  guess(): NumberGuess | undefined {
    if (this.#formats.cells === 0) return undefined;
    if (this.#arePhoneNumbers && this.#hasPlus) return 'phone';
    if (this.shortened > 0 && this.shortened === this.#withExponent) return 'shortened';
    const found = this.#formats.remaining.find((format) => format.isProven);
    if (found === undefined) return 'ambiguous';
    if (this.#mayBeCodes && !found.hasPoint) return 'codes';
    const { form, isPointProven } = found;
    const signs = this.#signs.options(this.#formats.cells);
    if (signs === undefined) return undefined;
    const isBinary = this.#areBinary;
    if (signs.percent) {
      return { form: { kind: 'decimal', options: { ...form.options, ...signs } }, isPointProven, isBinary };
    }
    const { percent: _none, ...others } = signs;
    return form.kind === 'decimal'
      ? { form: { kind: 'decimal', options: { ...form.options, ...others } }, isPointProven, isBinary }
      : { form: { kind: 'integer', options: { ...form.options, ...others } }, isPointProven, isBinary };
  }
}

/** The evidence for a number format, in cells that all fit it. */
class FormatEvidence {
  readonly #format: NumberFormat;
  readonly #read: NumberReader['read'];
  readonly #point: string;
  readonly #separator: RegExp | undefined;
  hasPoint = false;
  #hasFraction = false;
  #hasGroups = false;
  #isPointProven = false;
  #areGroupsProven = false;

  constructor({ format, read, separator }: NumberReader) {
    this.#format = format;
    this.#read = read;
    this.#point = format.point ?? '.';
    this.#separator = separator;
  }

  get isPointProven(): boolean {
    return this.#isPointProven || !this.hasPoint;
  }

  /** Whether every separator certainly has the meaning it has in this format. */
  get isProven(): boolean {
    const { point, grouping } = this.#format;
    if (grouping === undefined && point === undefined) return true;
    const isUsed = grouping === undefined ? this.hasPoint : this.#hasGroups && this.#areGroupsProven;
    return isUsed && this.isPointProven;
  }

  get form(): NumberForm {
    if (this.#hasFraction) return { kind: 'decimal', options: this.#format };
    const { point: _point, ...options } = this.#format;
    return { kind: 'integer', options };
  }

  /** Takes a cell if it fits the format. */
  accepts(cell: string): boolean {
    const number = this.#read(cell);
    if (number === undefined || !isStorable(number)) return false;
    const hasGroups = this.#separator?.test(cell) ?? false;
    if (hasGroups && /^[+-]?0/.test(cell)) return false;
    const hasPoint = cell.includes(this.#point);
    this.hasPoint ||= hasPoint;
    this.#hasFraction ||= hasPoint || /e/i.test(cell);
    if (hasPoint && (hasGroups || !AMBIGUOUS.test(cell))) this.#isPointProven = true;
    const { grouping } = this.#format;
    if (hasGroups && grouping !== undefined) {
      this.#hasGroups = true;
      if (hasPoint || GROUPED[grouping]?.test(cell)) this.#areGroupsProven = true;
    }
    return true;
  }
}

/** Whether DynamoDB stores all digits of a number. */
function isStorable(number: string): boolean {
  const isShort = number.length <= MAX_DIGITS && !/e/i.test(number);
  return isShort || normalise(number) !== undefined;
}

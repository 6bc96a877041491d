/** Finds out whether the cells of a column are numbers, and how they are written. */

import {
  MAX_DIGITS,
  type NumberFormat,
  normalise,
  numberReader,
} from '../../functions/core/dataset/numbers.ts';
import { Candidates } from './candidates.ts';

/** A zero before another digit, as codes have it; a number would lose it. */
const LEADING_ZERO = /^[+-]?0\d/;

/** A code with digits alone, or with a fraction, that begins so. */
const CODE_WITH_ZERO = /^[+-]?0\d+(?:[.,]\d+)?$/;

/** A cell with an exponent that may be a code just as well, such as 12E3. */
const CODE_WITH_E = /^[+-]?\d+e\d/i;

/** A phone number, as ITU-T's E.164 has it: up to 15 digits. */
const PHONE_NUMBER = /^\+\d{7,15}$/;

const DIGITS = /^[+-]?\d+$/;

/** What may be a number with a fraction of three digits, or one of more than a thousand. */
const AMBIGUOUS = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;

/** Whether groups without a point beside them are beyond doubt. */
const GROUPED: Readonly<Record<NonNullable<NumberFormat['grouping']>, RegExp>> = {
  '.': /\..*\./,
  ',': /,.*,/,
  "'": /./,
  // One that keeps a line from being broken; with plain blanks it may be a phone number.
  ' ': /[\u00A0\u202F]/,
};

/** Ways to write a number, the plainest first. */
const FORMATS: readonly NumberFormat[] = [
  {},
  { point: ',' },
  { grouping: ',' },
  { point: ',', grouping: '.' },
  { grouping: "'" },
  { point: ',', grouping: "'" },
  { grouping: ' ' },
  { point: ',', grouping: ' ' },
];

export type NumberForm =
  | { readonly kind: 'integer'; readonly options: Pick<NumberFormat, 'grouping'> }
  | { readonly kind: 'decimal'; readonly options: NumberFormat };

export type NumberGuess =
  | {
      readonly form: NumberForm;
      /** Whether there is no point, or one that cannot stand between groups. */
      readonly isPointProven: boolean;
      /** Whether there are 0 and 1 alone. */
      readonly isBinary: boolean;
    }
  /** They are numbers, but there is no telling which. */
  | 'ambiguous'
  /** Whole numbers, some of them with an exponent, which may be codes. */
  | 'codes'
  /** They would lose their plus sign. */
  | 'phone';

/** Takes the cells of a column, one after the other. */
export class NumberEvidence {
  readonly #formats = new Candidates(FORMATS.map((format) => new FormatEvidence(format)));
  #areBinary = true;
  #arePhoneNumbers = true;
  #mayBeCodes = false;
  /** Cells that are numbers but for zeros before other digits. */
  leadingZeros = 0;
  hasTooManyDigits = false;

  /** Where the cells ceased to be numbers, if they were. */
  get broken() {
    return this.#formats.broken;
  }

  add(cell: string, line: number): void {
    if (CODE_WITH_ZERO.test(cell)) this.leadingZeros += 1;
    if (DIGITS.test(cell) && !isKept(cell)) this.hasTooManyDigits = true;
    if (this.#formats.broken !== undefined) return;
    this.#areBinary &&= cell === '0' || cell === '1';
    this.#arePhoneNumbers &&= PHONE_NUMBER.test(cell);
    this.#mayBeCodes ||= CODE_WITH_E.test(cell);
    const hasLeadingZero = LEADING_ZERO.test(cell);
    // Nearly every number is a plain one, which is written alike in all formats.
    const isPlain = cell.length <= MAX_DIGITS && DIGITS.test(cell);
    this.#formats.add(line, (format) => !hasLeadingZero && (isPlain || format.accepts(cell)));
  }

  /** What the cells are up to where they ceased to be numbers; undefined if there were none. */
  guess(): NumberGuess | undefined {
    if (this.#formats.cells === 0) return undefined;
    if (this.#arePhoneNumbers) return 'phone';
    const found = this.#formats.left.find((format) => format.isProven);
    if (found === undefined) return 'ambiguous';
    if (this.#mayBeCodes && !found.hasPoint) return 'codes';
    const { form, isPointProven } = found;
    return { form, isPointProven, isBinary: this.#areBinary };
  }
}

/** What speaks for a way to write numbers in cells that are all written so. */
class FormatEvidence {
  readonly #format: NumberFormat;
  readonly #read: (cell: string) => string | undefined;
  readonly #point: string;
  readonly #separator: RegExp | undefined;
  hasPoint = false;
  #hasFraction = false;
  #hasGroups = false;
  #isPointProven = false;
  #areGroupsProven = false;

  constructor(format: NumberFormat) {
    const { point = '.', grouping } = format;
    this.#format = format;
    this.#read = numberReader(format);
    this.#point = point;
    if (grouping !== undefined) {
      this.#separator = { '.': /\./, ',': /,/, "'": /['\u2019]/, ' ': /[ \u00A0\u202F]/ }[grouping];
    }
  }

  get isPointProven(): boolean {
    return this.#isPointProven || !this.hasPoint;
  }

  /** Whether each character that is not a digit means beyond doubt what it means in this format. */
  get isProven(): boolean {
    const { point, grouping } = this.#format;
    if (grouping === undefined && point === undefined) return true;
    const isUsed = grouping === undefined ? this.hasPoint : this.#hasGroups && this.#areGroupsProven;
    return isUsed && this.isPointProven;
  }

  get form(): NumberForm {
    const { grouping } = this.#format;
    if (this.#hasFraction) return { kind: 'decimal', options: this.#format };
    return { kind: 'integer', options: grouping === undefined ? {} : { grouping } };
  }

  /** Takes a cell, if it is written so. */
  accepts(cell: string): boolean {
    const number = this.#read(cell);
    if (number === undefined || !isKept(number)) return false;
    const hasGroups = this.#separator?.test(cell) ?? false;
    if (hasGroups && /^[+-]?0/.test(cell)) return false;
    const hasPoint = cell.includes(this.#point);
    this.hasPoint ||= hasPoint;
    this.#hasFraction ||= hasPoint || /e/i.test(cell);
    if (hasPoint && (hasGroups || !AMBIGUOUS.test(cell))) this.#isPointProven = true;
    const { grouping } = this.#format;
    if (hasGroups && grouping !== undefined) {
      this.#hasGroups = true;
      if (hasPoint || GROUPED[grouping].test(cell)) this.#areGroupsProven = true;
    }
    return true;
  }
}

/** Whether DynamoDB keeps a number with all its digits. */
function isKept(number: string): boolean {
  const isShort = number.length <= MAX_DIGITS && !/e/i.test(number);
  return isShort || normalise(number) !== undefined;
}

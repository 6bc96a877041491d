/** What surrounds the digits of numbers: signs of currencies, percent signs, and unusual minus signs. */

import type { NumberFormat } from '../../../functions/core/dataset/numbers.ts';

/** Longer cells are not numbers with signs. */
const MAX_CHARACTERS = 60;

/** A sign or a code of a currency. */
const CURRENCY = String.raw`(?:US\$|\p{Sc}|CHF|EUR|GBP|JPY|USD|kr\.?|zł)`;

/** The code of a currency that is also written as a sign. */
const CODES: Readonly<Record<string, string>> = {
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  $: 'USD',
  US$: 'USD',
  'kr.': 'kr',
};

const [CURRENCY_BEFORE, CURRENCY_AFTER] = [
  new RegExp(`^([-+\u2212]?)(${CURRENCY})\\s?`, 'u'),
  new RegExp(`\\s?(${CURRENCY})$`, 'u'),
];

/** A minus of its own, and full-width signs and digits, as {@link NumberFormat.unicode} accepts them. */
const UNICODE = /[\u2212\uFF05\uFF08\uFF09\uFF0B-\uFF0E\uFF10-\uFF19]/g;

/** How far full-width characters are from those of ASCII. */
const FULL_WIDTH = 0xfee0;

/** The options of a number column for what surrounds its digits. */
export type SignOptions = Pick<NumberFormat, 'percent' | 'currency' | 'negative' | 'unicode'>;

/** Takes the cells of a column, one at a time. */
export class Signs {
  #percents = 0;
  #unicode = false;
  readonly #currency = new Set<string>();
  readonly #negatives = new Set<NonNullable<NumberFormat['negative']>>();

  /** The cell as a plain number would be written; undefined if it is too long for a number with signs. */
  take(cell: string): string | undefined {
    if (cell.length > MAX_CHARACTERS) return cell;
    const ascii = cell.replaceAll(UNICODE, (character) =>
      character === '\u2212' ? '-' : String.fromCharCode(character.charCodeAt(0) - FULL_WIDTH),
    );
    this.#unicode ||= ascii !== cell;
    let rest = this.#withoutCurrency(ascii);
    if (/^\(.*\)$/.test(rest)) {
      this.#negatives.add('parentheses');
      rest = `-${this.#withoutCurrency(rest.slice(1, -1))}`;
    } else if (/^[^-].*-$/.test(rest)) {
      this.#negatives.add('trailing');
      rest = `-${rest.slice(0, -1)}`;
    }
    if (!rest.endsWith('%')) return rest;
    this.#percents += 1;
    return rest.slice(0, -1).trimEnd();
  }

  #withoutCurrency(text: string): string {
    const mark = CURRENCY_BEFORE.exec(text)?.[2] ?? CURRENCY_AFTER.exec(text)?.[1];
    if (mark === undefined) return text;
    this.#currency.add(mark);
    return text.replace(CURRENCY_BEFORE, '$1').replace(CURRENCY_AFTER, '');
  }

  /**
   * The options that accept the cells; undefined if there are none.
   * @param cells number of cells
   */
  options(cells: number): SignOptions | undefined {
    const [negative, other] = this.#negatives;
    const isPercent = this.#percents > 0;
    const currencies = new Set([...this.#currency].map((mark) => CODES[mark] ?? mark));
    // The numbers alone would not say which currency each has.
    if (currencies.size > 1) return undefined;
    if (other !== undefined || (isPercent && this.#percents < cells)) return undefined;
    return {
      ...(isPercent && { percent: true }),
      ...(this.#currency.size > 0 && { currency: [...this.#currency] }),
      ...(negative !== undefined && { negative }),
      ...(this.#unicode && { unicode: true }),
    };
  }
}

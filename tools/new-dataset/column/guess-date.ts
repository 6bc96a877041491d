/** Guesses whether the cells of a column are days or times, and in which format. */

import { dateReader } from '../../../functions/core/dataset/dates.ts';
import { Candidates } from './candidates.ts';

/** Formats of a day, stricter ones first. */
const DAYS: readonly string[] = [
  ...['YYYY-MM-DD', 'YYYY/MM/DD', 'YYYY.MM.DD', 'YYYY-M-D', 'YYYY/M/D'],
  ...['DD.MM.YYYY', 'D.M.YYYY'],
  ...['DD/MM/YYYY', 'MM/DD/YYYY', 'D/M/YYYY', 'M/D/YYYY'],
  ...['DD-MM-YYYY', 'MM-DD-YYYY', 'D-M-YYYY', 'M-D-YYYY'],
  ...['DD MMM YYYY', 'D MMM YYYY', 'DD-MMM-YYYY', 'D-MMM-YYYY'],
  ...['MMM DD, YYYY', 'MMM D, YYYY', 'MMM DD YYYY', 'MMM D YYYY'],
  ...['DD MMMM YYYY', 'D MMMM YYYY', 'MMMM DD, YYYY', 'MMMM D, YYYY'],
  ...['DD.MM.YY', 'D.M.YY', 'DD/MM/YY', 'MM/DD/YY', 'D/M/YY', 'M/D/YY', 'DD-MMM-YY', 'D-MMM-YY'],
];

/** Two-digit years from here on are in the 1900s; source: POSIX, strptime, %y. */
const PIVOT = 69;

/** Digits after the second that are stored where a cell has more than milliseconds. */
const FRACTION = 9;

/** What a day, with or without a time, looks like; the formats are tried on nothing else. */
const MAYBE_DAY = /^[A-Za-z\d]{1,9}[-/. ][A-Za-z\d]{1,9}[-/., ][-/., :\dA-Za-z+]{1,40}$/;

/** Formats of a time, stricter ones first. */
const TIMES: readonly string[] = [
  ...['HH:mm:ss', 'HH:mm', 'HH:mm:ss.SSS', 'H:mm:ss', 'H:mm', 'HH:mm:ss.S', 'HH:mm:ss,S'],
  ...['hh:mm:ss A', 'hh:mm A', 'h:mm:ss A', 'h:mm A'],
];

interface Candidate {
  readonly form: DateForm;
  /** Which of day and month comes first, if both are numbers that could be swapped. */
  readonly order: 'day' | 'month' | undefined;
  readonly read: ReturnType<typeof dateReader>;
}

export interface DateForm {
  readonly kind: 'date' | 'dateTime';
  readonly options: {
    readonly format: string;
    readonly pivot?: number;
    readonly fraction?: number;
  };
}

export interface DateGuess {
  readonly form: DateForm;
  /** The format with day and month swapped; undefined if the order is certain. */
  readonly otherwise: string | undefined;
  /** Whether only a part over 12 shows which part is the day. */
  readonly hasOrder: boolean;
}

const CANDIDATES: readonly Candidate[] = DAYS.flatMap((day) => {
  const separators = day === 'YYYY-MM-DD' ? ['T', ' '] : [' '];
  const times = separators.flatMap((separator) =>
    TIMES.flatMap((time) => ['', 'Z', ' Z'].map((zone) => `${day}${separator}${time}${zone}`)),
  );
  const candidate = (kind: DateForm['kind'], format: string): Candidate => {
    const pivot = /(?<!Y)YY(?!Y)/.test(format) ? { pivot: PIVOT } : {};
    const fraction = /[.,]S(?!S)/.test(format) ? { fraction: FRACTION } : {};
    return {
      form: { kind, options: { format, ...pivot, ...fraction } },
      order: orderOf(day),
      read: dateReader({ format, ...pivot }),
    };
  };
  return [candidate('date', day), ...times.map((format) => candidate('dateTime', format))];
});

/** With points as separators, the day always comes first. */
function orderOf(day: string): Candidate['order'] {
  if (/^D+[/-]M+[/-]/.test(day)) return day.includes('MMM') ? undefined : 'day';
  return /^M+[/-]D+[/-]/.test(day) ? 'month' : undefined;
}

/** Takes the cells of a column, one at a time. */
export class DateEvidence {
  readonly #formats = new Candidates(CANDIDATES);

  /** The first cell that is not a date like the cells before it. */
  get broken() {
    return this.#formats.broken;
  }

  add(cell: string, line: number): void {
    const maybe = MAYBE_DAY.test(cell);
    this.#formats.add(line, ({ read }) => maybe && read(cell) !== undefined);
  }

  /** The format of the cells before the break; undefined if there are none. */
  guess(): DateGuess | undefined {
    const [first, ...others] = this.#formats.remaining;
    if (this.#formats.cells === 0 || first === undefined) return undefined;
    const { form, order } = first;
    const other = others.find(
      (each) => order !== undefined && each.order !== undefined && each.order !== order,
    );
    return { form, otherwise: other?.form.options.format, hasOrder: order !== undefined };
  }
}

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
];

/** Formats of a time, stricter ones first. */
const TIMES: readonly string[] = ['HH:mm:ss', 'HH:mm', 'HH:mm:ss.SSS', 'H:mm:ss', 'H:mm'];

interface Candidate {
  readonly form: DateForm;
  /** Which of day and month comes first, if both are numbers that could be swapped. */
  readonly order: 'day' | 'month' | undefined;
  readonly read: ReturnType<typeof dateReader>;
}

export interface DateForm {
  readonly kind: 'date' | 'dateTime';
  readonly options: { readonly format: string };
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
    TIMES.flatMap((time) => [`${day}${separator}${time}`, `${day}${separator}${time}Z`]),
  );
  const candidate = (kind: DateForm['kind'], format: string): Candidate => ({
    form: { kind, options: { format } },
    order: orderOf(day),
    read: dateReader({ format }),
  });
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
    this.#formats.add(line, ({ read }) => read(cell) !== undefined);
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

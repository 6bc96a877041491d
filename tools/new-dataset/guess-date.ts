/** Finds out whether the cells of a column are days or times, and how they are written. */

import { dateReader } from '../../functions/core/dataset/dates.ts';
import { Candidates } from './candidates.ts';

/** Ways to write a day. Where one is stricter than another it comes first. */
const DAYS: readonly string[] = [
  ...['YYYY-MM-DD', 'YYYY/MM/DD', 'YYYY.MM.DD', 'YYYY-M-D', 'YYYY/M/D'],
  ...['DD.MM.YYYY', 'D.M.YYYY'],
  ...['DD/MM/YYYY', 'MM/DD/YYYY', 'D/M/YYYY', 'M/D/YYYY'],
  ...['DD-MM-YYYY', 'MM-DD-YYYY', 'D-M-YYYY', 'M-D-YYYY'],
  ...['DD MMM YYYY', 'D MMM YYYY', 'DD-MMM-YYYY', 'D-MMM-YYYY'],
  ...['MMM DD, YYYY', 'MMM D, YYYY', 'MMM DD YYYY', 'MMM D YYYY'],
];

const TIMES: readonly string[] = ['HH:mm:ss', 'HH:mm', 'HH:mm:ss.SSS', 'H:mm:ss', 'H:mm'];

interface Candidate {
  readonly form: DateForm;
  /** Which comes first, where both of them are numbers that the other could be. */
  readonly order: 'day' | 'month' | undefined;
  readonly read: ReturnType<typeof dateReader>;
}

export interface DateForm {
  readonly kind: 'date' | 'dateTime';
  readonly options: { readonly format: string };
}

export interface DateGuess {
  readonly form: DateForm;
  /** The format that it would be if the month came first; undefined if there is no doubt. */
  readonly otherwise: string | undefined;
  /** Whether a part over 12 was needed to tell the day from the month. */
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
    read: dateReader(format),
  });
  return [candidate('date', day), ...times.map((format) => candidate('dateTime', format))];
});

/** With points between, it is the day that comes first wherever dates are written so. */
function orderOf(day: string): Candidate['order'] {
  if (/^D+[/-]M+[/-]/.test(day)) return day.includes('MMM') ? undefined : 'day';
  return /^M+[/-]D+[/-]/.test(day) ? 'month' : undefined;
}

/** Takes the cells of a column, one after the other. */
export class DateEvidence {
  readonly #formats = new Candidates(CANDIDATES);

  /** Where the cells ceased to be dates, if they were. */
  get broken() {
    return this.#formats.broken;
  }

  add(cell: string, line: number): void {
    this.#formats.add(line, ({ read }) => read(cell) !== undefined);
  }

  /** What the cells are up to where they ceased to be dates; undefined if there were none. */
  guess(): DateGuess | undefined {
    const [first, ...others] = this.#formats.left;
    if (this.#formats.cells === 0 || first === undefined) return undefined;
    const { form, order } = first;
    const other = others.find(
      (each) => order !== undefined && each.order !== undefined && each.order !== order,
    );
    return { form, otherwise: other?.form.options.format, hasOrder: order !== undefined };
  }
}

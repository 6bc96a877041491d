/**
 * Dates and times in a declared format. Everything is computed from the digits, in UTC; the machine's time zone has no
 * influence.
 */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The regular expression of each token of a format; longer tokens come first. */
const TOKENS = {
  YYYY: String.raw`(?<year>\d{4})`,
  MMM: `(?<monthName>${MONTHS.join('|')})`,
  MM: String.raw`(?<month>\d\d)`,
  M: String.raw`(?<month>\d\d?)`,
  DD: String.raw`(?<day>\d\d)`,
  D: String.raw`(?<day>\d\d?)`,
  HH: String.raw`(?<hour>\d\d)`,
  H: String.raw`(?<hour>\d\d?)`,
  mm: String.raw`(?<minute>\d\d)`,
  SSS: String.raw`(?<fraction>\d{1,3})`,
  ss: String.raw`(?<second>\d\d)`,
  Z: String.raw`(?<offset>z|[+-]\d\d:?\d\d)`,
} as const;

/** A moment as a file has it. */
export interface Moment {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** `HH:mm:ss`, followed by a point and the milliseconds unless they are zero. */
  readonly time: string;
  /** Whether the format has an offset from UTC; then day and time are in UTC. */
  readonly isUtc: boolean;
}

/**
 * Makes a reader for a format: `YYYY` `MM` `M` `MMM` (Jan) `DD` `D` `HH` `H` `mm` `ss` `SSS` `Z` (Z, +02:00 or +0200),
 * and any other characters as they are.
 * @returns a function that returns undefined for a cell in another format, or with a day or time that does not exist.
 * @throws RangeError when the format lacks the year, the month or the day, has one twice, or has a letter that is
 * neither T nor part of a token; its message follows the column's name.
 */
export function dateReader(format: string): (cell: string) => Moment | undefined {
  const invalid = (why: string) => new RangeError(`has the date format ${JSON.stringify(format)}, ${why}`);
  const parts = format.match(TOKEN_OR_CHARACTER) ?? [];
  const stray = parts.find((part) => !isToken(part) && /[A-SU-Za-z]/.test(part));
  if (stray !== undefined) throw invalid(`in which the letter ${stray} stands for nothing`);
  const tokens = parts.filter(isToken).map((part) => part.charAt(0));
  if (new Set(tokens).size < tokens.length) throw invalid('which has the same part twice');
  const source = parts.map(toPattern).join('');
  const names = Array.from(source.matchAll(/\(\?<(\w+)>/g), ([, name]) => name);
  const has = (part: string): boolean => names.includes(part);
  if (!has('year') || !has('day') || has('month') === has('monthName')) {
    throw invalid('which must have a year (YYYY), a month and a day');
  }
  // By number, because named groups take twice the time.
  const pattern = new RegExp(`^${source.replaceAll(/\?<\w+>/g, '')}$`, 'i');
  const place = (part: string): number => names.indexOf(part) + 1;
  const [yearAt, dayAt] = [place('year'), place('day')];
  const [monthAt, monthNameAt] = [place('month'), place('monthName')];
  const readTime = ['hour', 'minute', 'second', 'fraction'].some(has) ? timeReader(place) : () => '00:00:00';
  const offsetAt = place('offset');
  return (cell) => {
    const found = pattern.exec(cell);
    if (found === null) return undefined;
    const { [yearAt]: year = '', [dayAt]: day = '' } = found;
    const month =
      (monthNameAt === 0
        ? found[monthAt]
        : String(MONTHS.indexOf((found[monthNameAt] ?? '').toLowerCase()) + 1)) ?? '';
    const [monthNumber, dayNumber] = [Number(month), Number(day)];
    if (monthNumber < 1 || monthNumber > 12 || dayNumber < 1) return undefined;
    if (dayNumber > daysOf(Number(year), monthNumber)) return undefined;
    const time = readTime(found);
    if (time === undefined) return undefined;
    const offset = offsetAt === 0 ? undefined : found[offsetAt];
    const moment = {
      day: `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`,
      time,
      isUtc: offset !== undefined,
    };
    return offset === undefined ? moment : shifted(moment, offset);
  };
}

/** Makes a function that reads the time of a matching cell; it returns undefined for a time that does not exist. */
function timeReader(place: (part: string) => number): (found: RegExpExecArray) => string | undefined {
  const [hourAt, minuteAt, secondAt] = [place('hour'), place('minute'), place('second')];
  const fractionAt = place('fraction');
  const part = (found: RegExpExecArray, at: number, otherwise: string): string =>
    (at === 0 ? undefined : found[at]) ?? otherwise;
  return (found) => {
    const hour = part(found, hourAt, '00');
    const minute = part(found, minuteAt, '00');
    const second = part(found, secondAt, '00');
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
    const milliseconds = part(found, fractionAt, '').padEnd(3, '0');
    return `${hour.padStart(2, '0')}:${minute}:${second}${milliseconds === '000' ? '' : `.${milliseconds}`}`;
  };
}

/** Computed, because a `Date` for each cell would take a sixth of the time that reading and checking a row takes. */
function daysOf(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** The moment in UTC; undefined if its year is not one of ISO 8601's four digits. */
function shifted({ day, time, isUtc }: Moment, offset: string): Moment | undefined {
  const shift = offsetMinutes(offset);
  if (shift === undefined) return undefined;
  const date = new Date(Date.parse(`${day}T${time}Z`) - shift * 60_000);
  if (date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9_999) return undefined;
  const [isoDay = '', isoTime = ''] = date.toISOString().split('T');
  return { day: isoDay, time: isoTime.replace(/(\.000)?Z$/, ''), isUtc };
}

const TOKEN_OR_CHARACTER = new RegExp(`${Object.keys(TOKENS).join('|')}|.`, 'gsu');

function toPattern(part: string): string {
  return isToken(part) ? TOKENS[part] : part.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);
}

function isToken(part: string): part is keyof typeof TOKENS {
  return Object.hasOwn(TOKENS, part);
}

/** Minutes that a clock is ahead of UTC; undefined for an offset that does not exist. */
function offsetMinutes(offset: string): number | undefined {
  if (offset.toLowerCase() === 'z') return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  if (hours > 14 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

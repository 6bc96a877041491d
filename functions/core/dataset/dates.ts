/**
 * Dates and times in a declared format. Everything is computed from the digits, in UTC; the machine's time zone has no
 * influence.
 */

import { escaped } from './numbers.ts';

const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

/** Letters of a month's short name. */
const SHORT = 3;

/** The part that each token of a format stands for, and its regular expression; longer tokens come first. */
const TOKENS = {
  YYYY: ['year', String.raw`\d{4}`],
  YY: ['shortYear', String.raw`\d\d`],
  MMMM: ['monthName', MONTHS.join('|')],
  MMM: ['monthName', MONTHS.map((name) => name.slice(0, SHORT)).join('|')],
  MM: ['month', String.raw`\d\d`],
  M: ['month', String.raw`\d\d?`],
  DD: ['day', String.raw`\d\d`],
  D: ['day', String.raw`\d\d?`],
  HH: ['hour', String.raw`\d\d`],
  H: ['hour', String.raw`\d\d?`],
  hh: ['hour12', String.raw`\d\d`],
  h: ['hour12', String.raw`\d\d?`],
  A: ['half', 'am|pm'],
  mm: ['minute', String.raw`\d\d`],
  SSS: ['fraction', String.raw`\d{1,3}`],
  S: ['fraction', String.raw`\d{1,9}`],
  ss: ['second', String.raw`\d\d`],
  Z: ['offset', String.raw`z|utc|gmt|[+-]\d\d(?::?\d\d)?`],
} as const;

type Part = (typeof TOKENS)[keyof typeof TOKENS][0];

/** A moment as a file has it. */
export interface Moment {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** `HH:mm:ss` */
  readonly time: string;
  /** The digits after the second, as they are written. */
  readonly fraction: string;
  /** Whether the format has an offset from UTC; then day and time are in UTC. */
  readonly isUtc: boolean;
}

export interface DateFormat {
  /**
   * `YYYY` `YY` `MM` `M` `MMM` (Jan) `MMMM` (January) `DD` `D` `HH` `H` `hh` `h` `A` (AM or PM) `mm` `ss` `SSS` (1 to 3
   * digits) `S` (up to 9; they may be missing, with the separator in front of them) `Z` (Z, UTC, GMT, +02:00, +0200 or
   * +02), and any other characters as they are; `X` for Unix seconds, or `x` for milliseconds.
   */
  readonly format: string;
  /** Two-digit years from here on are in the twentieth century, those below in the twenty-first. */
  readonly pivot?: number | undefined;
  /** Whether the format has a month and no day; then the day is the month's first. */
  readonly isMonth?: boolean;
}

/** Returns undefined for a cell in another format, or with a day or time that does not exist. */
export type DateReader = (cell: string) => Moment | undefined;

/**
 * Makes a reader for a format.
 * @throws RangeError when the format lacks the year, the month or the day, has one twice, or has a letter that is
 * neither T nor part of a token; its message follows the column's name.
 */
export function dateReader({ format, pivot, isMonth = false }: DateFormat): DateReader {
  if (format === 'X' || format === 'x') return unixReader(format);
  const parts: readonly string[] = format.match(TOKEN_OR_CHARACTER) ?? [];
  const names = parts.filter(isToken).map((token) => TOKENS[token][0]);
  checkParts(parts, names, { format, pivot, isMonth });
  const pattern = new RegExp(
    `^${parts.map(toPattern).join('').replaceAll(OPTIONAL_FRACTION, '(?:$1$2)?')}$`,
    'i',
  );
  const [yearAt, shortYearAt, monthAt, monthNameAt, dayAt, offsetAt] = (
    ['year', 'shortYear', 'month', 'monthName', 'day', 'offset'] as const
  ).map((name) => names.indexOf(name) + 1);
  const readTime = timeReader((name) => names.indexOf(name) + 1);
  const fractionAt = names.indexOf('fraction') + 1;
  return (cell) => {
    const found = pattern.exec(cell);
    if (found === null) return undefined;
    const part = (at: number | undefined): string | undefined => (at ? found[at] : undefined);
    const year = part(yearAt) ?? inCentury(part(shortYearAt) ?? '', pivot);
    const name = part(monthNameAt)?.toLowerCase().slice(0, SHORT);
    const month =
      part(monthAt) ?? String(MONTHS.findIndex((each) => name !== undefined && each.startsWith(name)) + 1);
    const dayOfMonth = part(dayAt) ?? '1';
    const [monthNumber, dayNumber] = [Number(month), Number(dayOfMonth)];
    if (monthNumber < 1 || monthNumber > 12 || dayNumber < 1) return undefined;
    if (dayNumber > daysOf(Number(year), monthNumber)) return undefined;
    const time = readTime(found);
    if (time === undefined) return undefined;
    const day = `${year}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`;
    const offset = part(offsetAt);
    const fraction = part(fractionAt) ?? '';
    const moment: Moment = { day, time, fraction, isUtc: offset !== undefined };
    return offset === undefined ? moment : shifted(moment, offset);
  };
}

/** @throws RangeError as {@link dateReader} does. */
function checkParts(
  parts: readonly string[],
  names: readonly Part[],
  { format, pivot, isMonth }: DateFormat,
): void {
  const invalid = (why: string) => new RangeError(`has the date format ${JSON.stringify(format)}, ${why}`);
  const stray = parts.find((part) => !isToken(part) && /[A-SU-Za-z]/.test(part));
  if (stray !== undefined) throw invalid(`in which the letter ${stray} has no meaning`);
  const has = (part: Part): boolean => names.includes(part);
  const pairs = [
    ['year', 'shortYear'],
    ['month', 'monthName'],
    ['hour', 'hour12'],
  ] as const;
  if (new Set(names).size < names.length || pairs.some((pair) => pair.every(has)))
    throw invalid('which has the same part twice');
  const hasMonth = (has('year') || has('shortYear')) && (has('month') || has('monthName'));
  if (isMonth && (!hasMonth || names.length > 2))
    throw invalid('which must have a year and a month, and nothing else');
  if (!isMonth && !hasMonth) throw invalid('which must have a year (YYYY), a month and a day');
  if (!isMonth && !has('day'))
    throw invalid('which must have a year (YYYY), a month and a day; month() reads a month alone');
  if (has('hour12') !== has('half')) throw invalid('in which hh and A (AM or PM) must stand together');
  if (has('shortYear') !== (pivot !== undefined))
    throw invalid(
      pivot === undefined
        ? 'which needs a pivot: two-digit years from there on are in the 1900s, those below in the 2000s'
        : 'which has no two-digit year (YY), but has a pivot',
    );
}

function inCentury(shortYear: string, pivot = 0): string {
  return `${Number(shortYear) < pivot ? '20' : '19'}${shortYear}`;
}

/** Reads Unix time: seconds, which may have a fraction, or milliseconds. */
function unixReader(format: 'X' | 'x'): DateReader {
  const pattern = format === 'X' ? /^(-?\d{1,12})(?:\.(\d{1,9}))?$/ : /^(-?\d{1,15})$/;
  return (cell) => {
    const [, whole, written = ''] = pattern.exec(cell) ?? [];
    if (whole === undefined || (whole.startsWith('-') && written !== '')) return undefined;
    const iso = isoOf(format === 'X' ? Number(whole) * 1_000 : Number(whole));
    return iso && { ...iso, fraction: format === 'X' ? written : iso.fraction, isUtc: true };
  };
}

/** Makes a function that reads the time of a matching cell; it returns undefined for a time that does not exist. */
function timeReader(place: (part: Part) => number): (found: RegExpExecArray) => string | undefined {
  const [hourAt, hour12At, halfAt] = [place('hour'), place('hour12'), place('half')];
  const [minuteAt, secondAt] = [place('minute'), place('second')];
  if (hourAt + hour12At + minuteAt + secondAt + place('fraction') === 0) return () => '00:00:00';
  const part = (found: RegExpExecArray, at: number): string => (at === 0 ? undefined : found[at]) ?? '00';
  return (found) => {
    const hour = hour12At === 0 ? part(found, hourAt) : hour24(part(found, hour12At), part(found, halfAt));
    const minute = part(found, minuteAt);
    const second = part(found, secondAt);
    if (hour === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
      return undefined;
    return `${hour.padStart(2, '0')}:${minute}:${second}`;
  };
}

/** The hour from 0 to 23; 12 AM is midnight, and 12 PM is noon. */
function hour24(hour12: string, half: string): string | undefined {
  const hour = Number(hour12);
  if (hour < 1 || hour > 12) return undefined;
  return String((hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0));
}

/** Computed, because a `Date` for each cell would take a sixth of the time that reading and checking a row takes. */
function daysOf(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** The moment in UTC; undefined if its year is not one of ISO 8601's four digits. */
function shifted({ day, time, fraction, isUtc }: Moment, offset: string): Moment | undefined {
  const shift = offsetMinutes(offset);
  if (shift === undefined) return undefined;
  const iso = isoOf(Date.parse(`${day}T${time}Z`) - shift * 60_000);
  // Offsets are whole minutes, which leave the fraction as it is.
  return iso && { ...iso, fraction, isUtc };
}

/** @param milliseconds since 1970 in UTC */
function isoOf(milliseconds: number): Omit<Moment, 'isUtc'> | undefined {
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < 0 || year > 9_999) return undefined;
  const [day = '', time = '', fraction = ''] = date.toISOString().split(/[T.Z]/);
  return { day, time, fraction };
}

const TOKEN_OR_CHARACTER = new RegExp(`${Object.keys(TOKENS).join('|')}|.`, 'gsu');

/** The pattern of as many fraction digits as are written, and of the separator in front of it. */
const OPTIONAL_FRACTION = /(\\\.|,)(\(\\d\{1,9\}\))/g;

function toPattern(part: string): string {
  return isToken(part) ? `(${TOKENS[part][1]})` : escaped(part);
}

function isToken(part: string): part is keyof typeof TOKENS {
  return Object.hasOwn(TOKENS, part);
}

/** Minutes that a clock is ahead of UTC; undefined for an offset that does not exist. */
function offsetMinutes(offset: string): number | undefined {
  if (/^[a-z]/i.test(offset)) return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = offset.length > 3 ? Number(offset.slice(-2)) : 0;
  if (hours > 14 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

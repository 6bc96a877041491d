/**
 * Dates and times in a declared format. Everything is computed from the digits, in UTC; no time zone of a machine has
 * a part in it.
 */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** What each token of a format stands for, as a regular expression; the longer ones first. */
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

/** A moment as a file tells it. */
export interface Moment {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** `HH:mm:ss`, and behind a point the milliseconds, if they are not zero. */
  readonly time: string;
  /** Whether the format has an offset from UTC; then day and time are in UTC. */
  readonly isUtc: boolean;
}

/**
 * Makes a reader for a format: `YYYY` `MM` `M` `MMM` (Jan) `DD` `D` `HH` `H` `mm` `ss` `SSS` `Z` (Z, +02:00 or +0200),
 * and any other characters as they are.
 * @returns gives undefined for a cell that is not written so, or names a day or time that does not exist.
 * @throws RangeError when the format lacks the year, the month or the day, has one twice, or a letter but T for itself.
 */
export function dateReader(format: string): (cell: string) => Moment | undefined {
  const parts = format.match(TOKEN_OR_CHARACTER) ?? [];
  const stray = parts.find((part) => !isToken(part) && /[A-SU-Za-z]/.test(part));
  if (stray !== undefined) {
    throw new RangeError(
      `The date format ${JSON.stringify(format)} has the letter ${stray}, which stands for nothing.`,
    );
  }
  const tokens = parts.filter(isToken).map((part) => part.charAt(0));
  if (new Set(tokens).size < tokens.length) {
    throw new RangeError(`The date format ${JSON.stringify(format)} has something twice.`);
  }
  const pattern = new RegExp(`^${parts.map(toPattern).join('')}$`, 'i');
  const has = (part: string): boolean => pattern.source.includes(`(?<${part}>`);
  if (!has('year') || !has('day') || has('month') === has('monthName')) {
    throw new RangeError(`The date format ${JSON.stringify(format)} needs a year (YYYY), a month and a day.`);
  }
  return (cell) => {
    const found = pattern.exec(cell)?.groups;
    if (found === undefined) return undefined;
    const { year, day, hour = '0', minute = '0', second = '0', fraction = '0', offset } = found;
    const month = found.month ?? String(MONTHS.indexOf((found.monthName ?? '').toLowerCase()) + 1);
    const wall = [Number(year), Number(month) - 1, Number(day)] as const;
    const clock = [Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, '0'))] as const;
    // setUTCFullYear and not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
    const date = new Date(0);
    date.setUTCFullYear(...wall);
    date.setUTCHours(...clock);
    // A day or an hour too many moves to the next month or day.
    if (date.getUTCMonth() !== wall[1] || date.getUTCDate() !== wall[2]) return undefined;
    if (date.getUTCHours() !== clock[0] || date.getUTCMinutes() !== clock[1]) return undefined;
    const shift = offsetMinutes(offset);
    if (shift === undefined) return undefined;
    date.setTime(date.getTime() - shift * 60_000);
    // Years that ISO 8601 writes with a sign.
    if (date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9_999) return undefined;
    const [isoDay = '', isoTime = ''] = date.toISOString().split('T');
    return { day: isoDay, time: isoTime.replace(/(\.000)?Z$/, ''), isUtc: offset !== undefined };
  };
}

const TOKEN_OR_CHARACTER = new RegExp(`${Object.keys(TOKENS).join('|')}|.`, 'gsu');

function toPattern(part: string): string {
  return isToken(part) ? TOKENS[part] : part.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);
}

function isToken(part: string): part is keyof typeof TOKENS {
  return Object.hasOwn(TOKENS, part);
}

/** Minutes that a clock is ahead of UTC; undefined for an offset that no clock has. */
function offsetMinutes(offset: string | undefined): number | undefined {
  if (offset === undefined || offset.toLowerCase() === 'z') return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  if (hours > 14 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

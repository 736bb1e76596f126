import { isCalendarDate } from './calendar.js';

/** A point in time: whole seconds in a Date, the digits below them apart because a Date holds three only. */
export interface Instant {
  readonly seconds: Date;
  /** Up to nine digits, e.g. `777225`; empty where the text had none. */
  readonly fraction: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 822 section 5.1 in minutes. Other abbreviations name several zones each (IST, BST): none is guessed. */
const ZONES: Readonly<Record<string, number>> = {
  Z: 0,
  UT: 0,
  UTC: 0,
  GMT: 0,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
};

const YEAR = '(?<year>\\d{4})';
const SHORT_YEAR = '(?<year>\\d{2})';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const DAY = '(?<day>\\d{2})';
const DAY_UNPADDED = ' ?(?<day>\\d{1,2})';
const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const WEEKDAY_IN_FULL = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const MINUTES = '(?<hour>\\d{2}):(?<minute>\\d{2})';
const SECONDS = `${MINUTES}:(?<second>\\d{2})(?:\\.(?<fraction>\\d{1,9}))?`;
const ZONE_NAME = `(?<zone>${Object.keys(ZONES).join('|')})`;
const ZONE = `(?<zone>${Object.keys(ZONES).join('|')}|[+-]\\d{4})`;

/** The layouts of Go's `time` package that the API lists. As there, any seconds may carry a fraction. */
const LAYOUTS = {
  'RFC3339, RFC3339Nano': `${YEAR}-(?<month>\\d{2})-${DAY}T${SECONDS}(?<zone>Z|[+-]\\d{2}:\\d{2})`,
  ANSIC: `${WEEKDAY} ${MONTH} ${DAY_UNPADDED} ${SECONDS} ${YEAR}`,
  UnixDate: `${WEEKDAY} ${MONTH} ${DAY_UNPADDED} ${SECONDS} ${ZONE_NAME} ${YEAR}`,
  'RFC822, RFC822Z': `${DAY} ${MONTH} ${SHORT_YEAR} ${MINUTES} ${ZONE}`,
  RFC850: `${WEEKDAY_IN_FULL}, ${DAY}-${MONTH}-${SHORT_YEAR} ${SECONDS} ${ZONE_NAME}`,
  'RFC1123, RFC1123Z': `${WEEKDAY}, ${DAY} ${MONTH} ${YEAR} ${SECONDS} ${ZONE}`,
};
const PATTERNS = Object.values(LAYOUTS).map((layout) => new RegExp(`^${layout}$`));

/**
 * Reads a timestamp in one of the layouts; undefined where none fits or the date or time does not exist. A weekday
 * must be one but need not fit the date, a leap second is refused, and no zone means UTC, all three as in Go.
 */
export function readTimestamp(text: string): Instant | undefined {
  for (const pattern of PATTERNS) {
    const parts = pattern.exec(text)?.groups;
    if (parts) return instantOf(parts);
  }
  return undefined;
}

function instantOf(parts: Readonly<Record<string, string | undefined>>): Instant | undefined {
  const { year = '', month = '', day, hour, minute, second = '0', fraction = '', zone = 'Z' } = parts;
  const date = [fullYear(year), MONTHS.indexOf(month) + 1 || Number(month), Number(day)] as const;
  const time = [Number(hour), Number(minute), Number(second)] as const;
  const offset = minutesEastOfUtc(zone);
  if (offset === undefined || !isCalendarDate(...date) || !isTimeOfDay(...time)) return undefined;

  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  const seconds = new Date(0);
  seconds.setUTCFullYear(date[0], date[1] - 1, date[2]);
  seconds.setUTCHours(time[0], time[1] - offset, time[2]);
  return { seconds, fraction };
}

/** Two digits mean 1969 to 2068, as in Go and POSIX. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year >= 69 ? 1900 + year : 2000 + year;
}

function isTimeOfDay(hour: number, minute: number, second: number): boolean {
  return hour < 24 && minute < 60 && second < 60;
}

function minutesEastOfUtc(zone: string): number | undefined {
  const numeric = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (numeric === null) return ZONES[zone];
  const [hours, minutes] = [Number(numeric[2]), Number(numeric[3])];
  if (!isTimeOfDay(hours, minutes, 0)) return undefined;
  return (numeric[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

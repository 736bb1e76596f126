import { isCalendarDate } from './calendar.js';
import type { DataType } from './data-type.js';

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/;

/** A calendar day written YYYY-MM-DD that really exists (ISO 8601). */
export const dateType: DataType = {
  name: 'DATE',
  description: 'A calendar date as YYYY-MM-DD.',
  indexable: true,
  substringIndexable: false,
  normalise(value) {
    const parts = typeof value === 'string' ? PATTERN.exec(value) : null;
    if (parts === null) return { ok: false, reason: 'must be a date as YYYY-MM-DD' };
    if (!isCalendarDate(Number(parts[1]), Number(parts[2]), Number(parts[3])))
      return { ok: false, reason: 'must be a date that exists in the calendar' };
    return { ok: true, value: parts[0] };
  },
};

import type { DataType } from './data-type.js';
import { readTimestamp } from './timestamp-layouts.js';

/**
 * A point in time. In: RFC 3339 or one of the other layouts of `timestamp-layouts.ts`; out: RFC 3339 in UTC with the
 * fraction's digits down to nanoseconds, trailing zeros removed, so that one instant has one spelling.
 */
export const timestampType: DataType = {
  name: 'TIMESTAMP',
  description: 'A point in time, normalised to RFC 3339 in UTC.',
  indexable: true,
  substringIndexable: false,
  normalise(value) {
    const instant = typeof value === 'string' ? readTimestamp(value) : undefined;
    if (instant === undefined)
      return {
        ok: false,
        reason: 'must be a timestamp as RFC 3339, RFC 1123, RFC 850, RFC 822, ANSI C or Unix date',
      };
    // An offset can move the first and the last hours of the four-digit years out of them.
    const year = instant.seconds.getUTCFullYear();
    if (year < 0 || year > 9999) return { ok: false, reason: 'must lie in the years 0000 to 9999' };

    const fraction = instant.fraction.replace(/0+$/, '');
    const text = instant.seconds.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
    return { ok: true, value: fraction === '' ? `${text}Z` : `${text}.${fraction}Z` };
  },
};

import type { Mask } from './mask.js';
import { tenthsOfYearsLived } from './years-lived.js';

/** `1990-01-15` -> 35.8: the age in years with one decimal, rounded down so that it never disagrees with `age`. */
export const ageFrac: Mask = {
  name: 'age_frac',
  types: ['DATE_OF_BIRTH'],
  description: 'The age in years with one decimal.',
  apply(value, { now }) {
    const tenths = typeof value === 'string' ? tenthsOfYearsLived(value, now) : undefined;
    return tenths === undefined ? '*' : tenths / 10;
  },
};

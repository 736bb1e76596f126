import type { Mask } from './mask.js';
import { tenthsOfYearsLived } from './years-lived.js';

/** `1990-01-15` -> 35: whole years of age today, in UTC. */
export const age: Mask = {
  name: 'age',
  types: ['DATE_OF_BIRTH'],
  description: 'The age in whole years.',
  apply(value, { now }) {
    const tenths = typeof value === 'string' ? tenthsOfYearsLived(value, now) : undefined;
    return tenths === undefined ? '*' : Math.floor(tenths / 10);
  },
};

import { patternType } from './pattern-type.js';

/** A bank account number; a string, so that leading zeros stay. */
export const banType = patternType({
  name: 'BAN',
  description: 'A bank account number of 5 to 17 digits.',
  indexable: true,
  substringIndexable: true,
  pattern: /^\d{5,17}$/,
  reason: 'must be a bank account number of 5 to 17 digits',
});

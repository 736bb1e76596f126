import { patternType } from './pattern-type.js';

/**
 * A US bank's ABA number in one of its three spellings: nine digits (MICR), the printed fraction's XXXX/YYYY, or
 * PP-YYYY/XXXX. They cannot be turned into each other without the bank's check digit, so each is kept as given.
 */
export const usBankRoutingType = patternType({
  name: 'US_BANK_ROUTING',
  description: 'A US bank routing number: nine digits, or in its fraction form.',
  indexable: true,
  substringIndexable: true,
  pattern: /^(?:\d{9}|\d{4}\/\d{4}|\d{2}-\d{4}\/\d{4})$/,
  reason: 'must be a US bank routing number: 123456789, 1234/5678 or 12-3456/7890',
});

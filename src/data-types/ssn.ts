import { patternType } from './pattern-type.js';

/**
 * A US social security number. In: nine digits, or groups of 3-2-4 parted by dashes or spaces; out: with dashes.
 * Group 00 and serial 0000 were never issued; areas are not checked, because test numbers use unissued ones.
 */
export const ssnType = patternType({
  name: 'SSN',
  description: 'A US social security number, normalised to 123-45-6789.',
  indexable: true,
  substringIndexable: true,
  pattern: /^\d{3}[ -]?(?!00)\d{2}[ -]?(?!0000)\d{4}$/,
  reason: 'must be a US social security number such as 123-45-6789',
  toNormalForm: (text) => {
    const digits = text.replace(/[ -]/g, '');
    return `${digits.slice(0, 3)}-${digits.slice(3, 5)}-${digits.slice(5)}`;
  },
});

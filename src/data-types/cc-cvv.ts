import { patternType } from './pattern-type.js';

/** A card's verification code; a string, so that leading zeros stay. */
export const ccCvvType = patternType({
  name: 'CC_CVV',
  description: 'The verification code of a payment card, three or four digits.',
  indexable: true,
  substringIndexable: false,
  pattern: /^\d{3,4}$/,
  reason: 'must be a card verification code of three or four digits',
});

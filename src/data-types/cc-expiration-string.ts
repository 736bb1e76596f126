import { patternType } from './pattern-type.js';

/** A card's expiry month. In: MM/YY or MM/YYYY; out: MM/YYYY, a short year being of this century. */
export const ccExpirationStringType = patternType({
  name: 'CC_EXPIRATION_STRING',
  description: 'The expiry month of a payment card, normalised to MM/YYYY.',
  indexable: true,
  substringIndexable: false,
  pattern: /^(?:0[1-9]|1[0-2])\/(?:\d{2}|\d{4})$/,
  reason: 'must be an expiry month as MM/YY or MM/YYYY',
  toNormalForm: (text) => {
    const [month = '', year = ''] = text.split('/');
    return `${month}/${year.padStart(4, '20')}`;
  },
});

import { textMask } from './text-mask.js';

/** Always the shape of MM/YYYY. */
export const ccExpirationStringMask = textMask({
  types: ['CC_EXPIRATION_STRING'],
  description: 'A constant in the shape of MM/YYYY.',
  star: () => '**/****',
});

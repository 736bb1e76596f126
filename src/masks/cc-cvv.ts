import { textMask } from './text-mask.js';

/** Always three stars: a fourth would tell the card's brand. */
export const ccCvvMask = textMask({
  types: ['CC_CVV'],
  description: 'A constant, whatever the value.',
  star: () => '***',
});

import { starAllButLast } from './stars.js';
import { textMask } from './text-mask.js';

/** `123456789` -> `******789`: the last three characters, in the fraction forms too. */
export const usBankRoutingMask = textMask({
  types: ['US_BANK_ROUTING'],
  description: 'The last three digits, the rest starred.',
  star: (text) => starAllButLast(text, 3),
});

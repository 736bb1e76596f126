import { starAllButLast } from './stars.js';
import { textMask } from './text-mask.js';

/** `12345677917` -> `*******7917`: the last four characters, but never more than half of a short number. */
export const bankAccountMask = textMask({
  types: ['BAN', 'US_BANK_ACCOUNT_NUMBER'],
  description: 'The last four characters, or half of a number shorter than eight, the rest starred.',
  star: (text) => starAllButLast(text, Math.min(4, Math.floor(Array.from(text).length / 2))),
});

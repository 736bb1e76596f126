import { starAllButLast } from './stars.js';
import { textMask } from './text-mask.js';

/** `+972541234567` -> `*********4567`: the last four digits, the plus starred too. */
export const phoneNumberMask = textMask({
  types: ['PHONE_NUMBER'],
  description: 'The last four digits, the rest starred.',
  star: (text) => starAllButLast(text, 4),
});

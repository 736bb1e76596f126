import { textMask } from './text-mask.js';

/** `2024-11-08` -> `2024-**-**`: the year only. */
export const dateMask = textMask({
  types: ['DATE', 'DATE_OF_BIRTH'],
  description: 'The year, month and day starred.',
  star(text) {
    const year = /^\d{4}(?=-)/.exec(text)?.[0] ?? '****';
    return `${year}-**-**`;
  },
});

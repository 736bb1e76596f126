import { textMask } from './text-mask.js';

/** `123-12-1234` -> `***-**-1234`: the serial number, which is not unique by itself. */
export const ssnMask = textMask({
  types: ['SSN'],
  description: 'The last four digits, the rest starred.',
  star(text) {
    const serial = /^\d{3}-\d{2}-(\d{4})$/.exec(text)?.[1] ?? '****';
    return `***-**-${serial}`;
  },
});

import { textMask } from './text-mask.js';

/** `2024-11-08T15:04:05.25Z` -> `2024-11-08T15:**:**Z`: day and hour in UTC; the fraction is not hinted at. */
export const timestampMask = textMask({
  types: ['TIMESTAMP'],
  description: 'The date and the hour, minutes and seconds starred.',
  star(text) {
    const hour = /^\d{4}-\d{2}-\d{2}T\d{2}:/.exec(text)?.[0] ?? '****-**-**T**:';
    return `${hour}**:**Z`;
  },
});

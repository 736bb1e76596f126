import type { Mask } from './mask.js';

/** `12345` -> `*****`, `-123.45` -> `-***.**`: every digit starred, sign, point and exponent mark stay. */
export const numberMask: Mask = {
  name: 'mask',
  types: ['INTEGER', 'DOUBLE'],
  description: 'Every digit starred.',
  apply: (value) => (typeof value === 'number' ? starDigits(value) : '*'),
};

/** The rule of numbers, which holds for those inside JSON too. */
export function starDigits(value: number): string {
  return String(value).replace(/\d/g, '*');
}

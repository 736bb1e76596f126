import type { Mask } from './mask.js';

/** Always one star. */
export const booleanMask: Mask = {
  name: 'mask',
  types: ['BOOLEAN'],
  description: 'A constant, whatever the value.',
  apply: () => '*',
};

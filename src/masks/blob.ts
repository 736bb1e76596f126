import type { Mask } from './mask.js';

/** Always `<BLOB>`; its size has a transformation of its own. */
export const blobMask: Mask = {
  name: 'mask',
  types: ['BLOB'],
  description: 'A constant, whatever the value.',
  apply: () => '<BLOB>',
};

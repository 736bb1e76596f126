import type { Mask } from './mask.js';

/** The number of bytes behind the base64, e.g. 1024. */
export const blobSize: Mask = {
  name: 'size',
  types: ['BLOB'],
  description: 'The size in bytes.',
  apply: (value) => (typeof value === 'string' ? Buffer.byteLength(value, 'base64') : '*'),
};

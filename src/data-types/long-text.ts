import type { DataType } from './data-type.js';
import { isWellFormedText } from './well-formed.js';

/** Text of document size, in Unicode NFC; its limit counts UTF-8 bytes, as those of JSON and BLOB do. */
export const longTextType: DataType = {
  name: 'LONG_TEXT',
  description: 'Text up to the maximum blob length, in Unicode NFC.',
  indexable: false,
  substringIndexable: true,
  normalise(value, limits) {
    if (!isWellFormedText(value))
      return { ok: false, reason: 'must be a string of well-formed Unicode without U+0000' };
    const text = value.normalize('NFC');
    if (Buffer.byteLength(text) > limits.maxBlobLength)
      return { ok: false, reason: 'must not be longer than db.max_blob_length' };
    return { ok: true, value: text };
  },
};

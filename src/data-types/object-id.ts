import { patternType } from './pattern-type.js';

/** The id of an object: a UUID of any version (RFC 9562). In: any case; out: lower case. */
export const objectIdType = patternType({
  name: 'OBJECT_ID',
  description: 'The id of an object, a UUID normalised to lower case.',
  indexable: true,
  substringIndexable: false,
  pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  reason: 'must be a UUID',
  toNormalForm: (text) => text.toLowerCase(),
});

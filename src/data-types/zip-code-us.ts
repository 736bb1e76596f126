import { patternType } from './pattern-type.js';

/** A US ZIP code, or ZIP+4 with a dash or a space; kept as given. */
export const zipCodeUsType = patternType({
  name: 'ZIP_CODE_US',
  description: 'A US ZIP code of five digits, or nine as ZIP+4.',
  indexable: true,
  substringIndexable: false,
  pattern: /^\d{5}(?:[ -]\d{4})?$/,
  reason: 'must be a US ZIP code: 12345, 12345-6789 or 12345 6789',
});

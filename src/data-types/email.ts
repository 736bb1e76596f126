import type { DataType } from './data-type.js';
import { isWellFormedText } from './well-formed.js';

/** Above what any mail system carries: 64 for the local part, 255 for the domain (RFC 5321, 4.5.3.1). */
const MAX_LENGTH = 320;

/** The characters beyond ASCII that the validator of the original accepts: RFC 3987's, without astral planes. */
const UCS = '\\u00A0-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFEF';
const ATOM = `[\\w!#$%&'*+\\-/=?^\`{|}~${UCS}]+`;
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`);
const QUOTED_STRING = /^"(?:[^"\\\p{Cc}]|\\\P{Cc})*"$/u;
const LABEL = new RegExp(`^[A-Za-z0-9${UCS}]+(?:[-~]+[A-Za-z0-9${UCS}]+)*$`);
const LETTER_AT_BOTH_ENDS = new RegExp(`^[A-Za-z${UCS}](?:.*[A-Za-z${UCS}])?$`, 's');

/**
 * An e-mail address as given: the case is kept, since the local part may depend on it (RFC 5321, 2.4).
 *
 * Accepts what go-playground's `email` rule does, the one the API names: a dot-atom or quoted string, then a domain
 * of two labels or more whose last one begins and ends with a letter. Narrower in two points: no control characters
 * in a quoted string, where they would end up in somebody's mail header, and no empty label.
 */
export const emailType: DataType = {
  name: 'EMAIL',
  description: 'An e-mail address, its case kept.',
  indexable: true,
  substringIndexable: true,
  normalise(value, limits) {
    if (!isWellFormedText(value)) return { ok: false, reason: 'must be an e-mail address' };
    if (value.length > Math.min(MAX_LENGTH, limits.maxStringLength))
      return { ok: false, reason: 'must not be longer than an e-mail address can be' };
    if (!isAddress(value)) return { ok: false, reason: 'must be an e-mail address' };
    return { ok: true, value };
  },
};

/** Split at the last `@`: a quoted local part may hold one, a domain cannot. */
function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 0) return false;
  const local = text.slice(0, at);
  const labels = text
    .slice(at + 1)
    .replace(/\.$/, '')
    .split('.');
  return (
    (DOT_ATOM.test(local) || QUOTED_STRING.test(local)) &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    LETTER_AT_BOTH_ENDS.test(labels.at(-1) ?? '')
  );
}

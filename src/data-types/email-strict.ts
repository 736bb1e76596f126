import type { DataType } from './data-type.js';
import { emailType } from './email.js';

const LOCAL = /^[\w!#$%&'*+\-/=?^`{|}~]+(?:\.[\w!#$%&'*+\-/=?^`{|}~]+)*$/;
const LABEL = /^[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*$/;
const TOP_LEVEL = /^(?:[A-Za-z]{2,}|xn--[A-Za-z0-9-]+)$/i;

/**
 * An e-mail address that any mail system on the internet delivers: ASCII, no quoted local part, host-name labels,
 * an alphabetic or internationalised top level, and the lengths of RFC 5321, 4.5.3.1. The case is kept.
 */
export const emailStrictType: DataType = {
  name: 'EMAIL_STRICT',
  description: 'An e-mail address in its plain ASCII form, its case kept.',
  indexable: true,
  substringIndexable: true,
  normalise(value, limits) {
    const email = emailType.normalise(value, limits);
    if (!email.ok) return email;
    if (typeof email.value !== 'string' || !isPlainAddress(email.value))
      return { ok: false, reason: 'must be an e-mail address in its plain ASCII form' };
    return email;
  },
};

function isPlainAddress(text: string): boolean {
  const [local = '', domain = ''] = text.split('@');
  const labels = domain.split('.');
  return (
    text.length <= 254 &&
    local.length <= 64 &&
    LOCAL.test(local) &&
    labels.every((label) => label.length <= 63 && LABEL.test(label)) &&
    TOP_LEVEL.test(labels.at(-1) ?? '')
  );
}

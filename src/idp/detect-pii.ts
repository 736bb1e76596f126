import { passesLuhn } from '../data-types/luhn.js';
import type { Attribute } from './event.js';

/** Names of attributes that hold personal data as a rule. */
const NAMES =
  /(^|[_-])(ssn|social|tax|tin|passport|iban|dob|birth\w*|address|street|zip\w*|postal\w*|phone\w*|mobile\w*|gender|national\w*|e-?mail\w*|surname|maiden\w*|first_?name|last_?name|full_?name|licen[cs]e\w*|card\w*|account_?number|diagnos\w*|medic\w*|insur\w*)($|[_-])/i;
const EMAIL = /^[^\s@]{1,64}@[^\s@]+\.[^\s@]{2,}$/;
const SSN = /^\d{3}-\d{2}-\d{4}$/;
const IBAN = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/;
const PHONE = /^\+\d{8,15}$/;
const CARD = /^\d{13,19}$/;
const SHOWABLE = /^[\w.-]{1,100}$/;

/**
 * Where attributes that nothing maps look like personal data, by name or by value: their places alone. A key that could itself be a value is
 * shown only as its beginning.
 */
export function detectPii(unmapped: readonly Attribute[]): string[] {
  return unmapped.filter(looksPersonal).map(({ path, key }) => {
    return SHOWABLE.test(key) && !holdsPersonal(key) ? path : path.slice(0, path.length - key.length) + '*';
  });
}

function looksPersonal({ key, value }: Attribute): boolean {
  const snake = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  if (NAMES.test(snake)) return value !== null && value !== '';
  return holdsPersonal(key) || (typeof value === 'string' && holdsPersonal(value.trim()));
}

function holdsPersonal(text: string): boolean {
  if (EMAIL.test(text) || SSN.test(text) || PHONE.test(text)) return true;
  const compact = text.replace(/[\s-]/g, '');
  return (IBAN.test(compact) && isIban(compact)) || (CARD.test(compact) && passesLuhn(compact));
}

/** ISO 7064, MOD 97-10. */
function isIban(text: string): boolean {
  const digits = (text.slice(4) + text.slice(0, 4)).replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

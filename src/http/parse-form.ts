import { VaultError } from '../errors.js';
import { parseText } from './parse-text.js';

const MOST_PARAMETERS = 100;
/** Two hexadecimal digits behind every percent sign; what is decoded must be text. */
const ESCAPES = /^(?:[^%]|%[\da-f]{2})*$/i;

/**
 * Reads a form (`application/x-www-form-urlencoded`). Parameters without a value count as absent, and one that is there twice is refused, as OAuth wants
 * it (RFC 6749, 3.2). Throws PV1012, which quotes nothing.
 */
export function parseForm(bytes: Buffer): Readonly<Record<string, string>> {
  const text = parseText(bytes);
  const pairs = [...new URLSearchParams(text)];
  if (!ESCAPES.test(text) || pairs.length > MOST_PARAMETERS || pairs.flat().some(isBroken))
    throw refused('It is no form.');
  const names = new Set(pairs.map(([name]) => name));
  if (names.size < pairs.length) throw refused('A parameter is given twice.');
  if (names.has('__proto__')) throw refused('The name __proto__ is not allowed.');
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
}

/** What was no UTF-8 has become a replacement character. */
function isBroken(word: string): boolean {
  return word.includes('\ufffd') || word.includes('\0');
}

function refused(reason: string): VaultError {
  return new VaultError('PV1012', { field: 'body', reason });
}

const MIN_LENGTH = 15;
/** Far below what proxies take of a header: a longer key could be set, and then nobody could send it to set another. */
const MAX_LENGTH = 1_024;

/** What is wrong with an Admin key as a constant sentence, or null: the API asks for 15 characters with a digit, a lower and an upper case letter. */
export function weaknessOfAdminKey(key: string): string | null {
  if (key.length < MIN_LENGTH) return `needs at least ${MIN_LENGTH} characters`;
  if (key.length > MAX_LENGTH) return `may have at most ${MAX_LENGTH} characters`;
  if (!/[0-9]/.test(key) || !/[a-z]/.test(key) || !/[A-Z]/.test(key)) {
    return 'needs a digit, a lower case and an upper case letter';
  }
  // What could not be sent in a header could never be used.
  if (!/^[\x21-\x7e]+$/.test(key)) return 'may only have printable ASCII characters without spaces';
  // Keys of that form are looked up as issued ones and would never be compared with the Admin's.
  if (key.startsWith('pv_live_')) return 'must not begin like an issued API key';
  if (/^eyJ[^.]*\.[^.]*\.[^.]*$/.test(key)) return 'must not have the form of a JWT';
  return null;
}

import { VaultError } from '../errors.js';

/** Longest life that can be asked for: 200 years, well inside what a timestamp holds. */
const MOST_SECONDS = 200 * 366 * 24 * 3600;

/** What `expiration_secs` asks for: a moment, never, or nothing said. */
export type Expiration = Date | 'never' | 'unsaid';

/**
 * Reads `expiration_secs`: absent says nothing, empty means never, a number of seconds counts from `now`. Throws PV1012 past 200
 * years.
 */
function readExpiration(text: string | undefined, now: Date): Expiration {
  if (text === undefined) return 'unsaid';
  if (text === '') return 'never';
  return expirationIn(Number(text), now);
}

/** The moment so many seconds after `now`. Throws PV1012 past 200 years. */
export function expirationIn(seconds: number, now: Date): Date {
  if (seconds > MOST_SECONDS)
    throw new VaultError('PV1012', { field: 'expiration_secs', reason: 'too long' });
  return new Date(now.getTime() + seconds * 1000);
}

/** When something new expires: 0 seconds is refused, silence takes the setting's default (null: never). */
export function expirationOfNew(
  text: string | undefined,
  now: Date,
  defaultSeconds: number | null,
): Date | null {
  const asked = readExpiration(text, now);
  if (asked === 'never') return null;
  if (asked === 'unsaid') {
    return defaultSeconds === null ? null : new Date(now.getTime() + defaultSeconds * 1000);
  }
  if (asked.getTime() <= now.getTime()) {
    throw new VaultError('PV1012', { field: 'expiration_secs', reason: 'must not be 0 for something new' });
  }
  return asked;
}

/** When something that exists will expire after the request. */
export function expirationOfChanged(text: string | undefined, now: Date, current: Date | null): Date | null {
  const asked = readExpiration(text, now);
  if (asked === 'unsaid') return current;
  return asked === 'never' ? null : asked;
}

import { LINK_KEY } from '../../idp/event.js';
import { detectPii } from '../../idp/detect-pii.js';
import { STANDARD_CLAIMS } from '../../idp/standard-claims.js';
import { type Layout, readUsers } from '../idp/user-files.js';
import { CommandError, type Terminal } from '../terminal.js';

/** What the command line says. */
export interface IdpScanOptions {
  readonly in: readonly string[];
  readonly layout?: Layout;
  readonly allow?: readonly string[];
  readonly json?: boolean;
}

/** Deeper than any profile. */
const DEEPEST = 32;
/** Beyond this somebody made data of names, and the rest is one place. */
const MOST_PLACES = 1_000;

/**
 * Looks through an export for what is, by name or by value, personal data, wherever in it, without a vault: places and numbers, never a value. Throws {@link CommandError} where a place is not
 * among those that are allowed.
 */
export async function idpScan(options: IdpScanOptions, { stdout }: Terminal): Promise<void> {
  const places = new Map<string, number>();
  const allowed = new Set(options.allow);
  let users = 0;
  let unreadable = 0;
  for await (const read of readUsers(options.in, options.layout, true)) {
    users++;
    if (!('user' in read)) unreadable++;
    else
      for (const place of new Set(placesIn(read.user, '', 0))) {
        const name = places.has(place) || places.size < MOST_PLACES ? place : '(others)';
        places.set(name, (places.get(name) ?? 0) + 1);
      }
  }

  const found = [...places].filter(([place]) => !allowed.has(place)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (options.json)
    stdout.write(`${JSON.stringify({ users, unreadable, found: Object.fromEntries(found) })}\n`);
  else {
    stdout.write(`${users} users\n`);
    for (const [place, n] of found) stdout.write(`  ${String(n).padStart(9)}  ${place}\n`);
  }
  if (unreadable > 0) throw new CommandError(`${unreadable} users could not be read.`);
  if (found.length > 0) throw new CommandError('The export holds what looks like personal data.');
}

/** Where something looks like personal data. The items of a list are one place; a key that could be a value itself is not said. */
function* placesIn(value: unknown, path: string, depth: number): Generator<string> {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
  if (Array.isArray(value)) {
    const key = path.slice(path.lastIndexOf('.') + 1);
    for (const item of value as unknown[]) {
      // A pair of a name and a value, as in Cognito's lists.
      const pair = pairIn(item);
      if (pair) yield* placesIn(pair, path, depth + 1);
      else if (isText(item)) yield* personal(path, key, item, '[]');
      else yield* placesIn(item, `${path}[]`, depth + 1);
    }
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === LINK_KEY || key === `custom:${LINK_KEY}`) continue;
    const place = path === '' ? key : `${path}.${key}`;
    if (isText(member)) yield* personal(place, key, member);
    else yield* placesIn(member, shownPlace(place, key), depth + 1);
  }
}

function isText(value: unknown): value is string | number {
  if (typeof value === 'number') return true;
  return typeof value === 'string' && !['', 'true', 'false'].includes(value);
}

/** The place, if what stands there is personal by its name or by itself. */
function personal(path: string, key: string, value: string | number, more = ''): string[] {
  const own = key.replace('custom:', '');
  const claim = own.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  const isClaim = Object.hasOwn(STANDARD_CLAIMS, claim) && !claim.endsWith('_verified');
  const shown = detectPii([{ path, key: own, value: String(value), metadata: true, removable: false }]);
  return (isClaim ? [path] : shown).map((place) => place + more);
}

/** A key that looks like a value stands as a star in the places below it. */
function shownPlace(place: string, key: string): string {
  const stands = /^[\w:$-]{1,100}$/.test(key) && personal('', key, '').every((shown) => !shown.endsWith('*'));
  return stands && !/^\d{7,}$/.test(key) ? place : `${place.slice(0, place.length - key.length)}*`;
}

function pairIn(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  const { Name, Value } = value as { Name?: unknown; Value?: unknown };
  return typeof Name === 'string' && Value !== undefined ? { [Name]: Value } : null;
}

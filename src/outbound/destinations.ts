import { VaultError } from '../errors.js';

/** A base URL that may be sent to. */
export interface Destination {
  readonly base: string;
  readonly origin: string;
  readonly hostname: string;
  /** Without a slash at its end; empty: every path. */
  readonly path: string;
}

/** Reads a base URL of the settings. Throws an Error for the operator where it is none. */
export function readDestination(text: string): Destination {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url !== null && !url.username && !url.password && !url.search && !url.hash;
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Error(`${text} is not a base URL such as https://api.example.com/v1.`);
  }
  const path = url.pathname.replace(/\/+$/, '');
  return { base: `${url.origin}${path}`, origin: url.origin, hostname: url.hostname, path };
}

/** A URL and the destination that allows it. */
export interface Target {
  readonly url: URL;
  readonly destination: Destination;
}

/** Whitespace is dropped and backslashes are turned by parsers, each in its own way; none of them belongs here. */
const AMBIGUOUS = /[\s\\\p{Cc}]/u;
/** Parsers take these steps, so that a value in a path would choose another path. */
const STEPS = /\/(?:\.|%2e){1,2}(?:\/|$)/i;
/** Decoded by a server, these can lead out of the path that is allowed. */
const ENCODED_STEPS = /%(?:2e|2f|5c|25)/i;

/**
 * Finds the destination under which a URL falls: same scheme, host and port, and its path below the destination's. Throws PV9060, which does not repeat
 * the URL.
 */
export function chooseTarget(text: string, destinations: readonly Destination[]): Target {
  const url = !AMBIGUOUS.test(text) && URL.canParse(text) ? new URL(text) : null;
  const [beforeQuery = ''] = text.split(/[?#]/, 1);
  if (!url || url.username || url.password || STEPS.test(beforeQuery))
    throw new VaultError('PV9060', { field: 'url' });
  const destination = destinations.find((each) => covers(each, url));
  if (!destination) throw new VaultError('PV9060', { field: 'url' });
  url.hash = '';
  return { url, destination };
}

function covers({ origin, path }: Destination, url: URL): boolean {
  if (url.origin !== origin) return false;
  if (path === '') return true;
  if (ENCODED_STEPS.test(url.pathname)) return false;
  return url.pathname === path || url.pathname.startsWith(`${path}/`);
}

import { VaultError } from '../errors.js';
import { type Lookup, dnsLookup, pinAddress } from './addresses.js';
import { type Destination, type Target, chooseTarget, readDestination } from './destinations.js';

/** A request to another service. */
export interface OutboundRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What of the answer is looked at. */
export interface OutboundAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** How long an answer may take, and how large it may be. */
interface OutboundLimits {
  readonly timeoutMs: number;
  readonly largestAnswer: number;
}

const LIMITS: OutboundLimits = { timeoutMs: 10_000, largestAnswer: 1024 * 1024 };
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Set by the connection itself, or able to change where the request goes or ends. */
const OWN_HEADERS =
  /^(?:host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|cookie2?|proxy-.*|sec-.*)$/i;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Answer headers that tell about the answer. The others could repeat what was sent: a location, a cookie, an echo. */
const SHOWN_HEADERS = [
  'content-type',
  'content-length',
  'content-language',
  'date',
  'dpop-nonce',
  'etag',
  'last-modified',
  'retry-after',
  'request-id',
  'x-rate-limit-reset',
  'x-ratelimit-reset',
  'x-request-id',
];

/**
 * The only way out of the vault. Sends to the destinations of the settings and to nothing else: redirects are not followed, proxies of the
 * environment not used, cookies not kept, and the name is resolved once.
 */
export class Outbound {
  readonly #allowed: readonly Destination[];
  readonly #pci: readonly Destination[];
  readonly #lookup: Lookup;

  /** Throws an Error for the operator where a setting is no base URL. */
  constructor(allowed: readonly string[], pci: readonly string[], lookup: Lookup = dnsLookup) {
    this.#pci = pci.map(readDestination);
    this.#allowed = [...allowed.map(readDestination), ...this.#pci];
    this.#lookup = lookup;
  }

  /** Where a URL leads, if that is allowed; what carries card data goes to the destinations for it alone. Throws PV9060. */
  target(url: string, carriesCardData: boolean): Target {
    return chooseTarget(url, carriesCardData ? this.#pci : this.#allowed);
  }

  /**
   * Sends a request. Throws PV9006 for a method or header that cannot be sent, PV9060 for a name that leads into a network of one's own, PV9061 where
   * no answer comes in ten seconds, or none of at most a MiB, unless `limits` are others.
   */
  async send(
    target: Target,
    { method, headers, body }: OutboundRequest,
    limits = LIMITS,
  ): Promise<OutboundAnswer> {
    checkRequest(method, headers, body);
    const signal = AbortSignal.timeout(limits.timeoutMs);
    const pinned = await pinAddress(target.destination, this.#lookup);
    // Loaded with the first request: a vault without actions sends none, and it is the largest of the libraries.
    const [{ request }, { pinnedAgent }] = await Promise.all([import('undici'), import('./pinned-agent.js')]);
    const agent = pinnedAgent(pinned, limits);
    try {
      const answer = await request(target.url, {
        method: method,
        headers,
        body,
        dispatcher: agent,
        signal,
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, headers: shownHeaders(answer.headers), body: text };
    } catch {
      // The error may quote the URL or parts of the answer.
      throw new VaultError('PV9061');
    } finally {
      await agent.destroy();
    }
  }
}

function checkRequest(method: string, headers: Readonly<Record<string, string>>, body: string | null): void {
  if (!METHODS.some((known) => known === method)) {
    throw new VaultError('PV9006', { field: 'method', reason: 'cannot be sent' });
  }
  if (body !== null && (method === 'GET' || method === 'HEAD')) {
    throw new VaultError('PV9006', { field: 'body', reason: 'not with this method' });
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name) || OWN_HEADERS.test(name) || !HEADER_VALUE.test(value)) {
      throw new VaultError('PV9006', { field: 'headers', reason: 'cannot be sent' });
    }
  }
}

function shownHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    SHOWN_HEADERS.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    }),
  );
}

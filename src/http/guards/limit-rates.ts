import type { RequestHandler } from 'express';
import { MemoryStore, type Store, rateLimit } from 'express-rate-limit';
import { VaultError } from '../../errors.js';
import { NOBODY } from '../../operations/access.js';
import { Exchange, type Guard } from '../exchange.js';
import { LeasedCounts } from '../leased-counts.js';
import type { SharedLimit, Siblings } from '../siblings.js';

/** What a limit is for. */
export const WINDOW_MS = 60_000;
const COMMON = {
  windowMs: WINDOW_MS,
  standardHeaders: 'draft-7',
  legacyHeaders: false,
  // Its checks of the set-up run with every request and are made for development.
  validate: false,
  handler: (_req, _res, next) => next(new VaultError('PV9016')),
} as const satisfies Parameters<typeof rateLimit>[0];

/** So many requests a minute from one address, before anything is looked at; IPv6 by /56. Throws PV9016 with Retry-After. */
export function limitAddresses(perMinute: number, siblings: Siblings | null): RequestHandler {
  return rateLimit({
    ...COMMON,
    store: countsOf('address', perMinute, siblings),
    limit: perMinute,
    keyGenerator: (_req, res) => Exchange.of(res).source,
    skip: () => perMinute === 0,
  });
}

/**
 * So many requests a minute of one client, whatever its addresses. Throws PV9016 with Retry-After. The middleware's own counter and headers
 * without the middleware, which looks at every option anew with every request.
 */
export function limitClients(perMinute: number, siblings: Siblings | null): Guard {
  const store = countsOf('client', perMinute, siblings);
  const policy = `${perMinute};w=${WINDOW_MS / 1_000}`;
  return async ({ res, principal }) => {
    if (perMinute === 0 || principal === NOBODY) return;
    const { totalHits, resetTime } = await store.increment(principal.user);
    const reset = Math.max(0, Math.ceil(((resetTime?.getTime() ?? 0) - Date.now()) / 1_000));
    res.setHeader('RateLimit-Policy', policy);
    res.setHeader(
      'RateLimit',
      `limit=${perMinute}, remaining=${Math.max(0, perMinute - totalHits)}, reset=${reset}`,
    );
    if (totalHits <= perMinute) return;
    res.setHeader('Retry-After', String(reset));
    throw new VaultError('PV9016');
  };
}

/** Where hits are counted: in this process, or where others serve beside it, in all of them together. */
function countsOf(limit: SharedLimit, perMinute: number, siblings: Siblings | null): Store {
  if (siblings !== null) return new LeasedCounts(perMinute, (key) => siblings.lease(limit, key));
  const store = new MemoryStore();
  store.init({ windowMs: WINDOW_MS } as Parameters<MemoryStore['init']>[0]);
  return store;
}

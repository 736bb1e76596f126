import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { VaultError } from '../../errors.js';
import { NOBODY } from '../../operations/access.js';
import { Exchange, type Guard } from '../exchange.js';

const WINDOW_MS = 60_000;
const COMMON = {
  windowMs: WINDOW_MS,
  standardHeaders: 'draft-7',
  legacyHeaders: false,
  // Its checks of the set-up run with every request and are made for development.
  validate: false,
  handler: (_req, _res, next) => next(new VaultError('PV9016')),
} as const satisfies Parameters<typeof rateLimit>[0];

/** So many requests a minute from one address, before anything is looked at; IPv6 by /56. Throws PV9016 with Retry-After. */
export function limitAddresses(perMinute: number): RequestHandler {
  return rateLimit({
    ...COMMON,
    limit: perMinute,
    keyGenerator: (_req, res) => Exchange.of(res).source,
    skip: () => perMinute === 0,
  });
}

/** So many requests a minute of one client, whatever its addresses. Throws PV9016 with Retry-After. */
export function limitClients(perMinute: number): Guard {
  const limit = rateLimit({
    ...COMMON,
    limit: perMinute,
    keyGenerator: (_req, res) => Exchange.of(res).principal.user,
  });
  return ({ req, res, principal }) => {
    if (perMinute === 0 || principal === NOBODY) return;
    return new Promise((resolve, reject) => {
      const next = (error?: unknown): void => (error instanceof Error ? reject(error) : resolve());
      void Promise.resolve(limit(req, res, next)).catch(next);
    });
  };
}

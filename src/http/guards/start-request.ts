import type { RequestHandler } from 'express';
import { VaultError } from '../../errors.js';
import { Exchange } from '../exchange.js';
import type { Lifecycle } from '../lifecycle.js';

/** Headers past this number are dropped by node:http without a word, and one of them could be X-Tenant-Id. */
export const MOST_HEADERS = 200;

/** Gives the request its id and its exchange, and tells `onEnd` when it is over, answered or not. */
export function startRequest(lifecycle: Lifecycle, onEnd: (exchange: Exchange) => void): RequestHandler {
  return (req, res, next) => {
    const exchange = new Exchange(req, res);
    res.setHeader('X-Request-Id', exchange.requestId);
    lifecycle.inFlight++;
    res.on('close', () => {
      // One that was turned away was taken off then.
      if (!exchange.turnedAway) lifecycle.inFlight--;
      onEnd(exchange);
    });
    if (req.rawHeaders.length >= 2 * MOST_HEADERS) {
      throw new VaultError('PV1012', {
        field: 'headers',
        reason: `There must be fewer than ${MOST_HEADERS}.`,
      });
    }
    next();
  };
}

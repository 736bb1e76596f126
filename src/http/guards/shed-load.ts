import type { RequestHandler } from 'express';
import { VaultError } from '../../errors.js';
import type { Lifecycle } from '../lifecycle.js';

/**
 * Turns requests away while more are under way than can be served in time, and while the server stops: PV9018. A cheap answer
 * now is better than a late one for everybody.
 */
export function shedLoad(lifecycle: Lifecycle, mostInFlight: number): RequestHandler {
  return (_req, res, next) => {
    if (lifecycle.stopping) res.setHeader('Connection', 'close');
    if (lifecycle.stopping || lifecycle.inFlight > mostInFlight) throw new VaultError('PV9018');
    next();
  };
}

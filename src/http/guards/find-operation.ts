import { VaultError } from '../../errors.js';
import type { Exchange } from '../exchange.js';
import { findRoute } from '../router.js';

/** Text analysis came with 1.14, as part of the hosted service only: clients know from 501 that it is not to be had here. */
const ANALYSIS = /^\/api\/pvlt\/1\.0\/data\/analysis\/(?:contains|detect|locate)\/?$/;

/**
 * Finds the operation of the contract. Throws PV9020 for a path that is not there, PV9021 (with Allow) for another method, and PV2001 for the
 * operations of the drop-in API that no vault of one's own has.
 */
export function findOperation(exchange: Exchange): void {
  const { req, res } = exchange;
  const end = req.url.indexOf('?');
  const path = end < 0 ? req.url : req.url.slice(0, end);
  const route = findRoute(req.method, path);
  if (route === null) throw new VaultError(ANALYSIS.test(path) ? 'PV2001' : 'PV9020');
  if (route.operation === null) {
    res.setHeader('Allow', route.allow);
    throw new VaultError('PV9021');
  }
  exchange.route = route;
}

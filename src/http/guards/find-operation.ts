import { VaultError } from '../../errors.js';
import type { Exchange } from '../exchange.js';
import { findRoute } from '../router.js';

/** Finds the operation of the contract. Throws PV9020 for a path that is not there, PV9021 (with Allow) for another method. */
export function findOperation(exchange: Exchange): void {
  const { req, res } = exchange;
  const end = req.url.indexOf('?');
  const route = findRoute(req.method, end < 0 ? req.url : req.url.slice(0, end));
  if (route === null) throw new VaultError('PV9020');
  if (route.operation === null) {
    res.setHeader('Allow', route.allow);
    throw new VaultError('PV9021');
  }
  exchange.route = route;
}

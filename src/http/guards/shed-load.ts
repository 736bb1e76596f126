import type { RequestHandler } from 'express';
import { VaultError } from '../../errors.js';
import { contract } from '../../generated/contract.js';
import { Exchange } from '../exchange.js';
import type { Lifecycle } from '../lifecycle.js';
import type { ShedCause, TurnedAway } from '../turned-away.js';

/** What tells whether the vault is well must be told above all when it is not. */
const NEVER_SHED: ReadonlySet<string> = new Set([
  '/metrics',
  contract.operations.controlHealth.path,
  contract.operations.dataHealth.path,
]);

/**
 * How long the refusal of an overload is kept back. Callers that come back at once, whatever Retry-After says, would otherwise take up what turning them away
 * has saved.
 */
const HELD_MS = 500;
/** Refusals kept back at a time; past it they are sent at once, so that they take little memory. */
const MOST_HELD = 2_000;

/**
 * Turns requests away while more are under way than can be served in time, and while the server stops: PV9018. What is turned away is none of
 * those under way.
 */
export function shedLoad(lifecycle: Lifecycle, turnedAway: TurnedAway): RequestHandler {
  let held = 0;
  return (req, res, next) => {
    if (lifecycle.stopping) res.setHeader('Connection', 'close');
    const cause = causeFor(lifecycle, req.url);
    if (cause === null) return next();
    turnedAway.count(cause);
    Exchange.of(res).turnedAway = true;
    lifecycle.inFlight--;
    if (cause === 'stopping' || held >= MOST_HELD) throw new VaultError('PV9018');
    held++;
    setTimeout(() => {
      held--;
      next(new VaultError('PV9018'));
    }, HELD_MS);
  };
}

function causeFor({ stopping, inFlight, limit }: Lifecycle, url: string): ShedCause | null {
  if (stopping) return 'stopping';
  if (inFlight <= limit.current) return null;
  return NEVER_SHED.has(url.split('?', 1)[0]!) ? null : 'overload';
}

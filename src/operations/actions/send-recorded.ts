import type { OutboundAnswer, OutboundRequest } from '../../outbound/outbound.js';
import type { Target } from '../../outbound/destinations.js';
import type { Call } from '../call.js';
import type { Vault } from '../vault.js';

/** Sends a request, after the access log says for which action and to which destination; the URL may hold values and stays out of it. */
export async function sendRecorded(
  call: Call,
  vault: Vault,
  asked: string,
  target: Target,
  request: OutboundRequest,
): Promise<OutboundAnswer> {
  await call.record({
    asked: [[asked, null]],
    outcome: 'allowed',
    rule: `sent-to:${target.destination.base}`,
  });
  return vault.outbound.send(target, request);
}

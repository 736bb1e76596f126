import { Agent } from 'undici';
import type { Address } from './addresses.js';

/** A connection of its own to exactly this address; TLS still checks the name. */
export function pinnedAgent(
  { address, family }: Address,
  { timeoutMs, largestAnswer }: { readonly timeoutMs: number; readonly largestAnswer: number },
): Agent {
  return new Agent({
    connections: 1,
    pipelining: 0,
    allowH2: false,
    maxResponseSize: largestAnswer,
    connect: {
      timeout: timeoutMs,
      lookup: (_hostname, { all }, callback) =>
        all ? callback(null, [{ address, family }]) : callback(null, address, family),
    },
  });
}

import { VaultError } from '../../errors.js';
import type { AccessReason } from '../../policy/reasons.js';
import type { Guard } from '../exchange.js';

/**
 * Fixes the reason of the access: the one given, or AppFunctionality. Throws PV1001 where reasons are forced and none is given, and
 * PV1012 naming `adhoc_reason` for `Other` without words of its own: the reason is there, a parameter is missing.
 */
export function checkReason(forced: boolean): Guard {
  return (exchange) => {
    const { query, route, access } = exchange;
    const given = query.reason as AccessReason | undefined;
    const takesReason = 'reason' in route.operation.parameters.query.properties;
    if (given === undefined && forced && takesReason) throw new VaultError('PV1001');

    exchange.reason = given ?? 'AppFunctionality';
    exchange.reasonDefaulted = given === undefined;
    exchange.adhocReason = (query.adhoc_reason as string | undefined) ?? null;
    exchange.customAudit = (query.custom_audit as string | undefined) ?? null;
    access?.learn({
      reason: exchange.reason,
      reasonDefaulted: exchange.reasonDefaulted,
      texts: {
        ...(exchange.adhocReason !== null && { adhoc_reason: exchange.adhocReason }),
        ...(exchange.customAudit !== null && { custom_audit: exchange.customAudit }),
      },
    });

    if (given === 'Other' && exchange.adhocReason === null) {
      throw new VaultError('PV1012', {
        field: 'adhoc_reason',
        reason: 'It is required with the reason Other.',
      });
    }
  };
}

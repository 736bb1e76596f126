import { VaultError } from '../../errors.js';
import type { AccessReason } from '../../policy/reasons.js';
import type { Exchange, Guard } from '../exchange.js';

/** Why the access log is read: an auditor's words belong in no URL. */
const PURPOSE = 'x-coatcheck-reason';
const LONGEST_PURPOSE = 256;

/**
 * Fixes the reason of the access: the one given, or AppFunctionality. Throws PV1001 where reasons are forced and none is given, and
 * PV1012 naming `adhoc_reason` for `Other` without words of its own: the reason is there, a parameter is missing.
 */
export function checkReason(forced: boolean): Guard {
  return (exchange) => {
    const { query, route, access } = exchange;
    const { parameters } = route.operation;
    // Where the access log is read, `reason` is a filter: the reason of those who are looked for.
    const takesReason = 'reason' in parameters.query.properties && !(PURPOSE in parameters.header.properties);
    const given = takesReason ? (query.reason as AccessReason | undefined) : undefined;
    if (given === undefined && forced && takesReason) throw new VaultError('PV1001');

    exchange.reason = given ?? 'AppFunctionality';
    exchange.reasonDefaulted = given === undefined;
    exchange.adhocReason = (query.adhoc_reason as string | undefined) ?? purposeOf(exchange);
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

/** The header as UTF-8, where the operation takes it; null where it is absent or empty. Throws PV1012 for what is no such text. */
function purposeOf({ req, route }: Exchange): string | null {
  const header = req.headers[PURPOSE];
  if (header === undefined || !(PURPOSE in route.operation.parameters.header.properties)) return null;
  // Node reads each byte of a header as a character of its own.
  const text = Buffer.from([header].flat().join(', '), 'latin1').toString('utf8').trim();
  if (text.includes('\ufffd') || [...text].length > LONGEST_PURPOSE) {
    throw new VaultError('PV1012', {
      field: 'X-Coatcheck-Reason',
      reason: `It must be at most ${LONGEST_PURPOSE} characters long, in UTF-8.`,
    });
  }
  return text || null;
}

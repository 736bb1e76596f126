import { VaultError } from '../../errors.js';
import { misfitOf } from '../contract-validation.js';
import type { Exchange } from '../exchange.js';
import { renameFormerMembers } from '../former-members.js';
import { nullStripper } from '../null-members.js';

const BINARY = 'application/octet-stream';
/** Names of our own or api.md's headers are checked where they are read; this one is only kept. */
const LONGEST_CALLER_REQUEST_ID = 256;

/** Holds the request against the contract. Throws PV1012, which names the place and the rule and never the value, or PV1002. */
export function validate(exchange: Exchange): void {
  const { operation } = exchange.route;
  refuseCallerRequestId(exchange);

  const misfit = misfitOf(operation.parameters.query, exchange.query);
  // A reason has its own error, so that a caller can tell it from the rest.
  if (misfit?.field === '/reason') throw new VaultError('PV1002', { field: 'reason', reason: misfit.reason });
  if (misfit) throw new VaultError('PV1012', { field: misfit.field.slice(1), reason: misfit.reason });

  if (exchange.rawBody === null || exchange.contentType === null || exchange.contentType === BINARY) return;
  const schema = operation.requestBody!.content[exchange.contentType]!;
  renameFormerMembers(operation.operationId, exchange.body);
  const inBody = misfitOf(schema, exchange.body);
  if (inBody) throw new VaultError('PV1012', { ...inBody });
  nullStripper(schema)?.(exchange.body);
}

function refuseCallerRequestId({ req, callerRequestId }: Exchange): void {
  if (req.headers['x-pvault-request-id'] && callerRequestId === null) {
    throw new VaultError('PV1012', {
      field: 'X-Pvault-Request-ID',
      reason: `It must be at most ${LONGEST_CALLER_REQUEST_ID} printable ASCII characters long.`,
    });
  }
}

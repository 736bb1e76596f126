import { createHash } from 'node:crypto';
import { VaultError } from '../../errors.js';
import type { Vault } from '../../operations/vault.js';
import type { Exchange, Guard } from '../exchange.js';

const KEY = /^[\x20-\x7e]{1,255}$/;

/**
 * Takes the Idempotency-Key of an operation that creates something; others ignore it. What tells one request from another is kept as a
 * keyed hash: a plain one of a body with a birth date or an SSN could be guessed. Throws PV1012 for a key that cannot be one.
 */
export function readIdempotencyKey(vault: Vault): Guard {
  return (exchange) => {
    const { req, route, principal } = exchange;
    const key = req.headers['idempotency-key'];
    if (key === undefined || !route.operation.creates) return;
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw new VaultError('PV1012', {
        field: 'Idempotency-Key',
        reason: 'It must be 1 to 255 printable ASCII characters long.',
      });
    }
    const digest = `request ${digestOf(exchange)}`;
    const request = vault.keyring.lookup.idempotency(principal.user, route.operation.operationId, digest);
    exchange.idempotency = { key, request };
  };
}

function digestOf({ req, tenants, transParam, contentType, rawBody, principal }: Exchange): string {
  // One subject's tokens may differ in what they allow: none may be answered with what another created.
  const { role, jwt, delegation, restrictions } = principal;
  const claimed = jwt || delegation ? [[role, delegation ?? null, restrictions ?? null]] : [];
  const rest = JSON.stringify([req.url, tenants, transParam, contentType, ...claimed]);
  return createHash('sha256')
    .update(`${rest}\n`)
    .update(rawBody ?? '')
    .digest('hex');
}

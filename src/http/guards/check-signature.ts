import { createHmac, timingSafeEqual } from 'node:crypto';
import { VaultError } from '../../errors.js';
import { findAdapterEvent, hooksOf, speaksFor } from '../../operations/idp/hook-of.js';
import { openSigningSecrets } from '../../operations/idp/signatures/signing-secret.js';
import type { Vault } from '../../operations/vault.js';
import type { Exchange, Guard } from '../exchange.js';

const DIGEST = /^[0-9a-f]{64}$/i;

/**
 * Checks the signature of the body where the user that calls was given a secret (docs/adr/0058); the hook that has it is the one that speaks. Where there is no secret the key is enough. Throws
 * PV1005.
 */
export function checkSignature(vault: Vault): Guard {
  return (exchange) => {
    if (exchange.route.operation.operationId !== 'receiveIdpEvent') return;
    const { provider = '', event = '' } = exchange.route.path;
    const signature = findAdapterEvent(provider, event)?.signature;
    if (signature?.form === 'hmac') return check(vault, exchange, signature.header);
  };
}

async function check(vault: Vault, exchange: Exchange, header: string): Promise<void> {
  const { metadata, principal, rawBody, req, route } = exchange;
  const hooks = hooksOf(metadata.iam.config, route.path.provider!).filter(([, hook]) =>
    speaksFor(principal, hook),
  );
  const secrets = (await openSigningSecrets(vault, hooks)).filter(({ user }) => user === principal.user);
  if (secrets.length === 0) return;

  const given = req.headers[header];
  const signer = secrets.find(({ secret }) => secret !== null && isSigned(rawBody, secret, given));
  if (!signer) throw new VaultError('PV1005', {}, 'signature refused: it is not that of the body');
  exchange.principal = { ...principal, signedHook: signer.name };
}

function isSigned(body: Buffer | null, secret: string, given: unknown): boolean {
  if (typeof given !== 'string' || !DIGEST.test(given)) return false;
  const expected = createHmac('sha256', secret)
    .update(body ?? '')
    .digest();
  return timingSafeEqual(expected, Buffer.from(given, 'hex'));
}

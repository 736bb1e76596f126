import { createSecretKey } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { VaultError } from '../../errors.js';
import type { Principal } from '../../operations/call.js';
import { findAdapterEvent, hooksOf } from '../../operations/idp/hook-of.js';
import { openSigningSecrets } from '../../operations/idp/signatures/signing-secret.js';
import type { Vault } from '../../operations/vault.js';
import type { Metadata } from '../../store/metadata.js';
import type { Exchange } from '../exchange.js';

/** Longer tokens are refused unread: one that only says that somebody calls is short. */
const LONGEST = 4_096;
const COMPACT = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;
/** Clocks that differ by less are forgiven, and what was signed longer ago is not taken: it may have been overheard. */
const FARTHEST_S = 5 * 60;

/** The token by which the provider of the event signs its calls; null where it does not, or sent none. */
export function signedToken({ req, route }: Exchange): string | null {
  if (route.operation.operationId !== 'receiveIdpEvent') return null;
  const { provider = '', event = '' } = route.path;
  const signature = findAdapterEvent(provider, event)?.signature;
  const token = signature?.form === 'jwt' ? req.headers[signature.header] : undefined;
  return typeof token === 'string' && token !== '' ? token : null;
}

/**
 * The user of a hook whose secret the token is signed with (docs/adr/0058): the caller speaks for that hook. A secret that several users have is the first's. Throws PV1005, with a
 * reason for the operator that quotes nothing, or PV1011.
 */
export async function principalOfSignature(
  vault: Vault,
  metadata: Metadata,
  { route, startedAt }: Exchange,
  token: string,
): Promise<Principal> {
  if (token.length > LONGEST || !COMPACT.test(token)) refuse('it is malformed');
  const { iam } = metadata;
  const hooks = hooksOf(iam.config, route.path.provider!);
  const secrets = await openSigningSecrets(vault, hooks);
  const signer =
    secrets.find(({ secret }) => secret !== null && isSigned(token, secret, startedAt)) ??
    refuse('no user of a hook has a secret it is signed with, or it is not from this moment');

  const user = iam.config.users.get(signer.user);
  const role = user && iam.config.roles.get(user.role);
  if (!role || role.trustedRoles !== undefined) return refuse('its user has no role of a hook');
  if (user.disabled) throw new VaultError('PV1011');
  return {
    user: signer.user,
    role: user.role,
    keyId: null,
    caller: { kind: 'role', role: user.role },
    capabilities: iam.compiled.roles.get(user.role)!.capabilities,
    signedHook: signer.name,
  };
}

/** What it says of times is believed, and nothing else. */
function isSigned(token: string, secret: string, now: Date): boolean {
  const nowS = Math.floor(now.getTime() / 1000);
  try {
    const claims = jsonwebtoken.verify(token, createSecretKey(secret, 'utf8'), {
      algorithms: ['HS256'],
      clockTolerance: FARTHEST_S,
      clockTimestamp: nowS,
    });
    if (typeof claims === 'string') return false;
    return claims.iat === undefined || Math.abs(nowS - claims.iat) <= FARTHEST_S;
  } catch {
    return false;
  }
}

function refuse(reason: string): never {
  throw new VaultError('PV1005', {}, `signature refused: ${reason}`);
}

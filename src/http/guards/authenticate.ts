import { timingSafeEqual } from 'node:crypto';
import type { AnonymousFailures } from '../../access-log/anonymous-failures.js';
import { publicIdOf } from '../../crypto/index.js';
import { type ErrorCode, VaultError } from '../../errors.js';
import { Access, NOBODY } from '../../operations/access.js';
import type { Principal } from '../../operations/call.js';
import type { Vault } from '../../operations/vault.js';
import { ADMIN_CAPABILITIES } from '../../policy/capabilities.js';
import type { StoredApiKey } from '../../store/iam-state.js';
import { ADMIN_USER, type Metadata } from '../../store/metadata.js';
import type { Exchange, Guard } from '../exchange.js';
import type { FailedAttempts } from '../failed-attempts.js';
import type { JwtIssuers, VerifiedJwt } from '../jwt/jwt-issuers.js';
import { delegated, principalOfJwt } from '../jwt/jwt-principal.js';
import { looksLikeJwt } from '../jwt/read-jwt.js';
import { principalOfSignature, signedToken } from '../jwt/signed-caller.js';
import { NO_METADATA } from '../no-metadata.js';

const BEARER = /^Bearer +(\S+) *$/i;
/** Says nothing of any key: none was sent in the one place where it is looked for. */
const NO_BEARER = {
  field: 'Authorization',
  reason: 'It must be Bearer, a space and an API key or JWT.',
} as const;
const CLIENT_KEY_PREFIX = 'pv_live_';
const NEVER_MATCHES = Buffer.alloc(32);

interface Tools {
  readonly vault: Vault;
  readonly attempts: FailedAttempts;
  readonly failures: AnonymousFailures;
  readonly issuers: JwtIssuers;
  readonly recordRemoteAddress: boolean;
}

/**
 * Finds who is calling, from the headers alone. From here on everything that happens to the request is recorded; what is refused here is
 * only counted. Throws PV1005 or PV1011, PV9016 after too many wrong keys, and PV9064 where a JWT's issuer gives no keys; with a delegation
 * also PV9066. A provider that signs its calls in place of a key is known by that.
 */
export function authenticate(tools: Tools): Guard {
  return async (exchange) => {
    const { auth } = exchange.route.operation;
    const header = exchange.req.headers.authorization;
    if (auth === 'none' || (auth === 'optional' && header === undefined)) {
      exchange.principal = NOBODY;
      exchange.metadata = NO_METADATA;
      return;
    }
    const signed = header === undefined ? signedToken(exchange) : null;
    try {
      if (signed === null) await identify(tools, exchange, header ?? '');
      else await identifySigner(tools, exchange, signed);
    } catch (error) {
      if (error instanceof VaultError && error.status < 500)
        tools.failures.count(exchange.source, error.code);
      throw error;
    }
    introduce(tools, exchange);
    await delegate(tools, exchange);
  };
}

async function identify(tools: Tools, exchange: Exchange, header: string): Promise<void> {
  const key = BEARER.exec(header)?.[1];
  if (key === undefined) throw new VaultError('PV1005', { ...NO_BEARER });
  if (looksLikeJwt(key)) {
    const metadata = await tools.vault.metadata.get();
    exchange.principal = principalOfJwt(await verify(tools, exchange, metadata, key), metadata);
    exchange.metadata = metadata;
    return;
  }
  const publicId = publicIdOf(key);
  // A client's key with a wrong checksum is a typing error: nothing is looked up for it.
  if (publicId === null && key.startsWith(CLIENT_KEY_PREFIX)) throw refuse(tools, exchange, null);
  // People choose the Admin's key, so it can be guessed: while a source waits, no guess of its is looked at. A client's key
  // has 256 bits; the right one always passes, and nobody can lock out a neighbour.
  if (publicId === null && tools.attempts.mustWait(exchange.source, ADMIN_USER)) {
    throw refuse(tools, exchange, ADMIN_USER);
  }

  const metadata = await tools.vault.metadata.get();
  const stored = publicId === null ? metadata.keysByUser.get(ADMIN_USER) : metadata.apiKeys.get(publicId);
  if (!holds(tools.vault, stored, key) || stored === undefined) {
    throw refuse(tools, exchange, stored ? (publicId ?? ADMIN_USER) : null);
  }
  if (stored.expiresAt && stored.expiresAt <= exchange.startedAt) throw new VaultError('PV1005');
  if (publicId === null) tools.attempts.forgive(exchange.source, ADMIN_USER);

  exchange.metadata = metadata;
  exchange.principal = publicId === null ? adminOf(tools.vault) : clientOf(stored, metadata);
}

/** As with a JWT, a refused signature is no attempt on a key. */
async function identifySigner({ vault }: Tools, exchange: Exchange, token: string): Promise<void> {
  const metadata = await vault.metadata.get();
  try {
    exchange.principal = await principalOfSignature(vault, metadata, exchange, token);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV1005') exchange.refusal = error.detail ?? null;
    throw error;
  }
  exchange.metadata = metadata;
}

/** Signatures cannot be guessed, and tokens expire in good faith: a refused one counts as no attempt on a key. */
async function verify(
  { issuers }: Tools,
  exchange: Exchange,
  { iam }: Metadata,
  token: string,
): Promise<VerifiedJwt> {
  try {
    return await issuers.verify(token, iam.config, exchange.startedAt);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV1005') exchange.refusal = error.detail ?? null;
    throw error;
  }
}

/** The caller is known already: what fails here is recorded under its name. */
async function delegate(tools: Tools, exchange: Exchange): Promise<void> {
  const header = exchange.req.headers['x-pvault-delegation'];
  if (header === undefined || header === '') return;
  const token = typeof header === 'string' ? header.trim().replace(/^Bearer +/i, '') : '';
  if (!looksLikeJwt(token)) throw new VaultError('PV1005');
  const jwt = await verify(tools, exchange, exchange.metadata, token);
  exchange.principal = delegated(exchange.principal, jwt, exchange.metadata);
  exchange.access?.learn({ principal: exchange.principal });
}

/** An unknown key takes the same steps as a wrong one. */
function holds(vault: Vault, stored: StoredApiKey | undefined, key: string): boolean {
  const keys = stored ? vault.keyring.lookupVersion(stored.lookupVersion) : vault.keyring.lookup;
  return timingSafeEqual(keys.apiKeyHash(key), stored?.hash ?? NEVER_MATCHES);
}

/** Counts a wrong key and says what to answer: PV1005, or PV9016 with the time to wait. */
function refuse({ attempts }: Tools, { source, res }: Exchange, keyId: string | null): VaultError {
  const seconds = attempts.fail(source, keyId);
  const code: ErrorCode = seconds > 0 ? 'PV9016' : 'PV1005';
  if (seconds > 0) res.setHeader('Retry-After', String(seconds));
  return new VaultError(code);
}

function clientOf(key: StoredApiKey, { iam }: Metadata): Principal {
  const user = iam.config.users.get(key.user);
  const role = user && iam.config.roles.get(user.role);
  // A role with trusted roles is reached by delegation only, never by an API key.
  if (!role || role.trustedRoles !== undefined) throw new VaultError('PV1005');
  if (user.disabled) throw new VaultError('PV1011');
  return {
    user: key.user,
    role: user.role,
    keyId: key.publicId,
    caller: { kind: 'role', role: user.role },
    capabilities: iam.compiled.roles.get(user.role)!.capabilities,
  };
}

function adminOf({ settings }: Vault): Principal {
  return {
    user: ADMIN_USER,
    role: ADMIN_USER,
    keyId: null,
    caller: { kind: 'admin', mayReadData: settings.adminMayReadData },
    capabilities: ADMIN_CAPABILITIES,
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Starts the record of the request. Of the path only names that exist and ids go into it: the rest is the caller's text. */
function introduce({ vault, recordRemoteAddress }: Tools, exchange: Exchange): void {
  const { route, principal, metadata } = exchange;
  const { collection, id } = route.path;
  const known = {
    principal,
    iamVersion: metadata.iam.version,
    ...(collection !== undefined && metadata.collections.has(collection) && { collection }),
    ...(id !== undefined && UUID.test(id) && { objects: [id.toLowerCase()] }),
  };
  if (exchange.access) return exchange.access.learn(known);
  exchange.access = new Access(
    vault.log,
    {
      operation: route.operation.operationId,
      requestId: exchange.requestId,
      callerRequestId: exchange.callerRequestId,
      remoteAddress: recordRemoteAddress ? exchange.address : null,
    },
    known,
  );
}

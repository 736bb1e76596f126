import { VaultError } from '../../../errors.js';
import { type Fields, member } from '../../../idp/event-fields.js';
import type { Credential, ProviderRequest, WriteBack } from '../../../idp/write-back.js';
import type { OutboundAnswer } from '../../../outbound/outbound.js';
import { ProofKey, clientAssertion } from './proofs.js';

/** A token of a provider, and the key that it is bound to, if it is. */
export interface ProviderToken {
  readonly token: string;
  readonly proofs: ProofKey | null;
  readonly seconds: number;
}

type Send = (request: ProviderRequest) => Promise<OutboundAnswer>;

/** Errors by which a server says that it binds tokens to keys (RFC 9449, 5 and 8). */
const WANTS_PROOF: ReadonlySet<unknown> = new Set(['invalid_dpop_proof', 'use_dpop_nonce']);

/**
 * Asks for a token at `url`, as the credential's client; where the server wants that, one that is bound to a key of ours. Each request has an assertion of its own: servers take none twice. Throws PV9113 where none
 * is given.
 */
export async function askForToken(
  api: WriteBack,
  request: () => ProviderRequest,
  url: string,
  send: Send,
): Promise<ProviderToken> {
  let answer = await send(request());
  const proofs = wantsProof(answer) ? new ProofKey() : null;
  // Once to be told what the proof must hold, once with it.
  for (let tries = 0; proofs && wantsProof(answer) && tries < 2; tries++) {
    const nonce = answer.headers['dpop-nonce'];
    if (nonce !== undefined) proofs.nonces.token = nonce;
    const { headers, ...asking } = request();
    const dpop = proofs.proof(asking.method, url, proofs.nonces.token);
    answer = await send({ ...asking, headers: { ...headers, dpop } });
  }

  const body = bodyOf(answer);
  if (typeof body !== 'object' || body === null) throw new VaultError('PV9113');
  const { token, seconds } = (api.tokenIn ?? oauthToken)(body as Fields);
  if (typeof token !== 'string' || token === '') throw new VaultError('PV9113');
  const isBound = String(member(body as Fields, 'token_type')).toLowerCase() === 'dpop';
  return {
    token,
    proofs: isBound ? proofs : null,
    seconds: typeof seconds === 'number' && seconds > 0 ? seconds : 0,
  };
}

/** The request for a token: with an assertion where the credential has a key, else with its secret. A secret that is itself what requests are authorized by is returned as it is. */
export function tokenRequest(
  api: WriteBack,
  base: string,
  credential: Credential,
): (() => ProviderRequest) | { readonly authorization: string } {
  const { signed } = api;
  if (credential.privateKey !== undefined && signed)
    return () => {
      const audience = credential.tokenUrl ?? signed.audience(base);
      return signed.token(base, credential, clientAssertion(credential, audience));
    };
  const asking = api.token(base, credential);
  return 'authorization' in asking ? asking : () => asking;
}

/** The JSON of a good answer. Throws PV9113 for any other. */
export function bodyOf({ status, body }: OutboundAnswer): unknown {
  if (status < 200 || status > 299) throw new VaultError('PV9113');
  if (body === '') return {};
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new VaultError('PV9113');
  }
}

function wantsProof({ status, body }: OutboundAnswer): boolean {
  if (status !== 400 && status !== 401) return false;
  try {
    return WANTS_PROOF.has(member(JSON.parse(body) as Fields, 'error'));
  } catch {
    return false;
  }
}

function oauthToken({ access_token: token, expires_in: seconds }: Fields): {
  readonly token: unknown;
  readonly seconds: unknown;
} {
  return { token, seconds };
}

import { type JsonWebKey, createHash, createPublicKey, verify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

type Json = Record<string, unknown>;

/** What is answered at the token endpoint. */
interface TokenAnswer {
  readonly status: number;
  readonly json: Json;
  readonly headers?: Record<string, string>;
}

const TOKEN_PATH = '/oauth2/v1/token';
const NONCE = 'nonce-of-the-server';
const DIGESTS: Readonly<Record<string, string>> = { RS256: 'sha256', ES256: 'sha256', ES384: 'sha384' };

/**
 * A service app at Okta as its guides describe it: tokens for an assertion that is signed, in time, for this org and not used before; where proof of possession is required (which it is for a new app), bound to the key of a proof,
 * which must bring the server's nonce. It does not use the library that the vault signs with.
 */
export class OktaServiceApp {
  readonly clientId = '0oa1service';
  /** The public keys that were added to the app. */
  readonly keys: (JsonWebKey & { kid?: string })[] = [];
  requiresProof = true;
  /** Answers a request of the API once with a nonce of its own, as a resource server may (RFC 9449, 9). */
  apiNonce: string | null = null;
  /** Why requests were turned away. */
  readonly refusals: string[] = [];
  readonly #used = new Set<string>();
  readonly #tokens = new Map<string, string | null>();

  /** Null: it is another request. */
  token(request: IncomingMessage, body: string, base: string): TokenAnswer | null {
    if (request.method !== 'POST' || request.url !== TOKEN_PATH) return null;
    const url = `${base}${TOKEN_PATH}`;
    const form = new URLSearchParams(body);
    const wrong = this.#wrongAssertion(form, url);
    if (wrong) return this.#refuse(401, 'invalid_client', wrong);
    if (form.get('scope') !== 'okta.users.manage') return this.#refuse(400, 'invalid_scope', 'scope');

    const header = request.headers.dpop;
    if (header === undefined && this.requiresProof)
      return this.#refuse(400, 'invalid_dpop_proof', 'The DPoP proof JWT header is missing.');
    const proof = header === undefined ? null : this.#proofIn(String(header), 'POST', url);
    if (proof === undefined) return this.#refuse(400, 'invalid_dpop_proof', 'proof');
    if (proof && proof.claims.nonce !== NONCE) {
      const answer = this.#refuse(400, 'use_dpop_nonce', 'nonce');
      return { ...answer, headers: { 'dpop-nonce': NONCE } };
    }
    const token = `service-token-${this.#tokens.size + 1}`;
    this.#tokens.set(token, proof && thumbprint(proof.jwk));
    const json = { token_type: proof ? 'DPoP' : 'Bearer', expires_in: 3600, access_token: token, scope: '' };
    return { status: 200, json };
  }

  /** Whether a request of the API brings a token, and the proof that goes with one that is bound; else headers of a 401. */
  allows({ method, url = '', headers }: IncomingMessage, base: string): true | Record<string, string> {
    const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
    const bound = this.#tokens.get(token);
    if (bound === undefined) return {};
    if (bound === null) return scheme === 'Bearer' ? true : {};
    const proof = this.#proofIn(String(headers.dpop), method ?? '', `${base}${url.split('?')[0]}`);
    const ath = createHash('sha256').update(token).digest('base64url');
    const isOurs = proof && scheme === 'DPoP' && proof.claims.ath === ath && thumbprint(proof.jwk) === bound;
    if (!isOurs) {
      this.refusals.push('proof of a request');
      return {};
    }
    if (this.apiNonce === null || proof.claims.nonce === this.apiNonce) return true;
    return { 'dpop-nonce': this.apiNonce, 'www-authenticate': 'DPoP error="use_dpop_nonce"' };
  }

  #wrongAssertion(form: URLSearchParams, url: string): string | null {
    if (form.get('grant_type') !== 'client_credentials') return 'grant';
    if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      return 'assertion type';
    const read = readJwt(form.get('client_assertion') ?? '');
    const jwk = this.keys.find(({ kid }) => kid === read?.header.kid);
    if (!read || !jwk || !isSigned(read, jwk)) return 'signature';
    const { iss, sub, aud, exp, iat, jti } = read.claims;
    if (iss !== this.clientId || sub !== this.clientId) return 'client';
    if (aud !== url) return 'audience';
    const now = Date.now() / 1000;
    if (typeof exp !== 'number' || exp <= now || exp > now + 3600 || Number(iat) > now + 5) return 'time';
    return this.#isNew(jti) ? null : 'used before';
  }

  /** Undefined: it is none for this request. */
  #proofIn(text: string, method: string, url: string): { claims: Json; jwk: JsonWebKey } | undefined {
    const read = readJwt(text);
    const jwk = read?.header.jwk as JsonWebKey | undefined;
    if (!read || !jwk || 'd' in jwk || read.header.typ !== 'dpop+jwt' || !isSigned(read, jwk))
      return undefined;
    const { htm, htu, iat, jti } = read.claims;
    const isThis = htm === method && htu === url && Math.abs(Number(iat) - Date.now() / 1000) < 60;
    return isThis && this.#isNew(jti) ? { claims: read.claims, jwk } : undefined;
  }

  #isNew(id: unknown): boolean {
    if (typeof id !== 'string' || id === '' || this.#used.has(id)) return false;
    this.#used.add(id);
    return true;
  }

  #refuse(status: number, error: string, why: string): TokenAnswer {
    this.refusals.push(`${error}: ${why}`);
    return { status, json: { error, error_description: why } };
  }
}

interface ReadJwt {
  readonly header: Json;
  readonly claims: Json;
  readonly signed: string;
  readonly signature: Buffer;
}

function readJwt(text: string): ReadJwt | null {
  const [header = '', claims = '', signature = ''] = text.split('.');
  try {
    const parsed = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json;
    return {
      ...{ header: parsed(header), claims: parsed(claims), signed: `${header}.${claims}` },
      signature: Buffer.from(signature, 'base64url'),
    };
  } catch {
    return null;
  }
}

function isSigned({ header, signed, signature }: ReadJwt, jwk: JsonWebKey): boolean {
  const digest = DIGESTS[String(header.alg)];
  if (digest === undefined) return false;
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify(digest, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** RFC 7638, of an elliptic curve's key. */
function thumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

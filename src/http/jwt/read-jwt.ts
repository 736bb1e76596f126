import { parseJson } from '../parse-json.js';

/** Longer tokens are refused unread: one of an identity provider has a few hundred bytes to a few thousand. */
const LONGEST = 16 * 1024;
const COMPACT = /^(eyJ[\w-]*)\.([\w-]+)\.([\w-]+)$/;

/** What a token may call itself. A logout token, a DPoP proof or an event is signed by the same issuer and is no access token. */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/**
 * Header members that change which key is taken or what is signed. None is needed by an access token, and a verifier that followed
 * `jku`, `x5u`, `jwk` or `x5c` would take the attacker's own key. (RFC 8725 sections 3.10 and 3.11.)
 */
const FORBIDDEN = ['jku', 'x5u', 'jwk', 'x5c', 'crit', 'b64', 'enc', 'zip'] as const;

/** The algorithms there are; whose key fits which is read-key-set's to say. HMAC is none of them: the key would be a shared secret. */
export const ALGORITHMS = ['RS256', 'ES256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A token as it reads; nothing of it is known to be true. */
export interface UnverifiedJwt {
  readonly algorithm: Algorithm;
  readonly keyId: string | null;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Whether a bearer credential is a JWT in compact form, well or badly made. No API key is; the Admin's may not be. */
export function looksLikeJwt(credential: string): boolean {
  return /^eyJ[^.]*\.[^.]*\.[^.]*$/.test(credential);
}

/**
 * Reads a token strictly: three canonical base64url parts, JSON without a member given twice, a type and an algorithm that are allowed.
 * Null for everything else. Two readers that differ about what a token says are how signed tokens get forged.
 */
export function readJwt(token: string): UnverifiedJwt | null {
  if (token.length > LONGEST) return null;
  const parts = COMPACT.exec(token);
  if (!parts) return null;
  const [header, claims, signature] = parts.slice(1).map(decodeCanonical);
  if (!header || !claims || !signature) return null;

  const said = readObject(header);
  const payload = readObject(claims);
  if (!said || !payload) return null;
  const { alg, kid, typ } = said;
  if (FORBIDDEN.some((name) => Object.hasOwn(said, name))) return null;
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.has(typ.toLowerCase()))) return null;
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) return null;
  const algorithm = ALGORITHMS.find((name) => name === alg);
  return algorithm === undefined ? null : { algorithm, keyId: kid ?? null, claims: payload };
}

/** Null where another text would have given the same bytes: then the token could be changed without its signature noticing. */
function decodeCanonical(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : null;
}

function readObject(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value = parseJson(bytes, LONGEST);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    // What is wrong with it would quote the token.
    return null;
  }
}

import type { ClaimValue, IdpConfig } from './idp-config.js';

/** The claims of a token, and the same read under `namespace_top_claim`. Values are JSON. */
export type Claims = Readonly<Record<string, unknown>>;

/** The namespace of the claims that mean something to the vault; existing issuers write it. */
const NAMESPACE = 'https://app.piiano.io/';
const ROLE_CLAIM = `${NAMESPACE}role`;
const PROPERTY_CLAIMS = `${NAMESPACE}prop/`;

/** What a caller may touch, whatever its role allows. Null: not limited in this respect. */
export interface Restrictions {
  readonly tenants: readonly string[] | null;
  readonly objects: readonly string[] | null;
}

const UNRESTRICTED: Restrictions = { tenants: null, objects: null };

/** Claims that hold scopes: the standard's, and the one that Microsoft and Okta write. */
const SCOPES: ReadonlySet<string> = new Set(['scope', 'scp']);

/** Whether the token is one of this idp's: not disabled, the issuer, one of the audiences, and every bound claim. */
export function isTokenOf(idp: IdpConfig, claims: Claims): boolean {
  const { iss, aud, boundClaims } = idp.conf;
  if (idp.disabled || claims.iss !== iss) return false;
  const audiences = stringsOf(claims.aud);
  const accepted: readonly string[] = typeof aud === 'string' ? [aud] : aud;
  if (!audiences?.some((each) => accepted.includes(each))) return false;
  return [...(boundClaims ?? [])].every(([name, bound]) => meets(own(claims, name), bound));
}

/**
 * The roles a verified token asks for, most wanted first: the value or values of the roles claim, through `roles_map` where there is one.
 * Without a claim to read, an idp that may give a single role gives it. `allowed_roles` decides what is left, and its order.
 */
export function rolesOf(idp: IdpConfig, claims: Claims): readonly string[] {
  const { allowedRoles, rolesMap, conf } = idp;
  const name = conf.rolesClaim ?? ROLE_CLAIM;
  const said = own(withExtras(idp, claims), name);
  const asked = SCOPES.has(name) ? scopesOf(said) : stringsOf(said);
  if (!asked) {
    const sole = conf.rolesClaim === undefined && rolesMap === undefined && allowedRoles?.length === 1;
    return sole ? allowedRoles : [];
  }
  const roles = rolesMap ? asked.flatMap((value) => rolesMap.get(value) ?? []) : asked;
  return allowedRoles ? allowedRoles.filter((role) => roles.includes(role)) : [...new Set(roles)];
}

/**
 * What the special claims restrict the caller to. Null where a claim restricts in a way that cannot be enforced: by another property, or by
 * something that is no string or list of strings. To ignore it would give more than the issuer meant to.
 */
export function restrictionsOf(idp: IdpConfig, claims: Claims): Restrictions | null {
  let restrictions = UNRESTRICTED;
  // A restriction counts wherever it stands, and none takes another away.
  for (const said of [claims, nestedIn(idp, claims), idp.conf.extraClaims ?? {}]) {
    for (const [name, value] of Object.entries(said)) {
      if (!name.startsWith(PROPERTY_CLAIMS)) continue;
      const values = stringsOf(value);
      const property = name.slice(PROPERTY_CLAIMS.length);
      if (!values || (property !== 'id' && property !== '_tenant_id')) return null;
      restrictions = intersect(
        restrictions,
        property === 'id'
          ? { tenants: null, objects: values.map((id) => id.toLowerCase()) }
          : { tenants: values, objects: null },
      );
    }
  }
  return restrictions;
}

/** What both allow. An empty list allows nothing. */
export function intersect(a: Restrictions, b: Restrictions): Restrictions {
  return { tenants: common(a.tenants, b.tenants), objects: common(a.objects, b.objects) };
}

function common(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null || b === null) return a ?? b;
  return a.filter((each) => b.includes(each));
}

/** The claims under the namespace, as if the token also said `extra_claims`; where both say something the configuration is right. */
function withExtras(idp: IdpConfig, claims: Claims): Claims {
  return { ...nestedIn(idp, claims), ...idp.conf.extraClaims };
}

function nestedIn({ conf }: IdpConfig, claims: Claims): Claims {
  const nested = conf.namespaceTopClaim === undefined ? claims : own(claims, conf.namespaceTopClaim);
  return isTable(nested) ? nested : {};
}

/** A list in the configuration means any of its values; a list in the token must hold one. */
function meets(claim: unknown, bound: ClaimValue): boolean {
  if (Array.isArray(bound)) return (bound as readonly ClaimValue[]).some((each) => meets(claim, each));
  if (Array.isArray(claim)) return claim.some((each) => isSame(each, bound));
  return isSame(claim, bound);
}

function isSame(claim: unknown, bound: ClaimValue): boolean {
  if (!isTable(bound)) return claim === bound;
  if (!isTable(claim)) return false;
  const names = Object.keys(bound);
  return (
    names.length === Object.keys(claim).length &&
    names.every((name) => isSame(own(claim, name), bound[name] as ClaimValue))
  );
}

/** Scopes in one string are parted by spaces (RFC 8693, 4.2). */
function scopesOf(value: unknown): readonly string[] | null {
  if (typeof value !== 'string') return stringsOf(value);
  const scopes = value.split(' ').filter((scope) => scope !== '');
  return scopes.length > 0 ? scopes : null;
}

/** A string or a list of at least one string; null for anything else. */
function stringsOf(value: unknown): readonly string[] | null {
  if (typeof value === 'string') return [value];
  const isList = Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
  return isList ? value : null;
}

function own(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function isTable(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

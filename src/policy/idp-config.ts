import {
  invalid,
  member,
  readFlag,
  readOpenTable,
  readOptionalString,
  readSomeWords,
  readString,
  readTable,
  type Table,
} from './iam-fields.js';

/** What a claim can be compared with, and what a key set is made of: TOML without dates. */
export type ClaimValue =
  string | number | boolean | readonly ClaimValue[] | { readonly [key: string]: ClaimValue };

/** `direct-jwt`: its tokens are callers. `subject-jwt`, which is ours: they only say who somebody is, to whoever exchanges them. */
const TYPES = ['direct-jwt', 'subject-jwt'] as const;

/** An issuer of JWTs that the vault accepts. Source: api.md 5.1; evaluated elsewhere. */
export interface IdpConfig {
  readonly type: (typeof TYPES)[number];
  readonly disabled: boolean;
  /** Undefined: every role of the file. Empty for a `subject-jwt` and for nothing else. */
  readonly allowedRoles: readonly string[] | undefined;
  readonly conf: IdpConf;
  /** Value of the roles claim -> role. */
  readonly rolesMap: ReadonlyMap<string, string> | undefined;
}

export interface IdpConf {
  readonly iss: string;
  readonly aud: string | readonly string[];
  /** Where the issuer's public keys come from. */
  readonly keySource: { readonly jwksUri: string } | { readonly keys: ClaimValue };
  readonly rolesClaim: string | undefined;
  readonly namespaceTopClaim: string | undefined;
  /** What every token of the idp is taken to say besides its own claims. */
  readonly extraClaims: Readonly<Record<string, ClaimValue>> | undefined;
  readonly boundClaims: ReadonlyMap<string, ClaimValue> | undefined;
}

/** Validates the structure of `[idps.<name>]`. Throws PV9011 naming the field. */
export function readIdp(value: unknown, path: string, isRole: (name: string) => boolean): IdpConfig {
  const table = readTable(value, path, ['type', 'disabled', 'allowed_roles', 'conf', 'roles_map']);
  const word = readString(table, 'type', path);
  const type =
    TYPES.find((each) => each === word) ?? invalid(`${path}.type`, `The type must be ${TYPES.join(' or ')}.`);
  const disabled = readFlag(table, 'disabled', path);
  if (type === 'subject-jwt') {
    for (const key of ['allowed_roles', 'roles_map'])
      if (member(table, key) !== undefined) invalid(`${path}.${key}`, 'A subject-jwt gives no role.');
    const conf = readConf(member(table, 'conf'), `${path}.conf`);
    return { type, disabled, allowedRoles: [], conf, rolesMap: undefined };
  }

  return {
    type,
    disabled,
    allowedRoles: readSomeWords(table, 'allowed_roles', path, isRole, 'The role is not defined.'),
    conf: readConf(member(table, 'conf'), `${path}.conf`),
    rolesMap: readRolesMap(member(table, 'roles_map'), `${path}.roles_map`, isRole),
  };
}

/** The table that `readIdp` reads back as the same idp. */
export function writeIdp(idp: IdpConfig): Table {
  const { conf } = idp;
  return {
    type: idp.type,
    ...(idp.disabled && { disabled: true }),
    ...(idp.allowedRoles && idp.type === 'direct-jwt' && { allowed_roles: idp.allowedRoles }),
    conf: {
      iss: conf.iss,
      aud: conf.aud,
      ...('keys' in conf.keySource ? { keys: conf.keySource.keys } : { jwks_uri: conf.keySource.jwksUri }),
      ...(conf.rolesClaim !== undefined && { roles_claim: conf.rolesClaim }),
      ...(conf.namespaceTopClaim !== undefined && { namespace_top_claim: conf.namespaceTopClaim }),
      ...(conf.extraClaims !== undefined && { extra_claims: conf.extraClaims }),
      ...(conf.boundClaims && { bound_claims: Object.fromEntries(conf.boundClaims) }),
    },
    ...(idp.rolesMap && { roles_map: Object.fromEntries(idp.rolesMap) }),
  };
}

const CONF_KEYS = [
  'iss',
  'aud',
  'jwks_uri',
  'keys',
  'roles_claim',
  'namespace_top_claim',
  'extra_claims',
  'bound_claims',
];

function readConf(value: unknown, path: string): IdpConf {
  const table = readTable(value, path, CONF_KEYS);
  return {
    iss: readString(table, 'iss', path),
    aud: readAudience(table, path),
    keySource: readKeySource(table, path),
    rolesClaim: readOptionalString(table, 'roles_claim', path),
    namespaceTopClaim: readOptionalString(table, 'namespace_top_claim', path),
    extraClaims: readExtraClaims(member(table, 'extra_claims'), `${path}.extra_claims`),
    boundClaims: readBoundClaims(member(table, 'bound_claims'), `${path}.bound_claims`),
  };
}

function readAudience(table: Table, path: string): string | readonly string[] {
  if (!Array.isArray(member(table, 'aud'))) return readString(table, 'aud', path);
  const notEmpty = (word: string): boolean => word !== '';
  return readSomeWords(table, 'aud', path, notEmpty, 'This must be a string, not empty.') ?? [];
}

function readKeySource(table: Table, path: string): IdpConf['keySource'] {
  const jwksUri = readOptionalString(table, 'jwks_uri', path);
  const keys = readOptionalClaim(table, 'keys', path);
  if (jwksUri === undefined && keys !== undefined) return { keys };
  if (jwksUri === undefined || keys !== undefined) invalid(path, 'There must be one of jwks_uri and keys.');
  if (!/^https?:\/\//.test(jwksUri) || !URL.canParse(jwksUri))
    invalid(`${path}.jwks_uri`, 'This must be an http or https URL.');
  return { jwksUri };
}

/** A table, or its JSON in a text. */
function readExtraClaims(value: unknown, path: string): IdpConf['extraClaims'] {
  if (value === undefined) return undefined;
  const table = readOpenTable(typeof value === 'string' ? parseJson(value, path) : value, path);
  return Object.fromEntries(Object.entries(table).map(([name, claim]) => [name, readClaim(claim, path)]));
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return invalid(path, 'This must be a table, or a text that is a JSON object.');
  }
}

function readRolesMap(
  value: unknown,
  path: string,
  isRole: (name: string) => boolean,
): ReadonlyMap<string, string> | undefined {
  if (value === undefined) return undefined;
  return new Map(
    Object.entries(readOpenTable(value, path)).map(([claim, role]) =>
      typeof role === 'string' && isRole(role) ? [claim, role] : invalid(path, 'A role is not defined.'),
    ),
  );
}

function readBoundClaims(value: unknown, path: string): ReadonlyMap<string, ClaimValue> | undefined {
  if (value === undefined) return undefined;
  return new Map(
    Object.entries(readOpenTable(value, path)).map(([claim, bound]) => [claim, readClaim(bound, path)]),
  );
}

function readOptionalClaim(table: Table, key: string, path: string): ClaimValue | undefined {
  const value = member(table, key);
  return value === undefined ? undefined : readClaim(value, `${path}.${key}`);
}

/** A key set is a list of keys with lists in them. Dotted keys could nest a file deeper than the stack goes. */
const DEEPEST_CLAIM = 8;

/** Copied, so that nothing but JSON's own kinds of values gets in. */
function readClaim(value: unknown, path: string, depth = 0): ClaimValue {
  if (depth > DEEPEST_CLAIM) invalid(path, 'This is nested too deeply.');
  const inner = (item: unknown): ClaimValue => readClaim(item, path, depth + 1);

  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(inner);
  if (typeof value === 'object' && value !== null && !(value instanceof Date))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]));
  return invalid(path, 'Dates, infinities and not-a-number are not allowed here.');
}

import { expandCapabilities } from './capabilities.js';
import {
  type IdpOrganizations,
  readClients,
  readIdpOrganizations,
  writeIdpOrganizations,
} from './idp-organizations.js';
import type { IdpConfig } from './idp-config.js';
import { type IdpProfile, readIdpProfile, writeIdpProfile } from './idp-profile.js';
import type { IamConfig, IamRole } from './iam-config.js';
import {
  invalid,
  readBaseUrl,
  readCount,
  readFlag,
  readOptionalString,
  readPrivateUrl,
  readSomeWords,
  readString,
  readStrings,
  readTable,
  readWords,
  type Table,
} from './iam-fields.js';

/** What happens where the vault and an identity provider both have a value of a property. */
export const CONFLICT_RULES = ['idp-wins', 'vault-wins', 'fill-only', 'newest'] as const;
export type ConflictRule = (typeof CONFLICT_RULES)[number];

/**
 * A place at an identity provider from which hooks may call, and what they do with its users. Its users' keys speak for this provider, issuer
 * and tenant and for nothing else (docs/adr/0034).
 */
export interface IdpHook {
  readonly disabled: boolean;
  readonly provider: string;
  /** As the provider's events name it: the tenant's name at Auth0, the issuer's URL elsewhere. */
  readonly issuer: string;
  /** The tenant of the vault that its objects belong to; empty: none. */
  readonly tenant: string;
  readonly collection: string;
  /** Whose keys may call. */
  readonly users: readonly string[];
  /** The idp of the file whose JWTs may call, where the provider signs its calls; undefined: none. */
  readonly idp: string | undefined;
  /** The idp of the file whose tokens stand for users at a token exchange; undefined: there is none. */
  readonly exchangeIdp: string | undefined;
  /** What a provider that takes an error for a refusal is told while the vault is away: that nothing changes, or the error. */
  readonly onFailure: 'unchanged' | 'deny';
  /** Where an attribute stands at the provider -> the property it goes into, besides the provider's standard map. */
  readonly map: ReadonlyMap<string, string>;
  /** Attributes that are copied and stay at the provider all the same. */
  readonly keep: readonly string[];
  /** Attributes that are left alone. */
  readonly ignore: readonly string[];
  /** The property that keeps values which do not fit theirs; undefined: they stay at the provider. */
  readonly quarantine: string | undefined;
  /** By property; `*`: every other. Where nothing is said, the kind of connection decides. */
  readonly conflict: ReadonlyMap<string, ConflictRule>;
  /** Client of the provider -> the properties its tokens stand for; undefined: no lists, every client gets all. */
  readonly clients: ReadonlyMap<string, readonly string[]> | undefined;
  /** What becomes of organizations that users log in to; undefined: nothing does. */
  readonly organizations: IdpOrganizations | undefined;
  /** What a login says of how complete the user's profile is; undefined: nothing. */
  readonly profile: IdpProfile | undefined;
  /** The claim that the provider puts the token into, where the hook itself was not told. */
  readonly claim: string | undefined;
  readonly tokenSeconds: number;
  /** Whether an object id that the provider holds may be believed where the vault knows of no link of it. */
  readonly adoptLinks: boolean;
  readonly erasuresPerHour: number;
  /** The base URL of the provider's management API, for what hooks cannot change there; undefined: nothing is. */
  readonly writeBack: string | undefined;
  /** Who says whether a password is right, where the provider asks that; undefined: nobody, so that none is. */
  readonly checkPasswordsAt: string | undefined;
}

const KEYS = [
  'disabled',
  'provider',
  'issuer',
  'tenant',
  'collection',
  'users',
  'idp',
  'exchange_idp',
  'on_failure',
  'map',
  'keep',
  'ignore',
  'quarantine',
  'conflict',
  'clients',
  'organizations',
  'profile',
  'claim',
  'token_seconds',
  'adopt_links',
  'erasures_per_hour',
  'write_back',
  'check_passwords_at',
];

/** A minute longer than Auth0's access token of a day. */
const TOKEN_SECONDS = 24 * 3600 + 60;
const MOST_TOKEN_SECONDS = 400 * 24 * 3600;
const ERASURES_PER_HOUR = 50;
/** What a role of a hook may hold; nothing else. */
export const HOOK_CAPABILITIES: ReadonlySet<string> = new Set([
  'CapIdpHook',
  'CapIdpImport',
  'CapIdpLifecycle',
  'CapIdpExchange',
  'CapIdpRestore',
]);

/**
 * Validates the structure of `[idp_hooks.<name>]`. Throws PV9011 naming the field. What only a provider or the collections can tell is
 * checked by `checkIdpHooks`.
 */
export function readIdpHook(
  value: unknown,
  path: string,
  file: Pick<IamConfig, 'users' | 'roles' | 'idps'>,
): IdpHook {
  const { users, roles } = file;
  const table = readTable(value, path, KEYS);
  const names = readSomeWords(table, 'users', path, (name) => users.has(name), 'The user is not defined.');
  const idp = readIdpName(table, 'idp', path, file, 'direct-jwt');
  if (names === undefined && idp === undefined) return invalid(`${path}.users`, 'The list is missing.');
  names?.forEach((name, i) => checkHookRole(roles.get(users.get(name)!.role)!, `${path}.users[${i}]`, true));

  return {
    disabled: readFlag(table, 'disabled', path),
    provider: readString(table, 'provider', path),
    issuer: readString(table, 'issuer', path),
    tenant: readOptionalString(table, 'tenant', path) ?? '',
    collection: readOptionalString(table, 'collection', path) ?? 'users',
    users: names ?? [],
    idp,
    exchangeIdp: readIdpName(table, 'exchange_idp', path, file, 'subject-jwt'),
    onFailure: readOnFailure(table, path),
    map: new Map(Object.entries(readStrings(table, 'map', path))),
    keep: readWords(table, 'keep', path, notEmpty, 'This must not be empty.') ?? [],
    ignore: readWords(table, 'ignore', path, notEmpty, 'This must not be empty.') ?? [],
    quarantine: readOptionalString(table, 'quarantine', path),
    conflict: readConflict(table, path),
    clients: readClients(table, path),
    organizations: readIdpOrganizations(table, path),
    profile: readIdpProfile(table, path),
    claim: readOptionalString(table, 'claim', path),
    tokenSeconds: readCount(table, 'token_seconds', path, MOST_TOKEN_SECONDS) ?? TOKEN_SECONDS,
    adoptLinks: readFlag(table, 'adopt_links', path),
    erasuresPerHour: readCount(table, 'erasures_per_hour', path, 1_000_000) ?? ERASURES_PER_HOUR,
    writeBack: readBaseUrl(table, 'write_back', path),
    checkPasswordsAt: readPrivateUrl(table, 'check_passwords_at', path),
  };
}

/** The table that `readIdpHook` reads back as the same hook. */
export function writeIdpHook(hook: IdpHook): Table {
  return {
    ...(hook.disabled && { disabled: true }),
    provider: hook.provider,
    issuer: hook.issuer,
    ...(hook.tenant !== '' && { tenant: hook.tenant }),
    collection: hook.collection,
    ...(hook.users.length > 0 && { users: hook.users }),
    ...(hook.idp !== undefined && { idp: hook.idp }),
    ...(hook.exchangeIdp !== undefined && { exchange_idp: hook.exchangeIdp }),
    ...(hook.onFailure === 'deny' && { on_failure: hook.onFailure }),
    ...(hook.map.size > 0 && { map: Object.fromEntries(hook.map) }),
    ...(hook.keep.length > 0 && { keep: hook.keep }),
    ...(hook.ignore.length > 0 && { ignore: hook.ignore }),
    ...(hook.quarantine !== undefined && { quarantine: hook.quarantine }),
    ...(hook.conflict.size > 0 && { conflict: Object.fromEntries(hook.conflict) }),
    ...(hook.clients && { clients: Object.fromEntries(hook.clients) }),
    ...(hook.organizations && { organizations: writeIdpOrganizations(hook.organizations) }),
    ...(hook.profile && { profile: writeIdpProfile(hook.profile) }),
    ...(hook.claim !== undefined && { claim: hook.claim }),
    token_seconds: hook.tokenSeconds,
    ...(hook.adoptLinks && { adopt_links: true }),
    erasures_per_hour: hook.erasuresPerHour,
    ...(hook.writeBack !== undefined && { write_back: hook.writeBack }),
    ...(hook.checkPasswordsAt !== undefined && { check_passwords_at: hook.checkPasswordsAt }),
  };
}

/** What sits in a provider's sandbox, or what a provider signs, must be good for nothing else; least of all for having values sent there. */
function checkHookRole(role: IamRole, path: string, mayRestore: boolean): void {
  const held = [...expandCapabilities(role.capabilities)];
  if (held.length === 0 || !held.every((capability) => HOOK_CAPABILITIES.has(capability)))
    invalid(
      path,
      'The role of a hook must hold CapIdpHook, CapIdpImport, CapIdpLifecycle, CapIdpExchange or CapIdpRestore and nothing else.',
    );
  if (held.includes('CapIdpRestore') && (held.length > 1 || !mayRestore))
    invalid(path, 'CapIdpRestore is for an API key of a role that holds nothing else.');
  if (role.trustedRoles) invalid(path, 'A role that is only delegated cannot be used by a hook.');
}

/** The name of an idp of the file. All roles that one whose tokens call may give must be those of a hook. */
function readIdpName(
  table: Table,
  key: string,
  path: string,
  { idps, roles }: Pick<IamConfig, 'roles' | 'idps'>,
  type: IdpConfig['type'],
): string | undefined {
  const name = readOptionalString(table, key, path);
  if (name === undefined) return undefined;
  const idp = idps.get(name);
  if (idp?.type !== type) return invalid(`${path}.${key}`, `There is no such idp of type ${type}.`);
  for (const role of idp.allowedRoles ?? roles.keys())
    checkHookRole(roles.get(role)!, `${path}.${key}`, false);
  return name;
}

function readOnFailure(table: Table, path: string): IdpHook['onFailure'] {
  const word = readOptionalString(table, 'on_failure', path) ?? 'unchanged';
  return word === 'unchanged' || word === 'deny'
    ? word
    : invalid(`${path}.on_failure`, 'This must be unchanged or deny.');
}

function readConflict(table: Table, path: string): ReadonlyMap<string, ConflictRule> {
  const rules = Object.entries(readStrings(table, 'conflict', path));
  return new Map(
    rules.map(([property, rule]) =>
      isConflictRule(rule)
        ? [property, rule]
        : invalid(`${path}.conflict`, `A rule must be one of ${CONFLICT_RULES.join(', ')}.`),
    ),
  );
}

function isConflictRule(word: string): word is ConflictRule {
  return (CONFLICT_RULES as readonly string[]).includes(word);
}

function notEmpty(word: string): boolean {
  return word !== '';
}

import { parse, stringify, TomlError } from 'smol-toml';
import { capabilityNamed } from './capabilities.js';
import {
  invalid,
  member,
  readEntities,
  readFlag,
  readOpenTable,
  readSomeWords,
  readString,
  readTable,
  readWords,
  type Table,
} from './iam-fields.js';
import { readIdp, writeIdp, type IdpConfig } from './idp-config.js';
import { readIdpHook, writeIdpHook, type IdpHook } from './idp-hooks.js';
import { OPERATION_NAMES } from './operations.js';
import { ACCESS_REASONS } from './reasons.js';
import { parseResource } from './resources.js';

/** Who may do what: one validated IAM file. Lists are as written, maps in the order written. */
export interface IamConfig {
  readonly users: ReadonlyMap<string, IamUser>;
  readonly roles: ReadonlyMap<string, IamRole>;
  readonly policies: ReadonlyMap<string, IamPolicy>;
  readonly idps: ReadonlyMap<string, IdpConfig>;
  readonly idpHooks: ReadonlyMap<string, IdpHook>;
}

export interface IamUser {
  readonly role: string;
  readonly disabled: boolean;
}

export interface IamRole {
  readonly capabilities: readonly string[];
  readonly policies: readonly string[];
  /** Undefined: used directly. Otherwise only by delegation from one of these. Never empty. */
  readonly trustedRoles: readonly string[] | undefined;
  readonly masks: readonly RoleMask[];
}

/** The role sees the property only through the transformation. Ours: architecture.md D11. */
export interface RoleMask {
  readonly collection: string;
  readonly property: string;
  readonly transformation: string;
}

export interface IamPolicy {
  readonly type: 'allow' | 'deny';
  readonly operations: readonly string[];
  readonly reasons: readonly string[];
  readonly resources: readonly string[];
}

/** Lists and inline tables of no lawful file nest deeper; a deep one is an attack on the parser's stack. */
const DEEPEST_NESTING = 16;

/**
 * Reads the TOML text of api.md 5.1 with our `masks`. Throws PV9011 whose context names the field (or line and
 * column) and a constant reason, never a value. Masks are compared with the schema by `checkMasks`.
 */
export function parseIamConfig(text: string): IamConfig {
  const file = readTable(parseToml(text), 'iam', ['users', 'roles', 'policies', 'idps', 'idp_hooks']);
  for (const required of ['users', 'roles', 'policies'])
    if (member(file, required) === undefined) invalid(required, 'The table is missing.');

  const policies = readEntities(file.policies, 'policies', readPolicy);
  // Roles and idps refer to roles that may stand further down.
  const isRole = (name: string): boolean => member(readOpenTable(file.roles, 'roles'), name) !== undefined;
  const roles = readEntities(file.roles, 'roles', (table, path, name) =>
    readRole(table, path, name, isRole, (policy) => policies.has(policy)),
  );
  const users = readEntities(file.users, 'users', (table, path, name) => readUser(table, path, name, isRole));
  const idps = readEntities(member(file, 'idps') ?? {}, 'idps', (table, path) =>
    readIdp(table, path, isRole),
  );
  const idpHooks = readEntities(member(file, 'idp_hooks') ?? {}, 'idp_hooks', (table, path) =>
    readIdpHook(table, path, { users, roles, idps }),
  );
  return { users, roles, policies, idps, idpHooks };
}

/** The TOML text of a config: reading it back gives the same config, and writing that the same text. */
export function formatIamConfig(config: IamConfig): string {
  return stringify({
    users: writeEntities(config.users, (user) => ({
      role: user.role,
      ...(user.disabled && { disabled: true }),
    })),
    roles: writeEntities(config.roles, (role) => ({
      capabilities: role.capabilities,
      policies: role.policies,
      ...(role.trustedRoles && { trusted_roles: role.trustedRoles }),
      ...(role.masks.length > 0 && {
        masks: Object.fromEntries(
          role.masks.map((mask) => [`${mask.collection}/${mask.property}`, mask.transformation]),
        ),
      }),
    })),
    policies: writeEntities(config.policies, (policy) => ({
      policy_type: policy.type,
      operations: policy.operations,
      reasons: policy.reasons,
      resources: policy.resources,
    })),
    ...(config.idps.size > 0 && { idps: writeEntities(config.idps, writeIdp) }),
    ...(config.idpHooks.size > 0 && { idp_hooks: writeEntities(config.idpHooks, writeIdpHook) }),
  });
}

function parseToml(text: string): Table {
  try {
    return parse(text, { maxDepth: DEEPEST_NESTING });
  } catch (error) {
    // The parser's message quotes the file, so only the position survives, and the error is not kept as a cause.
    const place = error instanceof TomlError ? `line ${error.line}, column ${error.column}` : 'iam';
    return invalid(place, 'The text is not valid TOML.');
  }
}

function readUser(value: unknown, path: string, name: string, isRole: (name: string) => boolean): IamUser {
  refuseAdmin(name, path);
  const table = readTable(value, path, ['role', 'disabled']);
  const role = readString(table, 'role', path);
  if (!isRole(role)) invalid(`${path}.role`, 'The role is not defined.');
  return { role, disabled: readFlag(table, 'disabled', path) };
}

function readRole(
  value: unknown,
  path: string,
  name: string,
  isRole: (name: string) => boolean,
  isPolicy: (name: string) => boolean,
): IamRole {
  refuseAdmin(name, path);
  const table = readTable(value, path, ['capabilities', 'policies', 'trusted_roles', 'masks']);
  return {
    capabilities:
      readWords(table, 'capabilities', path, isGrantable, 'This is not a capability a role can have.') ?? [],
    policies: readWords(table, 'policies', path, orStar(isPolicy), 'The policy is not defined.') ?? [],
    trustedRoles: readSomeWords(table, 'trusted_roles', path, isRole, 'The role is not defined.'),
    masks: readMasks(member(table, 'masks'), `${path}.masks`),
  };
}

const MASKED_PROPERTY = /^([A-Za-z][A-Za-z0-9_]*)\/([A-Za-z_][A-Za-z0-9_]*)$/;
const TRANSFORMATION = /^[A-Za-z][A-Za-z0-9_]*$/;

function readMasks(value: unknown, path: string): readonly RoleMask[] {
  return Object.entries(readOpenTable(value ?? {}, path)).map(([key, transformation]) => {
    const [, collection, property] = MASKED_PROPERTY.exec(key) ?? [];
    if (collection === undefined || property === undefined)
      return invalid(path, 'A key is not of the form collection/property.');
    if (typeof transformation !== 'string' || !TRANSFORMATION.test(transformation))
      return invalid(path, 'A value is not the name of a transformation.');
    return { collection, property, transformation };
  });
}

function readPolicy(value: unknown, path: string): IamPolicy {
  const table = readTable(value, path, ['policy_type', 'operations', 'reasons', 'resources']);
  const type = readString(table, 'policy_type', path);
  if (type !== 'allow' && type !== 'deny')
    return invalid(`${path}.policy_type`, 'This must be allow or deny.');

  const list = (key: string, isKnown: (word: string) => boolean, unknownReason: string): readonly string[] =>
    readSomeWords(table, key, path, isKnown, unknownReason) ??
    invalid(`${path}.${key}`, 'The list is missing.');
  return {
    type,
    operations: list('operations', orStar(isOneOf(OPERATION_NAMES)), 'This is not an operation.'),
    reasons: list('reasons', orStar(isOneOf(ACCESS_REASONS)), 'This is not a reason.'),
    resources: list('resources', (word) => parseResource(word) !== null, 'This is not a resource.'),
  };
}

/** CapSystem is the Admin's alone, and the Admin is not in the file. */
function isGrantable(word: string): boolean {
  if (word === '*') return true;
  const capability = capabilityNamed(word);
  return capability !== undefined && capability !== 'CapSystem';
}

/** `admin` too: no two names may differ only by case. */
function refuseAdmin(name: string, path: string): void {
  if (name.toLowerCase() === 'admin') invalid(path, 'Admin is built in and cannot be configured.');
}

function orStar(isKnown: (word: string) => boolean): (word: string) => boolean {
  return (word) => word === '*' || isKnown(word);
}

function isOneOf(words: readonly string[]): (word: string) => boolean {
  return (word) => words.includes(word);
}

function writeEntities<T>(entities: ReadonlyMap<string, T>, write: (entity: T) => Table): Table {
  return Object.fromEntries([...entities].map(([name, entity]) => [name, write(entity)]));
}

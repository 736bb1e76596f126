import fc from 'fast-check';
import { stringify } from 'smol-toml';
import type { CollectionFacts } from '../../src/policy/collection-facts.js';
import { compileIam, type CompiledIam } from '../../src/policy/compile.js';
import type { Touch } from '../../src/policy/decide.js';
import { parseIamConfig } from '../../src/policy/iam-config.js';
import type { Operation } from '../../src/policy/operations.js';
import type { RawIam, RawPolicy, RawProperty, RawTouch } from './oracle.js';

/** Small enough that policies, masks and touches meet often. */
export const COLLECTIONS: Record<string, Record<string, RawProperty>> = {
  users: {
    ssn: { type: 'SSN', transformations: { mask: [], tail: ['ssn'] } },
    email: { type: 'EMAIL', transformations: { mask: [], greeting: ['name', 'email'] } },
    name: { type: 'NAME', transformations: { mask: [] } },
    email_old: { type: 'email_prot', transformations: { mask: [], brief: [] }, default: 'brief' },
    _tenant_id: { type: 'TENANT_ID', transformations: { mask: [] } },
  },
  user: { ssn: { type: 'SSN', transformations: { mask: [] } } },
};

export const OPERATION_LIST = [
  'read',
  'write',
  'delete',
  'search',
  'tokenize',
  'detokenize',
  'encrypt',
  'decrypt',
  'hash',
  'stats',
  'invoke',
];
const REASONS = ['AppFunctionality', 'Marketing'];
const RESOURCES = [
  '*',
  'users/properties/*',
  'users/properties/ssn',
  'users/properties/ssn.mask',
  'users/properties/ssn.*',
  'users/properties/*.mask',
  'users/properties/e*l',
  'users/properties/email*',
  'users/properties/_*',
  'user*/properties/*s*n*',
  '*/types/ssn',
  '*/types/SSN.mask',
  '*/types/Email*',
  'users/types/NAME',
  'users/tokens',
  '*/tokens',
  'users/*',
  'users/ssn',
  'user/ssn.mask',
  '*s/name',
  'actions/*',
];

const some = <T>(values: readonly T[], maxLength = 3): fc.Arbitrary<T[]> =>
  fc.array(fc.constantFrom(...values), { minLength: 1, maxLength });

const policy: fc.Arbitrary<RawPolicy> = fc.record({
  policy_type: fc.constantFrom('allow' as const, 'allow' as const, 'allow' as const, 'deny' as const),
  operations: fc.oneof(
    { weight: 2, arbitrary: fc.constant<string[]>(['*']) },
    { weight: 3, arbitrary: some(OPERATION_LIST, 4) },
  ),
  reasons: fc.oneof(
    { weight: 2, arbitrary: fc.constant<string[]>(['*']) },
    { weight: 1, arbitrary: some(REASONS, 1) },
  ),
  resources: fc.oneof(
    { weight: 1, arbitrary: fc.constant<string[]>(['*']) },
    { weight: 3, arbitrary: some(RESOURCES) },
  ),
});

/** Without such a one in most configs nearly every request would be refused for want of a policy. */
const wide: fc.Arbitrary<RawPolicy> = fc.record({
  policy_type: fc.constant('allow' as const),
  operations: fc.constant(['*']),
  reasons: fc.constant(['*']),
  resources: fc.constantFrom(['*'], ['*/properties/*', '*/tokens']),
});

const MASKS: readonly (readonly [string, string])[] = [
  ['users/ssn', 'mask'],
  ['users/ssn', 'mask'],
  ['users/ssn', 'tail'],
  ['users/email', 'greeting'],
  ['users/name', 'mask'],
  ['users/email_old', 'brief'],
  ['user/ssn', 'mask'],
];

export const rawIam: fc.Arbitrary<RawIam> = fc
  .tuple(
    fc
      .tuple(fc.oneof(policy, wide), fc.array(policy, { minLength: 1, maxLength: 4 }))
      .map(([first, rest]) => [first, ...rest]),
    fc.uniqueArray(fc.constantFrom('P0', 'P1', 'P2', 'P3', 'P4', '*'), { minLength: 2, maxLength: 6 }),
    fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(fc.constantFrom(...MASKS), { minLength: 1, maxLength: 3 }) },
    ),
  )
  .map(([policies, listed, masks]) => ({
    users: {},
    roles: {
      app: {
        capabilities: [],
        policies: listed.filter((name) => name === '*' || Number(name[1]) < policies.length),
        masks: Object.fromEntries(masks),
      },
    },
    policies: Object.fromEntries(policies.map((each, index) => [`P${index}`, each])),
  }));

/** Showing is where masks work, so it is drawn more often. */
const touchedBy = fc.constantFrom('read', 'read', 'detokenize', 'decrypt', ...OPERATION_LIST);

/** Mostly properties and transformations that exist; `gone` and `none` never do. */
const touchedProperty = fc
  .constantFrom('ssn', 'ssn', 'ssn', 'email', 'email', 'name', 'email_old', 'email_old', '_tenant_id', 'gone')
  .chain((property) => {
    const known = Object.keys(COLLECTIONS.users?.[property]?.transformations ?? {});
    return fc.record({
      property: fc.constant(property),
      transformation: fc.option(fc.constantFrom(...known, ...known, 'mask', 'none'), {
        nil: undefined,
        freq: 2,
      }),
      needsPlain: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, true as const),
    });
  });

const rawTouch: fc.Arbitrary<RawTouch> = fc
  .tuple(
    touchedBy,
    fc.oneof(
      { weight: 1, arbitrary: fc.constant({ tokens: true }) },
      { weight: 9, arbitrary: touchedProperty },
    ),
  )
  .map(([operation, resource]) => ({ operation, ...resource }));

export const rawRequest = fc.record({
  collection: fc.constantFrom('users', 'users', 'users', 'users', 'users', 'user'),
  reason: fc.constantFrom('AppFunctionality' as const, 'Marketing' as const),
  touches: fc.oneof(
    { weight: 1, arbitrary: fc.constant<RawTouch[]>([]) },
    { weight: 20, arbitrary: fc.array(rawTouch, { minLength: 1, maxLength: 3 }) },
  ),
});

/** Through the file a caller would send, so that the whole of src/policy is under test. */
export function compiled(iam: RawIam): CompiledIam {
  return compileIam(parseIamConfig(stringify(iam)));
}

export function factsOf(collection: string): CollectionFacts {
  const properties = Object.entries(COLLECTIONS[collection] ?? {});
  return {
    name: collection,
    properties: new Map(
      properties.map(([name, property]) => [
        name,
        {
          typeName: property.type,
          transformations: new Map(Object.entries(property.transformations)),
          ...(property.default !== undefined && { defaultTransformation: property.default }),
        },
      ]),
    ),
  };
}

export function touchOf(raw: RawTouch): Touch {
  const operation = raw.operation as Operation;
  if (raw.property === undefined) return { operation, resource: { kind: 'tokens' } };
  return {
    operation,
    resource: {
      kind: 'property',
      property: raw.property,
      ...(raw.transformation !== undefined && { transformation: raw.transformation }),
      ...(raw.needsPlain && { needsPlain: true }),
    },
  };
}

import { compileIam } from '../../src/policy/compile.js';
import { decide, type Decision, type Touch } from '../../src/policy/decide.js';
import type { Caller } from '../../src/policy/caller.js';
import type { CollectionFacts } from '../../src/policy/collection-facts.js';
import { parseIamConfig } from '../../src/policy/iam-config.js';
import type { Operation } from '../../src/policy/operations.js';
import type { AccessReason } from '../../src/policy/reasons.js';

const iam = compileIam(
  parseIamConfig(`
[users]

[roles.support]
policies = ["ReadUsers", "HandleTokens"]
masks = { "users/ssn" = "mask" }

[roles.supportWithPlainGrant]
policies = ["ReadPlain"]
masks = { "users/ssn" = "mask" }

[roles.billing]
policies = ["ReadPlain", "HandleTokens"]

[roles.marketing]
policies = ["ReadPlain", "NoMarketing"]

[roles.everything]
policies = ["*"]

[roles.all]
policies = ["All"]

[roles.allMasked]
policies = ["All"]
masks = { "users/ssn" = "mask", "users/email" = "greeting" }

[roles.nothing]

[policies.ReadUsers]
policy_type = "allow"
operations = ["read", "detokenize"]
reasons = ["AppFunctionality"]
resources = ["users/properties/ssn.mask", "users/properties/user_id"]

[policies.ReadPlain]
policy_type = "allow"
operations = ["read", "detokenize"]
reasons = ["*"]
resources = ["users/properties/ssn", "users/properties/user_id"]

[policies.HandleTokens]
policy_type = "allow"
operations = ["*"]
reasons = ["*"]
resources = ["users/tokens"]

[policies.NoMarketing]
policy_type = "deny"
operations = ["*"]
reasons = ["Marketing"]
resources = ["*/types/SSN"]

[policies.All]
policy_type = "allow"
operations = ["*"]
reasons = ["*"]
resources = ["*"]
`),
);

const users: CollectionFacts = {
  name: 'users',
  properties: new Map([
    [
      'ssn',
      {
        typeName: 'SSN',
        transformations: new Map([
          ['mask', []],
          ['tail', []],
        ]),
      },
    ],
    ['user_id', { typeName: 'STRING', transformations: new Map([['withSsn', ['ssn', 'user_id']]]) }],
    [
      'email',
      {
        typeName: 'EMAIL',
        transformations: new Map([
          ['greeting', ['ssn', 'email']],
          ['mask', []],
        ]),
      },
    ],
    ['code', { typeName: 'CODE', transformations: new Map([['short', []]]), defaultTransformation: 'short' }],
  ]),
};

const admin: Caller = { kind: 'admin', mayReadData: true };
const blindAdmin: Caller = { kind: 'admin', mayReadData: false };

/** `detokenize ssn.mask`, `write tokens`, `export ssn`: an operation and what it touches. */
function touch(text: string): Touch {
  const [verb = '', name = ''] = text.split(' ');
  const operation = verb.replace(/^plain-/, '') as Operation;
  if (name === 'tokens') return { operation, resource: { kind: 'tokens' } };
  const [property = '', transformation] = name.split('.');
  return {
    operation,
    resource: {
      kind: 'property',
      property,
      ...(transformation !== undefined && { transformation }),
      ...(verb.startsWith('plain-') && { needsPlain: true }),
    },
  };
}

function ask(
  caller: Caller | string,
  touches: string[],
  reason: AccessReason = 'AppFunctionality',
): Decision {
  return decide(iam, {
    caller: typeof caller === 'string' ? { kind: 'role', role: caller } : caller,
    collection: users,
    reason,
    touches: touches.map(touch),
  });
}

describe('the story of section 1', () => {
  const detokenize = ['detokenize user_id', 'detokenize ssn', 'read user_id', 'read ssn'];

  it('shows support the masked number under its plain name', () => {
    expect(ask('support', detokenize)).toEqual({
      allowed: true,
      rule: 'allow:ReadUsers',
      reveals: [
        { asked: 'user_id', property: 'user_id', transformation: null, as: 'user_id' },
        { asked: 'ssn', property: 'ssn', transformation: 'mask', as: 'ssn' },
      ],
    });
  });

  it('shows billing the plain number', () => {
    expect(ask('billing', detokenize)).toMatchObject({
      allowed: true,
      reveals: [{}, { transformation: null }],
    });
  });

  it('refuses marketing the whole request for one denied property', () => {
    expect(ask('marketing', detokenize, 'Marketing')).toEqual({
      allowed: false,
      code: 'PV1006',
      rule: 'deny:NoMarketing',
      touch: touch('detokenize ssn'),
    });
  });
});

describe('policies', () => {
  it.each<[string, string[], AccessReason, boolean, string]>([
    ['billing', ['read ssn'], 'Other', true, 'allow:ReadPlain'],
    ['billing', ['read ssn.mask'], 'Other', false, 'no-policy'], // ssn does not grant ssn.mask
    ['support', ['read user_id'], 'Marketing', false, 'no-policy'], // the reason counts
    ['support', ['write user_id'], 'AppFunctionality', false, 'no-policy'], // the operation counts
    ['billing', ['read ssn', 'write tokens'], 'Other', true, 'allow:ReadPlain allow:HandleTokens'],
    ['everything', ['read ssn'], 'Marketing', false, 'deny:NoMarketing'], // deny wins over three allows
    ['everything', ['read ssn'], 'Other', true, 'allow:ReadPlain'], // the first that allows is named
    ['everything', ['read email'], 'Other', true, 'allow:All'],
    ['nothing', ['read ssn'], 'Other', false, 'no-policy'],
    ['constructor', ['read ssn'], 'Other', false, 'unknown-role'],
    ['all', [], 'Other', false, 'nothing-touched'],
    ['all', ['read gone'], 'Other', false, 'unknown-property'],
    ['all', ['read constructor'], 'Other', false, 'unknown-property'],
    ['all', ['read ssn.gone'], 'Other', false, 'unknown-transformation'],
  ])('%s doing %j for %s: %s, by %s', (role, touches, reason, allowed, rule) => {
    expect(ask(role, touches, reason)).toMatchObject({ allowed, rule });
  });

  it('shows a custom type by its default transformation, asked of the policies by its plain name', () => {
    expect(ask('all', ['read code'])).toMatchObject({
      reveals: [{ asked: 'code', transformation: 'short', as: 'code' }],
    });
    expect(ask('all', ['plain-detokenize code'])).toMatchObject({ reveals: [{ transformation: null }] });
  });

  it.each([
    ['read code', 'plain-detokenize code'],
    ['plain-detokenize code', 'read code'],
  ])('shows it transformed where one request has both %s and %s', (...touches) => {
    expect(ask('all', touches)).toMatchObject({ reveals: [{ asked: 'code', transformation: 'short' }] });
  });

  it('reveals nothing for what shows no value', () => {
    expect(ask('all', ['write ssn', 'delete ssn', 'search ssn', 'hash ssn', 'read tokens'])).toEqual({
      allowed: true,
      rule: 'allow:All',
      reveals: [],
    });
  });
});

describe('a mask of the role', () => {
  it.each([
    'search ssn',
    'search ssn.mask',
    'hash ssn',
    'encrypt ssn',
    'encrypt ssn.mask',
    'plain-detokenize ssn',
    'plain-read ssn',
    'plain-read ssn.mask',
    'plain-tokenize ssn',
    'read ssn.tail',
    'detokenize ssn.tail',
    'decrypt ssn.tail',
    'write ssn.tail',
    'read user_id.withSsn', // a bundle function that reads the masked property
    'decrypt user_id.withSsn',
    'encrypt user_id.withSsn',
    'read email', // its own mask reads it
  ])('refuses %s although the policies allow everything', (text) => {
    expect(ask('all', [text])).toMatchObject({ allowed: true });
    expect(ask('allMasked', [text])).toEqual({
      allowed: false,
      code: 'PV1006',
      rule: 'role-mask:users/ssn',
      touch: touch(text),
    });
  });

  it.each(['write ssn', 'delete ssn', 'tokenize ssn', 'stats ssn', 'read user_id'])(
    'leaves %s to the policies',
    (text) => {
      expect(ask('allMasked', [text])).toMatchObject({ allowed: true, rule: 'allow:All' });
      expect(ask('nothing', [text])).toMatchObject({ allowed: false, rule: 'no-policy' });
    },
  );

  it.each(['read', 'detokenize', 'decrypt'])(
    'is what %s shows, under the name that was asked',
    (operation) => {
      expect(ask('allMasked', [`${operation} ssn`, `${operation} ssn.mask`])).toMatchObject({
        reveals: [
          { asked: 'ssn', property: 'ssn', transformation: 'mask', as: 'ssn' },
          { asked: 'ssn.mask', property: 'ssn', transformation: 'mask', as: 'ssn.mask' },
        ],
      });
    },
  );

  it('needs the policy for the masked property; one for the plain property does not help', () => {
    expect(ask('supportWithPlainGrant', ['read ssn'])).toMatchObject({ allowed: false, rule: 'no-policy' });
    expect(ask('support', ['read ssn'])).toMatchObject({ allowed: true, rule: 'allow:ReadUsers' });
  });

  it('shows nothing where its transformation no longer exists', () => {
    const bare = new Map([['ssn', { typeName: 'SSN', transformations: new Map<string, string[]>() }]]);
    expect(
      decide(iam, {
        caller: { kind: 'role', role: 'allMasked' },
        collection: { name: 'users', properties: bare },
        reason: 'Other',
        touches: [touch('read ssn')],
      }),
    ).toMatchObject({ allowed: false, rule: 'unknown-transformation' });
  });

  it('masks nothing in another collection', () => {
    expect(
      decide(iam, {
        caller: { kind: 'role', role: 'allMasked' },
        collection: { ...users, name: 'patients' },
        reason: 'Other',
        touches: [touch('read ssn'), touch('search ssn')],
      }),
    ).toMatchObject({ allowed: true, reveals: [{ transformation: null }] });
  });
});

describe('the Admin', () => {
  it.each([
    ['read', false],
    ['search', false],
    ['detokenize', false],
    ['decrypt', false],
    ['plain-read', false],
    ['plain-detokenize', false],
    ['write', true],
    ['delete', true],
    ['tokenize', true],
    ['encrypt', true],
    ['hash', true],
    ['stats', true],
    ['invoke', true],
  ])('who may not read data may %s: %s; the one who may does everything', (operation, allowed) => {
    for (const resource of ['ssn', 'tokens']) {
      expect(ask(blindAdmin, [`${operation} ${resource}`])).toMatchObject({
        allowed,
        rule: allowed ? 'admin' : 'admin-may-not-read',
      });
      expect(ask(admin, [`${operation} ${resource}`])).toMatchObject({ allowed: true, rule: 'admin' });
    }
  });

  it('sees values as they are stored, no role’s mask applied', () => {
    expect(ask(admin, ['read ssn'])).toMatchObject({ reveals: [{ asked: 'ssn', transformation: null }] });
  });

  it('is held to what exists like everyone else', () => {
    expect(ask(admin, ['read gone'])).toMatchObject({ allowed: false, rule: 'unknown-property' });
    expect(ask(admin, [])).toMatchObject({ allowed: false, rule: 'nothing-touched' });
  });
});

describe('the memory of votes', () => {
  it('keeps collections apart', () => {
    const inCollection = (name: string): Decision =>
      decide(iam, {
        caller: { kind: 'role', role: 'billing' },
        collection: { ...users, name },
        reason: 'Other',
        touches: [touch('read ssn')],
      });
    expect(inCollection('users').allowed).toBe(true);
    expect(inCollection('patients').allowed).toBe(false);
    expect(inCollection('users').allowed).toBe(true);
  });

  it('stays right when more resources were asked for than it keeps', () => {
    const names = Array.from({ length: 12_000 }, (_, index) => `p${index}`);
    const wide: CollectionFacts = {
      name: 'wide',
      properties: new Map(names.map((name) => [name, { typeName: 'STRING', transformations: new Map() }])),
    };
    const own = compileIam(
      parseIamConfig(`
[users]
[roles.half]
policies = ["Even"]
[policies.Even]
policy_type = "allow"
operations = ["read"]
reasons = ["Other"]
resources = ["wide/properties/*0", "wide/properties/*2", "wide/properties/*4"]
`),
    );
    for (let round = 0; round < 2; round += 1)
      for (const name of names) {
        const { allowed } = decide(own, {
          caller: { kind: 'role', role: 'half' },
          collection: wide,
          reason: 'Other',
          touches: [touch(`read ${name}`)],
        });
        if (allowed !== /[024]$/.test(name)) throw new Error(`${name} was decided wrongly`);
      }
  });
});

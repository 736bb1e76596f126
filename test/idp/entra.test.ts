import { type LoginEvent, NOTHING_TO_DO } from '../../src/idp/event.js';
import { VaultError } from '../../src/errors.js';
import { entra } from '../../src/idp/adapters/entra.js';
import { checkIdpHooks } from '../../src/idp/check-hooks.js';
import { parseIamConfig } from '../../src/policy/iam-config.js';
import { tokenIssuanceStart } from './entra-events.js';

const TENANT = '30000000-0000-4000-8000-000000000003';
const { read, answer } = entra.events['token-issuance-start']!;

test('a user is known by the object id, the client by its application, and no address is verified', () => {
  const user = { id: 'oid', displayName: 'Ada L', mail: 'ada@example.com', surname: 'L', userType: 'Member' };
  expect(read(tokenIssuanceStart(user))).toEqual({
    kind: 'login',
    issuer: TENANT,
    subject: 'oid',
    link: undefined,
    clientId: 'web',
    transaction: undefined,
    connection: { name: 'entra', kind: 'enterprise' },
    attributes: [
      { path: 'user.displayName', key: 'displayName', value: 'Ada L', metadata: false, removable: false },
      {
        ...{ path: 'user.mail', key: 'mail', value: 'ada@example.com', metadata: false, removable: false },
        verified: false,
      },
      {
        ...{ path: 'user.surname', key: 'surname', value: 'L', metadata: false, removable: false },
        removableLater: true,
      },
    ],
    updatedAt: undefined,
    // The directory is the organization.
    organization: TENANT,
  });
});

test('the longest claim there can be is far from the 3 KB that Entra takes', () => {
  const claim = `a${'b'.repeat(255)}`;
  expect(entra.refuseClaim(claim)).toBeNull();
  const decision = {
    write: {},
    scrub: [],
    warnings: [],
    claim,
    token: '3e84e552-0000-4000-8000-000000000001',
    organization: { token: '3e84e552-0000-4000-8000-000000000002' },
    profile: { claim: `c${claim.slice(1)}`, complete: false },
  };
  const { data } = answer!.render(decision, {}) as { data: { actions: [{ claims: object }] } };
  expect(JSON.stringify(data.actions[0].claims).length).toBeLessThan(3 * 1024);
  expect(data.actions[0].claims).toEqual({
    [claim]: decision.token,
    piiOrgToken: decision.organization.token,
    // Entra knows texts and lists of texts.
    [decision.profile.claim]: 'false',
  });
  expect(JSON.stringify(answer!.render({ ...NOTHING_TO_DO, profile: decision.profile }, {}))).toContain(
    `"claims":{"${decision.profile.claim}":"false"}`,
  );
  for (const name of [`${claim}c`, 'https://x.example/pii', 'pii-token', ''])
    expect(entra.refuseClaim(name)).not.toBeNull();
});

test.each<[string, (event: Record<string, unknown>) => unknown, string]>([
  ['another event', (event) => ({ ...event, type: 'microsoft.graph.authenticationEvent.other' }), 'type'],
  ['no data', ({ type }) => ({ type }), 'data'],
  ['other data', ({ type }) => ({ type, data: { '@odata.type': 'x' } }), 'data.@odata.type'],
  [
    'no tenant',
    (event) => ({ ...event, data: { ...(event.data as object), tenantId: '' } }),
    'data.tenantId',
  ],
  ['no user', () => tokenIssuanceStart(undefined), 'data.authenticationContext.user'],
  ['a user without an id', () => tokenIssuanceStart({ mail: 'x' }), 'data.authenticationContext.user.id'],
])('%s is refused by its field', (_, change, field) => {
  expect(() => read(change(tokenIssuanceStart({ id: 'o' })) as never)).toThrow(
    expect.objectContaining({ code: 'PV9087', context: expect.objectContaining({ field }) }),
  );
});

test('what comes from a directory on premises is nothing to be removed here', () => {
  const user = {
    id: 'oid',
    surname: 'L',
    onPremisesSecurityIdentifier: 'S-1-5-21',
    onPremisesSamAccountName: '',
  };
  const { attributes } = read(tokenIssuanceStart(user)) as LoginEvent;
  expect(attributes.some(({ removable, removableLater }) => removable || removableLater)).toBe(false);
});

describe('the configuration', () => {
  const file = (
    hook: string,
    conf: string,
    role = 'allowed_roles = ["login"]',
    type = 'direct-jwt',
  ): string => `
[users]
[roles.login]
capabilities = ["CapIdpHook"]
[roles.reader]
capabilities = ["CapDataReader"]
[policies]
[idps.microsoft]
type = "${type}"
${role}
[idps.microsoft.conf]
aud = "api"
jwks_uri = "https://login.microsoftonline.com/x/discovery/v2.0/keys"
${conf}
[idp_hooks.entra]
provider = "entra"
issuer = "${TENANT}"
${hook}`;
  const ISS = `iss = "https://login.microsoftonline.com/${TENANT}/v2.0"\n`;
  const BOUND = 'bound_claims = { azp = "99045fe1-7639-4a75-9d4a-577b6ca3810f" }\n';
  const HOOK = 'idp = "microsoft"\n';
  const check = (text: string): string => {
    const config = parseIamConfig(text);
    checkIdpHooks(config, parseIamConfig('[users]\n[roles]\n[policies]\n'), () => new Map([['ssn', 'SSN']]));
    return 'accepted';
  };
  const refusedField = (text: string): string => {
    try {
      return check(text);
    } catch (error) {
      if (error instanceof VaultError && error.code === 'PV9011') return error.context.path!;
      throw error;
    }
  };

  test.each([
    ['version 1 of their tokens', HOOK, ISS + BOUND.replace('azp', 'appid')],
    ['version 2', HOOK, ISS + BOUND],
  ])('taken: %s', (_, hook, conf) => {
    expect(refusedField(file(hook, conf))).toBe('accepted');
  });

  test.each([
    ['any application of the tenant', file(HOOK, ISS), 'idp_hooks.entra.idp'],
    ['another application', file(HOOK, ISS + BOUND.replace('99045fe1', '99045fe2')), 'idp_hooks.entra.idp'],
    [
      'any tenant',
      file(HOOK, `iss = "https://login.microsoftonline.com/common/v2.0"\n${BOUND}`),
      'idp_hooks.entra.idp',
    ],
    ['a role that may do more', file(HOOK, ISS + BOUND, 'allowed_roles = ["reader"]'), 'idp_hooks.entra.idp'],
    ['every role', file(HOOK, ISS + BOUND, ''), 'idp_hooks.entra.idp'],
    ['an idp of another type', file(HOOK, ISS + BOUND, '', 'subject-jwt'), 'idp_hooks.entra.idp'],
    [
      'denying, since a refresh looks the same',
      file(`${HOOK}on_failure = "deny"`, ISS + BOUND),
      'idp_hooks.entra.on_failure',
    ],
    ['neither users nor idp', file('', ISS + BOUND), 'idp_hooks.entra.users'],
    [
      'another provider, which does not sign',
      file(HOOK, ISS + BOUND).replace('provider = "entra"', 'provider = "okta"'),
      'idp_hooks.entra.idp',
    ],
    [
      'two hooks that one idp could not tell apart',
      `${file(HOOK, ISS + BOUND)}\n[idp_hooks.two]\nprovider = "entra"\nissuer = "${TENANT}"\n${HOOK}`,
      'idp_hooks.two.idp',
    ],
  ])('refused: %s', (_, text, field) => {
    expect(refusedField(text)).toBe(field);
  });
});

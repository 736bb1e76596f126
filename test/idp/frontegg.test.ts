import { frontegg } from '../../src/idp/adapters/frontegg.js';
import type { Decision, LoginEvent } from '../../src/idp/event.js';
import type { Fields } from '../../src/idp/event-fields.js';
import { ACCOUNT, ENVIRONMENT, jwtPrehook, webhookEvent } from './frontegg-events.js';

const NOTHING: Decision = { write: {}, scrub: [], warnings: [] };
const { jwt, webhook } = frontegg.events;
const render = (decision: Partial<Decision>, event: Fields): unknown =>
  jwt!.answer!.render({ ...NOTHING, ...decision }, event);
const attributesOf = (event: unknown): unknown =>
  (event as LoginEvent).attributes.map(({ path, value, removable, removableLater = false, verified }) => [
    ...[path, value, removable, removableLater],
    ...(verified === undefined ? [] : [verified]),
  ]);

test('a prehook shows claims: what is metadata can go from the token now and from the user later', () => {
  const event = jwtPrehook('u-1', { name: 'Ada', metadata: { ssn: '1', pii_object_id: 'id' } });
  const login = jwt!.read(event);
  expect(login).toMatchObject({
    issuer: ENVIRONMENT,
    subject: 'u-1',
    link: 'id',
    linkLater: true,
    clientId: 'web',
  });
  expect(attributesOf(login)).toEqual([
    ['metadata.ssn', '1', true, true],
    ['user.name', 'Ada', false, false],
    ['user.email', 'ada@example.com', false, false, true],
  ]);
});

test('who a token is for is said by the context, or by the token; one of an account alone is nobody', () => {
  const without = { vendorId: undefined, applicationId: undefined };
  expect(jwt!.read(jwtPrehook(undefined, { sub: 'u-2', applicationId: 'app' }, without))).toMatchObject({
    ...{ issuer: undefined, subject: 'u-2', clientId: 'app' },
  });
  const { prehookContext: eventContext, ...rest } = jwtPrehook('u-3');
  expect(jwt!.read({ ...rest, eventContext })).toMatchObject({ subject: 'u-3', issuer: ENVIRONMENT });
  expect(jwt!.read(jwtPrehook(undefined, { type: 'tenantApiToken', sub: 'x' }))).toEqual({
    kind: 'other',
    issuer: ENVIRONMENT,
  });
});

test('the answer has the claims that were sent, the token among the custom ones, and no object id', () => {
  const event = jwtPrehook('u', {
    metadata: { ssn: '1', theme: 'dark', pii_object_id: 'id' },
    customClaims: { plan: 'x' },
  });
  expect(render({ token: 't', claim: 'https://x.example/pii', scrub: ['metadata.ssn'] }, event)).toEqual({
    continue: true,
    response: {
      claims: {
        ...{ type: 'userToken', tenantId: ACCOUNT, email: 'ada@example.com', email_verified: true },
        ...{ roles: ['Admin'], permissions: [], metadata: { theme: 'dark' } },
        customClaims: { plan: 'x', 'https://x.example/pii': 't' },
      },
    },
  });
  expect(render({}, jwtPrehook('u', { metadata: { theme: 'dark' } }))).toEqual({ continue: true });
  const asText = jwtPrehook('u', { metadata: '{"pii_object_id":"id","theme":"dark"}', tenantId: undefined });
  expect(render({}, asText)).toMatchObject({
    response: { claims: { metadata: '{"theme":"dark"}', tenantId: ACCOUNT } },
  });
});

test('the account is the organization, whose token has a claim beside the one of the user', () => {
  expect(jwt!.read(jwtPrehook('u'))).toMatchObject({ organization: ACCOUNT });
  expect(jwt!.read(jwtPrehook('u', {}, { tenantId: undefined }))).toMatchObject({ organization: ACCOUNT });
  const none = jwt!.read(jwtPrehook('u', { tenantId: undefined }, { tenantId: undefined }));
  expect(none).not.toHaveProperty('organization');
  const claims = (decision: Partial<Decision>): unknown => render(decision, jwtPrehook('u'));
  expect(claims({ organization: { token: 'o' } })).toMatchObject({
    response: { claims: { customClaims: { pii_org_token: 'o' } } },
  });
  expect(claims({ token: 't', organization: { token: 'o', claim: 'pii_token' } })).toMatchObject({
    response: { claims: { customClaims: { pii_token: 't' } } },
  });
});

test('whether the profile is complete is a claim among the custom ones, with a token and without', () => {
  const profile = { claim: 'complete', complete: false };
  const claims = (decision: Partial<Decision>): unknown => render(decision, jwtPrehook('u'));
  expect(claims({ profile })).toMatchObject({ response: { claims: { customClaims: { complete: false } } } });
  expect(claims({ token: 't', profile: { ...profile, complete: true } })).toMatchObject({
    response: { claims: { customClaims: { pii_token: 't', complete: true } } },
  });
});

test('a webhook shows a user, whose metadata is the text of an object', () => {
  const read = webhook!.read(
    webhookEvent('updated', 'u', { ssn: '1' }, { isLocked: true, provider: 'google' }),
  );
  expect(read).toMatchObject({
    ...{ kind: 'login', late: true, issuer: ENVIRONMENT, subject: 'u' },
    ...{ connection: { name: 'google', kind: 'social' }, status: { suspended: true } },
  });
  expect(attributesOf(read)).toEqual([
    ['metadata.ssn', '1', false, true],
    ['user.name', 'Ada', false, false],
    ['user.email', 'ada@example.com', false, false, true],
  ]);
  const deleted = { ...webhookEvent('deleted', 'u'), user: undefined };
  expect(webhook!.read(deleted)).toEqual({ kind: 'erasure', issuer: ENVIRONMENT, subject: 'u' });
  expect(webhook!.read(webhookEvent('removedFromTenant', 'u'))).toEqual({
    ...{ kind: 'leaving', issuer: ENVIRONMENT, subject: 'u', organization: ACCOUNT, at: undefined },
  });
  for (const name of ['failedAuthentication', 'enrolledMFA'])
    expect(webhook!.read(webhookEvent(name, 'u')).kind).toBe('other');
});

test.each<[string, Fields, string]>([
  ['no subject', jwtPrehook(undefined), 'data.claims.sub'],
  ['no claims', { data: {} }, 'data.claims'],
  ['claims that are none', { data: { claims: ['canary'] } }, 'data.claims'],
  ['metadata that is no object', jwtPrehook('u', { metadata: ['canary'] }), 'data.claims.metadata'],
  ['metadata that is no JSON', jwtPrehook('u', { metadata: '{canary' }), 'data.claims.metadata'],
  ['metadata of another kind', jwtPrehook('u', { metadata: '7' }), 'data.claims.metadata'],
  ['a context that is none', { ...jwtPrehook('u'), prehookContext: 'canary' }, 'prehookContext'],
])('refused, naming the field: %s', (_, event, field) => {
  expect(() => jwt!.read(event)).toThrow(
    expect.objectContaining({ code: 'PV9087', context: expect.objectContaining({ field }) }),
  );
});

test.each<[string, Fields, string]>([
  ['no event', { user: { id: 'u' } }, 'eventKey'],
  ['nobody', { eventKey: 'frontegg.user.deleted' }, 'eventContext.userId'],
  ['a user that is none', { eventKey: 'frontegg.user.deleted', user: 'canary' }, 'user'],
])('a webhook with %s is refused, naming the field', (_, event, field) => {
  expect(() => webhook!.read(event)).toThrow(
    expect.objectContaining({ code: 'PV9087', context: expect.objectContaining({ field }) }),
  );
});

test('a change of metadata that would shorten a number in it is refused, and one that removes it is made', () => {
  const user = { id: 'u', metadata: '{"ssn":"1","account":12345678901234567890}' };
  const change = (scrub: string[]): unknown =>
    frontegg.writeBack!.change('u', user, { write: {}, scrub, warnings: [] });
  expect(() => change(['metadata.ssn'])).toThrow(
    expect.objectContaining({ code: 'PV9087', context: expect.objectContaining({ field: 'metadata' }) }),
  );
  expect(change(['metadata.account'])).toMatchObject({ body: '{"metadata":"{\\"ssn\\":\\"1\\"}"}' });
});

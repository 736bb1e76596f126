import { VaultError } from '../../src/errors.js';
import { okta } from '../../src/idp/adapters/okta.js';
import type { Decision } from '../../src/idp/event.js';
import type { Fields } from '../../src/idp/event-fields.js';
import {
  ORG,
  PUBLISHED,
  imported,
  progressive,
  registration,
  systemEvents,
  tokenEvent,
} from './okta-events.js';

/** What Okta's own SDK calls TokenHookResponse, RegistrationInlineHookResponse and UserImportResponse. */
interface Commands {
  commands: { type: string; value: unknown }[];
}
const TOKEN = '3e84e552-0000-4000-8000-000000000001';
const NOTHING: Decision = { write: {}, scrub: [], warnings: [] };
const render = (name: string, decision: Partial<Decision>, event: Fields): Commands | null =>
  okta.events[name]!.answer!.render({ ...NOTHING, ...decision }, event) as Commands | null;
const read = (name: string, event: Fields) => okta.events[name]!.read(event);

function refusedField(name: string, event: Fields): string | undefined {
  try {
    read(name, event);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV9087') return error.context.field;
    throw error;
  }
  return undefined;
}

describe('a token', () => {
  test('goes into the access token, under a claim whose name is escaped as a JSON pointer', () => {
    const answer = render(
      'token',
      { token: TOKEN, claim: 'https://x.example/a~b' },
      tokenEvent({ id: 'u1' }),
    );
    expect(answer).toEqual({
      commands: [
        {
          type: 'com.okta.access.patch',
          value: [{ op: 'add', path: '/claims/https:~1~1x.example~1a~0b', value: TOKEN }],
        },
      ],
    });
    expect(render('token', { token: TOKEN }, tokenEvent({ id: 'u1' }))!.commands[0]!.value).toEqual([
      { op: 'add', path: '/claims/pii_token', value: TOKEN },
    ]);
  });

  test('stands beside what is said of the profile, which is said without one, too', () => {
    const profile = { claim: 'https://x.example/complete', complete: false };
    const added = { op: 'add', path: '/claims/https:~1~1x.example~1complete', value: false };
    const patch = (decision: Partial<Decision>): unknown =>
      render('token', decision, tokenEvent({ id: 'u1' }))!.commands;
    expect(patch({ profile })).toEqual([{ type: 'com.okta.access.patch', value: [added] }]);
    expect(patch({ profile, token: TOKEN })).toEqual([
      {
        type: 'com.okta.access.patch',
        value: [{ op: 'add', path: '/claims/pii_token', value: TOKEN }, added],
      },
    ]);
  });

  test('without one there is no command: one that cannot be done would cost the others', () => {
    expect(render('token', {}, tokenEvent({ id: 'u1' }))).toBeNull();
  });

  test('the object id in a claim is the link, and does not stay in the token', () => {
    const event = tokenEvent({ id: 'u1' }, { claims: { pii_object_id: 'an-id' } });
    expect(read('token', event)).toMatchObject({ link: 'an-id', clientId: 'web' });
    expect(render('token', {}, event)).toEqual({
      commands: [{ type: 'com.okta.access.patch', value: [{ op: 'remove', path: '/claims/pii_object_id' }] }],
    });
  });

  test('is of a user, known by id, of the org whatever the authorization server', () => {
    expect(read('token', tokenEvent({ id: 'u1', profile: { firstName: 'Ada' } }))).toMatchObject({
      kind: 'login',
      issuer: ORG,
      subject: 'u1',
      transaction: expect.any(String),
      connection: { kind: 'database' },
      attributes: [{ path: 'profile.firstName', value: 'Ada', metadata: false, removable: false }],
    });
  });

  test('an ID token alone gets none, and a client without a user is nobody', () => {
    expect(read('token', tokenEvent({ id: 'u1' }, { access: false }))).toMatchObject({ clientId: undefined });
    expect(read('token', tokenEvent(null))).toEqual({ kind: 'other', issuer: ORG });
  });
});

describe('a profile', () => {
  test('who registers has no id yet; the vault takes what it can, and the profile gets the link', () => {
    const event = registration({ login: 'ada@example.com', email: 'ada@example.com', ssn: '123-12-1234' });
    expect(read('registration', event)).toMatchObject({
      issuer: undefined,
      provisional: true,
      subject: `registration:${String(event.eventId)}`,
      clientId: undefined,
      attributes: [
        { path: 'profile.login', removable: false, metadata: false },
        { path: 'profile.email', removable: false, metadata: false },
        { path: 'profile.ssn', removable: true, metadata: true },
      ],
    });
    expect(render('registration', { write: { pii_object_id: 'id' }, scrub: ['profile.ssn'] }, event)).toEqual(
      {
        commands: [{ type: 'com.okta.user.profile.update', value: { ssn: null, pii_object_id: 'id' } }],
      },
    );
  });

  test('an object id that somebody types into the form never stays', () => {
    const event = registration({ login: 'a', pii_object_id: 'of-somebody-else' });
    expect(read('registration', event)).toMatchObject({
      link: undefined,
      attributes: [{ path: 'profile.login' }],
    });
    expect(render('registration', {}, event)!.commands[0]!.value).toEqual({ pii_object_id: null });
  });

  test('one that grows is of a user known by id, and has a command of its own', () => {
    const event = progressive('u1', { national_id: '17' });
    expect(read('registration', event)).toMatchObject({ subject: 'u1', onlyKnown: true });
    expect(render('registration', { scrub: ['profile.national_id'] }, event)).toEqual({
      commands: [{ type: 'com.okta.user.progressive.profile.update', value: { national_id: null } }],
    });
  });

  test('with nothing to do, registering is allowed in so many words', () => {
    const allowed = { commands: [{ type: 'com.okta.action.update', value: { registration: 'ALLOW' } }] };
    expect(render('registration', {}, registration({}))).toEqual(allowed);
    expect(okta.events.registration!.answer!.unchanged).toEqual(allowed);
  });

  test('one that is imported is changed where the application has it, too', () => {
    const event = imported(
      { ssn: '123-12-1234', dob: '1815-12-10' },
      { ssn: '123-12-1234', dob: null, externalId: 'e1' },
    );
    expect(read('import', event)).toMatchObject({
      provisional: true,
      subject: 'import:["0oa7ey7aLRuBvcYUD0g4","e1"]',
    });
    expect(
      render('import', { write: { pii_object_id: 'id' }, scrub: ['profile.ssn', 'profile.dob'] }, event),
    ).toEqual({
      commands: [
        { type: 'com.okta.user.profile.update', value: { ssn: null, dob: null, pii_object_id: 'id' } },
        { type: 'com.okta.appUser.profile.update', value: { ssn: null } },
      ],
    });
    expect(render('import', {}, event)).toBeNull();
    expect(read('import', imported({}, {}, 'u1'))).toMatchObject({ subject: 'u1', onlyKnown: true });
  });
});

test('of many events those that happened are read: deletions, each user once, and who may not or may again log in', () => {
  const event = systemEvents(
    ['user.lifecycle.delete.initiated', ['u1', 'u2']],
    ['user.lifecycle.delete.completed', ['u1']],
    ['user.lifecycle.delete.initiated', ['u3'], 'FAILURE'],
    ['user.session.start', ['u4']],
    ['user.lifecycle.suspend', ['u4']],
    ['user.lifecycle.unsuspend', ['u4']],
  );
  expect(read('events', event)).toEqual({
    kind: 'batch',
    issuer: ORG,
    events: [
      { kind: 'erasure', issuer: ORG, subject: 'u1' },
      { kind: 'erasure', issuer: ORG, subject: 'u2' },
      { kind: 'status', issuer: ORG, subject: 'u4', status: { suspended: true, at: new Date(PUBLISHED) } },
      { kind: 'status', issuer: ORG, subject: 'u4', status: { suspended: false, at: new Date(PUBLISHED) } },
    ],
  });
  expect(render('events', {}, event)).toBeNull();
});

describe('what Okta would not send is refused by its field', () => {
  const token = tokenEvent({ id: 'u1' });
  const context = (token.data as { context: Fields }).context;
  const inContext = (more: object): Fields => ({ ...token, data: { context: { ...context, ...more } } });
  test.each<[string, Fields, string]>([
    ['token', { ...token, eventType: 'com.okta.user.pre-registration' }, 'eventType'],
    ['token', { ...token, source: 'regt4qeBKU29vSoPz0g3' }, 'source'],
    ['token', { ...token, eventTime: 'soon' }, 'eventTime'],
    ['token', { ...token, eventId: undefined }, 'eventId'],
    ['token', { ...token, data: [] }, 'data'],
    ['token', inContext({ user: {} }), 'data.context.user.id'],
    ['token', inContext({ user: { id: 7 } }), 'data.context.user.id'],
    ['token', inContext({ user: { id: 'u1', profile: 'Ada' } }), 'data.context.user.profile'],
    ['token', inContext({ protocol: undefined }), 'data.context.protocol'],
    ['registration', { ...registration({}), requestType: 'other' }, 'requestType'],
    ['registration', { ...registration({}), data: {} }, 'data.userProfile'],
    ['registration', { ...progressive('u1', {}), data: { userProfileUpdate: {} } }, 'data.context'],
    ['import', { ...imported({}, {}), data: { user: {} } }, 'data.context.application'],
    ['events', { ...systemEvents(), data: { events: {} } }, 'data.events'],
    ['events', { ...systemEvents(), data: { events: [7] } }, 'data.events'],
    ['events', systemEvents(['user.lifecycle.delete.initiated', []]), 'data.events[0].target'],
  ])('%s (%#)', (name, event, field) => {
    expect(refusedField(name, event)).toBe(field);
  });
});

test('claims and sources that Okta or the vault keep for themselves', () => {
  expect(['sub', 'groups', 'uid'].map((name) => okta.refuseClaim(name))).not.toContain(null);
  expect(okta.refuseClaim('https://x.example/pii')).toBeNull();
  expect(okta.refuseSource('profile.ssn')).toBeNull();
  expect(
    ['profile.pii_object_id', 'profile', 'user.ssn'].map((path) => okta.refuseSource(path)),
  ).not.toContain(null);
});

import { ory } from '../../src/idp/adapters/ory.js';
import type { Decision } from '../../src/idp/event.js';
import type { Fields } from '../../src/idp/event-fields.js';
import { kratosFlow, tokenHook } from './ory-events.js';

const NOTHING: Decision = { write: {}, scrub: [], warnings: [] };
const render = (name: string, decision: Partial<Decision>, event: Fields): unknown =>
  ory.events[name]!.answer!.render({ ...NOTHING, ...decision }, event);
const attributesOf = (event: Fields): unknown => {
  const login = ory.events.registration!.read(event);
  return (
    login.kind === 'login' &&
    login.attributes.map(({ path, removable, verified }) => [path, removable, verified])
  );
};

test('traits are read to their leaves; what somebody signs in with, in a list too, is never removed', () => {
  const traits = {
    email: 'ada@example.com',
    emails: ['ada@example.com', 'other@example.com'],
    name: { first: 'Ada', nick: null },
    address: { locality: 'London' },
    'a.b': { c: 1 },
    work: 'ada@work.example',
  };
  const event = kratosFlow('a', traits, {
    verifiable_addresses: [
      { value: 'ada@example.com', verified: true },
      { value: 'ada@work.example', verified: 'true' },
    ],
    metadata_public: { plan: 'x' },
    metadata_admin: { pii_object_id: 'id' },
  });
  expect(attributesOf(event)).toEqual([
    ['traits.email', false, true],
    ['traits.emails', false, undefined],
    ['traits.name.first', true, undefined],
    ['traits.address', true, undefined],
    ['traits.a.b', false, undefined],
    ['traits.work', false, false],
    ['metadata_public.plan', true, undefined],
  ]);
  expect(ory.events.login!.read(event)).toMatchObject({ link: 'id', issuer: undefined, subject: 'a' });
});

test('each field of an identity that changes comes back whole, and nothing else', () => {
  const traits = { ssn: '1', tax: { id: '2', year: 3 } };
  const event = kratosFlow('a', traits, { metadata_admin: { plan: 'x', pii_object_id: 'old' } });
  const scrub = ['traits.ssn', 'traits.tax.id'];
  expect(render('settings', { scrub }, event)).toEqual({ identity: { traits: { tax: { year: 3 } } } });
  expect(traits).toEqual({ ssn: '1', tax: { id: '2', year: 3 } });
  expect(render('settings', { write: { pii_object_id: null }, scrub: [] }, event)).toEqual({
    identity: { metadata_admin: { plan: 'x' } },
  });
  expect(render('settings', { write: { pii_object_id: 'id' } }, kratosFlow('a', {}))).toEqual({});
  expect(render('registration', {}, kratosFlow('a', {}))).toEqual({});
});

test("Hydra's token of before goes with its claim where there is none any more", () => {
  const event = tokenHook('ada', { extra: { pii_token: 'old', role: 'x' } });
  expect(render('token-hook', {}, event)).toEqual({ session: { access_token: { role: 'x' }, id_token: {} } });
  expect(render('token-hook', {}, tokenHook('ada', { extra: { role: 'x' } }))).toBeNull();
  expect(render('token-hook', { token: 't', claim: 'https://x.example/pii' }, tokenHook('ada'))).toEqual({
    session: { access_token: { 'https://x.example/pii': 't' }, id_token: {} },
  });
});

test('whether the profile is complete goes into the access token, with a token and without, and takes the place of what was said before', () => {
  const profile = { claim: 'complete', complete: false };
  const said = (decision: Partial<Decision>, extra: Record<string, string | boolean> = {}): unknown =>
    render('token-hook', decision, tokenHook('ada', { extra }));
  expect(said({ profile }, { complete: true, role: 'x' })).toEqual({
    session: { access_token: { complete: false, role: 'x' }, id_token: {} },
  });
  expect(said({ profile, token: 't' })).toMatchObject({
    session: { access_token: { complete: false, pii_token: 't' } },
  });
});

test('what is a refresh, and who is nobody', () => {
  const { isRefresh } = ory.events['token-hook']!.answer!;
  expect(isRefresh!(tokenHook('ada', { grant: 'refresh_token' }))).toBe(true);
  expect([isRefresh!(tokenHook('ada')), isRefresh!({})]).toEqual([false, false]);
  const machine = ory.events['token-hook']!.read(tokenHook('web', { grant: 'client_credentials' }));
  expect(machine).toEqual({ kind: 'other', issuer: 'https://auth.example.com/' });
});

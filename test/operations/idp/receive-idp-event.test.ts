import { randomUUID } from 'node:crypto';
import { addBundle, addType } from '../../support/bundles.js';
import { setIam } from '../../support/iam.js';
import { refusal, refused, sql } from '../../support/steps.js';
import { type Answer, ADMIN_KEY, type TestVault, startVault } from '../../support/vault.js';
import {
  DELETED,
  type Keys,
  LOGIN,
  behind,
  entriesOf,
  iam,
  loginOf,
  objectsNow,
  stored,
  withHook,
} from './support.js';

const MAP = 'map = { "app_metadata.national_id" = "user_id" }';

let vault: TestVault;
let keys: Keys;

beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
});
afterAll(() => vault.close());

const send = (
  json: unknown,
  key = keys.hook,
  path = LOGIN,
  headers: Record<string, string> = {},
): Promise<Answer> => vault.send('POST', path, { json, key, headers });

async function login(...event: Parameters<typeof loginOf>): Promise<Answer['body']> {
  const answer = await send(loginOf(...event));
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body;
}

const deleted = (user: string, key = keys.eraser): Promise<Answer> =>
  send({ tenant: { id: 'acme' }, user: { user_id: `auth0|${user}` } }, key, DELETED);

const UUID8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('200: a login', () => {
  test('the first stores what the metadata holds, and says to link the object, scrub the values and which token to hand out', async () => {
    const { write, scrub, token, warnings, ...rest } = await login('first', {
      national_id: '45860945864',
      ssn: '123-12-1234',
      theme: 'dark',
    });
    expect(write).toEqual({ pii_object_id: expect.stringMatching(UUID8) });
    expect(scrub.sort()).toEqual(['app_metadata.national_id', 'app_metadata.ssn']);
    expect([warnings, rest]).toEqual([[], {}]);
    expect(await stored(vault, write.pii_object_id)).toEqual({ user_id: '45860945864', ssn: '123-12-1234' });
    expect(await behind(vault, token)).toEqual({ user_id: '45860945864', ssn: '123-12-1234' });
  });

  test('a later one makes a new token of the same object and asks for nothing else', async () => {
    const first = await login('later', { ssn: '123-12-1234' });
    const before = await objectsNow(vault);
    const second = await login('later', first.write);
    expect(second).toEqual({ write: {}, scrub: [], token: expect.any(String), warnings: [] });
    expect(second.token).not.toBe(first.token);
    expect(await behind(vault, second.token)).toEqual({ ssn: '123-12-1234' });
    expect(await objectsNow(vault)).toBe(before);
  });

  test('at the same time many first ones make one object, and each gets a token of it', async () => {
    const before = await objectsNow(vault);
    const all = await Promise.all(
      Array.from({ length: 12 }, () => login('parallel', { national_id: 'p-1', ssn: '123-12-1234' })),
    );
    expect(new Set(all.map(({ write }) => write.pii_object_id)).size).toBe(1);
    expect(new Set(all.map(({ token }) => token)).size).toBe(12);
    for (const { token } of all)
      expect(await behind(vault, token)).toEqual({ user_id: 'p-1', ssn: '123-12-1234' });
    expect(await objectsNow(vault)).toBe(before + 1);
  });

  test('the link that was not written is asked for again, and so is the scrubbing', async () => {
    const metadata = { ssn: '123-12-1234' };
    const first = await login('crashed', metadata);
    const again = await login('crashed', metadata);
    expect({ ...again, token: null }).toEqual({ ...first, token: null });
  });

  test('what comes back into the metadata is merged, and what is absent or empty clears nothing', async () => {
    const first = await login('refilled', { national_id: 'r-1', ssn: '123-12-1234' });
    const { pii_object_id } = first.write;
    const again = await login('refilled', { pii_object_id, ssn: '123-12-9999', national_id: '' });
    expect(again.scrub).toEqual(['app_metadata.ssn']);
    await login('refilled', { pii_object_id, ssn: null });
    expect(await stored(vault, pii_object_id)).toEqual({ user_id: 'r-1', ssn: '123-12-9999' });
  });

  test('of the profile the standard attributes go into properties of their names, and stay where they are', async () => {
    const profile = {
      email: 'Ada@EXAMPLE.com',
      email_verified: 'true',
      nickname: 'ada',
      user_metadata: { phone: '+1 (202) 555-0187' },
    };
    const { write, scrub } = await login('profile', {}, { profile });
    expect(scrub).toEqual(['user_metadata.phone']);
    expect(await stored(vault, write.pii_object_id)).toEqual({
      email: 'Ada@example.com',
      email_verified: true,
      phone: '+12025550187',
    });
  });

  test("the profile's user_id is nobody's property, though the collection has one of that name", async () => {
    const { write } = await login('shadow', { ssn: '123-12-1234' });
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-1234' });
  });

  test('a value that does not fit stays at the provider; the rest is stored', async () => {
    const { write, scrub, warnings, token } = await login('misfit', {
      national_id: 'm-1',
      ssn: '12-34',
      birth_date: '0000-05-01',
    });
    expect(scrub).toEqual(['app_metadata.national_id']);
    expect(warnings).toEqual([
      { code: 'quarantined', name: 'app_metadata.ssn' },
      { code: 'quarantined', name: 'app_metadata.birth_date' },
    ]);
    expect(await stored(vault, write.pii_object_id)).toEqual({ user_id: 'm-1' });
    expect(await behind(vault, token)).toEqual({ user_id: 'm-1' });
  });

  test('JSON with a number that lost digits on its way stays at the provider, which has them', async () => {
    const { scrub, warnings } = await login('cut', {
      national_id: 'c-1',
      notes: { account: [12345678901234567890] },
    });
    expect(scrub).toEqual(['app_metadata.national_id']);
    expect(warnings).toEqual([{ code: 'quarantined', name: 'app_metadata.notes' }]);
    expect((await login('uncut', { notes: { account: [9007199254740991] } })).scrub).toEqual([
      'app_metadata.notes',
    ]);
  });

  describe('where the hook has a quarantine', () => {
    const QUARANTINE = `${MAP}\nquarantine = "notes"`;
    beforeAll(() => setIam(vault, iam(QUARANTINE)));
    afterAll(() => setIam(vault, iam(MAP)));

    test('a value that does not fit is kept there, with where it stood, and is in no token', async () => {
      const { write, scrub, warnings, token } = await login('misfits', {
        ...{ national_id: 'q-1', ssn: '12-34', notes: 'plain', birth_date: ['1970-01-01', '1980-01-01'] },
      });
      expect([...scrub].sort()).toEqual([
        'app_metadata.birth_date',
        'app_metadata.national_id',
        'app_metadata.ssn',
      ]);
      expect(warnings).toEqual([
        { code: 'quarantined', name: 'app_metadata.ssn' },
        { code: 'quarantined', name: 'app_metadata.birth_date' },
      ]);
      const notes = { 'app_metadata.ssn': '12-34', 'app_metadata.birth_date': ['1970-01-01', '1980-01-01'] };
      expect(await stored(vault, write.pii_object_id)).toEqual({ user_id: 'q-1', notes });
      expect(await behind(vault, token)).toEqual({ user_id: 'q-1' });

      // One that comes later joins them, whatever else wins; the same one again changes nothing.
      for (let nth = 0; nth < 2; nth++) {
        const more = await login(
          'misfits',
          { phone: 'none' },
          { connection: { name: 'google', strategy: 'google-oauth2' } },
        );
        expect(more.scrub).toEqual(['app_metadata.phone']);
      }
      expect(await stored(vault, write.pii_object_id)).toEqual({
        ...{ user_id: 'q-1', notes: { ...notes, 'app_metadata.phone': 'none' } },
      });
    });

    test('a number that lost digits on its way stays at the provider, which has them', async () => {
      const { write, scrub } = await login('digits', {
        ...{ ssn: 12345678901234567890, birth_date: [1970, { year: -1e20 }], phone: 'none' },
      });
      expect(scrub).toEqual(['app_metadata.phone']);
      expect(await stored(vault, write.pii_object_id)).toEqual({ notes: { 'app_metadata.phone': 'none' } });
    });

    test('what a role may not store there, and what is to be kept at the provider, stays there', async () => {
      await setIam(vault, iam(`${QUARANTINE}\nkeep = ["app_metadata.ssn"]`));
      const kept = await login('keeper', { ssn: '12-34', phone: 'none' });
      expect(kept.scrub).toEqual(['app_metadata.phone']);
      expect(await stored(vault, kept.write.pii_object_id)).toEqual({
        notes: { 'app_metadata.ssn': '12-34', 'app_metadata.phone': 'none' },
      });
      await setIam(vault, iam(QUARANTINE, { policies: '"store_some"' }));
      const { scrub } = await login('refused', { national_id: 'q-2', ssn: '12-34' });
      expect(scrub).toEqual(['app_metadata.national_id']);
    });
  });

  test('a value goes through the functions of its type; one that fails costs the value and not the login', async () => {
    await addBundle(
      vault,
      'shop',
      `exports.up = { type: 'normalizer', handler: (value) => value.toUpperCase() };
       exports.fails = { type: 'normalizer', handler: (value) => { throw new Error(value); } };`,
    );
    for (const [name, normalizer] of [
      ['UP', 'shop.up'],
      ['FAILS', 'shop.fails'],
    ] as const)
      await addType(vault, { name, base_type_name: 'STRING', normalizer });
    const raw = 'coded PERSONS ( card UP NULL, badge FAILS NULL )';
    await vault.send('POST', '/ctl/collections', { raw, type: 'application/pvschema' });
    await setIam(vault, iam('collection = "coded"').replaceAll('users/properties', '*/properties'));
    const { scrub, warnings, write } = await login('coded', { card: 'ab', badge: 'canary-value' });
    await setIam(vault, iam(MAP));
    expect(scrub).toEqual(['app_metadata.card']);
    expect(warnings).toEqual([{ code: 'quarantined', name: 'app_metadata.badge' }]);
    const path = `/data/collections/coded/objects/${write.pii_object_id}?options=unsafe`;
    expect((await vault.send('GET', path)).body).toMatchObject({ card: 'AB' });
    expect(vault.logged()).not.toContain('canary-value');
  });

  test('a unique value that somebody else has stays at the provider; the rest is stored', async () => {
    await login('owner of it', { national_id: 'taken', ssn: '123-12-1234' });
    const { write, scrub, warnings } = await login('second owner', {
      national_id: 'taken',
      ssn: '123-12-9999',
    });
    expect(scrub).toEqual(['app_metadata.ssn']);
    expect(warnings).toEqual([{ code: 'not_unique', name: 'app_metadata.national_id' }]);
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-9999' });
  });

  test('personal data that nothing maps is named by its place, credentials are never copied', async () => {
    const { warnings, write } = await login('unmapped', {
      ssn: '123-12-1234',
      passport: 'X1234567',
      backup: 'ada@example.com',
      'ada@example.com': true,
      theme: 'dark',
      password: 'hunter2',
    });
    expect(warnings).toEqual([
      { code: 'unmapped_pii', name: 'app_metadata.passport' },
      { code: 'unmapped_pii', name: 'app_metadata.backup' },
      { code: 'unmapped_pii', name: 'app_metadata.*' },
    ]);
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-1234' });
  });

  test('two attributes for one property: one value goes, another that differs stays', async () => {
    const twice = { profile: { user_metadata: { ssn: '123-12-1234' } } };
    expect((await login('same twice', { ssn: '123-12-1234' }, twice)).scrub).toEqual([
      'app_metadata.ssn',
      'user_metadata.ssn',
    ]);
    const differing = await login('differ', { ssn: '123-12-9999' }, twice);
    expect(differing.scrub).toEqual(['app_metadata.ssn']);
    expect(differing.warnings).toEqual([{ code: 'ambiguous', name: 'user_metadata.ssn' }]);
  });

  test('of somebody without personal data nothing is stored and no token made', async () => {
    const before = await objectsNow(vault);
    expect(await login('nobody', { theme: 'dark' })).toEqual({ write: {}, scrub: [], warnings: [] });
    expect(await objectsNow(vault)).toBe(before);
  });

  test('an unverified address never replaces a verified one', async () => {
    const verified = { profile: { email: 'true@example.com', email_verified: true } };
    const { write } = await login('verified', {}, verified);
    await login('verified', write, { profile: { email: 'other@example.com', email_verified: false } });
    expect(await stored(vault, write.pii_object_id)).toEqual({
      email: 'true@example.com',
      email_verified: true,
    });
    await login('verified', write, { profile: { email: 'new@example.com', email_verified: true } });
    expect(await stored(vault, write.pii_object_id)).toEqual({
      email: 'new@example.com',
      email_verified: true,
    });
  });

  test('a social connection fills what is missing and overwrites nothing', async () => {
    const { write } = await login('social', { ssn: '123-12-1234' });
    const connection = { name: 'google-oauth2', strategy: 'google-oauth2' };
    const again = await login(
      'social',
      { ...write, ssn: '123-12-9999', phone: '+12025550187' },
      { connection },
    );
    expect(again.scrub.sort()).toEqual(['app_metadata.phone', 'app_metadata.ssn']);
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-1234', phone: '+12025550187' });
  });

  test('an event that is sent again with its transaction gets the same answer and makes no second token', async () => {
    const event = loginOf('replayed', { ssn: '123-12-1234' }, { transaction: { id: 'tx-1' } });
    const all = [await send(event), ...(await Promise.all([send(event), send(event), send(event)]))];
    for (const answer of all) expect(answer.body).toEqual(all[0]!.body);
    const id = all[0]!.body.write.pii_object_id;
    const count = await vault.send(
      'GET',
      `/data/collections/users/tokens?object_ids=${id}&options=include_metadata`,
    );
    expect(count.body).toHaveLength(1);
    const other = await send(loginOf('replayed', { ssn: '123-12-9999' }, { transaction: { id: 'tx-1' } }));
    expect(other.body.token).not.toBe(all[0]!.body.token);
    expect(await behind(vault, other.body.token)).toEqual({ ssn: '123-12-9999' });
  });

  test('an object id at the provider that is not this user’s decides nothing', async () => {
    const victim = await login('victim', { ssn: '123-12-1234' });
    const thief = await login('thief', { pii_object_id: victim.write.pii_object_id });
    expect(thief).toEqual({ write: {}, scrub: [], warnings: [{ code: 'link_ignored' }] });
    const writer = await login('writer', { pii_object_id: victim.write.pii_object_id, ssn: '123-12-9999' });
    expect(writer.warnings).toEqual([{ code: 'link_ignored' }]);
    expect(await behind(vault, writer.token)).toEqual({ ssn: '123-12-9999' });
    expect(await stored(vault, victim.write.pii_object_id)).toEqual({ ssn: '123-12-1234' });
  });

  test('an object that was deleted in the vault is not made again; the link goes, the rest stays at the provider', async () => {
    const { write } = await login('deleted here', { ssn: '123-12-1234' });
    await vault.send('DELETE', `/data/collections/users/objects/${write.pii_object_id}`);
    expect(await login('deleted here', { ...write, ssn: '123-12-1234' })).toEqual({
      write: { pii_object_id: null },
      scrub: [],
      warnings: [{ code: 'erased' }],
    });
  });

  test('a user who is migrated before the first login is linked, and no client gets a token', async () => {
    const path = '/api/coatcheck/1.0/idp/auth0/legacy-user';
    const { body } = await send(loginOf('legacy', { ssn: '123-12-1234' }), keys.hook, path);
    expect(body).toEqual({
      write: { pii_object_id: expect.any(String) },
      scrub: ['app_metadata.ssn'],
      warnings: [],
    });
    expect(await behind(vault, (await login('legacy', body.write)).token)).toEqual({ ssn: '123-12-1234' });
  });

  test("the token lives a minute longer than Auth0's access token", async () => {
    const { token } = await login('expiring', { ssn: '123-12-1234' });
    const path = `/data/collections/users/tokens?token_ids=${token}&options=include_metadata`;
    const { metadata } = (await vault.send('GET', path)).body[0];
    const seconds = (Date.parse((metadata.tokens ?? [metadata])[0].expiration_time) - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(86_400);
    expect(seconds).toBeLessThanOrEqual(86_460);
  });
});

describe('what the operator says', () => {
  afterAll(() => setIam(vault, iam(MAP)));

  test('clients with a list get what is on it; once there is one, others get no token', async () => {
    await setIam(
      vault,
      iam(`${MAP}\nclients = { support = ["ssn"], none = [] }\nclaim = "https://shop.example/pii_token"`),
    );
    const support = await login(
      'listed',
      { national_id: 'l-1', ssn: '123-12-1234' },
      { client_id: 'support' },
    );
    expect(support.claim).toBe('https://shop.example/pii_token');
    expect(await behind(vault, support.token)).toEqual({ ssn: '123-12-1234' });
    for (const client_id of ['web', 'none', 'constructor'])
      expect(await login('listed', support.write, { client_id })).toEqual({
        write: {},
        scrub: [],
        warnings: [],
      });
  });

  test('every login says whether the vault has all that a profile needs, whoever stored it', async () => {
    const claim = 'https://shop.example/profile_complete';
    const profile = `[idp_hooks.shop.profile]\nrequired = ["ssn", "phone"]\nclaim = "${claim}"`;
    await setIam(vault, iam(`${MAP}\nclients = { web = ["ssn"] }\n${profile}`));
    const [complete, incomplete] = [true, false].map((each) => ({ claim, complete: each }));

    expect(await login('growing', {})).toEqual({ write: {}, scrub: [], profile: incomplete, warnings: [] });
    const { write, token, ...first } = await login('growing', { ssn: '123-12-1234' });
    expect([token, first.profile]).toEqual([expect.any(String), incomplete]);
    // An application asks for the rest and stores it itself.
    const object = `/data/collections/users/objects/${write.pii_object_id}`;
    await vault.send('PATCH', object, { json: { phone: '+12025550187' } });
    expect((await login('growing', write)).profile).toEqual(complete);
    // A client without a list has no token, and is told all the same.
    const other = await login('growing', write, { client_id: 'other' });
    expect(other).toEqual({ write: {}, scrub: [], profile: complete, warnings: [] });
    expect(await login('growing', write, { client_id: '' })).not.toHaveProperty('profile');
    await vault.send('PATCH', object, { json: { phone: null } });
    expect((await login('growing', write)).profile).toEqual(incomplete);
    expect((await login('growing', { ...write, phone: '+12025550187' })).profile).toEqual(complete);

    await vault.send('PATCH', `${object}?expiration_secs=0`, { json: {} });
    await sql(
      vault,
      `update object set expires_at = now() - interval '1 second' where id = '${write.pii_object_id}'`,
    );
    const archived = await login('growing', write);
    expect(archived).toEqual({ write: {}, scrub: [], warnings: [{ code: 'archived' }] });
    await deleted('growing');
    const erased = await login('growing', {});
    expect(erased).toEqual({ write: {}, scrub: [], warnings: [{ code: 'erased' }] });
  });

  test('a value that is taken, or that the role may not store, completes no profile', async () => {
    const profile = '[idp_hooks.shop.profile]\nrequired = ["user_id"]\nclaim = "https://shop.example/c"';
    await setIam(vault, iam(`${MAP}\n${profile}`));
    const taken = { national_id: 'profile-1' };
    expect((await login('owner', taken)).profile.complete).toBe(true);
    const second = await login('second', { ...taken, ssn: '123-12-1234' });
    expect([second.profile.complete, second.warnings[0].code]).toEqual([false, 'not_unique']);
    const kept = profile.replace('user_id', 'phone');
    await setIam(vault, iam(`${MAP}\n${kept}`, { policies: '"store_some"' }));
    const { profile: said } = await login('owner', { phone: '+12025550187' });
    expect(said.complete).toBe(false);
  });

  test('what the role may not store stays at the provider, and what it may not tokenize is in no token', async () => {
    await setIam(vault, iam(MAP, { policies: '"store_some"' }));
    const answer = await login('restricted', { ssn: '123-12-1234', phone: '+12025550187' });
    expect(answer.scrub).toEqual(['app_metadata.ssn']);
    expect(answer.warnings).toEqual([{ code: 'not_allowed', name: 'app_metadata.phone' }]);
    expect(await behind(vault, answer.token)).toEqual({ ssn: '123-12-1234' });
  });

  test('attributes to keep are copied and stay, attributes to ignore are left alone', async () => {
    await setIam(vault, iam('keep = ["app_metadata.phone"]\nignore = ["app_metadata.ssn"]'));
    const answer = await login('kept', { ssn: '123-12-1234', phone: '+12025550187' });
    expect([answer.scrub, answer.warnings]).toEqual([[], []]);
    expect(await stored(vault, answer.write.pii_object_id)).toEqual({ phone: '+12025550187' });
  });

  test.each([
    ['idp-wins', '123-12-9999'],
    ['fill-only', '123-12-1234'],
    ['vault-wins', '123-12-1234'],
  ])('a conflict under %s leaves %s', async (rule, left) => {
    await setIam(vault, iam(`conflict = { ssn = "${rule}" }`));
    const { write } = await login(`conflict ${rule}`, { ssn: '123-12-1234' });
    const { scrub } = await login(`conflict ${rule}`, { ...write, ssn: '123-12-9999' });
    expect(scrub).toEqual(['app_metadata.ssn']);
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: left });
  });

  test('under newest an older profile changes nothing', async () => {
    await setIam(vault, iam('conflict = { "*" = "newest" }'));
    const at = (updated_at: string): { profile: object } => ({ profile: { updated_at } });
    const { write } = await login('newest', { ssn: '123-12-1234' }, at('2026-05-02T00:00:00Z'));
    await login('newest', { ...write, ssn: '123-12-1111' }, at('2026-05-01T00:00:00Z'));
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-1234' });
    await login('newest', { ...write, ssn: '123-12-2222' }, at('2026-05-03T00:00:00Z'));
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-2222' });
  });

  test('objects of a hook with a tenant are that tenant’s', async () => {
    await setIam(vault, iam('tenant = "shop"'));
    const { write } = await login('tenant', { ssn: '123-12-1234' });
    const answer = await vault.send(
      'GET',
      `/data/collections/users/objects/${write.pii_object_id}?options=unsafe,show_builtins`,
    );
    expect(answer.body._tenant_id).toBe('shop');
    expect((await send(loginOf('tenant', write), keys.hook, LOGIN, { 'x-tenant-id': 'shop' })).status).toBe(
      200,
    );
  });

  test('an object made otherwise is taken over only where that is switched on, and only once', async () => {
    const { body } = await vault.send('POST', '/data/collections/users/objects', {
      json: { ssn: '123-12-1234' },
    });
    const metadata = { pii_object_id: body.id };
    await setIam(vault, iam());
    expect((await login('adopting', metadata)).warnings).toEqual([{ code: 'link_ignored' }]);
    await setIam(vault, iam('adopt_links = true'));
    const first = await login('adopting', { ...metadata, phone: '+12025550187' });
    expect(first.write).toEqual({});
    expect(await behind(vault, first.token)).toEqual({ ssn: '123-12-1234', phone: '+12025550187' });
    const silent = await vault.send('POST', '/data/collections/users/objects', {
      json: { ssn: '123-12-1234' },
    });
    await login('adopting silently', { pii_object_id: silent.body.id });
    await setIam(vault, iam());
    expect((await deleted('adopting silently')).status).toBe(200);
    expect(
      refused(await vault.send('GET', `/data/collections/users/objects/${silent.body.id}?options=unsafe`)),
    ).toBe('404 PV3005');
    await setIam(vault, iam('adopt_links = true'));
    expect((await login('another', metadata)).warnings).toEqual([{ code: 'link_ignored' }]);
  });

  test('without all that an object must have nothing is stored and the login goes on', async () => {
    await vault.send('POST', '/ctl/collections', {
      raw: 'strict PERSONS ( user_id STRING, ssn SSN NULL )',
      type: 'application/pvschema',
    });
    await setIam(vault, iam('collection = "strict"').replaceAll('users/properties', '*/properties'));
    expect(await login('incomplete', { ssn: '123-12-1234' })).toEqual({
      write: {},
      scrub: [],
      warnings: [{ code: 'incomplete', name: 'user_id' }],
    });
  });
});

describe('200: a deletion', () => {
  test('archives the object and its tokens at once, and it is never made again', async () => {
    const { write, token } = await login('erased', { ssn: '123-12-1234' });
    expect((await deleted('erased')).body).toEqual({ write: {}, scrub: [], warnings: [] });
    expect(await behind(vault, token)).toBeUndefined();
    expect(
      refused(
        await vault.send('GET', `/data/collections/users/objects/${write.pii_object_id}?options=unsafe`),
      ),
    ).toBe('404 PV3005');
    const before = await objectsNow(vault);
    expect(await login('erased', { ...write, ssn: '123-12-1234' })).toEqual({
      write: { pii_object_id: null },
      scrub: ['app_metadata.ssn'],
      warnings: [{ code: 'erased' }],
    });
    expect((await deleted('erased')).status).toBe(200);
    expect(await objectsNow(vault)).toBe(before);
  });

  test('that Auth0 streams erases the person, and its other events change nothing', async () => {
    const path = '/api/coatcheck/1.0/idp/auth0/stream';
    const streamed = (type: string, more: object = {}): Promise<Answer> =>
      send(
        {
          ...{ id: 'evt_1234567890abcdef', specversion: '1.0', source: 'urn:auth0:acme.eu', type },
          ...{ time: '2026-05-01T00:00:00Z', a0tenant: 'acme', a0stream: 'est_1234567890abcdef' },
          data: { object: { user_id: 'auth0|streamed', email: 'canary@example.com' } },
          ...more,
        },
        keys.eraser,
        path,
      );
    const { token } = await login('streamed', { ssn: '123-12-1234' });
    expect((await streamed('user.updated')).body).toEqual({ write: {}, scrub: [], warnings: [] });
    expect(await behind(vault, token)).toEqual({ ssn: '123-12-1234' });
    expect((await entriesOf(vault)).at(-1)).toMatchObject({ outcome: 'allowed', rule: 'nothing-of-concern' });
    expect((await streamed('user.deleted')).status).toBe(200);
    expect(await behind(vault, token)).toBeUndefined();
    expect((await streamed('user.deleted')).status).toBe(200);
    expect((await login('streamed', { ssn: '123-12-1234' })).warnings).toEqual([{ code: 'erased' }]);

    expect(refused(await streamed('user.deleted', { a0tenant: 'other' }))).toBe('403 PV9088');
    expect(refusal(await streamed('user.deleted', { data: {} }))[2].field).toBe('data.object');
  });

  test('of somebody unknown leaves a tombstone: a login that arrives late stores nothing', async () => {
    expect((await deleted('never seen')).status).toBe(200);
    expect((await login('never seen', { ssn: '123-12-1234' })).warnings).toEqual([{ code: 'erased' }]);
  });

  test('and logins of the same person at the same time end erased', async () => {
    for (let round = 0; round < 5; round++) {
      const user = `racing ${round}`;
      const metadata = { ssn: '123-12-1234' };
      const [, ...logins] = await Promise.all([deleted(user), login(user, metadata), login(user, metadata)]);
      for (const { token } of logins) if (token) expect(await behind(vault, token)).toBeUndefined();
      expect((await login(user, metadata)).warnings).toEqual([{ code: 'erased' }]);
    }
  });

  test('past the number an hour is 429 PV9089, and nothing is erased', async () => {
    await setIam(vault, iam(`${MAP}\nerasures_per_hour = 1`));
    const { token } = await login('braked', { ssn: '123-12-1234' });
    expect(refused(await deleted('braked'))).toBe('429 PV9089');
    expect(await behind(vault, token)).toEqual({ ssn: '123-12-1234' });
    await setIam(vault, iam(MAP));
  });
});

describe('refused', () => {
  test('400 PV9087 names the field and never the value', async () => {
    const cases: [object, string][] = [
      [{ ...loginOf('a', {}), user: {} }, 'user.user_id'],
      [{ ...loginOf('a', {}), user: { user_id: 7 } }, 'user.user_id'],
      [{ ...loginOf('a', {}), user: 'canary-value' }, 'user'],
      [{ ...loginOf('a', {}), user: { user_id: 'canary\u0007value' } }, 'user.user_id'],
      [{ ...loginOf('a', {}), user: { user_id: 'x'.repeat(2000) } }, 'user.user_id'],
      [{ ...loginOf('a', {}), user: { user_id: 'x', app_metadata: ['canary-value'] } }, 'user.app_metadata'],
      [{ ...loginOf('a', {}), tenant: {} }, 'tenant.id'],
      [{ ...loginOf('a', {}), client: { client_id: ['canary-value'] } }, 'client.client_id'],
      [{}, 'user'],
    ];
    for (const [event, field] of cases) {
      const answer = await send(event);
      expect(refusal(answer).slice(0, 2)).toEqual([400, 'PV9087']);
      expect(refusal(answer)[2].field).toBe(field);
      expect(answer.text).not.toContain('canary');
    }
  });

  test('400 PV1012 for a body that is no object, or that reaches for what objects inherit', async () => {
    const raw = '{"__proto__":{"user":{"user_id":"canary-value"}}}';
    const answer = await vault.send('POST', LOGIN, { raw, type: 'application/json', key: keys.hook });
    expect([refused(answer), answer.text.includes('canary')]).toEqual(['400 PV1012', false]);
    expect(refused(await send(['canary-value']))).toBe('400 PV1012');
  });

  test('401 PV1005 without a key', async () => {
    expect(refused(await vault.send('POST', LOGIN, { json: loginOf('a', {}), key: null }))).toBe(
      '401 PV1005',
    );
  });

  test('403 PV1007 for a key of another role, and for the half that a role does not hold', async () => {
    expect(refused(await send(loginOf('a', {}), keys.reader))).toBe('403 PV1007');
    expect(refused(await send(loginOf('a', {}), keys.eraser))).toBe('403 PV1007');
    expect(
      refused(await send({ tenant: { id: 'acme' }, user: { user_id: 'auth0|first' } }, keys.hook, DELETED)),
    ).toBe('403 PV1007');
  });

  test('403 PV9088 for another issuer, another provider, a forged tenant, a user of no hook, and the Admin', async () => {
    const other = { ...loginOf('a', { ssn: '123-12-1234' }), tenant: { id: 'other' } };
    expect(refused(await send(other))).toBe('403 PV9088');
    const oidc = { iss: 'acme', sub: 'a', claims: {} };
    expect(refused(await send(oidc, keys.hook, '/api/coatcheck/1.0/idp/oidc/login'))).toBe('403 PV9088');
    expect(refused(await send(loginOf('a', {}), keys.hook, LOGIN, { 'x-tenant-id': 'other' }))).toBe(
      '403 PV9088',
    );
    expect(refused(await send(loginOf('a', {}), keys.stranger))).toBe('403 PV9088');
    expect(refused(await send(loginOf('a', {}), ADMIN_KEY))).toBe('403 PV9088');
  });

  test('403 PV9088 for a hook that is switched off', async () => {
    await setIam(vault, iam('disabled = true'));
    expect(refused(await send(loginOf('a', {})))).toBe('403 PV9088');
    await setIam(vault, iam(MAP));
  });

  test('403 PV1006 for a role that may tokenize nothing', async () => {
    await setIam(vault, iam(MAP, { policies: '' }));
    expect(refused(await send(loginOf('a', { ssn: '123-12-1234' })))).toBe('403 PV1006');
    await setIam(vault, iam(MAP));
  });

  test('404 PV9086 for a provider or an event that is not known', async () => {
    for (const place of ['nobody/post-login', 'auth0/nothing', 'auth0/constructor', '__proto__/x'])
      expect(refused(await send(loginOf('a', {}), keys.hook, `/api/coatcheck/1.0/idp/${place}`))).toBe(
        '404 PV9086',
      );
    const unknown = await send(loginOf('a', {}), keys.hook, '/api/coatcheck/1.0/idp/auth0/nothing');
    expect(unknown.body.context).toEqual({
      field: 'event',
      reason: expect.stringMatching(/^It must be one of: post-login, .*\.$/),
    });
  });

  test('404 PV1004 where the collection is gone', async () => {
    await vault.send('POST', '/ctl/collections', {
      raw: 'brief PERSONS ( ssn SSN NULL )',
      type: 'application/pvschema',
    });
    await setIam(vault, iam('collection = "brief"'));
    await vault.send('DELETE', '/ctl/collections/brief');
    expect(refused(await send(loginOf('a', {})))).toBe('404 PV1004');
    await setIam(vault, iam(MAP));
  });

  test('413 PV9014 for an event past 256 KiB', async () => {
    expect(refused(await send(loginOf('a', { note: 'x'.repeat(262_144) })))).toBe('413 PV9014');
  });
});

describe('the record', () => {
  test('names who, whose object, what was stored and tokenized, and the token by a reference', async () => {
    const { write } = await login('recorded', { national_id: 'rec-1', ssn: '123-12-1234' });
    const entry = (await entriesOf(vault)).at(-1)!;
    expect(entry).toMatchObject({
      user: 'hook',
      role: 'login',
      collection: 'users',
      objects: [write.pii_object_id],
      tokens: [expect.stringMatching(/^[0-9a-f]{32}$/)],
      revealed: [],
      outcome: 'allowed',
      rule: 'allow:store',
      reason: 'AppFunctionality',
    });
    expect((entry.asked as { property: string }[]).length).toBe(7);
  });

  test('says of refusals as much, and of one that stored nothing too', async () => {
    const before = (await entriesOf(vault)).length;
    await send({ ...loginOf('a', {}), tenant: { id: 'other' } });
    await login('empty handed', { theme: 'dark' });
    const [refusedEntry, empty] = (await entriesOf(vault)).slice(before);
    expect(refusedEntry).toMatchObject({
      outcome: 'denied',
      error_code: 'PV9088',
      rule: 'no-hook-of-the-key',
    });
    expect(empty).toMatchObject({ outcome: 'allowed', rule: 'nothing-stored', objects: [] });
  });

  test('has an entry for every event that was bad, and in none of them what was bad about it', async () => {
    const bad: [string, string, unknown, string?][] = [
      ['PV9087', LOGIN, { ...loginOf('a', {}), user: { user_id: ['canary-value'] } }],
      ['PV9087', LOGIN, { ...loginOf('a', {}), user: { app_metadata: { ssn: 'canary-value' } } }],
      ['PV1012', LOGIN, ['canary-value']],
      ['PV9014', LOGIN, loginOf('a', { note: 'canary-value'.repeat(30_000) })],
      ['PV9086', '/api/coatcheck/1.0/idp/nobody/post-login', loginOf('a', { ssn: 'canary-value' })],
      ['PV9086', '/api/coatcheck/1.0/idp/auth0/canary-value', loginOf('a', {})],
      ['PV9088', LOGIN, { ...loginOf('a', {}), tenant: { id: 'canary-value' } }],
      ['PV1007', DELETED, { tenant: { id: 'acme' }, user: { user_id: 'canary-value' } }],
    ];
    const before = (await entriesOf(vault)).length;
    for (const [, path, event] of bad)
      expect((await send(event, keys.hook, path)).text).not.toContain('canary');
    const entries = (await entriesOf(vault)).slice(before);
    expect(entries.map(({ error_code }) => error_code)).toEqual(bad.map(([code]) => code));
    for (const { outcome } of entries) expect(['denied', 'failed']).toContain(outcome);
    expect(JSON.stringify(entries) + vault.logged()).not.toContain('canary');
  });

  test('neither the table of subjects nor the log holds a name or a value', async () => {
    const secret = randomUUID();
    await login(`name ${secret}`, { national_id: `id ${secret}` });
    const rows = await sql(
      vault,
      'select encode(hash, $1) as hash, provenance::text, object_id::text from idp_subject',
      ['hex'],
    );
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(await entriesOf(vault))).not.toContain(secret);
    expect(vault.logged()).not.toContain(secret);
  });
});

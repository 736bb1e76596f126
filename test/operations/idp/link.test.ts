import fc from 'fast-check';
import { setIam } from '../../support/iam.js';
import { refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { deleteErased } from '../../../src/operations/idp/delete-erased.js';
import {
  DELETED,
  type Keys,
  LOGIN,
  afterNextLook,
  behind,
  entriesOf,
  iam,
  loginOf,
  stored,
  withHook,
} from './support.js';

/* Two identities turn out to be one person's, and may turn out not to be. */

const LINK = '/api/coatcheck/1.0/idp/auth0/link';
const UNLINK = '/api/coatcheck/1.0/idp/auth0/unlink';
const DAY_MS = 24 * 3600 * 1000;
const NOTHING = { write: {}, scrub: [], warnings: [] };
/** The eraser may also store, as the key of an application that links accounts. */
const IAM = iam('erasures_per_hour = 1000').replace('policies = ["erase"]', 'policies = ["erase", "store"]');

let vault: TestVault;
let keys: Keys;
let persons = 0;

beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
  await setIam(vault, IAM);
});
afterAll(() => vault.close());

const send = (path: string, json: unknown, key = keys.eraser): Promise<Answer> =>
  vault.send('POST', path, { json, key });

async function login(...event: Parameters<typeof loginOf>): Promise<Answer['body']> {
  const answer = await send(LOGIN, loginOf(...event), keys.hook);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body;
}

const pair = (primary: string, secondary: string): object => ({
  ...{ tenant: { id: 'acme' }, primary: { user_id: `auth0|${primary}` } },
  secondary: { user_id: `auth0|${secondary}` },
});

async function link(primary: string, secondary: string, path = LINK): Promise<Answer['body']> {
  const { status, body } = await send(path, pair(primary, secondary));
  expect([status, body]).toEqual([200, expect.anything()]);
  return body;
}

/** A login by Auth0's Action, which shows who is linked. */
const shown = (user: string, metadata: object, ...linked: string[]): Promise<Answer['body']> =>
  login(user, metadata, {
    profile: { identities: [user, ...linked].map((id) => ({ provider: 'auth0', user_id: id })) },
  });

const archived = async (id: string): Promise<string> =>
  refused(await vault.send('GET', `/data/collections/users/objects/${id}?options=unsafe`));

const twoNames = (): [string, string] => [`person ${persons}`, `other ${persons++}`];

describe('a link', () => {
  test('fills what the primary lacks, keeps what it has, names what differs, and is the same twice', async () => {
    const [p, s] = twoNames();
    const first = await login(p, { user_id_: 1, ssn: '123-12-1234' });
    const second = await login(s, { ssn: '123-12-9999', phone: '+12025550187' });
    const id = first.write.pii_object_id;

    expect(await link(p, s)).toEqual({ ...NOTHING, warnings: [{ code: 'conflict', name: 'ssn' }] });
    expect(await stored(vault, id)).toEqual({ ssn: '123-12-1234', phone: '+12025550187' });
    expect((await entriesOf(vault)).at(-1)).toMatchObject({
      objects: [id, second.write.pii_object_id],
      rule: expect.stringContaining('linked'),
    });
    // What the tokens of the secondary stood for they stand for no longer, and for nothing else either.
    expect(await behind(vault, second.token)).toBeUndefined();
    expect(await behind(vault, first.token)).toEqual({ ssn: '123-12-1234' });
    expect(await archived(second.write.pii_object_id)).toBe('404 PV3005');
    expect(await link(p, s)).toEqual(NOTHING);

    // Whichever of the two logs in, it is the one object.
    const again = await login(s, { phone: '+12025550188' });
    expect(again.write).toEqual({ pii_object_id: id });
    expect(await behind(vault, again.token)).toEqual({ ssn: '123-12-1234', phone: '+12025550188' });
  });

  test('a pointer token of the secondary is deleted: at the primary it would show more than it was made for', async () => {
    const [p, s] = twoNames();
    await login(p, { ssn: '123-12-1234' });
    const { write } = await login(s, { phone: '+12025550187' });
    const made = await vault.send('POST', '/data/collections/users/tokens', {
      json: [{ type: 'pointer', object: { id: write.pii_object_id }, props: ['ssn', 'phone'] }],
    });
    await link(p, s);
    expect(await behind(vault, made.body[0].token_id)).toBeUndefined();
    const left = await sql(vault, 'select 1 from token where object_id = $1', [write.pii_object_id]);
    expect(left).toEqual([]);
  });

  test('the archived object is deleted after seven days, and the person is not', async () => {
    const [p, s] = twoNames();
    const first = await login(p, { ssn: '123-12-1234' });
    const second = await login(s, { phone: '+12025550187' });
    await link(p, s);
    const there = async (): Promise<number> =>
      (await sql(vault, 'select 1 from object where id = $1', [second.write.pii_object_id])).length;
    await deleteErased(vault.app.vault, new Date(Date.now() + 6.9 * DAY_MS));
    expect(await there()).toBe(1);
    await deleteErased(vault.app.vault, new Date(Date.now() + 7.1 * DAY_MS));
    expect(await there()).toBe(0);
    expect(await stored(vault, first.write.pii_object_id)).toEqual({
      ssn: '123-12-1234',
      phone: '+12025550187',
    });
    expect(
      (await sql(vault, 'select 1 from idp_merged_object where object_id = $1', [second.write.pii_object_id]))
        .length,
    ).toBe(0);
  });

  test('an unverified address does not replace a verified one, and one that is taken keeps what is said of it', async () => {
    const [p, s] = twoNames();
    const profile = (email: string, email_verified: boolean): { profile: object } => ({
      profile: { email, email_verified },
    });
    const { write } = await login(p, {}, profile('true@example.com', true));
    await login(s, {}, profile('other@example.com', false));
    expect((await link(p, s)).warnings).toEqual([{ code: 'conflict', name: 'email' }]);
    expect(await stored(vault, write.pii_object_id)).toEqual({
      email: 'true@example.com',
      email_verified: true,
    });

    const [bare, unverified] = twoNames();
    const { write: linked } = await login(bare, { ssn: '123-12-1234' });
    await login(unverified, {}, profile('only@example.com', false));
    await link(bare, unverified);
    expect(await stored(vault, linked.pii_object_id)).toMatchObject({
      email: 'only@example.com',
      email_verified: false,
    });
    await login(bare, {}, profile('real@example.com', true));
    await login(bare, {}, profile('fake@example.com', false));
    expect(await stored(vault, linked.pii_object_id)).toMatchObject({ email: 'real@example.com' });
  });

  test('a unique value moves with it', async () => {
    const [p, s] = twoNames();
    const { write } = await login(p, { ssn: '123-12-1234' });
    await login(
      s,
      { user_id_: 1, phone: '+12025550187' },
      { profile: { user_metadata: { ssn: '123-12-1234' } } },
    );
    await setIam(
      vault,
      IAM.replace('[idp_hooks.shop]', '[idp_hooks.shop]\nmap = { "app_metadata.national_id" = "user_id" }'),
    );
    await login(s, { national_id: `unique ${s}` });
    expect(await link(p, s)).toEqual(NOTHING);
    expect(await stored(vault, write.pii_object_id)).toMatchObject({ user_id: `unique ${s}` });
    const taken = await login(`third ${s}`, { national_id: `unique ${s}`, ssn: '123-12-1234' });
    expect(taken.warnings).toEqual([{ code: 'not_unique', name: 'app_metadata.national_id' }]);
    await setIam(vault, IAM);
  });

  test('of a primary that has nothing yet: it gets the very object, and nothing is copied', async () => {
    const [p, s] = twoNames();
    const { write, token } = await login(s, { ssn: '123-12-1234' });
    expect(await link(p, s)).toEqual(NOTHING);
    expect(await behind(vault, token)).toBeUndefined();
    const first = await login(p, {});
    expect(first.write).toEqual(write);
    expect(await behind(vault, first.token)).toEqual({ ssn: '123-12-1234' });
  });

  test('of two who are unknown: whoever logs in first makes the one object', async () => {
    const [p, s] = twoNames();
    expect(await link(p, s)).toEqual(NOTHING);
    const { write } = await login(s, { ssn: '123-12-1234' });
    const again = await login(p, { phone: '+12025550187' });
    expect(again.write).toEqual(write);
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-1234', phone: '+12025550187' });
  });

  test('of somebody who has others linked takes those along', async () => {
    const [p, s] = twoNames();
    const third = `third ${s}`;
    const { write } = await login(p, { ssn: '123-12-1234' });
    await login(s, { phone: '+12025550187' });
    await login(third, { birth_date: '1990-01-02' });
    await link(s, third);
    await link(p, s);
    expect((await login(third, {})).write).toEqual(write);
    expect(Object.keys(await stored(vault, write.pii_object_id)).sort()).toEqual([
      'birth_date',
      'phone',
      'ssn',
    ]);
    // The other way round it is the same person already.
    expect(await link(third, p)).toEqual(NOTHING);
  });

  test('what the secondary owns is the primary’s from then on; too much of it is 409 PV9110', async () => {
    const raw = 'pets DATA ( name STRING )';
    await vault.send('POST', '/ctl/collections', { raw, type: 'application/pvschema' });
    const [p, s] = twoNames();
    const { write } = await login(p, { ssn: '123-12-1234' });
    const { write: other } = await login(s, { phone: '+12025550187' });
    const pet = (name: string): object => ({
      name,
      _owner_id: other.pii_object_id,
      _owner_collection: 'users',
    });
    const { body } = await vault.send('POST', '/data/collections/pets/objects', { json: pet('Rex') });
    await link(p, s);
    const path = `/data/collections/pets/objects/${body.id}?options=unsafe,show_builtins`;
    expect((await vault.send('GET', path)).body).toMatchObject({
      name: 'Rex',
      _owner_id: write.pii_object_id,
    });

    const [q, t] = twoNames();
    await login(q, { ssn: '123-12-1234' });
    const { write: owner } = await login(t, { phone: '+12025550187' });
    const many = Array.from({ length: 101 }, (_, i) => ({
      ...pet(`pet ${i}`),
      _owner_id: owner.pii_object_id,
    }));
    expect((await vault.send('POST', '/data/collections/pets/bulk/objects', { json: many })).status).toBe(
      200,
    );
    expect(refused(await send(LINK, pair(q, t)))).toBe('409 PV9110');
    expect((await login(t, {})).write).toEqual(owner);
    expect((await shown(q, {}, t)).warnings).toEqual([{ code: 'postponed' }]);
  });

  test('is refused past the number an hour, to a role that may not delete, and of somebody with themselves', async () => {
    const [p, s] = twoNames();
    const { token } = await login(s, { ssn: '123-12-1234' });
    await login(p, { phone: '+12025550187' });
    await setIam(vault, IAM.replace('= 1000', '= 1'));
    expect(refused(await send(LINK, pair(p, s)))).toBe('429 PV9089');
    await setIam(vault, IAM);
    expect(refused(await send(LINK, pair(p, s), keys.hook))).toBe('403 PV1007');
    expect(refused(await send(LINK, pair(p, p)))).toBe('400 PV9087');
    expect(await behind(vault, token)).toEqual({ ssn: '123-12-1234' });
  });

  test('of somebody who was erased changes nothing', async () => {
    const [p, s] = twoNames();
    await login(p, { ssn: '123-12-1234' });
    const { token } = await login(s, { phone: '+12025550187' });
    await send(DELETED, { tenant: { id: 'acme' }, user: { user_id: `auth0|${p}` } });
    expect((await link(p, s)).warnings).toEqual([{ code: 'erased' }]);
    expect(await behind(vault, token)).toEqual({ phone: '+12025550187' });
  });
});

describe('an erasure', () => {
  const erase = (user: string): Promise<Answer> =>
    send(DELETED, { tenant: { id: 'acme' }, user: { user_id: `auth0|${user}` } });

  test('of the primary is one of everybody linked to it', async () => {
    const [p, s] = twoNames();
    await login(p, { ssn: '123-12-1234' });
    await link(p, s);
    expect((await erase(p)).status).toBe(200);
    expect((await login(s, { ssn: '123-12-1234' })).warnings).toEqual([{ code: 'erased' }]);
  });

  test('of a linked identity ends that identity, and the person stays', async () => {
    const [p, s] = twoNames();
    const { token } = await login(p, { ssn: '123-12-1234' });
    await link(p, s);
    expect((await erase(s)).status).toBe(200);
    expect(await behind(vault, token)).toEqual({ ssn: '123-12-1234' });
    expect((await login(s, { ssn: '123-12-1234' })).warnings).toEqual([{ code: 'erased' }]);
    expect((await login(p, {})).warnings).toEqual([]);
  });
});

describe('unlinking', () => {
  test('makes a new user with a new object and nothing of the person it was', async () => {
    const [p, s] = twoNames();
    const { write } = await login(p, { ssn: '123-12-1234' });
    const before = await login(s, { phone: '+12025550187' });
    await link(p, s);
    const { token } = await login(s, {});
    expect(await link(p, s, UNLINK)).toEqual(NOTHING);
    // Made by a login of the identity that left: nobody is to go on seeing the person by it.
    expect(await behind(vault, token)).toBeUndefined();

    const fresh = await login(s, { birth_date: '1990-01-02' });
    expect([write.pii_object_id, before.write.pii_object_id]).not.toContain(fresh.write.pii_object_id);
    expect(await behind(vault, fresh.token)).toEqual({ birth_date: '1990-01-02' });
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-1234', phone: '+12025550187' });
    expect(await link(p, s, UNLINK)).toEqual(NOTHING);
    expect(await behind(vault, fresh.token)).toEqual({ birth_date: '1990-01-02' });
  });

  test('from somebody else than it is linked to changes nothing', async () => {
    const [p, s] = twoNames();
    const { write } = await login(p, { ssn: '123-12-1234' });
    await link(p, s);
    await link(`stranger of ${p}`, s, UNLINK);
    expect((await login(s, {})).write).toEqual(write);
  });
});

describe('a login that shows linked identities', () => {
  test('links them, and its token shows what they had', async () => {
    const [p, s] = twoNames();
    await login(p, { ssn: '123-12-1234' });
    await login(s, { phone: '+12025550187' });
    const { token, warnings } = await shown(p, {}, s);
    expect(warnings).toEqual([]);
    expect(await behind(vault, token)).toEqual({ ssn: '123-12-1234', phone: '+12025550187' });
    const before = (await entriesOf(vault)).length;
    await shown(p, {}, s);
    expect((await entriesOf(vault)).length).toBe(before + 1);
  });

  test('past the number an hour, or without the right to store a value, goes on without linking', async () => {
    const [p, s] = twoNames();
    await login(p, { ssn: '123-12-1234' });
    await login(s, { phone: '+12025550187' });
    await setIam(vault, IAM.replace('= 1000', '= 1'));
    const postponed = await shown(p, {}, s);
    expect(postponed.warnings).toEqual([{ code: 'postponed' }]);
    await setIam(vault, iam('', { policies: '"store_some"' }));
    const refusedLink = await shown(p, {}, s);
    expect(refusedLink.warnings).toEqual([{ code: 'not_allowed', name: 'phone' }]);
    for (const { token } of [postponed, refusedLink])
      expect(await behind(vault, token)).toEqual({ ssn: '123-12-1234' });
    await setIam(vault, IAM);
  });

  test('an identity that was shown and logs in by itself is not linked any more, and not linked again by a login that began before', async () => {
    const [p, s] = twoNames();
    await login(p, { ssn: '123-12-1234' });
    const { token: early } = await shown(p, {}, s);
    const own = await shown(s, { phone: '+12025550187' });
    expect(await behind(vault, own.token)).toEqual({ phone: '+12025550187' });
    expect(await behind(vault, early)).toBeUndefined();
    await shown(p, {}, s);
    expect(await behind(vault, (await shown(s, {})).token)).toEqual({ phone: '+12025550187' });
  });
});

describe('what was looked at is over', () => {
  test('a link to somebody who is linked to another meanwhile is one to that other', async () => {
    const [p, s] = twoNames();
    const q = `third of ${p}`;
    const { write } = await login(q, { ssn: '123-12-1234' });
    await login(p, { phone: '+12025550187' });
    afterNextLook(vault, () => link(q, p));
    await link(p, s);
    expect(await login(s, {})).toMatchObject({ write, warnings: [] });
  });

  test('an unlinking of somebody who is taken along to another meanwhile happens all the same', async () => {
    const [p, s] = twoNames();
    const q = `third of ${p}`;
    await login(q, { ssn: '123-12-1234' });
    await login(p, { phone: '+12025550187' });
    await link(p, s);
    afterNextLook(vault, () => link(q, p));
    await link(p, s, UNLINK);
    expect(await behind(vault, (await login(s, { birth_date: '1990-01-02' })).token)).toEqual({
      birth_date: '1990-01-02',
    });
  });

  test('a login whose object somebody who is suspended gets meanwhile makes no token', async () => {
    const [p, s] = twoNames();
    await send('/api/coatcheck/1.0/idp/auth0/stream', {
      ...{ id: 'evt_1', specversion: '1.0', type: 'user.updated', a0tenant: 'acme' },
      time: '2026-05-01T00:00:01Z',
      data: { object: { user_id: `auth0|${p}`, blocked: true } },
    });
    await login(s, { ssn: '123-12-1234' });
    afterNextLook(vault, () => link(p, s));
    expect(await login(s, {})).toMatchObject({ warnings: [{ code: 'suspended' }] });
  });

  test('a suspension of somebody who gets an object meanwhile ends its tokens', async () => {
    const [p, s] = twoNames();
    const blocked = (second: number, is: boolean): Promise<Answer> =>
      send('/api/coatcheck/1.0/idp/auth0/stream', {
        ...{ id: 'evt_1', specversion: '1.0', type: 'user.updated', a0tenant: 'acme' },
        time: `2026-05-01T00:00:0${second}Z`,
        data: { object: { user_id: `auth0|${p}`, blocked: is } },
      });
    await blocked(1, true);
    await blocked(2, false);
    await login(s, { ssn: '123-12-1234' });
    let token: unknown;
    afterNextLook(vault, async () => {
      await link(p, s);
      ({ token } = await login(p, {}));
    });
    expect((await blocked(3, true)).status).toBe(200);
    expect([typeof token, await behind(vault, token)]).toEqual(['string', undefined]);
  });
});

test('links in both directions and logins of both sides at the same moment: one person, no value lost, no token of what is gone', async () => {
  const act = fc.constantFrom('link', 'back', 'p', 's', 'shown');
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 6 }), async (acts) => {
      const [p, s] = twoNames();
      await login(p, { ssn: '123-12-1234' });
      await login(s, { phone: '+12025550187' });
      const tokens: (string | undefined)[] = [];
      await Promise.all(
        [...acts, 'link'].map(async (each) => {
          if (each === 'link') await link(p, s);
          else if (each === 'back') await link(s, p);
          else if (each === 'shown') tokens.push((await shown(p, {}, s)).token);
          else tokens.push((await login(each === 'p' ? p : s, { birth_date: '1990-01-02' })).token);
        }),
      );
      await link(p, s);
      const [one, other] = [await login(p, {}), await login(s, {})];
      expect(other.write).toEqual(one.write);
      const all = { ssn: '123-12-1234', phone: '+12025550187' };
      const values = await stored(vault, one.write.pii_object_id);
      expect(values).toMatchObject(all);
      expect(await behind(vault, other.token)).toEqual(values);
      for (const token of tokens) {
        const shownNow = await behind(vault, token);
        if (shownNow) expect(values).toMatchObject(shownNow);
      }
      const rows = await sql(
        vault,
        'select t.id from token t join idp_merged_object m on m.object_id = t.object_id and m.collection_id = t.collection_id',
      );
      expect(rows).toEqual([]);
    }),
    { numRuns: 12 },
  );
}, 60_000);

import { keyOf, setClients } from '../../support/iam.js';
import {
  NOWHERE,
  addCollection,
  addObject,
  detokenize,
  fieldsOf,
  refused,
  sql,
  tokenize,
} from '../../support/steps.js';
import { type TestDatabase, cloneDatabase } from '../../support/test-postgres.js';
import { until } from '../../support/until.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

const rotate = (vault: TestVault, key?: string | null): Promise<Answer> =>
  vault.send('POST', '/system/admin/keys/rotate', key === undefined ? {} : { key });

interface Version {
  keyset_id: string;
  tenant: string;
  collection_id: number;
  version: number;
  state: string;
}
const versions = async (vault: TestVault): Promise<Version[]> =>
  (await sql(
    vault,
    'select keyset_id, tenant, collection_id, version, state from keystore.keyset_version order by keyset_id, version',
  )) as Version[];

/** The keyset version an object's key is wrapped by. */
async function versionOf(vault: TestVault, id: string): Promise<number> {
  const [row] = (await sql(
    vault,
    'select keyset_version as v from keystore.object_key where record_id = $1',
    [id],
  )) as { v: number }[];
  return row!.v;
}

describe('on one instance', () => {
  let vault: TestVault;
  beforeAll(async () => {
    vault = await startVault();
    await addCollection(vault);
  });
  afterAll(() => vault.close());

  test('200: answers nothing, also in a vault that has no keys yet', async () => {
    const answer = await rotate(vault);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await versions(vault)).toEqual([]);
  });

  test('200: each keyset, of every collection and tenant and the vault itself, has one new active version, and the one before only opens', async () => {
    await addObject(vault, { name: 'Ann' }, { headers: { 'idempotency-key': 'k' } });
    await addObject(vault, { name: 'Ann' }, { headers: { 'x-tenant-id': 't1' } });
    const before = await versions(vault);
    expect(before.map(({ tenant }) => tenant).sort()).toEqual(['', '', 't1']);

    expect((await rotate(vault)).status).toBe(200);
    const after = await versions(vault);
    expect(after).toEqual(
      before.flatMap((each) => [
        { ...each, state: 'decrypt_only' },
        { ...each, version: 2, state: 'active' },
      ]),
    );
  });

  test('200: what is written next is under the new version, and what was before is as it was', async () => {
    const old = await addObject(vault, { name: 'Before', ssn: '123-12-1001', phone_number: '+12025550101' });
    const token = await tokenize(vault, { object: { id: old } });
    const bare = await tokenize(vault, { object: { fields: { name: 'Bare' } } });
    const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapKMSReader'] }]);
    const send = (): Promise<Answer> =>
      vault.send('POST', '/data/collections/users/objects', {
        json: { name: 'Once' },
        headers: { 'idempotency-key': 'before' },
      });
    const once = await send();
    const was = await versionOf(vault, old);

    await rotate(vault);
    const fresh = await addObject(vault, { name: 'After' });
    expect(await versionOf(vault, fresh)).toBe(was + 1);
    expect(await versionOf(vault, old)).toBe(was);

    expect(await fieldsOf(vault, old)).toMatchObject({ name: 'Before', ssn: '123-12-1001' });
    const search = (json: object): Promise<Answer> =>
      vault.send('POST', '/data/collections/users/query/objects?options=unsafe', { json });
    const found = await search({ match: { ssn: '123-12-1001' } });
    expect(found.body.results.map(({ id }: { id: string }) => id)).toEqual([old]);
    expect((await search({ in: { phone_number: ['+12025550101'] } })).body.results).toHaveLength(1);
    expect(
      refused(await vault.send('POST', '/data/collections/users/objects', { json: { ssn: '123-12-1001' } })),
    ).toBe('409 PV9001');
    expect(await detokenize(vault, `token_ids=${token}`)).toMatchObject([{ fields: { name: 'Before' } }]);
    expect(await detokenize(vault, `token_ids=${bare}`)).toMatchObject([{ fields: { name: 'Bare' } }]);
    expect((await vault.send('GET', '/system/info/kms', { key: reader! })).status).toBe(200);
    expect((await send()).text).toBe(once.text);
  });

  test('200: a write to an old object wraps its key by the new version, and it stays whole', async () => {
    const id = await addObject(vault, { name: 'Old', email: 'old@example.com' });
    await rotate(vault);
    await vault.send('PATCH', `/data/collections/users/objects/${id}`, { json: { name: 'New' } });
    const newest = Math.max(...(await versions(vault)).map(({ version }) => version));
    expect(await versionOf(vault, id)).toBe(newest);
    expect(await fieldsOf(vault, id)).toEqual({ name: 'New', email: 'old@example.com' });
  });

  test('200: rotations at once take turns: as many versions as rotations, one of them active', async () => {
    const before = (await versions(vault)).length;
    const keysets = new Set((await versions(vault)).map(({ keyset_id }) => keyset_id)).size;
    const answers = await Promise.all(Array.from({ length: 5 }, () => rotate(vault)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const after = await versions(vault);
    expect(after).toHaveLength(before + 5 * keysets);
    expect(after.filter(({ state }) => state === 'active')).toHaveLength(keysets);
    expect(after.filter(({ state }) => state === 'pending')).toEqual([]);
  });

  test('no request fails while keys are rotated under it, and everything written can be read', async () => {
    const written: string[] = [];
    const failed: string[] = [];
    let rotating = true;
    const writer = async (n: number): Promise<void> => {
      for (let i = 0; rotating || i < 10; i++) {
        const headers: Record<string, string> = n % 2 ? { 'x-tenant-id': `t${n}` } : {};
        const added = await vault.send('POST', '/data/collections/users/objects', {
          json: { name: `W${n}x${i}` },
          headers,
        });
        if (added.status !== 200) {
          failed.push(refused(added));
          continue;
        }
        const { id } = added.body as { id: string };
        written.push(id);
        const path = `/data/collections/users/objects/${id}`;
        const changed = await vault.send('PATCH', path, {
          json: { email: `w${n}x${i}@example.com` },
          headers,
        });
        const token = await vault.send('POST', '/data/collections/users/tokens', {
          json: [{ type: 'randomized', object: { id } }],
          headers,
        });
        const read = await vault.send('GET', `${path}?options=unsafe`, { headers });
        for (const answer of [changed, token, read]) if (answer.status !== 200) failed.push(refused(answer));
      }
    };
    const writers = Array.from({ length: 8 }, (_, n) => writer(n));
    for (let i = 0; i < 10 || written.length < 150; i++) expect((await rotate(vault)).status).toBe(200);
    rotating = false;
    await Promise.all(writers);

    expect(failed).toEqual([]);
    expect(written.length).toBeGreaterThanOrEqual(150);
    for (const id of written) expect(await fieldsOf(vault, id)).toMatchObject({ name: expect.any(String) });
  }, 60_000);

  test('a version that the database gives back changed never becomes active', async () => {
    const before = await versions(vault);
    await sql(
      vault,
      `create function spoil() returns trigger language plpgsql as $$ begin
         if new.state = 'pending' then new.wrapped = set_byte(new.wrapped, 100, get_byte(new.wrapped, 100) # 1); end if;
         return new; end $$;
       create trigger spoil before insert on keystore.keyset_version for each row execute function spoil();`,
    );
    expect(refused(await rotate(vault))).toBe('410 PV9010');
    await sql(vault, 'drop trigger spoil on keystore.keyset_version');
    expect(await versions(vault)).toEqual(before);
    expect(await fieldsOf(vault, await addObject(vault, { name: 'Still' }))).toEqual({ name: 'Still' });
  });

  test('it stands in the access log before it has happened', async () => {
    await rotate(vault);
    const { body } = await vault.send('GET', '/api/coatcheck/1.0/audit/entries?operation=rotateKeys&limit=1');
    expect(body.entries[0]).toMatchObject({ user: 'Admin', outcome: 'allowed' });
  });

  test('403: only with the capability, PV1007; 401: not without a key', async () => {
    const keys = await setClients(vault, [
      { name: 'writer', capabilities: ['CapKMSWriter'] },
      { name: 'reader', capabilities: ['CapKMSReader'] },
    ]);
    expect(refused(await rotate(vault, keys.reader))).toBe('403 PV1007');
    expect(refused(await rotate(vault, null))).toBe('401 PV1005');
    const was = (await versions(vault)).length;
    expect((await rotate(vault, keys.writer)).status).toBe(200);
    expect((await versions(vault)).length).toBeGreaterThan(was);
    expect(await keyOf(vault, 'writer')).toMatch(/^pv_live_/);
    expect(
      refused(await vault.send('GET', `/data/collections/users/objects/${NOWHERE}?options=unsafe`)),
    ).toBe('404 PV3005');
  });
});

describe('on two instances over one database', () => {
  let database: TestDatabase;
  let a: TestVault;
  let b: TestVault;
  beforeAll(async () => {
    database = await cloneDatabase();
    a = await startVault({}, database);
    b = await startVault({}, database);
    await addCollection(a);
    await b.send('GET', '/data/collections/users/count/objects?reload_cache=true');
  });
  afterAll(async () => {
    await a.close();
    await b.close();
    await database.drop();
  });

  test('the other one writes under the new version as soon as it hears of it, and reads what was written under either', async () => {
    const old = await addObject(b, { name: 'Old' });
    await rotate(a);
    const fresh = await addObject(a, { name: 'Fresh' });
    expect(await versionOf(a, fresh)).toBe((await versionOf(a, old)) + 1);
    // By a version it never met: it is loaded on the way.
    expect(await fieldsOf(b, fresh)).toEqual({ name: 'Fresh' });
    expect(await fieldsOf(a, old)).toEqual({ name: 'Old' });
    await until(
      'the other writes under it',
      async () => (await versionOf(a, await addObject(b, { name: 'B' }))) === (await versionOf(a, fresh)),
      2_000,
    );
  });

  test('many reads of a version that was never met load it once', async () => {
    await rotate(a);
    const ids = await Promise.all(Array.from({ length: 20 }, () => addObject(a, { name: 'Many' })));
    await b.send('POST', '/system/confvar/trace_sql', { json: { value: 'true' } });
    const before = b.logged().length;
    await Promise.all(ids.map((id) => fieldsOf(b, id)));
    const loads =
      b.logged().slice(before).split('from keystore.keyset_version where keyset_id = $1').length - 1;
    await b.send('DELETE', '/system/confvar');
    expect(loads).toBe(1);
  });

  test('one that is deaf to the news writes under the new version with its next request', async () => {
    const deaf = await startVault({}, database);
    await addObject(deaf, { name: 'Warm' });
    await deaf.app.vault.metadata.close();
    await rotate(a);
    const [fresh, other] = [await addObject(a, { name: 'A' }), await addObject(deaf, { name: 'D' })];
    expect(await versionOf(a, other)).toBe(await versionOf(a, fresh));
    await deaf.close();
  });

  test('rotations through both at once, with writes through both, fail nothing', async () => {
    const writes = [a, b].flatMap((vault) =>
      Array.from({ length: 30 }, (_, i) => addObject(vault, { name: `N${i}` })),
    );
    const rotations = [a, b, a, b].map((vault) => rotate(vault));
    expect((await Promise.all(rotations)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    for (const id of await Promise.all(writes)) {
      for (const vault of [a, b])
        expect(await fieldsOf(vault, id)).toMatchObject({ name: expect.any(String) });
    }
    const active = (await versions(a)).filter(({ state }) => state === 'active');
    expect(new Set(active.map(({ keyset_id }) => keyset_id)).size).toBe(active.length);
  });
});

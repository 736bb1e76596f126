import { setClients } from '../../support/iam.js';
import {
  NOWHERE,
  addCollection,
  addObject,
  detokenize,
  refusal,
  refused,
  sql,
  tokenize,
} from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';
import { bulkOf, entriesOf, outcomes } from './bulk.js';

let vault: TestVault;
const remove = (json: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
  bulkOf(() => vault)('DELETE', json, query, sent);
const count = async (): Promise<unknown> =>
  (await vault.send('GET', '/data/collections/users/count/objects')).body;
const exists = async (id: string): Promise<boolean> =>
  (await vault.send('GET', `/data/collections/users/objects/${id}?props=id`)).status === 200;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('all are gone for good, with keys, indexes and tokens, and the count is 0', async () => {
    const ids = [];
    for (const ssn of ['100-11-0001', '100-11-0002', '100-11-0003']) {
      const id = await addObject(vault, { ssn });
      ids.push(id);
      await tokenize(vault, { object: { id } });
    }
    const tokens = await detokenize(vault, `object_ids=${ids.join(',')}`);
    expect(tokens).toHaveLength(3);
    const answer = await remove([{ id: ids[2] }, { id: (ids[0] as string).toUpperCase() }, { id: ids[1] }]);
    expect(answer.body).toEqual({
      ok: true,
      results: [ids[2], ids[0], ids[1]].map((id) => ({ id, ok: true })),
    });
    expect(await count()).toEqual({ active: 0, archived: 0, total: 0 });
    expect(
      await sql(
        vault,
        'select (select count(*) from token) + (select count(*) from blind_index) + (select count(*) from keystore.object_key) as n',
      ),
    ).toEqual([{ n: '0' }]);
    expect((await entriesOf(vault, 'deleteObjects')).at(-1)).toMatchObject({
      outcome: 'allowed',
      objects: [ids[2], ids[0], ids[1]],
    });
  });

  test('an empty list and no body delete nothing', async () => {
    const id = await addObject(vault, {});
    expect((await remove([])).body).toEqual({ ok: true, results: [] });
    expect((await remove(undefined)).body).toEqual({ ok: true, results: [] });
    expect(await exists(id)).toBe(true);
  });

  test('archived deletes archived objects only', async () => {
    const [old, live] = [await addObject(vault, {}), await addObject(vault, {})];
    await vault.send('PATCH', `/data/collections/users/objects/${old}?expiration_secs=0`, { json: {} });
    expect(outcomes(await remove([{ id: old }]))).toEqual(['PV3005']);
    expect(outcomes(await remove([{ id: old }, { id: live }], '?options=archived'))).toEqual([
      'PV9030',
      'PV3005',
    ]);
    expect((await remove([{ id: old }], '?options=archived')).body.ok).toBe(true);
    expect(await exists(live)).toBe(true);
  });
});

describe('200 with ok false: nothing is deleted', () => {
  test('a missing object, one named twice and what is no id', async () => {
    const [a, b] = [await addObject(vault, {}), await addObject(vault, {})];
    const answer = await remove([{ id: a }, { id: NOWHERE }, { id: b }, { id: a }, { id: 'x' }]);
    expect(outcomes(answer)).toEqual(['PV9030', 'PV3005', 'PV9030', 'PV9031', 'PV3005']);
    expect(await exists(a)).toBe(true);
    expect((await entriesOf(vault, 'deleteObjects')).at(-1)).toMatchObject({
      outcome: 'failed',
      error_code: 'PV3005',
    });
  });

  test('of deletions at once that overlap, each is whole or nothing', async () => {
    const ids = [];
    for (let i = 0; i < 6; i++) ids.push(await addObject(vault, {}));
    const [first, second] = await Promise.all([
      remove(ids.slice(0, 4).map((id) => ({ id }))),
      remove(ids.slice(2).map((id) => ({ id }))),
    ]);
    expect([first.body.ok, second.body.ok].sort()).toEqual([false, true]);
    const gone = first.body.ok ? ids.slice(0, 4) : ids.slice(2);
    for (const id of ids) expect(await exists(id)).toBe(!gone.includes(id));
  });
});

describe('400', () => {
  test.each([[{}], [['x']], [[{ id: 1 }]], [[{ id: NOWHERE, name: 'x' }]], [[{}]]])(
    '%j is PV1012',
    async (json) => expect(refused(await remove(json))).toBe('400 PV1012'),
  );

  test('a thousand and one items are PV9007', async () => {
    const many = Array.from({ length: 1001 }, () => ({ id: NOWHERE }));
    expect(refusal(await remove(many))).toEqual([400, 'PV9007', { field: 'body' }]);
  });
});

describe('403', () => {
  test('every property of the collection must be allowed, before anything is looked up', async () => {
    const id = await addObject(vault, {});
    const { partly } = await setClients(vault, [
      {
        name: 'partly',
        capabilities: ['CapObjectsDeleter'],
        allow: [{ operations: ['delete'], resources: ['users/properties/name'] }],
      },
    ]);
    for (const json of [[{ id }], [{ id: NOWHERE }]])
      expect(refused(await remove(json, '', { key: partly! }))).toBe('403 PV1006');
    expect(await exists(id)).toBe(true);
  });

  test('one object of another tenant refuses all: PV9009', async () => {
    const mine = await addObject(vault, { _tenant_id: 'a' });
    const theirs = await addObject(vault, { _tenant_id: 'b' });
    const answer = await remove([{ id: mine }, { id: theirs }], '', { headers: { 'x-tenant-id': 'a' } });
    expect(refused(answer)).toBe('403 PV9009');
    expect(await exists(mine)).toBe(true);
  });
});

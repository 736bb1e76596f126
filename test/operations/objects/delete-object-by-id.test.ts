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

let vault: TestVault;
const remove = (id: string, query = '', sent: Sent = {}): Promise<Answer> =>
  vault.send('DELETE', `/data/collections/users/objects/${id}${query}`, sent);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('the object is gone for good and nothing is answered', async () => {
    const id = await addObject(vault, { name: 'Ann' });
    const answer = await remove(`${id.toUpperCase()}/`);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(refused(await remove(id))).toBe('404 PV3005');
    expect(refused(await remove(id, '?options=archived'))).toBe('404 PV3005');
    const { body } = await vault.send('GET', '/data/collections/users/count/objects');
    expect(body).toEqual({ active: 0, archived: 0, total: 0 });
  });

  test('its tokens of either kind go with it, and so do its key and its indexes', async () => {
    const id = await addObject(vault, { ssn: '123-12-1234', phone_number: '12345678' });
    const tokens = [
      await tokenize(vault, { type: 'pointer', object: { id } }),
      await tokenize(vault, { type: 'randomized', object: { id } }),
    ];
    const free = await tokenize(vault, { object: { fields: { ssn: '999-12-1234' } } });
    await remove(id);
    expect(await detokenize(vault, `token_ids=${[...tokens, free].join(',')}`)).toEqual([
      { token_id: free, fields: { ssn: '999-12-1234' } },
    ]);
    const left = `select (select count(*) from object where id = $1) + (select count(*) from token where object_id = $1)
      + (select count(*) from blind_index where object_id = $1) + (select count(*) from keystore.object_key where record_id = $1) as n`;
    expect(await sql(vault, left, [id])).toEqual([{ n: '0' }]);
  });

  test('tokens that are being made meanwhile go with it, and do not come back with an object of the same id', async () => {
    for (let round = 0; round < 8; round++) {
      const id = await addObject(vault, { name: 'Ann' });
      const path = '/data/collections/users/tokens';
      const json = [{ type: 'randomized', object: { id } }];
      const answers = await Promise.all([
        ...Array.from({ length: 5 }, () => vault.send('POST', path, { json })),
        remove(id),
      ]);
      for (const answer of answers) expect(['200 ', '404 PV3005']).toContain(refused(answer));
      await addObject(vault, { id, name: 'Bob' });
      expect((await vault.send('GET', `${path}?object_ids=${id}`)).body).toEqual([]);
      expect(await sql(vault, 'select * from token where object_id = $1', [id])).toEqual([]);
    }
  });

  test('archived deletes archived objects only', async () => {
    const id = await addObject(vault, {});
    expect(refused(await remove(id, '?options=archived'))).toBe('404 PV3005');
    await vault.send('PATCH', `/data/collections/users/objects/${id}?expiration_secs=0`, { json: {} });
    expect(refused(await remove(id))).toBe('404 PV3005');
    expect((await remove(id, '?options=archived')).status).toBe(200);
  });

  test('a content type without a body, and even an empty body, does not matter', async () => {
    const id = await addObject(vault, {});
    expect((await remove(id, '', { headers: { 'content-type': 'application/json' } })).status).toBe(200);
  });

  test('of several deletions at once one finds the object', async () => {
    const id = await addObject(vault, {});
    const answers = await Promise.all([remove(id), remove(id), remove(id)]);
    expect(answers.map(refused).sort()).toEqual(['200 ', '404 PV3005', '404 PV3005']);
  });
});

test('400: options has no other value', async () => {
  expect(refused(await remove(NOWHERE, '?options=hard_delete'))).toBe('400 PV1012');
});

describe('403', () => {
  test('deleting needs the grant on every property', async () => {
    const { partly, whole } = await setClients(vault, [
      {
        name: 'partly',
        capabilities: ['CapDataDeleter'],
        allow: [{ operations: ['delete'], resources: ['users/properties/name'] }],
      },
      {
        name: 'whole',
        capabilities: ['CapObjectsDeleter'],
        allow: [{ operations: ['delete'], resources: ['users/*'] }],
      },
    ]);
    const id = await addObject(vault, { name: 'Ann' });
    expect(refused(await remove(id, '', { key: partly! }))).toBe('403 PV1006');
    expect(refused(await remove(NOWHERE, '', { key: partly! }))).toBe('403 PV1006');
    expect((await remove(id, '', { key: whole! })).status).toBe(200);
  });

  test('an object of another tenant is PV9009', async () => {
    const id = await addObject(vault, { _tenant_id: 'b' });
    expect(refused(await remove(id, '', { headers: { 'x-tenant-id': 'a,c' } }))).toBe('403 PV9009');
  });
});

test('404: a missing object is PV3005, an unknown collection PV1004', async () => {
  expect(refusal(await remove(NOWHERE))).toEqual([404, 'PV3005', { ids: NOWHERE }]);
  expect(refused(await vault.send('DELETE', `/data/collections/none/objects/${NOWHERE}`))).toBe('404 PV1004');
});

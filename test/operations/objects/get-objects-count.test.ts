import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const count = (collection = 'users', key?: string): Promise<Answer> =>
  vault.send('GET', `/data/collections/${collection}/count/objects`, key === undefined ? {} : { key });

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

test('200: active, archived and all, deleted ones in neither', async () => {
  expect((await count()).body).toEqual({ active: 0, archived: 0, total: 0 });
  const [a, b, c] = [await addObject(vault, {}), await addObject(vault, {}), await addObject(vault, {})];
  await sql(vault, 'update object set expires_at = now() where id = $1', [a]);
  await vault.send('DELETE', `/data/collections/users/objects/${b}`);
  expect((await count()).body).toEqual({ active: 1, archived: 1, total: 2 });

  await vault.send('DELETE', `/data/collections/users/objects/${c}`);
  await vault.send('DELETE', `/data/collections/users/objects/${a}?options=archived`);
  expect((await count()).body).toEqual({ active: 0, archived: 0, total: 0 });
});

test('403: without a stats grant, PV1006', async () => {
  const { reader, counter } = await setClients(vault, [
    { name: 'reader', capabilities: ['CapDataReader'], allow: [{ operations: ['read'], resources: ['*'] }] },
    {
      name: 'counter',
      capabilities: ['CapDataReader'],
      allow: [{ operations: ['stats'], resources: ['users/*'] }],
    },
  ]);
  expect(refused(await count('users', reader))).toBe('403 PV1006');
  expect((await count('users', counter)).status).toBe(200);
});

test('404: an unknown collection is PV1004', async () => {
  expect(refused(await count('none'))).toBe('404 PV1004');
});

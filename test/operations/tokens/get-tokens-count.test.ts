import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refused, tokenize } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const count = (collection = 'users', key?: string): Promise<Answer> =>
  vault.send('GET', `/data/collections/${collection}/count/tokens`, key === undefined ? {} : { key });

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

test('200: active, archived (also by their object) and all, deleted ones in neither', async () => {
  expect((await count()).body).toEqual({ active: 0, archived: 0, total: 0 });
  const id = await addObject(vault, {});
  await tokenize(vault, { object: { id } });
  const other = await tokenize(vault, { object: { fields: { name: 'x' } } });
  const last = await tokenize(vault, { object: { fields: { name: 'x' } } });
  expect((await count()).body).toEqual({ active: 3, archived: 0, total: 3 });

  await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${other}&expiration_secs=0`, {
    json: {},
  });
  await vault.send('PATCH', `/data/collections/users/objects/${id}?expiration_secs=0`, { json: {} });
  expect((await count()).body).toEqual({ active: 1, archived: 2, total: 3 });

  await vault.send('DELETE', `/data/collections/users/tokens?token_ids=${last}`);
  await vault.send('DELETE', `/data/collections/users/objects/${id}?options=archived`);
  expect((await count()).body).toEqual({ active: 0, archived: 1, total: 1 });
});

test('403: without a stats grant on tokens, PV1006', async () => {
  const { reader, counter } = await setClients(vault, [
    {
      name: 'reader',
      capabilities: ['CapTokensReader'],
      allow: [{ operations: ['read'], resources: ['*'] }],
    },
    {
      name: 'counter',
      capabilities: ['CapDataReader'],
      allow: [{ operations: ['stats'], resources: ['users/tokens'] }],
    },
  ]);
  expect(refused(await count('users', reader))).toBe('403 PV1006');
  expect((await count('users', counter)).status).toBe(200);
});

test('404: an unknown collection is PV1004', async () => {
  expect(refused(await count('none'))).toBe('404 PV1004');
});

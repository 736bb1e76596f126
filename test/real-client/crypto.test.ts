import type { VaultClient } from '@piiano/vault-client';
import { addCollection, addObject } from '../support/steps.js';
import { type TestVault, startVault } from '../support/vault.js';
import { clientOf, errorOf } from './client.js';

const reason = 'AppFunctionality';
const collection = 'users';
let vault: TestVault;
let client: VaultClient;
beforeAll(async () => {
  vault = await startVault();
  client = clientOf(vault);
  await addCollection(vault, 'users PERSONS ( name NAME NULL, email EMAIL NULL, photo BLOB NULL );');
});
afterAll(() => vault.close());

test('values given here and those of an object are encrypted and decrypted, plain and masked', async () => {
  const id = await addObject(vault, { name: 'Ann', email: 'ann@b.co' });
  const encrypted = await client.crypto.encrypt({
    collection,
    reason,
    requestBody: [
      { object: { fields: { name: 'Ann', email: 'ann@b.co' } }, type: 'deterministic' },
      { object: { id }, type: 'deterministic' },
      { object: { request_index: 0 }, props: ['email'], tags: ['t'], scope: 's' },
    ],
  });
  expect(encrypted[0]).toEqual(encrypted[1]);
  const decrypted = await client.crypto.decrypt({
    collection,
    reason,
    options: ['include_metadata'],
    requestBody: [
      { encrypted_object: encrypted[0]!, props: ['email', 'email.mask'] },
      { encrypted_object: { ...encrypted[2]!, scope: 's' } },
    ],
  });
  expect(decrypted).toEqual([
    {
      fields: { email: 'ann@b.co', 'email.mask': 'a**@b.co' },
      metadata: { type: 'deterministic', scope: 'default', expiration: null, tags: [] },
    },
    {
      fields: { email: 'ann@b.co' },
      metadata: { type: 'randomized', scope: 's', expiration: null, tags: ['t'] },
    },
  ]);
});

test('a ciphertext is changed without being shown, and expires', async () => {
  const object = { fields: { name: 'Ann' } };
  const [old] = await client.crypto.encrypt({ collection, reason, requestBody: [{ object }] });
  const change = { encrypted_object: old!, fields: { email: 'ann@b.co' } };
  const [made] = await client.crypto.updateEncrypted({
    collection,
    reason,
    expirationSecs: '0',
    requestBody: [change],
  });
  const requestBody = [{ encrypted_object: made! }];
  const error = await errorOf(client.crypto.decrypt({ collection, reason, requestBody }));
  expect([error.status, error.body.error_code]).toEqual([400, 'PV3233']);
  expect(await client.crypto.decrypt({ collection, reason, requestBody, options: ['archived'] })).toEqual([
    { fields: { name: 'Ann', email: 'ann@b.co' } },
  ]);
});

test('empty requests are answered with empty lists', async () => {
  expect(await client.crypto.encrypt({ collection, reason, requestBody: [] })).toEqual([]);
  expect(await client.crypto.decrypt({ collection, reason, requestBody: [] })).toEqual([]);
});

test('bytes are taken as the client sends them', async () => {
  // The client reads every answer that is not JSON as text, so what comes back is no use to it; the vault's own tests compare bytes.
  const requestBody = new Blob(['bytes']);
  const sent = client.crypto.encryptBlob({ collection, reason, prop: 'photo', requestBody });
  expect(typeof (await sent)).toBe('string');
});

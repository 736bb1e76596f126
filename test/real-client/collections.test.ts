import type { VaultClient } from '@piiano/vault-client';
import { type TestVault, startVault } from '../support/vault.js';
import { clientOf, errorOf } from './client.js';

let vault: TestVault;
let client: VaultClient;
beforeAll(async () => {
  vault = await startVault();
  client = clientOf(vault);
});
afterAll(() => vault.close());

test('a collection is added with two properties, amended to three, listed and deleted', async () => {
  const started = Date.now();
  const added = await client.collections.addCollection({
    requestBody: {
      name: 'test_collection',
      type: 'PERSONS',
      properties: [
        { name: 'name', data_type_name: 'NAME' },
        { name: 'ssn', data_type_name: 'SSN', is_unique: true, is_index: true },
      ],
    },
  });
  if (typeof added === 'string') throw new Error('expected JSON');
  expect(added.name).toBe('test_collection');
  expect(added.properties).toHaveLength(2);
  const created = Date.parse(added.creation_time!);
  expect(created).toBeGreaterThanOrEqual(started - 1);
  expect(created).toBeLessThan(Date.now());

  const updated = await client.collections.updateCollection({
    collection: 'test_collection',
    requestBody: {
      name: 'test_collection',
      type: 'PERSONS',
      properties: [{ name: 'email', data_type_name: 'EMAIL' }],
    },
  });
  expect(updated.properties).toHaveLength(3);

  const [listed] = await client.collections.listCollections({});
  expect(listed).toEqual(await client.collections.getCollection({ collection: 'test_collection' }));
  expect(listed!.properties.map(({ name }) => name)).toEqual(['name', 'ssn', 'email']);

  expect(await client.collections.deleteCollection({ collection: 'test_collection' })).toBeUndefined();
  const error = await errorOf(client.collections.getCollection({ collection: 'test_collection' }));
  expect(error.status).toBe(404);
  expect(error.message).toContain('PV1004: The collection is not found.');
});

test('PVSchema travels as text', async () => {
  await client.collections.addCollection({
    requestBody: { name: 'texts', type: 'DATA', properties: [{ name: 'a', data_type_name: 'STRING' }] },
  });
  expect(await client.collections.getCollection({ collection: 'texts', format: 'pvschema' })).toBe(
    'texts DATA (\n  a STRING\n);',
  );
});

test('properties are added, changed, listed with the built-in ones and deleted', async () => {
  await client.collections.addCollection({ requestBody: { name: 'props', type: 'DATA', properties: [] } });
  const at = { collection: 'props', property: 'mail' };
  await client.collectionProperties.addCollectionProperty({
    ...at,
    requestBody: { name: 'mail', data_type_name: 'EMAIL' },
  });
  expect(
    await client.collectionProperties.updateCollectionProperty({
      ...at,
      requestBody: { description: 'where to write', is_nullable: true, is_index: true },
    }),
  ).toMatchObject({ description: 'where to write', is_nullable: true, is_index: true, is_encrypted: true });
  expect(await client.collectionProperties.listCollectionProperties({ collection: 'props' })).toHaveLength(1);
  expect(
    await client.collectionProperties.listCollectionProperties({
      collection: 'props',
      options: ['show_builtins'],
    }),
  ).toHaveLength(8);
  expect(await client.collectionProperties.deleteCollectionProperty(at)).toBeUndefined();
  expect((await errorOf(client.collectionProperties.getCollectionProperty(at))).status).toBe(404);
});

test('deleting a missing collection is a 404 that a caller can swallow', async () => {
  expect((await errorOf(client.collections.deleteCollection({ collection: 'none' }))).status).toBe(404);
});

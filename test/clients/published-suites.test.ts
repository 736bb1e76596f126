import type { VaultClient } from '@piiano/vault-client';
import { clientOf, errorOf } from '../real-client/client.js';
import { type TestVault, startVault } from '../support/vault.js';

/*
 * What the published test suites and samples of the API's clients rely on, in the order in which they ask for it, as far as no operation's own
 * tests say it.
 */

const reason = 'AppFunctionality';
let vault: TestVault;
let client: VaultClient;

beforeAll(async () => {
  vault = await startVault();
  client = clientOf(vault);
});
afterAll(() => vault.close());
afterEach(async () => {
  for (const { name } of await client.collections.listCollections({})) {
    await client.collections.deleteCollection({ collection: name });
  }
});

async function addBuyers(): Promise<void> {
  await client.collections.addCollection({
    requestBody: {
      name: 'buyers',
      type: 'PERSONS',
      properties: [
        { name: 'name', data_type_name: 'NAME' },
        { name: 'cardNumber', data_type_name: 'CC_NUMBER', is_nullable: true },
        { name: 'C', data_type_name: 'STRING', is_nullable: true },
      ],
    },
  });
}

test('a collection is made before the answer arrives and within the second, and its own properties are all there is', async () => {
  const started = Date.now();
  await addBuyers();
  const { creation_time, modification_time, properties } = await client.collections.getCollection({
    collection: 'buyers',
  });
  for (const time of [creation_time!, modification_time!, properties[0]!.creation_time!]) {
    expect(Date.parse(time)).toBeGreaterThan(started - 1_000);
    expect(Date.parse(time)).toBeLessThan(Date.now());
  }
  expect(properties.map(({ name }) => name)).toEqual(['name', 'cardNumber', 'C']);
});

test('a plug-in posts an empty collection to a path with a slash at its end and adds properties as it goes', async () => {
  const empty = { name: 'late', type: 'DATA', properties: [] };
  expect((await vault.send('POST', '/ctl/collections/', { json: empty })).status).toBe(200);
  await client.collectionProperties.addCollectionProperty({
    collection: 'late',
    property: 'field',
    requestBody: { name: 'field', data_type_name: 'STRING' },
  });
  const [made] = await client.crypto.encrypt({
    collection: 'late',
    reason,
    requestBody: [{ type: 'deterministic', object: { fields: { field: 'v' } }, props: ['field'] }],
  });
  const encrypted_object = { ciphertext: made!.ciphertext, scope: 'default' };
  expect(
    await client.crypto.decrypt({ collection: 'late', reason, requestBody: [{ encrypted_object }] }),
  ).toEqual([{ fields: { field: 'v' } }]);
});

test('clients of 2022 name the type of a property pii_type_name', async () => {
  const properties = [{ name: 'email', pii_type_name: 'EMAIL', is_array: false }];
  const json = { name: 'buyers', type: 'PERSONS', properties };
  expect((await vault.send('POST', '/ctl/collections', { json })).status).toBe(200);
  const more = [{ name: 'phone', pii_type_name: 'PHONE_NUMBER', is_nullable: true }];
  await vault.send('PATCH', '/ctl/collections/buyers', { json: { ...json, properties: more } });
  const path = '/ctl/collections/buyers/properties/';
  await vault.send('POST', `${path}ssn`, { json: { name: 'ssn', pii_type_name: 'SSN', is_nullable: true } });
  const both = { name: 'zip', pii_type_name: 'EMAIL', data_type_name: 'ZIP_CODE_US', is_nullable: true };
  await vault.send('POST', `${path}zip`, { json: both });
  const found = await client.collectionProperties.listCollectionProperties({ collection: 'buyers' });
  expect(found.map(({ name, data_type_name }) => `${name} ${data_type_name}`)).toEqual([
    'email EMAIL',
    'phone PHONE_NUMBER',
    'ssn SSN',
    'zip ZIP_CODE_US',
  ]);
  const neither = { name: 'x', properties: null };
  expect((await vault.send('POST', `${path}x`, { json: neither })).body.error_code).toBe('PV1012');
});

test('a page of one has what was added first; what was deleted is a 404 by id and in a list of ids', async () => {
  await addBuyers();
  const ids: string[] = [];
  for (const name of ['Ann', 'Bob', 'Cid']) {
    ids.push((await client.objects.addObject({ collection: 'buyers', reason, requestBody: { name } })).id);
  }
  expect(
    await client.objects.listObjects({ collection: 'buyers', reason, pageSize: 1, options: ['unsafe'] }),
  ).toEqual({
    results: [{ id: ids[0], name: 'Ann' }],
    paging: { size: 1, remaining_count: 2, cursor: expect.stringMatching(/^.+$/) },
  });

  await client.objects.deleteObjects({
    collection: 'buyers',
    reason,
    requestBody: ids.map((id) => ({ id })),
  });
  const missing = client.objects.listObjects({ collection: 'buyers', reason, ids, props: ['name'] });
  expect((await errorOf(missing)).status).toBe(404);
  // An empty list is what their clean-up sends when there is nothing left.
  expect(await client.objects.deleteObjects({ collection: 'buyers', reason, requestBody: [] })).toMatchObject(
    { ok: true },
  );
  expect(await client.objects.getObjectsCount({ collection: 'buyers', reason })).toMatchObject({ total: 0 });
});

test('search finds by a property of one letter without an index', async () => {
  await addBuyers();
  for (const [name, C] of [
    ['Ann', 'x'],
    ['Bob', 'y'],
  ] as const) {
    await client.objects.addObject({ collection: 'buyers', reason, requestBody: { name, C } });
  }
  const { results } = await client.objects.searchObjects({
    collection: 'buyers',
    reason,
    props: ['name', 'C'],
    requestBody: { match: { C: 'y' } },
  });
  expect(results).toEqual([{ name: 'Bob', C: 'y' }]);
});

test.each(['pointer', 'randomized', 'pci', 'deterministic'] as const)(
  '%s: the token of an archived object is not exchanged, those of the other two are',
  async (type) => {
    await addBuyers();
    const ids: string[] = [];
    const tokenIds: string[] = [];
    for (const name of ['Ann', 'Bob', 'Cid']) {
      const { id } = await client.objects.addObject({
        collection: 'buyers',
        reason,
        expirationSecs: '',
        requestBody: { name },
      });
      const [made] = await client.tokens.tokenize({
        collection: 'buyers',
        reason,
        expirationSecs: '',
        requestBody: [{ type, object: { id }, props: ['name'] }],
      });
      ids.push(id);
      tokenIds.push(made!.token_id);
    }
    await client.objects.updateObjectById({
      collection: 'buyers',
      reason,
      id: ids[1]!,
      expirationSecs: '0',
      requestBody: {},
    });
    const left = await client.tokens.detokenize({ collection: 'buyers', reason, tokenIds });
    expect(left.map(({ token_id }) => token_id).sort()).toEqual([tokenIds[0]!, tokenIds[2]!].sort());
  },
);

test('fields are tokenized without props, and come back as all that was given', async () => {
  await addBuyers();
  const [made] = await client.tokens.tokenize({
    collection: 'buyers',
    reason,
    expirationSecs: '',
    requestBody: [{ type: 'randomized', object: { fields: { C: 'x' } } }],
  });
  const [shown] = await client.tokens.detokenize({
    collection: 'buyers',
    reason,
    tokenIds: [made!.token_id],
  });
  expect(shown!.fields).toEqual({ C: 'x' });
});

test('equal values of different objects have one deterministic token, which hashing computes', async () => {
  await addBuyers();
  const request = { props: ['name'], scope: 'default' };
  const made: string[] = [];
  for (const C of ['x', 'y']) {
    const { id } = await client.objects.addObject({
      collection: 'buyers',
      reason,
      requestBody: { name: 'Ann', C },
    });
    const [token] = await client.tokens.tokenize({
      collection: 'buyers',
      reason,
      requestBody: [{ ...request, type: 'deterministic', object: { id } }],
    });
    made.push(token!.token_id);
  }
  const [hash] = await client.crypto.hashObjects({
    collection: 'buyers',
    reason,
    requestBody: [{ ...request, object: { fields: { name: 'Ann' } } }],
  });
  expect(made).toEqual([hash!.token_id, hash!.token_id]);
  expect(hash!.token_id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

import { setClients } from '../../support/iam.js';
import { addCollection, addObject, detokenize, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

/** `<property>.token`: the pci token that a value has already, for every type and wherever values are shown. */
let vault: TestVault;
let ann: string;
let token: string;
const get = (id: string, props: string, sent: Sent = {}): Promise<Answer> =>
  vault.send('GET', `/data/collections/users/objects/${id}?props=${props}`, sent);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  ann = await addObject(vault, { ssn: '123-12-1234', name: 'Ann', phone_number: '123-45678' });
  token = await tokenize(vault, { type: 'pci', object: { fields: { ssn: '123-12-1234' } } });
});
afterAll(() => vault.close());

test('shows the token in get, list, search and detokenize, and nothing where there is none', async () => {
  const expected = { 'ssn.token': token, name: 'Ann' };
  const props = 'ssn.token,name.token,email.token,id.token,name';
  expect((await get(ann, props)).body).toEqual(expected);
  const list = await vault.send('GET', `/data/collections/users/objects?props=${props}`);
  expect(list.body.results).toEqual([expected]);
  const path = `/data/collections/users/query/objects?props=${props}`;
  expect((await vault.send('POST', path, { json: { match: { name: 'Ann' } } })).body.results).toEqual([
    expected,
  ]);
  for (const type of ['pointer', 'randomized']) {
    const other = await tokenize(vault, { type, object: { id: ann } });
    expect(await detokenize(vault, `token_ids=${other}&props=ssn.token,name.token`)).toEqual([
      { token_id: other, fields: { 'ssn.token': token } },
    ]);
  }
});

test('every value gets its own, whatever its type', async () => {
  const path = '/data/collections/users/query/objects?props=phone_number.token,zip_code_us.token';
  const other = await addObject(vault, {
    phone_number: '+1 202'.replace(' ', '') + '5550187',
    zip_code_us: '12345',
  });
  const phones = await Promise.all(
    [{ id: ann }, { id: other }].map((object) =>
      tokenize(vault, { type: 'pci', object, props: ['phone_number'] }),
    ),
  );
  const zip = await tokenize(vault, { type: 'pci', object: { fields: { zip_code_us: '12345' } } });
  expect((await vault.send('POST', path, { json: { in: { id: [ann, other] } } })).body.results).toEqual([
    { 'phone_number.token': phones[0] },
    { 'phone_number.token': phones[1], 'zip_code_us.token': zip },
  ]);
});

test.each([
  ['of another type', { type: 'pci_oneway' }],
  ['that is random', { type: 'randomized' }],
  ['in another scope', { type: 'pci', scope: 'other' }],
  ['of more than the property', { type: 'pci', props: ['name', 'email'] }],
])('a token %s is none', async (_, item) => {
  const id = await addObject(vault, { name: `No ${_}`, email: 'a@b.co' });
  await tokenize(vault, { object: { id }, props: ['name'], ...item });
  expect((await get(id, 'name.token')).body).toEqual({});
});

test('an archived token is none, and one of another tenant is not shown', async () => {
  const id = await addObject(vault, { name: 'Archived' });
  const made = await tokenize(vault, {
    type: 'pci',
    object: { fields: { name: 'Archived', _tenant_id: 't' } },
  });
  expect((await get(id, 'name.token')).body).toEqual({ 'name.token': made });
  const owned = await addObject(vault, { name: 'Archived', _tenant_id: 'u' });
  expect((await get(owned, 'name.token', { headers: { 'x-tenant-id': 'u' } })).body).toEqual({});
  await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${made}&expiration_secs=0`, {
    json: {},
  });
  expect((await get(id, 'name.token')).body).toEqual({});
});

test('needs its own permission and is refused around a mask', async () => {
  const keys = await setClients(vault, [
    {
      name: 'plain',
      capabilities: ['CapDataReader'],
      allow: [{ operations: ['read'], resources: ['users/properties/ssn'] }],
    },
    {
      name: 'named',
      capabilities: ['CapDataReader'],
      allow: [{ operations: ['read'], resources: ['users/properties/ssn.token'] }],
    },
    {
      name: 'masked',
      capabilities: ['CapDataReader'],
      allow: [{ operations: ['read'], resources: ['*'] }],
      masks: { 'users/ssn': 'mask' },
    },
  ]);
  const as = (name: string): Promise<Answer> => get(ann, 'ssn.token', { key: keys[name]! });
  expect(refused(await as('plain'))).toBe('403 PV1006');
  expect((await as('named')).body).toEqual({ 'ssn.token': token });
  expect(refused(await as('masked'))).toBe('403 PV1006');
});

import { setClients } from '../../support/iam.js';
import { addCollection, refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const PATH = '/ctl/collections/users';
const SCHEMA = `users PERSONS (
  ssn SSN UNIQUE COMMENT 'it''s',
  note STRING INDEX NOT ENCRYPTED NULL,
  bio LONG_TEXT SUBSTRING_INDEX
);`;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault, SCHEMA);
});
afterAll(() => vault.close());

describe('200', () => {
  test('is what adding it answered', async () => {
    const { body } = await vault.send('GET', `${PATH}/`);
    expect(body).toMatchObject({ name: 'users', type: 'PERSONS' });
    expect(body.properties.map(({ name }: { name: string }) => name)).toEqual(['ssn', 'note', 'bio']);
  });

  test('as PVSchema it prints what differs from the defaults, and reads back the same', async () => {
    for (const [query, headers] of [
      ['?format=pvschema', {}],
      ['', { accept: 'application/pvschema' }],
    ] as const) {
      const answer = await vault.send('GET', PATH + query, { headers });
      expect([answer.headers.get('content-type'), answer.text]).toEqual(['application/pvschema', SCHEMA]);
    }
    expect(
      (await vault.send('GET', `${PATH}?format=json`, { headers: { accept: 'application/pvschema' } })).body
        .name,
    ).toBe('users');
  });

  test('show_builtins shows the seven built-in properties before its own, in either format', async () => {
    const { body } = await vault.send('GET', `${PATH}?options=show_builtins`);
    expect(body.properties).toHaveLength(10);
    expect(body.properties[0]).toMatchObject({
      name: 'id',
      data_type_name: 'OBJECT_ID',
      is_unique: true,
      is_index: true,
      is_readonly: true,
      is_builtin: true,
      is_encrypted: false,
      is_nullable: false,
    });
    const { text } = await vault.send('GET', `${PATH}?options=show_builtins&format=pvschema`);
    expect(text).toContain('\n  id OBJECT_ID UNIQUE INDEX NOT ENCRYPTED BUILTIN READONLY');
  });
});

test('400: another format is PV1012', async () => {
  expect(refused(await vault.send('GET', `${PATH}?format=yaml`))).toBe('400 PV1012');
});

test('403: needs the capability, PV1007', async () => {
  const { data } = await setClients(vault, [
    { name: 'data', capabilities: ['CapDataReader', 'CapDataWriter'] },
  ]);
  expect(refused(await vault.send('GET', PATH, { key: data! }))).toBe('403 PV1007');
});

test.each(['none', 'USERS', 'constructor', '%00', 'a%2Fb'])(
  '404: there is no collection %s',
  async (name) => {
    expect((await vault.send('GET', `/ctl/collections/${name}`)).status).toBe(404);
  },
);

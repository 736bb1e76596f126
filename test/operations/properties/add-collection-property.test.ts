import { setClients } from '../../support/iam.js';
import { addCollection, addObject, fieldsOf, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const add = (name: string, json: unknown, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/ctl/collections/users/properties/${name}`, { json, ...sent });

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('every attribute is stated, and the property can be used at once', async () => {
    const before = await addObject(vault, { name: 'Ann' });
    const { body } = await add('iban/', {
      name: 'iban',
      data_type_name: 'BAN',
      is_index: true,
      is_nullable: true,
      extra: 1,
    });
    expect(body).toEqual({
      name: 'iban',
      data_type_name: 'BAN',
      description: '',
      is_encrypted: true,
      is_index: true,
      is_substring_index: false,
      is_nullable: true,
      is_unique: false,
      is_builtin: false,
      is_readonly: false,
      creation_time: expect.stringMatching(/Z$/),
      modification_time: body.creation_time,
    });
    expect((await vault.send('GET', '/ctl/collections/users/properties/iban')).body).toEqual(body);
    const id = await addObject(vault, { iban: '0987654321' });
    expect(await fieldsOf(vault, id)).toEqual({ iban: '0987654321' });
    expect(await fieldsOf(vault, before)).toEqual({ name: 'Ann' });
  });

  test('repeated under one Idempotency-Key it is the same property', async () => {
    const sent = { headers: { 'idempotency-key': 'p1' } };
    const first = await add('again', { name: 'again', data_type_name: 'STRING', is_nullable: true }, sent);
    const second = await add('again', { name: 'again', data_type_name: 'STRING', is_nullable: true }, sent);
    expect([second.status, second.body]).toEqual([200, first.body]);
    expect(refused(await add('again', { name: 'again', data_type_name: 'SSN' }, sent))).toBe('422 PV9019');
  });
});

test.each([
  ['a', { name: 'b', data_type_name: 'STRING' }, 'PV9004'],
  ['a', { name: 'a' }, 'PV1012'],
  ['_a', { name: '_a', data_type_name: 'STRING' }, 'PV9004'],
  ['id', { name: 'id', data_type_name: 'OBJECT_ID' }, 'PV9004'],
  ['a', { name: 'a', data_type_name: 'BLOB', is_unique: true }, 'PV9004'],
  ['a', { name: 'a', data_type_name: 'STRING', is_readonly: true }, 'PV9004'],
  ['a'.repeat(36), { name: 'a'.repeat(36), data_type_name: 'STRING' }, 'PV9004'],
])('400: %s as %j is %s', async (name, json, code) =>
  expect(refused(await add(name, json))).toBe(`400 ${code}`),
);

test('400: what must have a value cannot be added while there are objects, PV9002', async () => {
  await addCollection(vault, 'filled DATA ( a STRING NULL );');
  const id = await addObject(vault, {}, { collection: 'filled' });
  const addB = (): Promise<Answer> =>
    vault.send('POST', '/ctl/collections/filled/properties/b', {
      json: { name: 'b', data_type_name: 'STRING' },
    });
  expect(refused(await addB())).toBe('400 PV9002');
  const json = { name: 'filled', type: 'DATA', properties: [{ name: 'b', data_type_name: 'STRING' }] };
  expect(refused(await vault.send('PATCH', '/ctl/collections/filled', { json }))).toBe('400 PV9002');
  await vault.send('DELETE', `/data/collections/filled/objects/${id}`);
  expect((await addB()).status).toBe(200);
});

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapCollectionsReader'] }]);
  expect(refused(await add('x', { name: 'x', data_type_name: 'STRING' }, { key: reader! }))).toBe(
    '403 PV1007',
  );
});

test('404: an unknown collection is PV1004, an unknown data type PV9013', async () => {
  const json = { name: 'x', data_type_name: 'STRING' };
  expect(refused(await vault.send('POST', '/ctl/collections/none/properties/x', { json }))).toBe(
    '404 PV1004',
  );
  expect(refused(await add('x', { ...json, data_type_name: 'string' }))).toBe('404 PV9013');
});

describe('409', () => {
  test.each(['ssn', 'SSN'])('a name that is taken, here by ssn, is PV9003: %s', async (name) =>
    expect(refused(await add(name, { name, data_type_name: 'STRING' }))).toBe('409 PV9003'),
  );

  test('of several at once, in whatever case, one gets the name', async () => {
    const answers = await Promise.all(
      ['race', 'RACE', 'race'].map((name) =>
        add(name, { name, data_type_name: 'STRING', is_nullable: true }),
      ),
    );
    expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9003', '409 PV9003']);
  });
});

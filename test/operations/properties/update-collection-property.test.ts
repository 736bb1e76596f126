import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refusal, refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const update = (name: string, json: unknown, key?: string): Promise<Answer> =>
  vault.send('PATCH', `/ctl/collections/users/properties/${name}`, {
    json,
    ...(key !== undefined && { key }),
  });

beforeAll(async () => {
  vault = await startVault();
});
beforeEach(async () => {
  await vault.send('DELETE', '/ctl/collections/users');
  await addCollection(
    vault,
    "users PERSONS ( ssn SSN UNIQUE NULL COMMENT 'number', note STRING SUBSTRING_INDEX NULL, mail EMAIL NULL, must STRING NULL, doc JSON NULL, flag BOOLEAN NULL );",
  );
});
afterAll(() => vault.close());

describe('200', () => {
  test('answers the property; what is given changes, the rest stays', async () => {
    const before = (await vault.send('GET', '/ctl/collections/users/properties/ssn')).body;
    const { body } = await update('ssn/', { description: 'n', is_unique: false, is_index: true, unknown: 1 });
    expect(body).toEqual({
      ...before,
      description: 'n',
      is_unique: false,
      is_index: true,
      modification_time: expect.stringMatching(/Z$/),
    });
    expect((await vault.send('GET', '/ctl/collections/users/properties/ssn')).body).toEqual(body);
  });

  test('a missing description is reset', async () => {
    expect((await update('ssn', {})).body.description).toBe('');
  });

  test('the same again is no change', async () => {
    const first = (await update('note', { is_substring_index: true })).body;
    expect((await update('note', { is_substring_index: true, is_nullable: true })).body).toEqual(first);
  });

  test('an index can come and go, and searches find the same', async () => {
    const id = await addObject(vault, { mail: 'a@b.co', flag: true });
    const find = async (match: object): Promise<unknown> =>
      (await vault.send('POST', '/data/collections/users/query/objects?props=id', { json: { match } })).body
        .results;
    for (const is_index of [true, false, true]) {
      expect((await update('mail', { is_index })).body.is_index).toBe(is_index);
      expect(await find({ mail: 'a@b.co' })).toEqual([{ id }]);
    }
    expect((await update('flag', { is_index: true })).body.is_index).toBe(true);
    expect(await find({ flag: true, mail: 'a@b.co' })).toEqual([{ id }]);
  });

  test('unique may be given up: the value can be shared, and the holder of before changed', async () => {
    const id = await addObject(vault, { ssn: '123-12-1234' });
    await update('ssn', { is_unique: false });
    await addObject(vault, { ssn: '123-12-1234' });
    expect(
      (await vault.send('PATCH', `/data/collections/users/objects/${id}`, { json: { note: 'x' } })).status,
    ).toBe(200);
  });
});

test.each([
  ['mail', { is_unique: true }, 'is_unique'],
  ['mail', { is_substring_index: true }, 'is_substring_index'],
  ['must', { is_nullable: false }, 'is_nullable'],
  ['doc', { is_index: true }, 'is_index'],
])('400: %s cannot become %j, PV9004', async (name, json, field) =>
  expect(refusal(await update(name, json))).toEqual([400, 'PV9004', { field, reason: expect.any(String) }]),
);

test('400: a built-in property cannot change, PV9006', async () => {
  expect(refused(await update('_tenant_id', { is_index: true }))).toBe('400 PV9006');
});

test('400: a flag that is no boolean is PV1012', async () => {
  expect(refused(await update('mail', { is_index: 'true' }))).toBe('400 PV1012');
});

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapCollectionsReader'] }]);
  expect(refused(await update('mail', {}, reader))).toBe('403 PV1007');
});

test('404: an unknown property is PV3004, an unknown collection PV1004', async () => {
  expect(refused(await update('nick', {}))).toBe('404 PV3004');
  expect(refused(await vault.send('PATCH', '/ctl/collections/none/properties/a', { json: {} }))).toBe(
    '404 PV1004',
  );
});

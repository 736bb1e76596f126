import { setClients } from '../../support/iam.js';
import { addCollection, addObject, fieldsOf, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const remove = (name: string, key?: string): Promise<Answer> =>
  vault.send('DELETE', `/ctl/collections/users/properties/${name}`, key === undefined ? {} : { key });

beforeAll(async () => {
  vault = await startVault();
});
beforeEach(async () => {
  await vault.send('DELETE', '/ctl/collections/users');
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('property, values and indexes are lost, nothing is answered, the rest stays', async () => {
    const id = await addObject(vault, { name: 'Ann', ssn: '123-12-1234' });
    const answer = await remove('ssn/');
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await fieldsOf(vault, id)).toEqual({ name: 'Ann' });
    expect(refused(await vault.send('GET', `/data/collections/users/objects/${id}?props=ssn`))).toBe(
      '404 PV3004',
    );
    expect(refused(await vault.send('POST', '/data/collections/users/objects', { json: { ssn: '1' } }))).toBe(
      '404 PV3004',
    );
    expect(await sql(vault, 'select * from blind_index')).toEqual([]);
    expect(
      (await vault.send('PATCH', `/data/collections/users/objects/${id}`, { json: { name: 'Bo' } })).status,
    ).toBe(200);
    expect(await fieldsOf(vault, id)).toEqual({ name: 'Bo' });
  });

  test('a property of the same name afterwards is another and has no values', async () => {
    const id = await addObject(vault, { ssn: '123-12-1234' });
    await remove('ssn');
    await vault.send('POST', '/ctl/collections/users/properties/ssn', {
      json: { name: 'ssn', data_type_name: 'SSN', is_unique: true, is_nullable: true },
    });
    expect(await fieldsOf(vault, id)).toEqual({});
    await addObject(vault, { ssn: '123-12-1234' });
  });
});

test('400: a built-in property cannot be deleted, PV9006', async () => {
  expect(refused(await remove('id'))).toBe('400 PV9006');
});

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapCollectionsReader'] }]);
  expect(refused(await remove('ssn', reader))).toBe('403 PV1007');
});

test('404: an unknown property is PV3004, an unknown collection PV1004', async () => {
  expect(refused(await remove('nick'))).toBe('404 PV3004');
  expect(refused(await vault.send('DELETE', '/ctl/collections/none/properties/a'))).toBe('404 PV1004');
});

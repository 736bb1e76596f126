import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refused, sql, tokenize } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const PATH = '/ctl/collections/users';
beforeAll(async () => {
  vault = await startVault();
});
beforeEach(async () => {
  await vault.send('DELETE', PATH);
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('it is gone with its objects, keys, indexes and tokens, and nothing is answered', async () => {
    const id = await addObject(vault, { ssn: '123-12-1234' });
    await tokenize(vault, { object: { id } });
    await tokenize(vault, { object: { fields: { name: 'x' } } });
    const answer = await vault.send('DELETE', `${PATH}/`);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(refused(await vault.send('GET', PATH))).toBe('404 PV1004');
    expect(refused(await vault.send('GET', `/data/collections/users/objects/${id}?props=name`))).toBe(
      '404 PV1004',
    );
    const left = `select (select count(*) from object) + (select count(*) from token) + (select count(*) from blind_index)
      + (select count(*) from property) + (select count(*) from keystore.object_key) as n`;
    expect(await sql(vault, left)).toEqual([{ n: '0' }]);
  });

  test('one of the same name afterwards is another: empty, and old values and tokens mean nothing to it', async () => {
    const id = await addObject(vault, { ssn: '123-12-1234' });
    const token = await tokenize(vault, { object: { id } });
    await vault.send('DELETE', PATH);
    await addCollection(vault);
    expect((await vault.send('GET', `/data/collections/users/tokens?token_ids=${token}`)).body).toEqual([]);
    expect((await vault.send('GET', '/data/collections/users/count/objects')).body.total).toBe(0);
    await addObject(vault, { ssn: '123-12-1234', id });
  });
});

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapCollectionsReader'] }]);
  expect(refused(await vault.send('DELETE', PATH, { key: reader! }))).toBe('403 PV1007');
});

test('404: an unknown collection is PV1004', async () => {
  expect(refused(await vault.send('DELETE', '/ctl/collections/none'))).toBe('404 PV1004');
});

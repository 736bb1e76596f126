import { keyOf, setClients, setIam } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const get = (name: string, key?: string): Promise<Answer> =>
  vault.send('GET', `/ctl/iam/user/${name}`, key === undefined ? {} : { key });
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: the name and when the key expires; empty where there is none or it never does', async () => {
  await setIam(vault, '[users.ann]\nrole="r"\n[roles.r]\ncapabilities=[]\npolicies=[]\n[policies]\n');
  expect((await get('ann')).body).toEqual({ name: 'ann', api_key: { expiry: '' } });
  await keyOf(vault, 'ann');
  expect((await get('ann/')).body).toEqual({ name: 'ann', api_key: { expiry: expect.stringMatching(/Z$/) } });
  expect((await get('Admin')).body).toEqual({ name: 'Admin', api_key: { expiry: '' } });
});

test('403: needs the capability, PV1007', async () => {
  const { writer } = await setClients(vault, [{ name: 'writer', capabilities: ['CapIAMWriter'] }]);
  expect(refused(await get('writer', writer))).toBe('403 PV1007');
});

test.each(['nobody', 'ANN', 'constructor'])('404: there is no user %s, PV9012', async (name) =>
  expect(refused(await get(name))).toBe('404 PV9012'),
);

test.each(['regen', 'update-expiration'])(
  'GET of %s is a user of that name, not the operation',
  async (name) => expect(['404 PV9012', '405 PV9021']).toContain(refused(await get(name))),
);

import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { ADMIN_KEY, type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const set = (key: unknown, caller: string | null = ADMIN_KEY): Promise<Answer> =>
  vault.send('POST', '/system/info/license', { json: { key }, key: caller });

beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: answers nothing; the last one given is the one', async () => {
  for (const key of ['first', 'second', 'Ünï ✓ "quoted"', '']) {
    const answer = await set(key);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect((await vault.send('GET', '/system/info/license')).body.key).toBe(key);
  }
});

test('200: it gates nothing: whatever is set, the vault goes on', async () => {
  await set('expired in 1999');
  expect((await vault.send('GET', '/ctl/collections')).status).toBe(200);
});

test.each([[undefined], [5], [null], [['a']]])('400: %p is no license, PV1012', async (key) => {
  expect(refused(await set(key))).toBe('400 PV1012');
});

test('400: a text that the database could not keep is refused, not failed on', async () => {
  expect((await set('a\u0000b')).status).toBe(400);
});

test('403: only with the capability of the system, PV1007; 401: not without a key', async () => {
  const { info } = await setClients(vault, [{ name: 'info', capabilities: ['*'] }]);
  expect(refused(await set('theirs', info))).toBe('403 PV1007');
  expect(refused(await set('theirs', null))).toBe('401 PV1005');
  expect((await vault.send('GET', '/system/info/license')).body.key).not.toBe('theirs');
});

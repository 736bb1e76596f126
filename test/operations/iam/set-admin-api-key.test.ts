import { setClients } from '../../support/iam.js';
import { refusal, refused } from '../../support/steps.js';
import { ADMIN_KEY, type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const set = (key: unknown, caller = ADMIN_KEY): Promise<Answer> =>
  vault.send('POST', '/ctl/iam/admin/set-api-key', { json: { key }, key: caller });
const works = async (key: string): Promise<string> =>
  refused(await vault.send('GET', '/ctl/collections', { key }));

beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test.each([
  ['too short', 'Abcdefghijk123'],
  ['no digit', 'Abcdefghijklmnop'],
  ['no lower case', 'ABCDEFGHIJK12345'],
  ['no upper case', 'abcdefghijk12345'],
  ['too long for a header', `Ab1${'x'.repeat(1_022)}`],
  ['a space', 'Abcdefgh 12345678'],
  ['another alphabet', 'Abcdéfgh12345678'],
])('400: %s is PV9023 and the key is not repeated', async (_, key) => {
  const answer = await set(key);
  expect(refusal(answer)).toEqual([400, 'PV9023', { field: 'key', reason: expect.any(String) }]);
  expect(answer.text).not.toContain(key);
});

test.each([undefined, 5, null])('400: %p is no key, PV1012', async (key) =>
  expect(refused(await set(key))).toBe('400 PV1012'),
);

test('403: only the Admin, PV1007', async () => {
  const { all } = await setClients(vault, [
    { name: 'all', capabilities: ['*'], allow: [{ operations: ['*'], resources: ['*'] }] },
  ]);
  expect(refused(await set('Abcdefgh12345678', all))).toBe('403 PV1007');
});

test('200: answers nothing; the new key holds and the old one is dead at once', async () => {
  const answer = await set('Abcdefgh12345678');
  expect([answer.status, answer.text]).toEqual([200, '']);
  expect([await works(ADMIN_KEY), await works('Abcdefgh12345678')]).toEqual(['401 PV1005', '200 ']);
  expect((await set('Abcdefgh12345679', 'Abcdefgh12345678')).status).toBe(200);
  expect([await works('Abcdefgh12345678'), await works('Abcdefgh12345679')]).toEqual(['401 PV1005', '200 ']);
});

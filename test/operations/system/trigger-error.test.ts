import { setClients } from '../../support/iam.js';
import { refusal, refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const PATH = '/system/debug/error/trigger';
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test.each([
  ['an object', { json: { anything: 'canary' } }],
  ['a list', { json: ['canary'] }],
  ['a text', { json: 'canary' }],
  ['nothing', {}],
])('500: %s ends in PV1000, in the shape of every error and without being repeated', async (_, sent) => {
  const answer = await vault.send('POST', PATH, sent);
  expect(refusal(answer)).toEqual([500, 'PV1000', {}]);
  expect(answer.text).not.toContain('canary');
});

test('it is recorded as an access that failed, and shown to the operator as a fault', async () => {
  await vault.send('POST', PATH);
  const { body } = await vault.send('GET', '/api/coatcheck/1.0/audit/entries?operation=triggerError&limit=2');
  const [failed, begun] = body.entries;
  expect(begun).toMatchObject({ user: 'Admin', outcome: 'allowed' });
  expect(failed).toMatchObject({ outcome: 'failed', error_code: 'PV1000', refers: begun.index });
  const line = vault
    .logged()
    .split('\n')
    .find((each) => each.includes('triggered on purpose'))!;
  expect(JSON.parse(line)).toMatchObject({ level: 'error', error_code: 'PV1000' });
  expect(vault.logged()).not.toContain('canary');
});

test('403: only with the capability, PV1007; 401: not without a key', async () => {
  const keys = await setClients(vault, [
    { name: 'tester', capabilities: ['CapErrorWriter'] },
    { name: 'nobody', capabilities: [] },
  ]);
  expect(refused(await vault.send('POST', PATH, { key: keys.tester! }))).toBe('500 PV1000');
  expect(refused(await vault.send('POST', PATH, { key: keys.nobody! }))).toBe('403 PV1007');
  expect(refused(await vault.send('POST', PATH, { key: null }))).toBe('401 PV1005');
});

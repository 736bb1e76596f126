import { addAction, addBundle } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault({ COATCHECK_SERVICE_ACTIONS_HTTP_CALL_ROLE: 'caller' });
});
afterAll(() => vault.close());

test('200: the built-in one and the operator’s, sorted by name', async () => {
  const builtin = {
    name: 'http_call',
    description: expect.any(String),
    function: 'builtin.http_call',
    role: 'caller',
    is_builtin: true,
  };
  expect((await vault.send('GET', '/ctl/actions')).body).toEqual([builtin]);
  await addBundle(vault);
  await addAction(vault, { name: 'zebra', function: 'sample.echo', role: 'VaultAdminRole' });
  const { body } = await vault.send('GET', '/ctl/actions');
  expect(body).toEqual([builtin, expect.objectContaining({ name: 'zebra', is_builtin: false })]);
});

test('403: needs the capability, in either spelling, PV1007', async () => {
  const { data, one, other } = await setClients(vault, [
    { name: 'data', capabilities: ['CapDataReader'] },
    { name: 'one', capabilities: ['CapActionReader'] },
    { name: 'other', capabilities: ['CapActionsReader'] },
  ]);
  expect(refused(await vault.send('GET', '/ctl/actions', { key: data! }))).toBe('403 PV1007');
  for (const key of [one!, other!])
    expect((await vault.send('GET', '/ctl/actions', { key })).status).toBe(200);
});

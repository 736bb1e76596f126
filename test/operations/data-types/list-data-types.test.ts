import { DATA_TYPES } from '../../../src/data-types/index.js';
import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: only custom types, of which there are none, unless built-in ones are asked for', async () => {
  for (const query of ['', '/', '?options=', '?bundle=x']) {
    expect((await vault.send('GET', `/ctl/types${query}`)).body).toEqual([]);
  }
  const { body } = await vault.send('GET', '/ctl/types?options=show_builtins');
  expect(body.map(({ name }: { name: string }) => name)).toEqual(Object.keys(DATA_TYPES));
  expect(body.find(({ name }: { name: string }) => name === 'SSN')).toEqual({
    name: 'SSN',
    base_type_name: 'SSN',
    is_builtin: true,
    description: expect.any(String),
    transformers: ['mask'],
  });
});

test('400: options has no other value, PV1012', async () => {
  expect(refused(await vault.send('GET', '/ctl/types?options=all'))).toBe('400 PV1012');
});

test('403: needs the capability, PV1007', async () => {
  const { data } = await setClients(vault, [{ name: 'data', capabilities: ['CapDataReader'] }]);
  expect(refused(await vault.send('GET', '/ctl/types', { key: data! }))).toBe('403 PV1007');
});

import { addCollection, refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: none at first, then all in the order of creation, built-in properties on request', async () => {
  expect((await vault.send('GET', '/ctl/collections')).body).toEqual([]);
  await addCollection(vault, 'b PERSONS ( p STRING );');
  await addCollection(vault, 'a DATA ( );');

  const { body } = await vault.send('GET', '/ctl/collections/?format=json');
  expect(
    body.map(({ name, properties }: { name: string; properties: unknown[] }) => [name, properties.length]),
  ).toEqual([
    ['b', 1],
    ['a', 0],
  ]);
  const shown = (await vault.send('GET', '/ctl/collections?options=show_builtins')).body;
  expect(shown.map(({ properties }: { properties: unknown[] }) => properties.length)).toEqual([8, 7]);
});

test('200: as PVSchema the texts are joined by a newline', async () => {
  const answer = await vault.send('GET', '/ctl/collections', { headers: { accept: 'application/pvschema' } });
  expect(answer.text).toBe('b PERSONS (\n  p STRING\n);\na DATA ();');
});

test('400: an unknown parameter is PV1012', async () => {
  expect(refused(await vault.send('GET', '/ctl/collections?reason=Analytics'))).toBe('400 PV1012');
});

import { addCollection, addObject, fieldsOf, sql } from '../support/steps.js';
import { type TestVault, startVault } from '../support/vault.js';
import { cleanUp, run } from './coatcheck-process.js';

const KEY = '7c'.repeat(32);
let vault: TestVault;
beforeAll(async () => {
  vault = await startVault({ COATCHECK_KMS_KEY: KEY });
  await addCollection(vault);
});
afterAll(async () => {
  await cleanUp();
  await vault.close();
});

const rewrap = (key = KEY) =>
  run(['keys', 'rewrap'], { DATABASE_URL: vault.database.url, COATCHECK_KMS_KEY: key });

test('beside a running vault: every key is under the newest version, and the vault reads on', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, (_, i) => addObject(vault, { name: `N${i}` })));
  await vault.send('POST', '/system/admin/keys/rotate');
  expect(await rewrap()).toMatchObject({ code: 0, stdout: 'Wrapped 12 keys anew.\n', stderr: '' });
  expect(await sql(vault, 'select distinct keyset_version as v from keystore.object_key')).toEqual([
    { v: 2 },
  ]);
  for (const id of ids) expect(await fieldsOf(vault, id)).toHaveProperty('name');
  expect(await rewrap()).toMatchObject({ code: 0, stdout: 'Wrapped 0 keys anew.\n' });
});

test('keys that do not open: status 1 and how many', async () => {
  const bad = await addObject(vault, { name: 'Bad' });
  await sql(vault, 'update object set revision = revision + 1 where id = $1', [bad]);
  await vault.send('POST', '/system/admin/keys/rotate');
  const { code, stdout, stderr } = await rewrap();
  expect([code, stdout]).toEqual([1, 'Wrapped 12 keys anew.\n']);
  expect(stderr).toContain('1 keys do not open');
});

test('another root key: status 1, nothing is touched and the key is not repeated', async () => {
  const other = 'd1'.repeat(32);
  const { code, stdout, stderr } = await rewrap(other);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('Wrong root key');
  expect(stderr).not.toContain(other);
});

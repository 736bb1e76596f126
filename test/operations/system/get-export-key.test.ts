import { randomBytes } from 'node:crypto';
import { setClients } from '../../support/iam.js';
import { refusal, refused, sql } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

const PATH = '/system/admin/export_key';
let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

describe('200', () => {
  test('answers the wrapped key, the same one every time, also where several ask first', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => vault.send('GET', PATH)));
    answers.push(await vault.send('GET', PATH));
    expect(answers[0]!.body).toEqual({ export_key: expect.stringMatching(/^[A-Za-z0-9_-]{164}$/) });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await sql(vault, 'select key_id from keystore.export_key')).toHaveLength(1);
  });

  test('instances with one export root key agree, and with another it is another key', async () => {
    const COATCHECK_KMS_EXPORT_KEY = randomBytes(32).toString('hex');
    const [one, two] = [
      await startVault({ COATCHECK_KMS_EXPORT_KEY }, vault.database),
      await startVault({ COATCHECK_KMS_EXPORT_KEY }, vault.database),
    ];
    const keys = await Promise.all([one, two, vault].map((each) => each.send('GET', PATH)));
    expect(keys[0]!.body).toEqual(keys[1]!.body);
    expect(keys[0]!.body).not.toEqual(keys[2]!.body);
    await one.close();
    await two.close();
  });

  test('is recorded', async () => {
    await vault.send('GET', PATH);
    const { body } = await vault.send(
      'GET',
      '/api/coatcheck/1.0/audit/entries?operation=getExportKey&limit=1',
    );
    expect(body.entries[0]).toMatchObject({ operation: 'getExportKey', outcome: 'allowed', user: 'Admin' });
  });
});

test('401 without a key; 403 without the capability, which suffices', async () => {
  expect(refused(await vault.send('GET', PATH, { key: null }))).toBe('401 PV1005');
  const { exporter, reader } = await setClients(vault, [
    { name: 'exporter', capabilities: ['CapExportKeyReader'] },
    { name: 'reader', capabilities: ['CapDataReader'] },
  ]);
  expect(refused(await vault.send('GET', PATH, { key: reader! }))).toBe('403 PV1007');
  expect((await vault.send('GET', PATH, { key: exporter! })).status).toBe(200);
});

test('410: a key whose row was changed is not handed out', async () => {
  await sql(
    vault,
    'update keystore.export_key set wrapped = set_byte(wrapped, 90, get_byte(wrapped, 90) # 1)',
  );
  expect(refused(await vault.send('GET', PATH))).toBe('410 PV9010');
  await sql(
    vault,
    'update keystore.export_key set wrapped = set_byte(wrapped, 90, get_byte(wrapped, 90) # 1)',
  );
});

test('405: production without an export key exports nothing and takes no export', async () => {
  const key = 'Operator1Operator1';
  const production = await startVault({
    COATCHECK_DEVMODE: 'false',
    COATCHECK_SERVICE_ADMIN_API_KEY: key,
    COATCHECK_SERVICE_ADMIN_MAY_READ_DATA: 'true',
  });
  await production.send('POST', '/ctl/collections', {
    raw: 'users PERSONS ( name NAME NULL );',
    type: 'application/pvschema',
    key,
  });
  const objects = '/data/collections/users/objects';
  for (const answer of [
    await production.send('GET', PATH, { key }),
    await production.send('GET', `${objects}?options=unsafe&export=true`, { key }),
    await production.send('POST', `${objects}?export_key=k`, { json: {}, key }),
  ]) {
    expect(refusal(answer)).toEqual([405, 'PV1003', { setting: 'kms.export_key' }]);
  }
  expect((await production.send('GET', `${objects}?options=unsafe&export=false`, { key })).status).toBe(200);
  await production.close();
});

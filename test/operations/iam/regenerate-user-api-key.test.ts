import { setClients } from '../../support/iam.js';
import { refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const regen = (json: unknown, key?: string): Promise<Answer> =>
  vault.send('POST', '/ctl/iam/user/regen', { json, ...(key !== undefined && { key }) });
const works = async (key: string): Promise<string> =>
  refused(await vault.send('GET', '/ctl/iam/conf', { key }));

beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

describe('200', () => {
  test('answers a new key that lives a year; the old one is dead for the next request', async () => {
    const { ann } = await setClients(vault, [{ name: 'ann', capabilities: ['CapIAMReader'] }]);
    expect(await works(ann!)).toBe('200 ');
    const { body } = await regen({ name: 'ann' });
    expect(body).toEqual({
      api_key: expect.stringMatching(/^pv_live_/),
      api_key_expiry: expect.stringMatching(/Z$/),
    });
    expect(Math.round((Date.parse(body.api_key_expiry) - Date.now()) / 86_400_000)).toBe(365);
    expect([await works(ann!), await works(body.api_key)]).toEqual(['401 PV1005', '200 ']);
  });

  test('the old key is dead too when other requests load what it was part of meanwhile', async () => {
    await setClients(vault, [{ name: 'busy', capabilities: ['CapIAMReader'] }]);
    let key = (await regen({ name: 'busy' })).body.api_key as string;
    for (let round = 0; round < 5; round++) {
      const old = key;
      const traffic = Array.from({ length: 10 }, () => vault.send('GET', '/ctl/collections'));
      key = (await regen({ name: 'busy' })).body.api_key;
      expect([await works(old), await works(key)]).toEqual(['401 PV1005', '200 ']);
      await Promise.all(traffic);
      expect(await works(old)).toBe('401 PV1005');
    }
  });

  test('the key is nowhere in the database', async () => {
    await setClients(vault, [{ name: 'ann', capabilities: ['CapIAMReader'] }]);
    const { api_key } = (await regen({ name: 'ann' })).body;
    const rows = JSON.stringify(await sql(vault, 'select * from api_key'));
    expect(rows).not.toContain(api_key.slice(-40));
  });

  test('a key that has expired is PV1005', async () => {
    await setClients(vault, [{ name: 'ann', capabilities: ['CapIAMReader'] }]);
    const { api_key } = (await regen({ name: 'ann' })).body;
    await vault.send('POST', '/ctl/iam/user/update-expiration', {
      json: { name: 'ann', expiration_secs: 0 },
    });
    expect(await works(api_key)).toBe('401 PV1005');
  });
});

test.each([{}, { name: 5 }, { name: 'ann', more: 1 }])('400: %j is PV1012', async (json) =>
  expect(refused(await regen(json))).toBe('400 PV1012'),
);

describe('403', () => {
  test('the Admin’s key is not changed this way, PV9024', async () => {
    expect(refusal(await regen({ name: 'Admin' }))).toEqual([403, 'PV9024', {}]);
  });

  test('needs the capability, and an auditor’s key is the Admin’s to make', async () => {
    const { reader, writer } = await setClients(vault, [
      { name: 'reader', capabilities: ['CapIAMReader'] },
      { name: 'writer', capabilities: ['CapIAMWriter'] },
      { name: 'auditor', capabilities: ['CapAuditReader'] },
    ]);
    expect(refused(await regen({ name: 'reader' }, reader))).toBe('403 PV1007');
    expect((await regen({ name: 'reader' }, writer)).status).toBe(200);
    expect(refused(await regen({ name: 'auditor' }, writer))).toBe('403 PV1007');
  });
});

test.each(['nobody', 'admin', 'constructor', ''])('404: there is no user %j, PV9012', async (name) =>
  expect(refused(await regen({ name }))).toBe('404 PV9012'),
);

import { setTimeout as wait } from 'node:timers/promises';
import { setClients, setIam } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let ann: string;
const update = (json: unknown, key?: string): Promise<Answer> =>
  vault.send('POST', '/ctl/iam/user/update-expiration', { json, ...(key !== undefined && { key }) });
const works = async (key: string): Promise<string> =>
  refused(await vault.send('GET', '/ctl/iam/conf', { key }));

beforeAll(async () => {
  vault = await startVault();
});
beforeEach(async () => {
  ann = (await setClients(vault, [{ name: 'ann', capabilities: ['CapIAMReader'] }])).ann!;
});
afterAll(() => vault.close());

describe('200', () => {
  test('answers the user and when the key expires from now', async () => {
    const { body } = await update({ name: 'ann', expiration_secs: 60 });
    expect(body).toEqual({ name: 'ann', api_key_expiry: expect.stringMatching(/Z$/) });
    expect(Math.round((Date.parse(body.api_key_expiry) - Date.now()) / 1000)).toBe(60);
    expect((await vault.send('GET', '/ctl/iam/user/ann')).body.api_key.expiry).toBe(body.api_key_expiry);
    expect(await works(ann)).toBe('200 ');
  });

  test('0 ends it at once, and a later moment brings it back', async () => {
    await update({ name: 'ann', expiration_secs: 0 });
    expect(await works(ann)).toBe('401 PV1005');
    await update({ name: 'ann', expiration_secs: 60 });
    expect(await works(ann)).toBe('200 ');
  });

  test('an expiry that has come by itself is PV1005', async () => {
    await update({ name: 'ann', expiration_secs: 1 });
    await wait(1_050);
    expect(
      refused(
        await vault.send('GET', '/data/collections/none/objects?props=a&reload_cache=true', { key: ann }),
      ),
    ).toBe('401 PV1005');
  });
});

test.each([
  { name: 'ann' },
  { name: 'ann', expiration_secs: -1 },
  { name: 'ann', expiration_secs: '60' },
  { name: 'ann', expiration_secs: 1.5 },
  { name: 'ann', expiration_secs: 1e12 },
  { name: 'ann', expiration_secs: 9007199254740991 },
])('400: %j is PV1012', async (json) => expect(refused(await update(json))).toBe('400 PV1012'));

test('403: not the Admin’s (PV9024), and only with the capability (PV1007)', async () => {
  expect(refused(await update({ name: 'Admin', expiration_secs: 0 }))).toBe('403 PV9024');
  expect(refused(await update({ name: 'ann', expiration_secs: 0 }, ann))).toBe('403 PV1007');
});

test('404: an unknown user, and one without a key, are PV9012', async () => {
  expect(refused(await update({ name: 'nobody', expiration_secs: 1 }))).toBe('404 PV9012');
  await setIam(vault, '[users.new]\nrole="r"\n[roles.r]\ncapabilities=[]\npolicies=[]\n[policies]\n');
  expect(refused(await update({ name: 'new', expiration_secs: 1 }))).toBe('404 PV9012');
});

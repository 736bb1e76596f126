import { keyOf, setIam } from '../../support/iam.js';
import { refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { type Keys, entriesOf, iam, withHook } from './support.js';

const SECRET = 'canary-secret-of-the-service';
const ORG = 'https://acme.okta.com';
const SERVICE = 'https://legacy.example/verify';
const asking = (url: string): string =>
  `${iam()}[idp_hooks.org]\nprovider = "okta"\nissuer = "${ORG}"\nusers = ["hook"]\ncheck_passwords_at = "${url}"\n`;

let vault: TestVault;
let keys: Keys;
beforeAll(async () => {
  vault = await startVault({ COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: 'https://legacy.example' });
  keys = await withHook(vault);
  await setIam(vault, asking(SERVICE));
});
afterAll(() => vault.close());

const set = (secret: unknown = SECRET, key?: string, hook = 'org'): Promise<Answer> =>
  vault.send('POST', `/api/coatcheck/1.0/idp/hooks/${hook}/password-secret`, {
    json: { secret },
    ...(key !== undefined && { key }),
  });
const readiness = async (): Promise<unknown> => {
  const path = `/api/coatcheck/1.0/idp/okta/hook?issuer=${ORG}`;
  return (await vault.send('GET', path, { key: await keyOf(vault, 'hook') })).body.passwords;
};

test('200: it is sealed, another replaces it, and nothing gives it back; the hook is told that it can ask', async () => {
  expect(await readiness()).toBe('no_secret');
  expect((await set()).text).toBe('');
  const read = (): Promise<unknown[]> =>
    sql(vault, 'select hook, username, sealed from keystore.idp_signing_secret');
  const [first] = await read();
  expect((await set()).status).toBe(200);
  const rows = (await read()) as { sealed: Buffer }[];
  expect(rows).toMatchObject([{ hook: 'org', username: '' }]);
  expect(rows[0]).not.toEqual(first);
  expect(await readiness()).toBe('ready');
  const entries = await entriesOf(vault, 'setIdpPasswordSecret');
  expect(entries).toHaveLength(2);
  const bytes = rows[0]!.sealed.toString('latin1');
  expect(bytes + JSON.stringify(entries) + vault.logged()).not.toContain('canary');
});

test('400 for what is no secret or could not be sent, without repeating it', async () => {
  for (const secret of [null, 'canary', 7, 'canary secret with spaces', `${SECRET}\r\nx: y`, `${SECRET}ü`]) {
    const answer = await set(secret);
    expect([refusal(answer)[0], answer.text.includes('canary')]).toEqual([400, false]);
  }
});

test('403 PV1007 for everybody but Admin', async () => {
  for (const key of [keys.eraser, keys.reader]) expect(refused(await set(SECRET, key))).toBe('403 PV1007');
});

test('403 PV9060 for an address that the settings do not list; one that changed has no secret', async () => {
  await setIam(vault, asking('https://legacy.example/other'));
  expect(await readiness()).toBe('no_secret');
  await setIam(vault, asking('https://evil.example/verify'));
  expect([refused(await set()), await readiness()]).toEqual(['403 PV9060', 'not_allowed']);
});

test('404 PV9117 for a hook that is not there or asks nobody', async () => {
  for (const hook of ['nobody', '__proto__', 'shop'])
    expect(refused(await set(SECRET, undefined, hook))).toBe('404 PV9117');
});

import { setIam } from '../../support/iam.js';
import { refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { type Keys, entriesOf, iam, withHook } from './support.js';

const SECRET = 'canary: the secret of a webhook';

let vault: TestVault;
let keys: Keys;

beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
  await setIam(
    vault,
    `${iam()}[idp_hooks.front]\nprovider = "frontegg"\nissuer = "environment"\nusers = ["hook", "eraser"]\n`,
  );
});
afterAll(() => vault.close());

const set = (
  user: string,
  json: unknown = { secret: SECRET },
  key?: string,
  hook = 'front',
): Promise<Answer> =>
  vault.send('POST', `/api/coatcheck/1.0/idp/hooks/${hook}/signing-secrets/${user}`, {
    json,
    ...(key !== undefined && { key }),
  });

interface Row {
  readonly hook: string;
  readonly username: string;
  readonly sealed: Buffer;
}
const secrets = async (): Promise<Row[]> =>
  (await sql(
    vault,
    'select hook, username, sealed from keystore.idp_signing_secret order by username',
  )) as Row[];

test('200: each user has one, it is sealed, another replaces it, and nothing gives it back', async () => {
  expect([(await set('hook')).text, (await set('eraser')).status]).toEqual(['', 200]);
  const before = await secrets();
  expect((await set('hook')).status).toBe(200);
  const rows = await secrets();
  expect(rows).toMatchObject([
    { hook: 'front', username: 'eraser', sealed: before[0]!.sealed },
    { hook: 'front', username: 'hook' },
  ]);
  expect(rows[1]!.sealed).not.toEqual(before[1]!.sealed);
  const entries = await entriesOf(vault, 'setIdpSigningSecret');
  expect(entries).toHaveLength(3);
  const bytes = rows.map(({ sealed }) => sealed.toString('latin1'));
  expect(bytes.join() + JSON.stringify(entries) + vault.logged()).not.toContain('canary');
});

test('400 for what is no secret, without repeating it', async () => {
  for (const json of [{}, { secret: 'canary' }, { secret: 7 }, { secret: SECRET, extra: 'canary' }]) {
    const answer = await set('hook', json);
    expect([refusal(answer)[0], answer.text.includes('canary')]).toEqual([400, false]);
  }
});

test('403 PV1007 for everybody but Admin', async () => {
  for (const key of [keys.hook, keys.reader])
    expect(refused(await set('hook', undefined, key))).toBe('403 PV1007');
});

test('404 PV9114 for a hook that is not there, a user it does not have, and a provider that does not sign', async () => {
  for (const hook of ['nobody', '__proto__', 'shop'])
    expect(refused(await set('hook', undefined, undefined, hook))).toBe('404 PV9114');
  for (const user of ['reader', 'constructor']) expect(refused(await set(user))).toBe('404 PV9114');
});

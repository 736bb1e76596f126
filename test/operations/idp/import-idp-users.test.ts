import { setIam } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import {
  DELETED,
  type Keys,
  LOGIN,
  behind,
  entriesOf,
  iam,
  loginOf,
  objectsNow,
  stored,
  withHook,
} from './support.js';

const IMPORT = `${LOGIN}/import`;
const MAP = 'map = { "app_metadata.national_id" = "user_id" }';
type Result = Record<string, unknown> & {
  outcome: string;
  object_id: string;
  error?: { error_code: string; context: Record<string, string> };
};

let vault: TestVault;
let keys: Keys;
beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
});
afterAll(() => vault.close());

const send = (json: unknown, { key = keys.importer, path = IMPORT } = {}): Promise<Answer> =>
  vault.send('POST', path, { json, key });
async function imported(users: readonly unknown[], query = ''): Promise<Result[]> {
  const answer = await send(users, { path: IMPORT + query });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body.results as Result[];
}
const outcomes = (results: readonly Result[]): string[] => results.map(({ outcome }) => outcome);
const entries = (): Promise<Record<string, unknown>[]> => entriesOf(vault, 'importIdpUsers');

describe('200', () => {
  test('many users become the objects that their logins find, with one entry that names them all before', async () => {
    const users = ['a', 'b', 'c'].map((name, i) =>
      loginOf(name, { national_id: `n-${name}`, ssn: `123-12-000${i + 1}` }),
    );
    const results = await imported(users);
    expect(results).toEqual(
      users.map(() => ({
        outcome: 'created',
        object_id: expect.any(String),
        write: { pii_object_id: expect.any(String) },
        scrub: ['app_metadata.national_id', 'app_metadata.ssn'],
        stored: [
          { property: 'user_id', from: 'app_metadata.national_id' },
          { property: 'ssn', from: 'app_metadata.ssn' },
        ],
        warnings: [],
      })),
    );
    const [entry, ...others] = await entries();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ outcome: 'allowed', collection: 'users', user: 'importer' });
    expect((entry!.objects as string[]).toSorted()).toEqual(results.map((each) => each.object_id).toSorted());
    const { body } = await vault.send('POST', LOGIN, { json: loginOf('b', {}), key: keys.hook });
    expect(body.write).toEqual({ pii_object_id: results[1]!.object_id });
    expect(await behind(vault, body.token)).toEqual({ user_id: 'n-b', ssn: '123-12-0002' });
  });

  test('the same page again changes nothing, and new values of one user change one', async () => {
    const users = ['again 1', 'again 2'].map((name) => loginOf(name, { ssn: '123-12-1234' }));
    const first = await imported(users);
    const before = await objectsNow(vault);
    const second = await imported(users);
    expect(outcomes(second)).toEqual(['unchanged', 'unchanged']);
    expect(second.map(({ object_id }) => object_id)).toEqual(first.map(({ object_id }) => object_id));
    expect(await objectsNow(vault)).toBe(before);
    const third = await imported([loginOf('again 1', { ssn: '123-12-9999' }), users[1]]);
    expect(outcomes(third)).toEqual(['changed', 'unchanged']);
    expect(await stored(vault, first[0]!.object_id)).toEqual({ ssn: '123-12-9999' });
  });

  test('what is wrong with one user keeps no other: an event that is none, another issuer, a taken value, a value that does not fit', async () => {
    const results = await imported([
      loginOf('fine 1', { national_id: 'same', ssn: '123-12-1234' }),
      { tenant: { id: 'acme' }, user: {} },
      { ...loginOf('elsewhere', { ssn: '123-12-1234' }), tenant: { id: 'other' } },
      loginOf('second of it', { national_id: 'same', ssn: '123-12-1234' }),
      loginOf('misfit', { national_id: 'm-1', ssn: 'canary-12' }),
      loginOf('nobody', { theme: 'dark' }),
      loginOf('fine 1', { phone: '+12025550187' }),
    ]);
    expect(results.map(({ outcome, error }) => [outcome, error?.error_code])).toEqual([
      ['created', undefined],
      ['failed', 'PV9087'],
      ['failed', 'PV9088'],
      ['created', undefined],
      ['created', undefined],
      ['nothing', undefined],
      ['changed', undefined],
    ]);
    expect(results[1]!.error!.context).toEqual({ field: 'user.user_id', reason: 'It is missing.' });
    const warnings = results.map((each) => each.warnings);
    expect([warnings[3], warnings[4]]).toEqual([
      [{ code: 'not_unique', name: 'app_metadata.national_id' }],
      [{ code: 'quarantined', name: 'app_metadata.ssn' }],
    ]);
    expect(await stored(vault, results[0]!.object_id)).toEqual({
      ...{ user_id: 'same', ssn: '123-12-1234', phone: '+12025550187' },
    });
    const faults = (await entries()).filter(({ outcome }) => outcome === 'failed');
    expect(faults.map(({ error_code, count }) => [error_code, count])).toEqual([
      ['PV9087', 1],
      ['PV9088', 1],
    ]);
    expect(vault.logged() + JSON.stringify(await entries())).not.toContain('canary-12');
  });

  test('who was erased stays erased, and what the provider has of them is to go', async () => {
    await imported([loginOf('gone', { ssn: '123-12-1234' })]);
    await vault.send('POST', DELETED, {
      json: { tenant: { id: 'acme' }, user: { user_id: 'auth0|gone' } },
      key: keys.eraser,
    });
    const [result] = await imported([loginOf('gone', { ssn: '123-12-1234' })]);
    expect(result).toEqual({
      ...{ outcome: 'left', write: {}, scrub: ['app_metadata.ssn'], stored: [] },
      warnings: [{ code: 'erased' }],
    });
  });

  test('a dry run says what would be done, and does nothing', async () => {
    const before = await objectsNow(vault);
    const users = [
      loginOf('dry', { ssn: '123-12-1234', passport: 'X1' }),
      loginOf('a', { ssn: '123-12-7777' }),
    ];
    const results = await imported(users, '?dry_run=true');
    expect(outcomes(results)).toEqual(['created', 'changed']);
    expect(results[0]).toMatchObject({
      stored: [{ property: 'ssn', from: 'app_metadata.ssn' }],
      warnings: [{ code: 'unmapped_pii', name: 'app_metadata.passport' }],
    });
    expect(await objectsNow(vault)).toBe(before);
    expect(await stored(vault, results[1]!.object_id)).toMatchObject({ ssn: '123-12-0001' });
    expect((await entries()).at(-1)).toMatchObject({
      outcome: 'allowed',
      rule: expect.stringMatching(/ dry-run$/),
      objects: expect.arrayContaining([results[1]!.object_id]),
      asked: [{ property: 'ssn' }],
    });
  });

  test('pages at the same time, with the same users and with logins of them, make each user once', async () => {
    const users = Array.from({ length: 60 }, (_, i) => loginOf(`race ${i}`, { ssn: '123-12-1234' }));
    const before = await objectsNow(vault);
    const [one, two, ...logins] = await Promise.all([
      send(users),
      send(users.toReversed()),
      ...users.slice(0, 5).map((json) => vault.send('POST', LOGIN, { json, key: keys.hook })),
    ]);
    expect([one, two, ...logins].map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200]);
    const ids = (answer: Answer): string[] =>
      (answer.body.results as Result[]).map(({ object_id }) => object_id);
    expect(ids(one)).toEqual(ids(two).toReversed());
    expect(await objectsNow(vault)).toBe(before + 60);
  });

  test('no user is an answer too', async () => {
    expect(await imported([])).toEqual([]);
    expect((await entries()).at(-1)).toMatchObject({ outcome: 'allowed', rule: 'nothing-stored' });
    expect(outcomes(await imported([{ nothing: 1 }]))).toEqual(['failed']);
  });
});

describe('what is refused', () => {
  const user = loginOf('refused', { ssn: '123-12-1234' });
  test('400: more users than a page may have', async () => {
    expect(refused(await send(Array.from({ length: 1_001 }, () => ({}))))).toBe('400 PV9007');
  });
  test('403: a key of a hook at the provider, which may report logins one by one', async () => {
    expect(refused(await send([user], { key: keys.hook }))).toBe('403 PV1007');
  });
  test('403: a provider whose hook is not the key’s', async () => {
    const path = '/api/coatcheck/1.0/idp/oidc/login/import';
    expect(refused(await send([{ iss: 'acme', sub: '1', claims: {} }], { path }))).toBe('403 PV9088');
  });
  test('404: a provider or an event that is not known, and deletions', async () => {
    for (const path of [
      IMPORT.replace('auth0', 'nobody'),
      IMPORT.replace('post-login', 'post-logout'),
      `${DELETED}/import`,
    ])
      expect(refused(await send([user], { path }))).toBe('404 PV9086');
  });
  test('403: a role that may store nothing there; 404: a collection that is gone', async () => {
    await setIam(vault, iam(MAP, { policies: '"erase"' }));
    expect(refused(await send([user]))).toBe('403 PV1006');
    await vault.send('POST', '/ctl/collections', {
      raw: 'short PERSONS ( ssn SSN NULL )',
      type: 'application/pvschema',
    });
    await setIam(vault, iam('collection = "short"').replaceAll('users/properties', '*/properties'));
    await vault.send('DELETE', '/ctl/collections/short');
    expect(refused(await send([user]))).toBe('404 PV1004');
    await setIam(vault, iam(MAP));
  });
});

test('404: a vault that nobody told how to change users at the provider, PV9111', async () => {
  const users = [loginOf('nowhere', { ssn: '123-12-1234' })];
  const before = await objectsNow(vault);
  expect(refused(await send(users, { path: `${IMPORT}?write_back=true` }))).toBe('404 PV9111');
  expect(await objectsNow(vault)).toBe(before);
});

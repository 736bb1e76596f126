import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'acorn';
import { strFromU8, unzipSync } from 'fflate';
import { keycloak } from '../../src/idp/adapters/keycloak.js';
import { behind, entriesOf, objectsNow, stored } from '../operations/idp/support.js';
import { run } from '../start/coatcheck-process.js';
import { keyOf, setIam } from '../support/iam.js';
import { addCollection } from '../support/steps.js';
import { type TestVault, startVault } from '../support/vault.js';

const JAR = path.resolve(import.meta.dirname, '../../dist/idp/keycloak-pii.jar');
const BUNDLER: string = path.resolve(import.meta.dirname, '../../scripts/bundle-hooks.mjs');
const files = Object.fromEntries(
  Object.entries(unzipSync(readFileSync(JAR))).map(([name, bytes]) => [name, strFromU8(bytes)]),
);
const guide = readFileSync(path.resolve(import.meta.dirname, '../../docs/idp/keycloak.md'), 'utf8');
const block = (language: string, from = guide): string =>
  new RegExp('```' + language + '\\n([\\s\\S]*?)```').exec(from)![1]!;
const auth0 = readFileSync(path.resolve(import.meta.dirname, '../../docs/idp/auth0.md'), 'utf8');

let vault: TestVault;
let key: string;
const server = spawn(process.execPath, [path.resolve(import.meta.dirname, 'keycloak-server.mjs')], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
beforeAll(async () => {
  vault = await startVault();
  const raw = block('pvschema', auth0).replace('ssn SSN NULL,', 'ssn SSN NULL,\n  first_name NAME NULL,');
  await vault.send('POST', '/ctl/collections?format=pvschema', { raw, type: 'application/pvschema' });
  await setIam(vault, `${block('toml', auth0)}\n${block('toml')}`);
  key = await keyOf(vault, 'auth0_hook');
});
afterAll(async () => {
  server.stdin.end();
  await once(server, 'close');
  await vault.close();
});

interface Ran {
  said: string[];
  done: { success: number; failure: string | null };
  requests: { connectTimeout: number; timeout: number }[];
  claim?: string | null;
  otherClaims: Record<string, unknown>;
  user: { attributes: Record<string, string[]>; firstName?: string | null; email?: string };
}

/** Runs a script of the JAR in a process beside this one, where the vault goes on answering. */
async function script(kind: 'authenticator' | 'mapper', given: Record<string, unknown>): Promise<Ran> {
  const { env, ...more } = given as { env?: object };
  const answer = answers.next();
  server.stdin.write(
    `${JSON.stringify({
      ...{ script: files[`coatcheck-${kind}.js`], kind, realm: 'shop', client: 'web', jti: 'jti-1' },
      env: { COATCHECK_URL: vault.url, COATCHECK_API_KEY: key, ...env },
      ...more,
    })}\n`,
  );
  return JSON.parse(String((await answer).value)) as Ran;
}

const ada = {
  ...{ id: 'k-1', username: 'ada', email: 'ada@example.com', emailVerified: true, firstName: 'Ada' },
  attributes: { ssn: ['123-12-1234'], national_id: ['45860945864'], theme: ['dark'], password: ['hunter2'] },
};

describe('the JAR', () => {
  test('says what each of its scripts is, and both are ECMAScript 5', () => {
    const scripts = JSON.parse(files['META-INF/keycloak-scripts.json']!) as Record<
      string,
      { fileName: string }[]
    >;
    const named = Object.values(scripts)
      .flat()
      .map(({ fileName }) => fileName);
    expect([Object.keys(files).length, named.toSorted()]).toEqual([
      3,
      ['coatcheck-authenticator.js', 'coatcheck-mapper.js'],
    ]);
    for (const name of named) expect(() => parse(files[name]!, { ecmaVersion: 5 })).not.toThrow();
  });

  test('is the same from the same sources, is written by the command, and is small', async () => {
    const { bundleHooks } = (await import(BUNDLER)) as {
      bundleHooks(root: string, folder: string): Promise<void>;
    };
    const folder = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-jar-'));
    try {
      await bundleHooks(path.resolve(import.meta.dirname, '../..'), folder);
      const out = path.join(folder, 'written.jar');
      expect(await run(['idp', 'keycloak-jar', '--out', out], {})).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      });
      for (const made of [out, path.join(folder, 'keycloak-pii.jar')])
        expect(readFileSync(made).equals(readFileSync(JAR))).toBe(true);
      expect(readFileSync(JAR).length).toBeLessThan(20_000);
      expect(
        (await run(['idp', 'keycloak-jar', '--out', path.join(folder, 'no/where')], {})).stderr,
      ).toContain('ENOENT');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('leaves out the credentials that the vault leaves out', () => {
    const never = readFileSync(path.resolve(import.meta.dirname, '../../src/idp/never-ingested.ts'), 'utf8');
    expect(files['coatcheck-mapper.js']).toContain(/\/\^\(pass.*\$\/i/.exec(never)![0]);
  });
});

describe('a login at Keycloak', () => {
  test('moves the attributes into the vault, and the tokens that follow are of them', async () => {
    const moved = await script('authenticator', { user: ada });
    expect([moved.said, moved.done]).toEqual([[], { success: 1, failure: null }]);
    const [id] = moved.user.attributes.pii_object_id!;
    expect(moved.user.attributes).toEqual({ theme: ['dark'], password: ['hunter2'], pii_object_id: [id] });
    expect(moved.user.email).toBe('ada@example.com');
    expect(await stored(vault, id!)).toEqual({
      ...{ user_id: '45860945864', ssn: '123-12-1234', email: 'ada@example.com', email_verified: true },
      first_name: 'Ada',
    });
    expect(moved.requests).toEqual([{ connectTimeout: 500, timeout: 1_500 }]);

    const user = { ...ada, attributes: moved.user.attributes };
    const made = await script('mapper', { user });
    expect([made.said, made.user.attributes]).toEqual([[], user.attributes]);
    expect(await behind(vault, made.claim)).toMatchObject({ ssn: '123-12-1234', user_id: '45860945864' });
    // The same token of Keycloak's is mapped once more: the same token of the vault's.
    expect((await script('mapper', { user })).claim).toBe(made.claim);
    expect(vault.logged() + JSON.stringify(await entriesOf(vault))).not.toContain('hunter2');
  });

  test('a token before anything was moved has its claim; the next login removes what it stored', async () => {
    const user = { ...ada, id: 'k-2', attributes: { ssn: ['123-12-1234'] } };
    const made = await script('mapper', { user });
    expect(await behind(vault, made.claim)).toMatchObject({ ssn: '123-12-1234' });
    expect(made.user.attributes).toEqual(user.attributes);
    const before = await objectsNow(vault);
    const moved = await script('authenticator', { user });
    expect(moved.user.attributes).toEqual({ pii_object_id: [expect.any(String)] });
    expect(await objectsNow(vault)).toBe(before);
  });

  test('names go only where that is asked for; values of a social network fill what is missing', async () => {
    const user = { ...ada, id: 'k-3', attributes: { ssn: ['123-12-1234'] } };
    const named = await script('authenticator', { user, env: { COATCHECK_REMOVE_NAMES: 'true' } });
    expect(named.user.firstName).toBe(null);
    const [id] = named.user.attributes.pii_object_id!;
    const attributes = { ...named.user.attributes, ssn: ['123-12-9999'] };
    await script('authenticator', { user: { ...user, attributes }, notes: { identity_provider: 'google' } });
    expect(await stored(vault, id!)).toMatchObject({ ssn: '123-12-1234' });
    await script('authenticator', {
      user: { ...user, attributes },
      notes: { identity_provider: 'corp-saml' },
    });
    expect(await stored(vault, id!)).toMatchObject({ ssn: '123-12-9999' });
  });

  test('what cannot be moved is named and stays; a list of several values is none', async () => {
    const user = { ...ada, id: 'k-4', attributes: { ssn: ['123-12-1234', '123-12-9999'], passport: ['X1'] } };
    const { said, user: left } = await script('authenticator', { user });
    expect(said).toEqual(['coatcheck: unmapped_pii attributes.passport, quarantined attributes.ssn']);
    expect(left.attributes).toMatchObject(user.attributes);
  });

  test('a user whom Keycloak may not change is stored, and the exception is not said', async () => {
    const user = { ...ada, id: 'k-5', attributes: { ssn: ['123-12-1234'] } };
    const { said, done, user: left } = await script('authenticator', { user, readOnly: true });
    expect([said, done.success]).toEqual([['coatcheck: a login moved nothing: a fault'], 1]);
    expect(left.attributes).toEqual(user.attributes);
  });

  test("a token for one organization has that one's claim beside the user's; one for several has not", async () => {
    await addCollection(vault, 'user_orgs DATA ( badge STRING NULL )');
    const table = '[idp_hooks.keycloak.organizations]\ncollection = "user_orgs"\n';
    const iam = `${block('toml', auth0)}\n${block('toml')}`;
    const both = iam.replace('"users/properties/*"', '"users/properties/*", "user_orgs/properties/*"');
    await setIam(vault, `${both}\n${table}map = { "attributes.badge" = "badge" }`);
    const user = { id: 'k-o', attributes: { badge: ['B-1'] } };
    const made = async (organization: unknown, env = {}): Promise<Record<string, unknown>> =>
      (await script('mapper', { user, organization, env, jti: randomUUID() })).otherClaims;

    const { pii_org_token } = await made(['acme']);
    const tokens = `/data/collections/user_orgs/tokens?token_ids=${String(pii_org_token)}`;
    expect((await vault.send('GET', tokens)).body[0].fields).toEqual({ badge: 'B-1' });
    expect(Object.keys(await made({ acme: { id: 'x' } }, { COATCHECK_ORG_CLAIM: 'org' }))).toEqual(['org']);
    expect([await made(['acme', 'other']), await made([]), await made(undefined)]).toEqual([{}, {}, {}]);
    expect((await vault.send('GET', '/data/collections/user_orgs/count/objects')).body.active).toBe(1);
    await setIam(vault, iam);
  });

  test('whether the profile is complete is a claim beside the token', async () => {
    const iam = `${block('toml', auth0)}\n${block('toml')}`;
    const table = '[idp_hooks.keycloak.profile]\nrequired = ["ssn"]\nclaim = "profile_complete"';
    await setIam(vault, `${iam}\n${table}`);
    const user = { id: 'k-p', attributes: {} };
    expect((await script('mapper', { user, jti: randomUUID() })).otherClaims).toEqual({
      profile_complete: false,
    });
    const all = { ...user, attributes: { ssn: ['123-12-1234'] } };
    const made = await script('mapper', { user: all, jti: randomUUID() });
    expect([made.claim, made.otherClaims]).toEqual([expect.any(String), { profile_complete: true }]);
    await setIam(vault, iam);
  });

  test('nobody, and a service account, are passed by without a word', async () => {
    const nobody = await script('authenticator', { user: {} });
    expect([nobody.done.success, nobody.requests]).toEqual([1, []]);
    const account = await script('mapper', { user: { ...ada, serviceAccount: 'a-client' } });
    expect([account.claim, account.requests]).toEqual([null, []]);
  });
});

describe('a vault that is away, or settings that are wrong', () => {
  test('the login goes on and the token has no claim; with deny the login fails, a token never does', async () => {
    const env = { COATCHECK_URL: 'http://127.0.0.1:1' };
    const words = 'the vault was not reached';
    const on = await script('authenticator', { user: ada, env });
    expect([on.done, on.said]).toEqual([
      { success: 1, failure: null },
      [`coatcheck: a login moved nothing: ${words}`],
    ]);
    expect(on.user.attributes).toEqual(ada.attributes);
    const denied = await script('authenticator', { user: ada, env: { ...env, COATCHECK_ON_ERROR: 'deny' } });
    expect(denied.done).toEqual({ success: 0, failure: 'INTERNAL_ERROR' });
    const mapped = await script('mapper', { user: ada, env: { ...env, COATCHECK_ON_ERROR: 'deny' } });
    expect([mapped.claim, mapped.said]).toEqual([
      null,
      [`coatcheck: access token without a PII token: ${words}`],
    ]);
  });

  test('something else answers', async () => {
    const other = createServer((_, response) => response.end('{"write":{},"scrub":["attributes.ssn"]}'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const COATCHECK_URL = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { said, user } = await script('authenticator', { user: ada, env: { COATCHECK_URL } });
    other.close();
    expect(said).toEqual(['coatcheck: a login moved nothing: something else than the vault answered']);
    expect(user.attributes).toEqual(ada.attributes);
  });

  test.each([
    [{ COATCHECK_URL: 'http://vault.example' }, 'COATCHECK_URL is not an https URL'],
    [{ COATCHECK_API_KEY: '' }, 'COATCHECK_API_KEY is missing'],
    [{ COATCHECK_API_KEY_FILE: '/nowhere' }, 'COATCHECK_API_KEY_FILE cannot be read'],
    [{ COATCHECK_API_KEY: 'wrong' }, 'the vault answered 401'],
  ])('%j', async (env, words) => {
    const { said, done } = await script('authenticator', { user: ada, env });
    expect([said, done.success]).toEqual([[`coatcheck: a login moved nothing: ${words}`], 1]);
  });

  test('the key may stand in a file', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-key-'));
    const file = path.join(folder, 'key');
    writeFileSync(file, `${key}\n`);
    const env = { COATCHECK_API_KEY: '', COATCHECK_API_KEY_FILE: file };
    const { said } = await script('authenticator', { user: { ...ada, id: 'k-6', attributes: {} }, env });
    rmSync(folder, { recursive: true, force: true });
    expect(said).toEqual([]);
  });
});

describe('the adapter', () => {
  test.each([
    ['attributes.ssn', null],
    ['user.firstName', null],
    ['user.username', 'Keycloak has no such attribute.'],
    ['attributes.pii_object_id', 'This name holds the object id.'],
    ['attributes.', 'A source must be attributes.x or user.x.'],
    ['ssn', 'A source must be attributes.x or user.x.'],
  ])('a map that names %s: %s', (source, reason) => {
    expect(keycloak.refuseSource(source)).toBe(reason);
  });

  test.each([
    ['pii_token', null],
    ['realm_access', "This claim is Keycloak's own."],
  ])('a claim named %s: %s', (claim, reason) => {
    expect(keycloak.refuseClaim(claim)).toBe(reason);
  });

  test('a deletion says which user of which realm; what is missing is named', () => {
    const { read } = keycloak.events['user-deleted']!;
    expect(read({ realm: 'shop', user: { id: 'k-1' } })).toEqual({
      kind: 'erasure',
      issuer: 'shop',
      subject: 'k-1',
    });
    expect(() => read({ realm: 'shop' })).toThrow(
      expect.objectContaining({ context: { field: 'user', reason: 'It is missing.' } }),
    );
    expect(() => keycloak.events.login!.read({ realm: 'shop', user: { id: 'k', attributes: [] } })).toThrow(
      expect.objectContaining({ context: { field: 'user.attributes', reason: 'It must be an object.' } }),
    );
  });

  test('attributes under their usual names find their properties', () => {
    expect(keycloak.standardMap.get('attributes.phoneNumber')).toContain('phone');
    expect(keycloak.standardMap.get('attributes.birthdate')).toContain('birth_date');
    expect(keycloak.standardMap.get('user.lastName')).toContain('family_name');
  });
});

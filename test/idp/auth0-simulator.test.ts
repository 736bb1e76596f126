import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { selfSigned } from './certificate.js';
import { behind, entriesOf, objectsNow, stored, withHook } from '../operations/idp/support.js';
import { until } from '../support/until.js';
import { type TestVault, startVault } from '../support/vault.js';
import { collecting, loadAction } from './sandbox.js';
import { close, freePort, listening } from './servers.js';

/*
 * Whole logins at an emulator of Auth0: authorize, the login page's request, the callback, the code for tokens, a refresh. It runs rules and no Actions and keeps no metadata, so a rule of three lines asks the Action, as the build
 * made it, which runs in its sandbox here beside the metadata. It is 44 MB of packages, so it is no dependency of the project: where AUTH0_SIMULATOR names a folder in which `npm i @simulacrum/auth0-simulator@0.11` was run, this runs.
 */

const ROOT = process.env.AUTH0_SIMULATOR ?? '/nowhere';
const isThere = existsSync(path.join(ROOT, 'node_modules/@simulacrum/auth0-simulator'));
const CLIENT = '00000000000000000000000000000000';
const REDIRECT = 'https://client.example/cb';
const CLAIM = 'https://shop.example/pii_token';
const SSN = '612-58-3947';

interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
}

let vault: TestVault;
let hook: Server;
let simulator: ChildProcess;
let folder: string;
let issuer: string;
let secrets: Record<string, string>;
const metadata = new Map<string, Record<string, unknown>>();
const said: string[] = [];
const issued: string[] = [];

/** What Auth0 does around an Action: the event before, the metadata and the claims after. */
async function actFor(user_id: string): Promise<Record<string, unknown>> {
  const { api, done } = collecting();
  const loaded = loadAction();
  await loaded.action(
    {
      user: { user_id, app_metadata: metadata.get(user_id) ?? {}, user_metadata: {} },
      client: { client_id: CLIENT },
      connection: { name: 'db', strategy: 'auth0' },
      transaction: { id: randomUUID(), protocol: 'oidc-basic-profile' },
      tenant: { id: 'acme' },
      secrets,
    },
    api,
  );
  said.push(...loaded.said);
  const merged = { ...metadata.get(user_id), ...done.app };
  metadata.set(user_id, Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)));
  return done.claims;
}

(isThere ? beforeAll : () => undefined)(async () => {
  vault = await startVault();
  const keys = await withHook(vault);
  secrets = { COATCHECK_URL: vault.url, COATCHECK_API_KEY: keys.hook, COATCHECK_CLAIM: CLAIM };
  hook = createServer((request, response) => {
    void actFor(decodeURIComponent((request.url ?? '').slice(1))).then((claims) =>
      response.end(JSON.stringify(claims)),
    );
  });
  const address = await listening(hook);
  folder = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-simulator-'));
  certificateIn(path.join(folder, '.simulacrum/certs'));
  mkdirSync(path.join(folder, 'rules'));
  writeFileSync(
    path.join(folder, 'rules/action.json'),
    '{ "enabled": true, "order": 0, "stage": "login_success" }',
  );
  writeFileSync(
    path.join(folder, 'rules/action.js'),
    `(user, context, callback) => require('http').get('${address}/' + encodeURIComponent(user.user_id), (answer) => {
       let text = '';
       answer.on('data', (chunk) => (text += chunk)).on('end', () => callback(Object.assign(context.accessToken, JSON.parse(text))));
     })`,
  );
  // Said in its options it would have to be below 10000.
  const port = await freePort();
  issuer = `https://localhost:${port}`;
  const users = ['ada', 'ben'].map((name) => ({
    id: `auth0|${name}`,
    name,
    email: `${name}@example.com`,
    password: 'x',
  }));
  const options = {
    clientID: CLIENT,
    audience: 'https://api.example',
    scope: 'openid offline_access',
    rulesDirectory: 'rules',
  };
  const script = `require(${JSON.stringify(path.join(ROOT, 'node_modules/@simulacrum/auth0-simulator'))}).simulation(${JSON.stringify({ options, initialState: { users } })}).listen(${port})`;
  simulator = spawn(process.execPath, ['-e', script], { cwd: folder, env: { ...process.env, HOME: folder } });
  simulator.stdout!.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  await until('the simulator answers', async () =>
    request('GET', '/heartbeat').then(
      () => true,
      () => false,
    ),
  );
}, 60_000);
(isThere ? afterAll : () => undefined)(async () => {
  simulator.kill();
  await close(hook);
  await vault.close();
  rmSync(folder, { recursive: true, force: true });
});

function certificateIn(place: string): void {
  const { key, cert } = selfSigned('localhost');
  mkdirSync(place, { recursive: true });
  writeFileSync(path.join(place, 'localhost-key.pem'), key);
  writeFileSync(path.join(place, 'localhost.pem'), cert);
}

interface Reply {
  readonly status: number;
  readonly location: string;
  readonly cookies: string[];
  readonly text: string;
}

function request(
  method: string,
  place: string,
  body?: object,
  cookies: readonly string[] = [],
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', cookie: cookies.join('; ') };
    // The certificate is of a moment ago, and of this test.
    const sent = https.request(
      `${issuer}${place}`,
      { method, headers, rejectUnauthorized: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({
            ...{ status: answer.statusCode!, location: answer.headers.location ?? '' },
            cookies: (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]!),
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on('error', reject).end(body && JSON.stringify(body));
  });
}

async function tokens(form: object): Promise<Tokens> {
  const { status, text } = await request('POST', '/oauth/token', { client_id: CLIENT, ...form });
  expect([status, text]).toEqual([200, expect.any(String)]);
  const all = JSON.parse(text) as Tokens;
  issued.push(...Object.values(all).filter((value) => typeof value === 'string'));
  return all;
}

/** From the application's redirect to the tokens. */
async function login(name: string): Promise<Tokens> {
  const nonce = randomBytes(8).toString('hex');
  const asked = {
    client_id: CLIENT,
    redirect_uri: REDIRECT,
    scope: 'openid offline_access',
    state: 's',
    nonce,
  };
  const query = new URLSearchParams({ ...asked, response_type: 'code', audience: 'https://api.example' });
  const { cookies } = await request('GET', `/authorize?${query.toString()}`);
  const form = { ...asked, username: `${name}@example.com`, password: 'x' };
  const { text } = await request('POST', '/usernamepassword/login', form, cookies);
  expect(text).toContain('name="wctx"');
  const back = await request(
    'POST',
    '/login/callback',
    { wctx: JSON.stringify({ redirect_uri: REDIRECT, nonce }) },
    cookies,
  );
  const code = new URL(back.location).searchParams.get('code')!;
  return tokens({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
}

function claimOf({ access_token }: Tokens): string | undefined {
  const claims = JSON.parse(Buffer.from(access_token.split('.')[1]!, 'base64url').toString()) as Record<
    string,
    string
  >;
  return claims[CLAIM];
}

(isThere ? describe : describe.skip)('the simulator of Auth0', () => {
  test('the first login moves the metadata and has its claim at once; a second and a refresh have theirs', async () => {
    metadata.set('auth0|ada', { ssn: SSN, national_id: '45860945864', theme: 'dark' });
    const before = await objectsNow(vault);
    const first = await login('ada');
    const values = { ssn: SSN, user_id: '45860945864' };
    expect(await behind(vault, claimOf(first))).toEqual(values);
    const now = metadata.get('auth0|ada')!;
    expect(now).toEqual({ theme: 'dark', pii_object_id: expect.any(String) });
    expect(await stored(vault, String(now.pii_object_id))).toEqual(values);

    const second = await login('ada');
    expect(claimOf(second)).not.toBe(claimOf(first));
    expect(await behind(vault, claimOf(second))).toEqual(values);
    const refreshed = await tokens({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
    expect(await behind(vault, claimOf(refreshed))).toEqual(values);
    expect(await objectsNow(vault)).toBe(before + 1);
  });

  test('with the vault away a login has no claim, and the next one makes up for it', async () => {
    metadata.set('auth0|ben', { ssn: SSN });
    const known = secrets;
    secrets = { ...secrets, COATCHECK_URL: 'http://127.0.0.1:1' };
    expect(claimOf(await login('ben'))).toBeUndefined();
    expect(metadata.get('auth0|ben')).toEqual({ ssn: SSN });
    secrets = known;
    expect(await behind(vault, claimOf(await login('ben')))).toEqual({ ssn: SSN });
    expect(metadata.get('auth0|ben')).toEqual({ pii_object_id: expect.any(String) });
  });

  test('no seeded value is in a token, in metadata, in a line logged or in the access log', async () => {
    const parts = issued.flatMap((token) => [
      token,
      ...token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1')),
    ]);
    expect(issued.length).toBeGreaterThan(10);
    const kept = JSON.stringify([...metadata.values()]);
    const places = [...parts, kept, ...said, vault.logged(), JSON.stringify(await entriesOf(vault))];
    const shapes = [SSN, encodeURIComponent(SSN), Buffer.from(SSN).toString('base64').slice(0, -4)];
    for (const shape of shapes) expect(places.filter((place) => place.includes(shape))).toEqual([]);
  });
});

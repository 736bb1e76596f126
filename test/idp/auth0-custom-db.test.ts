import { type Server, createServer } from 'node:http';
import { type Keys, behind, loginOf, stored, withHook, LOGIN } from '../operations/idp/support.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';
import { loadScript } from './sandbox.js';
import { close, listening } from './servers.js';

const USERS: Record<string, { password: string; profile: object }> = {
  'ada@example.com': {
    password: 'correct horse',
    profile: {
      user_id: 17,
      email: 'ada@example.com',
      email_verified: true,
      name: 'Ada Example',
      ssn: '123-12-1234',
      national_id: '45860945864',
      birth_date: '31/12/1970',
      password_hash: '$2b$hash',
      theme: 'dark',
    },
  },
};

let vault: TestVault;
let keys: Keys;
let legacy: Server;
let configuration: Record<string, string>;

beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
  legacy = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { login, password } = JSON.parse(text) as { login: string; password?: string };
      const user = USERS[login];
      const known = user && (request.url === '/user' || user.password === password);
      if (request.headers.authorization !== 'Bearer legacy key') response.writeHead(500).end();
      else if (!known) response.writeHead(request.url === '/user' ? 404 : 401).end();
      else response.end(JSON.stringify(user.profile));
    });
  });
  const url = await listening(legacy);
  configuration = {
    COATCHECK_URL: vault.url,
    COATCHECK_API_KEY: keys.hook,
    AUTH0_TENANT: 'acme',
    LEGACY_LOGIN_URL: `${url}/login`,
    LEGACY_GET_USER_URL: `${url}/user`,
    LEGACY_API_KEY: 'legacy key',
  };
});
afterAll(async () => {
  await close(legacy);
  await vault.close();
});

/** What the script calls back with; fails where it calls back twice. */
async function called(
  name: 'login' | 'get-user',
  args: unknown[],
  more: Record<string, string> = {},
): Promise<[Error | null, Answer['body']]> {
  const calls: [Error | null, unknown][] = [];
  const script = loadScript(name, { ...configuration, ...more });
  await new Promise<void>((resolve) => {
    script(...args, (error: Error | null, profile: unknown) => {
      calls.push([error, profile]);
      resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls).toHaveLength(1);
  return JSON.parse(
    JSON.stringify([
      calls[0]![0] && { name: calls[0]![0].name, message: calls[0]![0].message },
      calls[0]![1] ?? null,
    ]),
  ) as [Error | null, unknown];
}

const MOVED = {
  user_id: '17',
  email: 'ada@example.com',
  email_verified: true,
  // No property takes it, so it is not lost.
  name: 'Ada Example',
  app_metadata: { pii_object_id: expect.any(String), birth_date: '31/12/1970', theme: 'dark' },
};

test('login: the right password moves the data into the vault, and Auth0 gets what logging in takes', async () => {
  const [error, profile] = await called('login', ['ada@example.com', 'correct horse']);
  expect([error, profile]).toEqual([null, MOVED]);
  expect(await stored(vault, profile.app_metadata.pii_object_id)).toEqual({
    user_id: '45860945864',
    ssn: '123-12-1234',
    email: 'ada@example.com',
    email_verified: true,
  });
});

test('the post-login Action then finds the same object under the id that Auth0 gave the user', async () => {
  const [, profile] = await called('login', ['ada@example.com', 'correct horse']);
  const event = loginOf('17', profile.app_metadata);
  const { body } = await vault.send('POST', LOGIN, { json: event, key: keys.hook });
  expect(body.write).toEqual({});
  expect(await behind(vault, body.token)).toMatchObject({ ssn: '123-12-1234' });
});

test('login: a wrong password is a wrong password, and nothing is asked of the vault', async () => {
  const [error, profile] = await called('login', ['ada@example.com', 'wrong']);
  expect(error).toEqual({ name: 'WrongUsernameOrPasswordError', message: 'Wrong username or password.' });
  expect(profile).toBeNull();
});

test('get-user: a user is found with the data moved, and one that is not there is null', async () => {
  expect(await called('get-user', ['ada@example.com'])).toEqual([null, MOVED]);
  expect(await called('get-user', ['nobody@example.com'])).toEqual([null, null]);
});

test('with the vault away the profile comes as it is, for the Action to move later; credentials never', async () => {
  const [error, profile] = await called('login', ['ada@example.com', 'correct horse'], {
    COATCHECK_URL: 'http://127.0.0.1:1',
  });
  expect(error).toBeNull();
  expect(profile.app_metadata).toEqual({
    ssn: '123-12-1234',
    national_id: '45860945864',
    birth_date: '31/12/1970',
    theme: 'dark',
  });
});

test('or the login is refused, where the operator wants that', async () => {
  const away = { COATCHECK_URL: 'http://127.0.0.1:1', COATCHECK_ON_ERROR: 'deny' };
  expect((await called('login', ['ada@example.com', 'correct horse'], away))[0]).toEqual({
    name: 'Error',
    message: 'pii_vault_unavailable',
  });
});

test('a legacy service that fails is an error that quotes nothing', async () => {
  const broken = { LEGACY_API_KEY: 'wrong' };
  expect((await called('login', ['ada@example.com', 'correct horse'], broken))[0]).toEqual({
    name: 'Error',
    message: 'legacy_unavailable',
  });
  expect((await called('get-user', ['ada@example.com'], { LEGACY_GET_USER_URL: '' }))[0]?.message).toBe(
    'legacy_url_missing',
  );
});

/* eslint no-console: off -- an Action writes to the tenant's log with console.log, which is caught here */
import { type AddressInfo } from 'node:net';
import { type Server, createServer } from 'node:http';
import { onExecutePostLogin } from '../../src/demo/auth0-post-login-action.js';
import type { PostLoginApi } from '../../src/demo/auth0-types.js';
import { ROLES } from '../../src/demo/roles.js';
import { keyOf, setIam } from '../support/iam.js';
import { type TestVault, startVault } from '../support/vault.js';

const TOKEN_CLAIM = 'https://shop.example/pii_token';

let vault: TestVault;
let key: string;
const { log } = console;
const servers: Server[] = [];
/** What the Action wrote to the tenant's log. */
const said: unknown[][] = [];

beforeAll(async () => {
  vault = await startVault();
  await vault.send('POST', '/ctl/collections', {
    raw: 'users PERSONS ( user_id STRING UNIQUE, ssn SSN NULL )',
    type: 'application/pvschema',
  });
  await setIam(vault, ROLES);
  key = await keyOf(vault, 'auth0');
});
afterAll(() => vault.close());
beforeEach(() => {
  said.length = 0;
  console.log = (...line: unknown[]) => void said.push(line);
});
afterEach(async () => {
  console.log = log;
  await Promise.all(servers.splice(0).map(close));
});

/** What an Action did at a login. */
interface Done {
  metadata: Record<string, unknown>;
  claims: Record<string, unknown>;
  denials: string[];
}

/** Runs the Action once for this metadata. */
async function act(user: string, app_metadata: object, url = vault.url, apiKey = key): Promise<Done> {
  const done: Done = { metadata: {}, claims: {}, denials: [] };
  const api: PostLoginApi = {
    user: { setAppMetadata: (name, value) => void (done.metadata[name] = value) },
    accessToken: { setCustomClaim: (name, value) => void (done.claims[name] = value) },
    access: { deny: (reason) => void done.denials.push(reason) },
  };
  const event = {
    user: { user_id: `auth0|${user}`, app_metadata: app_metadata as Record<string, unknown> },
    client: { client_id: 'shop-web', name: 'Shop' },
    secrets: { VAULT_URL: url, VAULT_API_KEY: apiKey, CLAIM_NAMESPACE: 'https://shop.example' },
  };
  await onExecutePostLogin(event, api);
  return done;
}

/** What the vault holds under a token. */
async function behind(token: unknown): Promise<unknown> {
  const path = `/data/collections/users/tokens?token_ids=${String(token)}`;
  return (await vault.send('GET', path)).body[0]?.fields;
}

async function objectsNow(): Promise<number> {
  return (await vault.send('GET', '/data/collections/users/count/objects')).body.active;
}

/** Nothing was done, nobody was refused, and what was logged quotes nothing. */
function expectUntouched(done: Done): void {
  expect(done).toEqual({ metadata: {}, claims: {}, denials: [] });
  const text = JSON.stringify(said);
  for (const secret of ['123-12', '12312', key, 'https://shop']) expect(text).not.toContain(secret);
}

test('the first login stores the PII, scrubs it, links the object and sets the claim at once', async () => {
  const done = await act('first', { national_id: '1001', ssn: '123-12-1234', theme: 'dark' });
  expect(done.metadata).toEqual({ pii_object_id: expect.any(String), national_id: null, ssn: null });
  expect(Object.keys(done.claims)).toEqual([TOKEN_CLAIM]);
  expect(await behind(done.claims[TOKEN_CLAIM])).toEqual({ user_id: '1001', ssn: '123-12-1234' });
  expect(said).toEqual([]);
});

test('the second login makes a token and no object, and writes no metadata', async () => {
  const first = await act('second', { national_id: '1002', ssn: '123-12-1234' });
  const before = await objectsNow();
  const second = await act('second', { pii_object_id: first.metadata.pii_object_id });
  expect(second.metadata).toEqual({});
  expect(second.claims[TOKEN_CLAIM]).not.toBe(first.claims[TOKEN_CLAIM]);
  expect(await behind(second.claims[TOKEN_CLAIM])).toEqual({ user_id: '1002', ssn: '123-12-1234' });
  expect(await objectsNow()).toBe(before);
});

test('first logins at the same time make one object', async () => {
  const before = await objectsNow();
  const metadata = { national_id: '1003', ssn: '123-12-1234' };
  const all = await Promise.all(Array.from({ length: 4 }, () => act('parallel', metadata)));
  expect(new Set(all.map((done) => done.metadata.pii_object_id)).size).toBe(1);
  expect(new Set(all.map((done) => done.claims[TOKEN_CLAIM])).size).toBe(4);
  expect(await objectsNow()).toBe(before + 1);
});

test('absent and empty values are not sent', async () => {
  for (const [user, ssn] of [
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
  ] as const) {
    const done = await act(user, { national_id: `none-${user}`, ssn });
    expect(done.metadata).toEqual({ pii_object_id: expect.any(String), national_id: null });
    expect(await behind(done.claims[TOKEN_CLAIM])).toEqual({ user_id: `none-${user}` });
  }
});

test('PII that comes back into the metadata goes into the same object', async () => {
  const first = await act('refilled', { national_id: '1004', ssn: '123-12-1234' });
  const link = first.metadata.pii_object_id;
  const again = await act('refilled', { pii_object_id: link, ssn: '123-12-9999' });
  expect(again.metadata).toEqual({ pii_object_id: link, ssn: null });
  expect(await behind(again.claims[TOKEN_CLAIM])).toEqual({ user_id: '1004', ssn: '123-12-9999' });
});

test('a user without PII logs in without a token', async () => {
  expectUntouched(await act('nobody', { theme: 'dark' }));
  expect(said).toEqual([]);
});

test("the token expires soon after Auth0's access token", async () => {
  const done = await act('expiring', { national_id: '1005' });
  const path = `/data/collections/users/tokens?token_ids=${String(done.claims[TOKEN_CLAIM])}&options=include_metadata`;
  const { metadata } = (await vault.send('GET', path)).body[0];
  const [token] = metadata.tokens ?? [metadata];
  const seconds = (Date.parse(token.expiration_time) - Date.now()) / 1000;
  expect(seconds).toBeGreaterThan(86_400);
  expect(seconds).toBeLessThanOrEqual(86_460);
});

test("the Action's own key cannot read what it stores", async () => {
  const done = await act('closed', { national_id: '1006', ssn: '123-12-1234' });
  const id = String(done.metadata.pii_object_id);
  const reads = [
    `/data/collections/users/objects/${id}?options=unsafe`,
    `/data/collections/users/tokens?token_ids=${String(done.claims[TOKEN_CLAIM])}`,
  ];
  for (const path of reads) expect((await vault.send('GET', path, { key })).status).toBe(403);
});

describe('a login never breaks, and the PII stays where it is until the next one', () => {
  const metadata = { national_id: '1007', ssn: '123-12-1234' };

  test('where nothing listens', async () => {
    expectUntouched(await act('down', metadata, 'http://127.0.0.1:1'));
    expect(said).toHaveLength(1);
  });

  test('where the vault does not answer in time', async () => {
    const silent = await listening(createServer(() => undefined));
    expectUntouched(await act('slow', metadata, silent));
    expect(said).toEqual([['login without a PII token: TimeoutError']]);
  });

  test('where something else answers', async () => {
    const other = await listening(createServer((_request, response) => response.end('<p>123-12-1234</p>')));
    expectUntouched(await act('other', metadata, other));
  });

  test('with a key that is not valid', async () => {
    expectUntouched(await act('key', metadata, vault.url, 'pv_live_nothing'));
    expect(said).toEqual([['login without a PII token: the vault answered 401']]);
  });

  test('with a value the vault refuses', async () => {
    expectUntouched(await act('bad', { national_id: '1008', ssn: '123-12' }));
    expect(said).toEqual([['login without a PII token: the vault answered 400']]);
  });

  test('when the vault goes away between storing and tokenizing, the object is linked all the same', async () => {
    const half = await listening(
      createServer((request, response) => {
        response.statusCode = request.url!.includes('/tokens') ? 503 : 200;
        response.end('{"id":"7f2c1c3e-0000-4000-8000-000000000000"}');
      }),
    );
    const done = await act('half', metadata, half);
    expect(done.metadata).toEqual({
      pii_object_id: '7f2c1c3e-0000-4000-8000-000000000000',
      national_id: null,
      ssn: null,
    });
    expect([done.claims, done.denials]).toEqual([{}, []]);
  });

  test('and with an object that is gone', async () => {
    expectUntouched(await act('gone', { pii_object_id: '7f2c1c3e-0000-4000-8000-000000000000' }));
    expect(said).toEqual([['login without a PII token: the vault answered 404']]);
  });
});

/** Where a server listens that goes away with the test. */
async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

import { randomUUID } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { PostLoginAction, PostLoginEvent } from '../../src/idp/bundles/auth0-types.js';
import { setIam } from '../support/iam.js';
import { keyOf } from '../support/iam.js';
import { type TestVault, startVault } from '../support/vault.js';
import { type Keys, behind, iam, objectsNow, stored, withHook } from '../operations/idp/support.js';
import { type Done, bundle, collecting, loadAction } from './sandbox.js';
import { close, listening } from './servers.js';

const CLAIM = 'https://shop.example/pii_token';
const DIRECT = `
[users.direct]
role = "direct"
[roles.direct]
capabilities = ["CapObjectsCreator", "CapObjectsUpdater", "CapTokensWriter", "CapCollectionsReader"]
policies = ["store"]
`;

let vault: TestVault;
let keys: Keys;
let directKey: string;
const servers: Server[] = [];

beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
  await setIam(vault, iam('map = { "app_metadata.national_id" = "user_id" }') + DIRECT);
  directKey = await keyOf(vault, 'direct');
});
afterAll(() => vault.close());
afterEach(() => Promise.all(servers.splice(0).map(close)));

type Secrets = Record<string, string | undefined>;
const delegated = (): Secrets => ({
  COATCHECK_URL: vault.url,
  COATCHECK_API_KEY: keys.hook,
  COATCHECK_CLAIM: CLAIM,
});
const direct = (): Secrets => ({
  COATCHECK_URL: vault.url,
  COATCHECK_API_KEY: directKey,
  COATCHECK_CLAIM: CLAIM,
  COATCHECK_MODE: 'direct',
  COATCHECK_LINK_SECRET: 'a secret of the tenant',
});

/** One login in an Action that has just been loaded, unless it is given. */
async function act(
  user: string,
  app_metadata: Record<string, unknown>,
  {
    secrets = delegated(),
    loaded = loadAction(),
    ...more
  }: Partial<PostLoginEvent> & { secrets?: Secrets; loaded?: ReturnType<typeof loadAction> } = {},
): Promise<Done & { said: string[] }> {
  const { api, done } = collecting();
  const event: PostLoginEvent = {
    user: { user_id: `auth0|${user}`, app_metadata, user_metadata: {} },
    client: { client_id: 'web' },
    connection: { name: 'db', strategy: 'auth0' },
    transaction: { id: randomUUID(), protocol: 'oidc-basic-profile' },
    tenant: { id: 'acme' },
    secrets,
    ...more,
  };
  const action: PostLoginAction = loaded.action;
  await action(event, api);
  return { ...done, said: loaded.said };
}

const UNTOUCHED = { app: {}, user: {}, claims: {}, denials: [] };

describe('the file', () => {
  test.each(['auth0-post-login.cjs', 'auth0-custom-db-login.js', 'auth0-custom-db-get-user.js'])(
    '%s is at most 100 kB, needs nothing but node:crypto and holds no key',
    (name) => {
      const text = bundle(name);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(100_000);
      const needed = [...text.matchAll(/require\(["']([^"']+)["']\)/g)].map(([, module]) => module);
      expect([...new Set(needed)]).toEqual(['node:crypto']);
      expect(text).not.toMatch(/^\s*(import|export)\s/m);
      expect(text).not.toMatch(/pv_live_|process\.env|eval\(|new Function/);
    },
  );
});

describe.each([
  ['delegated', delegated],
  ['direct', direct],
])('%s', (mode, secretsOf) => {
  const at = (secrets: Secrets = {}): { secrets: Secrets } => ({ secrets: { ...secretsOf(), ...secrets } });
  const name = (user: string): string => `${mode} ${user}`;
  const idOf = (user: string): string => `${mode}-${user}`;

  test('the first login stores, scrubs, links and sets the claim at once', async () => {
    const done = await act(name('first'), { user_id: 'x', ssn: '123-12-1234', theme: 'dark' }, at());
    expect(done.app).toEqual({ pii_object_id: expect.any(String), ssn: null });
    expect(Object.keys(done.claims)).toEqual([CLAIM]);
    expect(await behind(vault, done.claims[CLAIM])).toEqual({ ssn: '123-12-1234' });
    expect([done.denials, done.said]).toEqual([[], []]);
  });

  test('a later login makes a token, writes no metadata and no object', async () => {
    const first = await act(name('later'), { ssn: '123-12-1234' }, at());
    const before = await objectsNow(vault);
    const second = await act(name('later'), { pii_object_id: first.app.pii_object_id }, at());
    expect([second.app, second.user]).toEqual([{}, {}]);
    expect(second.claims[CLAIM]).not.toBe(first.claims[CLAIM]);
    expect(await behind(vault, second.claims[CLAIM])).toEqual({ ssn: '123-12-1234' });
    expect(await objectsNow(vault)).toBe(before);
  });

  test('first logins at the same time make one object', async () => {
    const before = await objectsNow(vault);
    const all = await Promise.all([1, 2, 3].map(() => act(name('parallel'), { ssn: '123-12-1234' }, at())));
    expect(new Set(all.map((done) => done.app.pii_object_id)).size).toBe(1);
    for (const { claims } of all) expect(await behind(vault, claims[CLAIM])).toEqual({ ssn: '123-12-1234' });
    expect(await objectsNow(vault)).toBe(before + 1);
  });

  test('what comes back is merged, and absence clears nothing; user_metadata is scrubbed where it stands', async () => {
    const first = await act(name('refilled'), { ssn: '123-12-1234' }, at());
    const { pii_object_id } = first.app;
    const user = {
      user_id: `auth0|${name('refilled')}`,
      app_metadata: { pii_object_id },
      user_metadata: { phone: '+1 202 555 0187' },
    };
    const again = await act('', {}, { ...at(), user });
    expect([again.app, again.user]).toEqual([{}, { phone: null }]);
    expect(await stored(vault, String(pii_object_id))).toEqual({ ssn: '123-12-1234', phone: '+12025550187' });
  });

  test('a value that the vault refuses stays where it is, and the login goes on with the rest', async () => {
    const done = await act(name('misfit'), { ssn: '12', phone: '+12025550187' }, at());
    expect(done.app).toEqual({ pii_object_id: expect.any(String), phone: null });
    expect(await behind(vault, done.claims[CLAIM])).toEqual({ phone: '+12025550187' });
    expect(JSON.stringify(done.said)).not.toContain('"12"');
  });

  test('the object id is the same wherever the link was lost, and another for each user and tenant', async () => {
    const ids = new Set<unknown>();
    for (let i = 0; i < 2; i++)
      ids.add((await act(name('lost'), { ssn: '123-12-1234' }, at())).app.pii_object_id);
    expect(ids.size).toBe(1);
    ids.add((await act(name('lost too'), { ssn: '123-12-1234' }, at())).app.pii_object_id);
    expect(ids.size).toBe(2);
  });

  test('an object that is gone: the link goes, no claim, no error, and nothing is made again', async () => {
    const first = await act(name('gone'), { ssn: '123-12-1234' }, at());
    await vault.send('DELETE', `/data/collections/users/objects/${String(first.app.pii_object_id)}`);
    const before = await objectsNow(vault);
    const again = await act(name('gone'), { pii_object_id: first.app.pii_object_id }, at());
    expect([again.app, again.claims, again.denials]).toEqual([{ pii_object_id: null }, {}, []]);
    expect(await objectsNow(vault)).toBe(before);
  });

  describe('a login never breaks, and the data stays where it is until the next one', () => {
    const metadata = { ssn: '123-12-1234', user_metadata: {} };
    const untouched = (done: Done & { said: string[] }): void => {
      const { said, ...rest } = done;
      expect(rest).toEqual(UNTOUCHED);
      expect(said).toHaveLength(1);
      for (const secret of ['123-12', keys.hook, directKey, '127.0.0.1'])
        expect(said[0]).not.toContain(secret);
      expect(said[0]!.length).toBeLessThanOrEqual(256);
    };

    test('where nothing listens', async () => {
      untouched(await act(idOf('down'), metadata, at({ COATCHECK_URL: 'http://127.0.0.1:1' })));
    });

    test('where the vault does not answer in time', async () => {
      const silent = await started(createServer(() => undefined));
      const began = Date.now();
      untouched(await act(idOf('slow'), metadata, at({ COATCHECK_URL: silent })));
      // The hook gives up after 1.5 seconds; the provider would after twenty.
      expect(Date.now() - began).toBeLessThan(10_000);
    });

    test.each([
      ['garbage', '<p>123-12-1234</p>'],
      ['another JSON', '{"write":{"x":7},"scrub":"all","warnings":[]}'],
      ['nothing', ''],
      [
        'a profile that is none',
        '{"write":{},"scrub":[],"warnings":[],"profile":{"claim":"https://shop.example/c","complete":"true"}}',
      ],
      [
        'a profile without a claim',
        '{"write":{},"scrub":[],"warnings":[],"profile":{"claim":"","complete":true}}',
      ],
    ])('where %s is answered', async (_, text) => {
      const other = await started(createServer((_request, response) => response.end(text)));
      untouched(await act(idOf('garbage'), metadata, at({ COATCHECK_URL: other })));
    });

    test('where it is redirected, and the key does not go along', async () => {
      let asked = 0;
      const thief = await started(
        createServer((_request, response) => {
          asked++;
          response.end('{}');
        }),
      );
      const other = await started(
        createServer((_request, response) => response.writeHead(307, { location: `${thief}/x` }).end()),
      );
      untouched(await act(idOf('redirect'), metadata, at({ COATCHECK_URL: other })));
      expect(asked).toBe(0);
    });

    test('and whatever is wrong, a refresh is not refused, though the operator wants logins to be', async () => {
      const refresh = { id: randomUUID(), protocol: 'oauth2-refresh-token' };
      const teapot = await started(
        createServer((_request, response) => response.writeHead(418).end('{"error_code":"PV1005"}')),
      );
      const wrong = [
        { COATCHECK_URL: 'http://127.0.0.1:1' },
        { COATCHECK_URL: teapot },
        { COATCHECK_URL: 'http://vault.example' },
        { COATCHECK_URL: undefined },
        { COATCHECK_API_KEY: 'pv_live_nothing' },
        { COATCHECK_MODE: 'neither' },
      ];
      for (const secrets of wrong) {
        const closed = at({ COATCHECK_ON_ERROR: 'deny', ...secrets });
        const done = await act(idOf('wrong'), metadata, { ...closed, transaction: refresh });
        untouched(done);
        expect((await act(idOf('wrong'), metadata, closed)).denials).toEqual(['pii_vault_unavailable']);
      }
    });

    test.each([
      ['a key that is not valid', { COATCHECK_API_KEY: 'pv_live_nothing' }],
      ['a setting that is missing', { COATCHECK_URL: undefined }],
      ['an address without TLS', { COATCHECK_URL: 'http://vault.example' }],
    ])('with %s', async (_, secrets) => {
      untouched(await act(idOf('misconfigured'), metadata, at(secrets)));
    });

    test('unless the operator wants it to; a refresh goes on even then', async () => {
      const closed = at({ COATCHECK_URL: 'http://127.0.0.1:1', COATCHECK_ON_ERROR: 'deny' });
      expect((await act(idOf('closed'), metadata, closed)).denials).toEqual(['pii_vault_unavailable']);
      const refresh = { id: randomUUID(), protocol: 'oauth2-refresh-token' };
      expect((await act(idOf('closed'), metadata, { ...closed, transaction: refresh })).denials).toEqual([]);
    });

    test('and once the vault has been down five times, a login does not even ask', async () => {
      let asked = 0;
      const dead = await started(
        createServer((request, response) => {
          asked++;
          request.resume();
          response.writeHead(500).end();
        }),
      );
      const loaded = loadAction();
      const login = (): Promise<unknown> =>
        act(idOf('breaker'), metadata, { ...at({ COATCHECK_URL: dead }), loaded });
      for (let i = 0; i < 5; i++) await login();
      expect(asked).toBe(5);
      for (let i = 0; i < 20; i++) await login();
      expect(asked).toBe(5);
      expect(loaded.said.at(-1)).toBe(
        'coatcheck: login without a PII token: the vault was not asked, it has been down',
      );
    });
  });
});

test('whether the profile is complete is a claim of its own, with a token and without; direct mode knows nothing of it', async () => {
  const complete = 'https://shop.example/profile_complete';
  const profile = `profile = { required = ["ssn"], claim = "${complete}" }`;
  await setIam(vault, iam(profile) + DIRECT);
  expect((await act('profile', {})).claims).toEqual({ [complete]: false });
  const { claims } = await act('profile', { ssn: '123-12-1234' });
  expect(claims).toEqual({ [CLAIM]: expect.any(String), [complete]: true });
  const secrets = { ...delegated(), COATCHECK_CLAIM: complete };
  expect((await act('profile', {}, { secrets })).claims).toEqual({ [complete]: expect.any(String) });
  expect((await act('nobody yet', {}, { secrets })).claims).toEqual({});
  const without = await act('profile', { ssn: '123-12-1234' }, { secrets: direct() });
  expect(Object.keys(without.claims)).toEqual([CLAIM]);
  await setIam(vault, iam('map = { "app_metadata.national_id" = "user_id" }') + DIRECT);
});

test('in direct mode the object is linked even when the vault goes away before the token', async () => {
  const half = await started(
    createServer((request, response) => {
      request.resume();
      response.statusCode = request.url!.includes('/tokens') ? 500 : 200;
      response.end(
        request.method === 'GET' ? '{"properties":[{"name":"ssn","data_type_name":"SSN"}]}' : '{"id":"x"}',
      );
    }),
  );
  const done = await act('half', { ssn: '123-12-1234' }, { secrets: { ...direct(), COATCHECK_URL: half } });
  expect([done.app, done.claims, done.denials]).toEqual([
    { pii_object_id: expect.any(String), ssn: null },
    {},
    [],
  ]);
});

test('delegated mode costs one request; what is sent holds no credentials and nothing of the request', async () => {
  const requests: string[] = [];
  const listener = await started(
    createServer((request, response) => {
      let text = `${request.method} ${request.url} `;
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        requests.push(text);
        response.end('{"write":{},"scrub":[],"warnings":[]}');
      });
    }),
  );
  const user = {
    user_id: 'auth0|sent',
    app_metadata: { ssn: '1', password: 'hunter2', access_token: 'hunter2' },
    user_metadata: { otp: 'hunter2' },
    identities: [
      { provider: 'auth0', user_id: 'sent', isSocial: false },
      { provider: 'google-oauth2', user_id: '7', access_token: 'hunter2', profileData: { email: 'hunter2' } },
      null,
    ],
    last_ip: 'hunter2',
  };
  await act('', {}, { user, secrets: { ...delegated(), COATCHECK_URL: listener } });
  expect(requests).toHaveLength(1);
  expect(requests[0]).toContain('POST /api/coatcheck/1.0/idp/auth0/post-login?reason=AppFunctionality');
  expect(requests[0]).not.toContain('hunter2');
  const linked = '{"provider":"auth0","user_id":"sent"},{"provider":"google-oauth2","user_id":"7"},{}';
  expect(requests[0]).toContain(`"identities":[${linked}]`);
});

test('an answer that names what the event did not show removes nothing, and writes nothing but the link', async () => {
  const liar = await started(
    createServer((_request, response) =>
      response.end(
        '{"write":{"roles":"admin"},"scrub":["app_metadata.roles","user_metadata.x","profile.email","nonsense"],"warnings":[]}',
      ),
    ),
  );
  const done = await act('liar', { ssn: '1' }, { secrets: { ...delegated(), COATCHECK_URL: liar } });
  expect([done.app, done.user]).toEqual([{}, {}]);
});

/** Where a server listens that goes away with the test. */
async function started(server: Server): Promise<string> {
  servers.push(server);
  return listening(server);
}

import { newApiKey } from '../../src/crypto/index.js';
import type { Call } from '../../src/operations/call.js';
import { changeApiKeyExpiry, replaceApiKey } from '../../src/store/iam.js';
import {
  ADMIN_KEY,
  type TestServer,
  type TestVault,
  answering,
  bearer,
  errorOf,
  openTestVault,
  startServer,
} from './support.js';

let shared: TestVault;
let t: TestServer;
const calls: Call[] = [];

beforeAll(async () => {
  shared = await openTestVault();
});
afterAll(() => shared.close());

const start = (on?: TestVault): Promise<TestServer> => {
  calls.length = 0;
  return startServer(
    {
      // So that each case can come from an address of its own.
      trustedProxies: 1,
      operations: {
        ...answering('listObjects', {}, calls),
        ...answering('getVaultVersion', {}, calls),
        ...answering('controlHealth', { status: 'pass' }, calls),
      },
    },
    on,
  );
};

// A new server remembers no wrong keys.
beforeEach(async () => {
  t = await start(shared);
});
afterEach(() => t.close());

const OBJECTS = '/data/collections/users/objects';
const UNAUTHORIZED = { status: 401, error_code: 'PV1005', context: {} };
const NO_BEARER = {
  ...UNAUTHORIZED,
  context: { field: 'Authorization', reason: 'It must be Bearer, a space and an API key or JWT.' },
};

const as = (key: string, from = '192.0.2.1'): RequestInit => ({
  headers: { ...bearer(key), 'x-forwarded-for': from },
});

test('the Admin is known by the key alone and holds everything', async () => {
  expect((await t.request(OBJECTS)).status).toBe(200);
  expect(calls[0]!.principal).toMatchObject({
    user: 'Admin',
    role: 'Admin',
    keyId: null,
    caller: { kind: 'admin', mayReadData: true },
  });
  expect(calls[0]!.principal.capabilities.has('CapSystem')).toBe(true);
});

test('a client is known by its key and has the role and capabilities of its user', async () => {
  expect((await t.request(OBJECTS, as(t.keys.reader!))).status).toBe(200);
  expect(calls[0]!.principal).toMatchObject({
    user: 'reader',
    role: 'reader',
    keyId: t.keys.reader!.slice(8, 20),
    caller: { kind: 'role', role: 'reader' },
  });
  expect([...calls[0]!.principal.capabilities]).toContain('CapObjectsReader');
});

test.each(['bearer', 'BEARER', 'Bearer  '])('the scheme may be written %j', async (scheme) => {
  const response = await t.request(OBJECTS, { headers: { authorization: `${scheme} ${ADMIN_KEY}` } });
  expect(response.status).toBe(200);
});

test.each([
  ['no scheme', ADMIN_KEY],
  ['another scheme', `Basic ${Buffer.from(`Admin:${ADMIN_KEY}`).toString('base64')}`],
  ['an empty key', 'Bearer '],
  ['two keys', `Bearer ${ADMIN_KEY} ${ADMIN_KEY}`],
])('%s: 401 PV1005, which says how the header must read', async (_, authorization) => {
  const response = await t.request(OBJECTS, { headers: { authorization } });
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await errorOf(response)).toEqual(NO_BEARER);
  expect(calls).toEqual([]);
});

test.each([
  ['the key with something behind it', `Bearer ${ADMIN_KEY}x`],
  ['the beginning of the key', `Bearer ${ADMIN_KEY.slice(0, -1)}`],
  ['the key in capitals', `Bearer ${ADMIN_KEY.toUpperCase()}`],
  ['a JWT that nobody signed', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJBZG1pbiJ9.'],
])('%s: 401 PV1005 with WWW-Authenticate', async (_, authorization) => {
  const response = await t.request(OBJECTS, { headers: { authorization } });
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await errorOf(response)).toEqual(UNAUTHORIZED);
  expect(calls).toEqual([]);
});

test('no key: 401 PV1005, the same', async () => {
  expect(await errorOf(await fetch(`${t.url}/api/pvlt/1.0${OBJECTS}`))).toEqual(NO_BEARER);
});

test('a key with a wrong checksum is refused', async () => {
  const key = t.keys.reader!;
  const mistyped = key.slice(0, 30) + (key[30] === 'A' ? 'B' : 'A') + key.slice(31);
  expect(await errorOf(await t.request(OBJECTS, as(mistyped)))).toEqual(UNAUTHORIZED);
});

test('a key that is well-formed but was never issued is refused', async () => {
  expect(await errorOf(await t.request(OBJECTS, as(newApiKey().key)))).toEqual(UNAUTHORIZED);
});

test('an expired key is refused', async () => {
  expect(await errorOf(await t.request(OBJECTS, as(t.keys.expired!)))).toEqual(UNAUTHORIZED);
});

test('the key of a disabled user is refused as PV1011', async () => {
  const response = await t.request(OBJECTS, as(t.keys.disabled!));
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await errorOf(response)).toEqual({ status: 401, error_code: 'PV1011', context: {} });
});

test('a role that is reached by delegation only is not reached by an API key', async () => {
  expect(await errorOf(await t.request(OBJECTS, as(t.keys.delegate!)))).toEqual(UNAUTHORIZED);
});

describe('keys that change', () => {
  beforeEach(async () => {
    await t.close();
    t = await start();
  });

  test("another secret under a client's public id is refused", async () => {
    const { key, publicId } = newApiKey();
    await replaceApiKey(
      t.vault.database,
      t.vault.keyring,
      { user: 'reader', publicId, hash: Buffer.alloc(32), lookupVersion: 1, expiresAt: null },
      new Date(),
    );
    t.vault.metadata.invalidate();
    expect(await errorOf(await t.request(OBJECTS, as(key)))).toEqual(UNAUTHORIZED);
  });

  test('the key of a user whom the IAM configuration does not know is refused', async () => {
    const { key, publicId } = newApiKey();
    const { lookup } = t.vault.keyring;
    const stored = {
      user: 'ghost',
      publicId,
      hash: lookup.apiKeyHash(key),
      lookupVersion: 1,
      expiresAt: null,
    };
    await replaceApiKey(t.vault.database, t.vault.keyring, stored, new Date());
    t.vault.metadata.invalidate();
    expect(await errorOf(await t.request(OBJECTS, as(key)))).toEqual(UNAUTHORIZED);
  });

  test('reload_cache=true holds the caller against what the database says now, the own key included', async () => {
    expect((await t.request(OBJECTS, as(t.keys.reader!))).status).toBe(200);
    // As another instance would: its announcement may come later than the request.
    await changeApiKeyExpiry(t.vault.database, t.vault.keyring, 'reader', new Date());
    // Without reload_cache either answer would be right: a cached one may be up to five seconds old.
    expect(await errorOf(await t.request(`${OBJECTS}?reload_cache=true`, as(t.keys.reader!)))).toEqual(
      UNAUTHORIZED,
    );
  });

  test('a change made through this instance holds for the very next request', async () => {
    await changeApiKeyExpiry(t.vault.database, t.vault.keyring, 'reader', new Date());
    t.vault.metadata.invalidate();
    expect((await t.request(OBJECTS, as(t.keys.reader!))).status).toBe(401);
  });
});

describe('operations for everybody', () => {
  const anonymous = (path: string): Promise<Response> => fetch(`${t.url}/api/pvlt/1.0${path}`);

  test('health needs no key and does not mind a wrong one', async () => {
    expect((await anonymous('/ctl/info/health')).status).toBe(200);
    expect((await t.request('/ctl/info/health', as('wrong'))).status).toBe(200);
  });

  test('the version needs no key, but a key that is sent must be right', async () => {
    expect((await anonymous('/system/info/version')).status).toBe(200);
    expect((await t.request('/system/info/version')).status).toBe(200);
    expect(await errorOf(await t.request('/system/info/version', as('wrong')))).toEqual(UNAUTHORIZED);
  });

  test('who calls without a key is nobody, sees no metadata and leaves no entry', async () => {
    const before = await t.entries();
    await anonymous('/system/info/version');
    await anonymous('/ctl/info/health');
    expect(calls[0]!.principal).toMatchObject({ user: '', role: '' });
    expect(calls[0]!.metadata.iam.config.users.size).toBe(0);
    expect(calls[0]!.recordedAt).toBeNull();
    expect(await t.entries()).toEqual(before);
  });
});

describe('wrong keys again and again', () => {
  const fail = async (times: number, key = 'wrong', from = '192.0.2.66'): Promise<number[]> => {
    const statuses: number[] = [];
    for (let i = 0; i < times; i++) statuses.push((await t.request(OBJECTS, as(key, from))).status);
    return statuses;
  };

  test('five are answered 401, the sixth 429 PV9016 with Retry-After', async () => {
    expect(await fail(5)).toEqual([401, 401, 401, 401, 401]);
    const response = await t.request(OBJECTS, as('wrong', '192.0.2.66'));
    expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(await errorOf(response)).toEqual({ status: 429, error_code: 'PV9016', context: {} });
  });

  test("the Admin's key is not looked at while its source waits", async () => {
    await fail(6);
    expect((await t.request(OBJECTS, as(ADMIN_KEY, '192.0.2.66'))).status).toBe(429);
  });

  test("a client's right key passes even from there: nobody can lock out a neighbour", async () => {
    await fail(6);
    expect((await t.request(OBJECTS, as(t.keys.reader!, '192.0.2.66'))).status).toBe(200);
  });

  test('other addresses are not affected', async () => {
    await fail(6);
    expect((await t.request(OBJECTS, as(ADMIN_KEY, '192.0.2.67'))).status).toBe(200);
  });

  test('addresses of one IPv6 /56 count as one', async () => {
    const { key } = newApiKey();
    await fail(3, key, '2001:db8:0:ff00::1');
    await fail(2, key, '2001:db8:0:ff99::2');
    expect(await fail(1, key, '2001:db8:0:ffff::3')).toEqual([429]);
    expect(await fail(1, key, '2001:db8:0:fe00::1')).toEqual([401]);
  });

  test('an IPv4 address counts the same when it is written as IPv6', async () => {
    await fail(3, 'wrong', '192.0.2.70');
    await fail(2, 'wrong', '::ffff:192.0.2.70');
    expect(await fail(1, 'wrong', '192.0.2.70')).toEqual([429]);
  });

  test('requests without any key are no attempts', async () => {
    for (let i = 0; i < 10; i++) {
      const headers = { authorization: '', 'x-forwarded-for': '192.0.2.66' };
      expect((await t.request(OBJECTS, { headers })).status).toBe(401);
    }
  });

  test('the right key clears what was mistyped before', async () => {
    for (let i = 0; i < 3; i++) {
      expect(await fail(4)).toEqual([401, 401, 401, 401]);
      expect((await t.request(OBJECTS, as(ADMIN_KEY, '192.0.2.66'))).status).toBe(200);
    }
  });

  test('addresses that the caller claims beyond the trusted proxy are not believed', async () => {
    for (let i = 0; i < 5; i++) await fail(1, 'wrong', `198.51.100.${i}, 192.0.2.66`);
    expect(await fail(1, 'wrong', '203.0.113.9, 192.0.2.66')).toEqual([429]);
  });
});

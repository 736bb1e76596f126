import {
  BASE,
  type TestServer,
  type TestVault,
  answering,
  bearer,
  openTestVault,
  raw,
  startServer,
} from './support.js';

const operations = answering('listCollections', []);
const ORIGIN = 'https://forms.example.org';
let shared: TestVault;
let t: TestServer;

beforeAll(async () => {
  shared = await openTestVault();
});
afterAll(() => shared.close());
afterEach(() => t.close());

const withHost = (host: string): Promise<string> =>
  raw(
    t.port,
    `GET ${BASE}/ctl/collections HTTP/1.1\r\n${host}Authorization: Bearer pvaultauth\r\nConnection: close\r\n\r\n`,
  );

describe('in development', () => {
  beforeEach(async () => {
    t = await startServer({ operations, development: true }, shared);
  });

  test.each(['localhost', 'localhost:8123', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:8123', 'LOCALHOST'])(
    'Host %s is this machine',
    async (host) => {
      expect(await withHost(`Host: ${host}\r\n`)).toMatch(/^HTTP\/1.1 200 /);
    },
  );

  test.each([
    'evil.example',
    'localhost.evil.example',
    'evil.example:8123',
    '127.0.0.1.evil.example',
    '[::2]',
    '0.0.0.0',
    '',
  ])('a page whose name points here (Host %j) gets 400 PV1012, right key or not', async (host) => {
    const answer = await withHost(`Host: ${host}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"error_code":"PV1012"');
    expect(answer).toContain('"field":"Host"');
  });

  test('pages of other origins are allowed nothing', async () => {
    const preflight = await fetch(`${t.url}${BASE}/ctl/collections`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    });
    expect(preflight.status).toBe(405);
    const simple = await t.request('/ctl/collections', { headers: { origin: 'https://evil.example' } });
    for (const { headers } of [preflight, simple]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

test('in production Host may be any name', async () => {
  t = await startServer({ operations }, shared);
  expect(await withHost('Host: vault.example.org\r\n')).toMatch(/^HTTP\/1.1 200 /);
});

describe('with origins allowed', () => {
  beforeEach(async () => {
    t = await startServer({ operations, allowOrigins: [ORIGIN, 'http://localhost:3000'] }, shared);
  });

  const preflight = (origin: string, more: Record<string, string> = {}): Promise<Response> =>
    fetch(`${t.url}${BASE}/ctl/collections`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
        ...more,
      },
    });

  test('a preflight of theirs is answered without a key', async () => {
    const response = await preflight(ORIGIN);
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
      vary: 'Origin',
    });
    const allowed = response.headers.get('access-control-allow-headers')!.split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'x-tenant-id', 'x-trans-param']),
    );
    expect(response.headers.get('access-control-allow-private-network')).toBeNull();
  });

  test('a page on the net may ask for a vault in the private network', async () => {
    const response = await preflight(ORIGIN, { 'access-control-request-private-network': 'true' });
    expect(response.headers.get('access-control-allow-private-network')).toBe('true');
  });

  test('credentials of the browser are never allowed', async () => {
    expect((await preflight(ORIGIN)).headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('their requests may be read, errors included', async () => {
    for (const path of ['/ctl/collections', '/nothing']) {
      const { headers } = await t.request(path, { headers: { ...bearer('pvaultauth'), origin: ORIGIN } });
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(headers.get('access-control-expose-headers')).toContain('X-Request-Id');
    }
  });

  test('errors before and after authentication may be read, and every answer varies by origin', async () => {
    const ask = (path: string, key: string): Promise<Response> =>
      t.request(path, { headers: { ...bearer(key), origin: ORIGIN } });
    const answers = await Promise.all([
      ask('/ctl/collections', 'wrong'),
      ask('/nothing', 'pvaultauth'),
      ask('/ctl/collections?unknown=1', 'pvaultauth'),
      t.request('/ctl/collections', { method: 'PUT', headers: { origin: ORIGIN } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 404, 400, 405]);
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(headers.get('vary')).toBe('Origin');
    }
    const { headers } = await t.request('/ctl/collections');
    expect([headers.get('vary'), headers.get('access-control-allow-origin')]).toEqual(['Origin', null]);
  });

  test('a preflight names the headers that callers send, each of them and no wildcard', async () => {
    const { headers } = await preflight('http://localhost:3000');
    expect(headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
    expect(headers.get('access-control-allow-headers')!.split(', ').sort()).toEqual([
      'authorization',
      'content-type',
      'idempotency-key',
      'x-pvault-delegation',
      'x-pvault-request-id',
      'x-tenant-id',
      'x-trans-param',
    ]);
  });

  test('the private network is open to origins listed and to no others', async () => {
    const asking = { 'access-control-request-private-network': 'true' };
    expect(
      (await preflight('https://evil.example', asking)).headers.get('access-control-allow-private-network'),
    ).toBeNull();
  });

  test.each([
    'https://evil.example',
    'https://forms.example.org.evil.example',
    'http://forms.example.org',
    'null',
  ])('%s is allowed nothing', async (origin) => {
    const response = await preflight(origin);
    expect(response.status).toBe(405);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('with all origins allowed the answer is *, for every origin the same', async () => {
  t = await startServer({ operations, allowOrigins: ['*'] }, shared);
  const { headers } = await t.request('/ctl/collections', { headers: { origin: 'https://any.example' } });
  expect(headers.get('access-control-allow-origin')).toBe('*');
});

test('served over TLS, browsers are told to insist on it', async () => {
  t = await startServer({ operations, secure: true }, shared);
  const { headers } = await t.request('/ctl/collections');
  expect(headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
});

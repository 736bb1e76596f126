import type { Call } from '../../src/operations/call.js';
import type { Operations } from '../../src/http/options.js';
import { type TestServer, answering, bearer, errorOf, startServer, until } from './support.js';

let t: TestServer;
afterEach(() => t.close());

const operations = { ...answering('listObjects', {}), ...answering('controlHealth', { status: 'pass' }) };
const OBJECTS = '/data/collections/users/objects';
const TOO_MANY = { status: 429, error_code: 'PV9016', context: {} };

test('an address has so many requests a minute, counted before its key is looked at', async () => {
  t = await startServer({ operations, rateLimits: { perAddress: 3, perClient: 100 }, trustedProxies: 1 });
  const from = (address: string, key = 'pvaultauth'): Promise<Response> =>
    t.request(OBJECTS, { headers: { ...bearer(key), 'x-forwarded-for': address } });

  expect((await from('192.0.2.1')).status).toBe(200);
  expect((await from('192.0.2.1', 'wrong')).status).toBe(401);
  expect((await from('::ffff:192.0.2.1')).status).toBe(200);
  const response = await from('192.0.2.1');
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(response.headers.get('ratelimit')).toMatch(/^limit=3, remaining=0, reset=\d+$/);
  expect(await errorOf(response)).toEqual(TOO_MANY);
  expect((await from('192.0.2.2')).status).toBe(200);

  // Nobody was authenticated, so the log is not filled by a flood.
  expect(await t.entries()).toHaveLength(3);
});

test('addresses of one IPv6 /56 share a limit', async () => {
  t = await startServer({ operations, rateLimits: { perAddress: 1, perClient: 100 }, trustedProxies: 1 });
  const from = async (address: string): Promise<number> =>
    (await t.request(OBJECTS, { headers: { 'x-forwarded-for': address } })).status;
  expect(await from('2001:db8:0:ff00::1')).toBe(200);
  expect(await from('2001:db8:0:ffff::2')).toBe(429);
  expect(await from('2001:db8:0:fe00::1')).toBe(200);
});

test('without a trusted proxy nobody can claim another address', async () => {
  t = await startServer({ operations, rateLimits: { perAddress: 1, perClient: 100 } });
  const from = async (address: string): Promise<number> =>
    (await t.request(OBJECTS, { headers: { 'x-forwarded-for': address } })).status;
  expect(await from('192.0.2.1')).toBe(200);
  expect(await from('192.0.2.2')).toBe(429);
});

test('a client has so many requests a minute from all its addresses, and what is refused is recorded', async () => {
  t = await startServer({ operations, rateLimits: { perAddress: 100, perClient: 2 }, trustedProxies: 1 });
  const from = (address: string, key: string): Promise<Response> =>
    t.request(OBJECTS, { headers: { ...bearer(key), 'x-forwarded-for': address } });
  expect((await from('192.0.2.1', t.keys.reader!)).status).toBe(200);
  expect((await from('192.0.2.2', t.keys.reader!)).status).toBe(200);
  const response = await from('192.0.2.3', t.keys.reader!);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await errorOf(response)).toEqual(TOO_MANY);
  expect((await from('192.0.2.3', 'pvaultauth')).status).toBe(200);
  expect((await t.entries())[2]).toMatchObject({ user: 'reader', outcome: 'failed', error_code: 'PV9016' });
});

test('a limit of 0 is none', async () => {
  t = await startServer({ operations, rateLimits: { perAddress: 0, perClient: 0 } });
  for (let i = 0; i < 5; i++) expect((await t.request(OBJECTS)).status).toBe(200);
});

test('health checks have no limit of a client', async () => {
  t = await startServer({ operations, rateLimits: { perAddress: 100, perClient: 1 } });
  for (let i = 0; i < 3; i++) expect((await t.request('/ctl/info/health')).status).toBe(200);
});

test('past the most requests in flight: 503 PV9018 with Retry-After, and room again when they are done', async () => {
  const waiting: (() => void)[] = [];
  const slow = {
    listObjects: {
      id: 'listObjects',
      async run(call: Call) {
        await call.record({ outcome: 'allowed' });
        await new Promise<void>((resolve) => waiting.push(resolve));
        return {};
      },
    },
  } as unknown as Operations;
  t = await startServer({ operations: slow, mostInFlight: 2 });
  const underWay = [t.request(OBJECTS), t.request(OBJECTS)];
  await until(() => (waiting.length === 2 ? true : undefined));

  const response = await t.request(OBJECTS);
  expect(response.headers.get('retry-after')).toBe('1');
  expect(await errorOf(response)).toEqual({ status: 503, error_code: 'PV9018', context: {} });

  for (const go of waiting) go();
  expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([200, 200]);
  const again = t.request(OBJECTS);
  await until(() => waiting[2]);
  waiting[2]!();
  expect((await again).status).toBe(200);
});

test('health checks and metrics are never turned away; what is, is counted, has no entry, and is one line of the log', async () => {
  t = await startServer({ operations, mostInFlight: 0 });
  const statuses = async (): Promise<number[]> => {
    const answers = [
      t.request('/ctl/info/health'),
      fetch(`${t.url}/metrics`),
      t.request(OBJECTS),
      t.request(OBJECTS),
    ];
    return (await Promise.all(answers)).map(({ status }) => status);
  };
  expect(await statuses()).toEqual([200, 200, 503, 503]);
  const metrics = await (await fetch(`${t.url}/metrics`)).text();
  expect(metrics).toContain('http_requests_shed_total{cause="overload"} 2');
  expect(metrics).toContain('http_requests_in_flight_limit 0');
  expect(await t.entries()).toEqual([]);
  await t.server.close();
  const about = t.lines.filter(({ error_code }) => error_code === 'PV9018');
  expect(about).toEqual([expect.objectContaining({ message: 'requests turned away', overload: 2 })]);
});

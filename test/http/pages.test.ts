import { contract } from '../../src/generated/contract.js';
import { type TestServer, answering, bearer, errorOf, startServer } from './support.js';

let t: TestServer;
const operations = answering('listCollections', []);
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(t.url + path, { headers });

test('the reference is not served where the settings say so, and / does not point to it', async () => {
  const hidden = await startServer({ operations, servesDocs: false });
  for (const path of ['/docs', '/openapi.yaml']) {
    expect((await fetch(hidden.url + path)).status).toBe(404);
  }
  const root = await fetch(hidden.url);
  expect([root.status, (await root.text()).includes('/docs')]).toEqual([200, false]);
  await hidden.close();
});

describe('the reference', () => {
  beforeAll(async () => {
    t = await startServer({ operations });
  });
  afterAll(() => t.close());

  test('/ points to it', async () => {
    const response = await get('/');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('/docs');
  });

  test('/openapi.yaml is the contract', async () => {
    const response = await get('/openapi.yaml');
    expect(response.headers.get('content-type')).toBe('application/yaml; charset=utf-8');
    expect(await response.text()).toContain('openapi: 3.1.0');
  });

  test('/docs shows every operation and every error code', async () => {
    const response = await get('/docs/');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await response.text();
    for (const { operationId, path } of Object.values(contract.operations)) {
      expect(html).toContain(`<details id="${operationId}"`);
      expect(html).toContain(path);
    }
    for (const code of Object.keys(contract.errorCodes)) expect(html).toContain(code);
  });

  test('/docs runs no script and asks nobody for anything, and its policy says so', async () => {
    const response = await get('/docs');
    const html = await response.text();
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|\son\w+=|url\(|@import/i);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none';style-src 'sha256-[^']+';/,
    );
  });

  test('they are read, not written', async () => {
    const response = await fetch(`${t.url}/docs`, { method: 'POST' });
    expect(response.headers.get('allow')).toBe('GET');
    expect(await errorOf(response)).toMatchObject({ status: 405, error_code: 'PV9021' });
  });
});

describe('/metrics', () => {
  afterEach(() => t.close());

  test('counts requests by operation and status, and names nothing else', async () => {
    t = await startServer({ operations });
    const response = await t.request('/ctl/collections');
    await t.request('/nothing/john@example.org');
    await t.lineOf(response.headers.get('x-request-id'));
    const text = await (await get('/metrics')).text();
    expect(text).toContain('http_requests_total{operation="listCollections",status="200"} 1');
    expect(text).toContain('http_requests_total{operation="none",status="404"} 1');
    expect(text).toContain('http_request_duration_seconds_count{operation="listCollections"} 1');
    expect(text).toContain('http_requests_in_flight 1');
    expect(text).toContain('access_log_append_failures_total 0');
    expect(text).toContain('integrity_failures_total 0');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).not.toContain('john');
  });

  test('without a token of its own it is for this machine alone', async () => {
    t = await startServer({ operations });
    expect((await get('/metrics')).status).toBe(200);
    for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
      expect((await get('/metrics', { [header]: '127.0.0.1' })).status).toBe(401);
    }
  });

  test('with a token of its own it is for whoever has it, and the Admin has not', async () => {
    t = await startServer({ operations, metricsToken: 'scrape' });
    expect((await get('/metrics')).status).toBe(401);
    expect((await get('/metrics', bearer('pvaultauth'))).status).toBe(401);
    expect((await get('/metrics', bearer('scrape'))).status).toBe(200);
  });

  test('counts accesses that could not be recorded', async () => {
    t = await startServer({ operations });
    const rename = (from: string, to: string): Promise<unknown> =>
      t.vault.database.run({
        name: `rename-${from}`,
        text: `alter table ${from} rename to ${to}`,
        values: [],
      });
    await rename('access_log', 'hidden');
    expect((await t.request('/ctl/collections')).status).toBe(503);
    await rename('hidden', 'access_log');
    expect(await (await get('/metrics')).text()).toContain('access_log_append_failures_total 1');
  });
});

import { createLogger } from 'winston';
import { readConsoleFiles } from '../../src/startup/console-files.js';
import type { ConsoleFiles } from '../../src/http/console.js';
import {
  type TestServer,
  type TestVault,
  answering,
  errorOf,
  openTestVault,
  raw,
  startServer,
} from './support.js';

const operations = answering('listCollections', []);
let shared: TestVault;
let files: ConsoleFiles;
let t: TestServer;

beforeAll(async () => {
  shared = await openTestVault();
  files = (await readConsoleFiles(createLogger({ silent: true })))!;
});
afterAll(() => shared.close());

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(t.url + path, { redirect: 'manual', ...init });
const nameOf = (start: string): string => [...files.keys()].find((name) => name.startsWith(start))!;

describe('the console', () => {
  beforeAll(async () => {
    t = await startServer({ operations, consoleFiles: files }, shared);
  });
  afterAll(() => t.close());

  test('is a page with a script, a style and an icon of this vault, and nothing inline', async () => {
    const response = await get('/console/');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    const html = await response.text();
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|https?:|\/\//);
    const named = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
    expect(named.sort()).toEqual([...files.keys()].filter((name) => name !== 'index.html').sort());
    expect([...html.matchAll(/<script[^>]*>/g)].map((match) => match[0])).toEqual([
      `<script type="module" src="${nameOf('console-')}">`,
    ]);
  });

  test('may load what comes from this vault and run no text as script', async () => {
    const { headers } = await get('/console/');
    expect(headers.get('content-security-policy')!.split(';').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "require-trusted-types-for 'script'",
      "script-src 'self'",
      "style-src 'self'",
      "trusted-types 'none'",
    ]);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('set-cookie')).toBeNull();
  });

  test('loosens the policy of nothing else', async () => {
    for (const path of ['/', '/console', '/console/nothing', '/consoles/', '/nothing']) {
      expect((await get(path)).headers.get('content-security-policy')).not.toContain('script-src');
    }
  });

  test.each([
    ['console-', 'text/javascript; charset=utf-8'],
    ['style-', 'text/css; charset=utf-8'],
    ['icon-', 'image/svg+xml'],
  ])('%s… is sent as %s and may be kept, for its name changes with it', async (start, type) => {
    const { headers } = await get(`/console/${nameOf(start)}`);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  test('the page itself is kept by nobody', async () => {
    for (const path of ['/console/', '/console/index.html']) {
      expect((await get(path)).headers.get('cache-control')).toBe('no-store');
    }
  });

  test('/console leads to /console/', async () => {
    const response = await get('/console');
    expect([response.status, response.headers.get('location')]).toEqual([308, '/console/']);
  });

  test('HEAD has the headers of GET and no body', async () => {
    for (const path of ['/console/', `/console/${nameOf('console-')}`]) {
      const head = await get(path, { method: 'HEAD' });
      const whole = await get(path);
      expect(head.status).toBe(200);
      expect((await head.arrayBuffer()).byteLength).toBe(0);
      for (const name of ['content-type', 'content-length', 'content-security-policy']) {
        expect(head.headers.get(name)).toBe(whole.headers.get(name));
      }
    }
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('405 for %s', async (method) => {
    const response = await get('/console/', { method });
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect(await errorOf(response)).toMatchObject({ status: 405, error_code: 'PV9021' });
  });

  test.each([
    '/console/nothing',
    '/console//',
    '/console/index.html/',
    '/console/../package.json',
    '/console/%2e%2e/package.json',
    '/console/..%2f..%2fpackage.json',
    '/console/..%5c..%5cpackage.json',
    '/console/./index.html',
    '/console/%69ndex.html',
    '/console/index.html%00',
    '/console/__proto__',
    '/console/constructor',
  ])('%s is not there', async (path) => {
    // By hand, because fetch would tidy the path.
    const answer = await raw(t.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
    expect(answer).toContain('"error_code":"PV9020"');
  });

  test('/ points to it', async () => {
    expect(await (await get('/')).text()).toContain('/console/');
  });

  test('the API goes on beside it', async () => {
    expect((await t.request('/ctl/collections')).status).toBe(200);
  });
});

test('switched off it is not there, by any name, and / does not point to it', async () => {
  t = await startServer({ operations, consoleFiles: null }, shared);
  for (const path of ['/console', '/console/', '/console/index.html', `/console/${nameOf('console-')}`]) {
    expect(await errorOf(await get(path))).toMatchObject({ status: 404, error_code: 'PV9020' });
  }
  expect(await (await get('/')).text()).not.toContain('console');
  await t.close();
});

test('in development it answers under a name of this machine only', async () => {
  t = await startServer({ operations, consoleFiles: files, development: true }, shared);
  const from = (host: string): Promise<string> =>
    raw(t.port, `GET /console/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(await from('localhost:8123')).toMatch(/^HTTP\/1.1 200 /);
  expect(await from('evil.example')).toMatch(/^HTTP\/1.1 400 /);
  await t.close();
});

import http from 'node:http';
import https from 'node:https';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type PeerCertificate, checkServerIdentity } from 'node:tls';
import express from 'express';
import { messageClassesOf } from '../../src/http/message-classes.js';
import type { Operations } from '../../src/http/options.js';
import { loadTls, selfSigned } from '../../src/http/tls.js';
import { BASE, type TestServer, answering, startServer, until } from './support.js';

const COLLECTIONS = '/ctl/collections';

describe('stopping', () => {
  let t: TestServer;
  let finish: (() => void) | undefined;
  const slow = {
    listCollections: {
      id: 'listCollections',
      async run(call) {
        await call.record({ outcome: 'allowed' });
        await new Promise<void>((resolve) => (finish = resolve));
        return [];
      },
    },
  } as Operations;

  beforeEach(async () => {
    finish = undefined;
    t = await startServer({ operations: slow });
  });
  afterEach(() => t.close());

  test('the server is ready from listening to stopping', async () => {
    expect(t.server.ready).toBe(true);
    const closing = t.server.close();
    expect(t.server.ready).toBe(false);
    await closing;
    expect(t.server.ready).toBe(false);
  });

  test('a request under way gets its answer, new connections none', async () => {
    const underWay = t.request(COLLECTIONS);
    await until(() => finish);
    const closing = t.server.close();
    await expect(fetch(`${t.url}/`)).rejects.toThrow();
    finish!();
    const response = await underWay;
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual([]);
    await closing;
  });

  test('a connection that is kept alive takes no new request while the server stops', async () => {
    const request = `GET ${BASE}${COLLECTIONS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pvaultauth\r\n\r\n`;
    const socket = net.connect(t.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.write(request);
    await until(() => finish);
    const closing = t.server.close();
    socket.write(request);
    finish!();
    await closed;
    await closing;
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(1);
  });

  test('who does not finish in time is cut off', async () => {
    const underWay = t.request(COLLECTIONS).then(
      () => 'answered',
      () => 'cut off',
    );
    await until(() => finish);
    await t.server.close(0);
    expect(await underWay).toBe('cut off');
    finish!();
  });

  test('stopping twice is fine', async () => {
    await t.server.close();
    await t.server.close();
  });
});

test('an address that is taken is an error, not a crash', async () => {
  const t = await startServer();
  await expect(startServer({ port: t.port }).then((other) => other.close())).rejects.toThrow(/EADDRINUSE/);
  await t.close();
});

describe('TLS with certificates of our own', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-tls-'));
  const file = (name: string): string => path.join(directory, name);
  afterAll(() => rmSync(directory, { recursive: true }));

  const get = (url: string, options: https.RequestOptions): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: 'Bearer pvaultauth' };
      https
        .get(`${url}${BASE}${COLLECTIONS}`, { headers, agent: false, ...options }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        })
        .on('error', reject);
    });

  test('they are made once, and only their owner may read them', async () => {
    await selfSigned(directory);
    const first = readFileSync(file('server.pem'));
    for (const name of ['ca.pem', 'server.pem', 'server-key.pem', 'client.pem', 'client-key.pem']) {
      expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    }
    await selfSigned(directory);
    expect(readFileSync(file('server.pem')).equals(first)).toBe(true);
  });

  test('if one is missing all are made anew', async () => {
    const first = readFileSync(file('server.pem'));
    rmSync(file('client.pem'));
    await selfSigned(directory);
    expect(readFileSync(file('server.pem')).equals(first)).toBe(false);
  });

  test('localhost, 127.0.0.1 and ::1 are who they say they are; other names and authorities are refused', async () => {
    const { certFile, keyFile } = await selfSigned(directory);
    const tls = await loadTls({ certFile, keyFile, clientCaFile: null });
    const t = await startServer({ operations: answering('listCollections', []), tls });
    const ca = readFileSync(file('ca.pem'));
    try {
      expect(t.url).toMatch(/^https:/);
      const under = (name: string): https.RequestOptions => ({
        ca,
        checkServerIdentity: (_: string, certificate: PeerCertificate) =>
          checkServerIdentity(name, certificate),
      });
      for (const name of ['localhost', '127.0.0.1', '::1']) expect(await get(t.url, under(name))).toBe(200);
      await expect(get(t.url, under('vault.example.org'))).rejects.toThrow(/altnames/);
      await expect(get(t.url, {})).rejects.toThrow(/certificate/);
      await expect(get(t.url, { ca, maxVersion: 'TLSv1.1' })).rejects.toThrow();
    } finally {
      await t.close();
    }
  });

  test('where client certificates are wanted, only ours get in', async () => {
    const tls = await loadTls(await selfSigned(directory));
    const t = await startServer({ operations: answering('listCollections', []), tls });
    const ca = readFileSync(file('ca.pem'));
    const pair = (name: string): https.RequestOptions => ({
      ca,
      cert: readFileSync(file(`${name}.pem`)),
      key: readFileSync(file(`${name}-key.pem`)),
    });
    try {
      expect(await get(t.url, pair('client'))).toBe(200);
      await expect(get(t.url, { ca })).rejects.toThrow();
      await expect(get(t.url, pair('server'))).rejects.toThrow();
    } finally {
      await t.close();
    }
  });
});

test('requests and answers have the prototypes that Express wants before it sees them', async () => {
  const app = express();
  app.use((req, res) => res.json({ app: req.app === app && res.app === app, path: req.path, ip: req.ip }));
  const kept: boolean[] = [];
  const server = http.createServer(messageClassesOf(app), (req, res) => {
    const before = [Object.getPrototypeOf(req), Object.getPrototypeOf(res)] as unknown[];
    app(req, res);
    kept.push(Object.getPrototypeOf(req) === before[0], Object.getPrototypeOf(res) === before[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b`);
  expect(await response.json()).toEqual({ app: true, path: '/a', ip: '127.0.0.1' });
  expect(kept).toEqual([true, true]);
  await new Promise((resolve) => server.close(resolve));
});

import net from 'node:net';
import { BASE, type TestServer, answering, errorOf, raw, startServer } from './support.js';

let t: TestServer;

beforeAll(async () => {
  t = await startServer({
    operations: {
      ...answering('listObjects', {}),
      ...answering('searchObjects', {}),
      ...answering('deleteTokens', undefined),
    },
  });
});
afterAll(() => t.close());
// Whatever was sent, the next caller is served.
afterEach(async () => expect((await t.request('/data/collections/a/objects')).status).toBe(200));

const OBJECTS = `${BASE}/data/collections/a/objects`;
const QUERY = `${BASE}/data/collections/a/query/objects`;
const AUTH = 'Authorization: Bearer pvaultauth\r\n';
const HEAD = `Host: x\r\n${AUTH}Connection: close\r\n`;
const post = (headers: string, body: string): string =>
  `POST ${QUERY} HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\n${headers}\r\n${body}`;
const statuses = (answer: string): string[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => match[1]!);

test.each([
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['TLS on a plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['a method that does not exist', `BREW ${OBJECTS} HTTP/1.1\r\n${HEAD}\r\n`],
  ['HTTP/3.0 in words', `GET ${OBJECTS} HTTP/3.0\r\n${HEAD}\r\n`],
  ['no Host', `GET ${OBJECTS} HTTP/1.1\r\n${AUTH}Connection: close\r\n\r\n`],
  ['a space before the colon of a header', `GET ${OBJECTS} HTTP/1.1\r\nHost : x\r\n${AUTH}\r\n`],
  ['a header that goes on in the next line', `GET ${OBJECTS} HTTP/1.1\r\n${HEAD}X-A: b\r\n c\r\n\r\n`],
  ['a NUL in a header', `GET ${OBJECTS} HTTP/1.1\r\n${HEAD}X-A: b\0c\r\n\r\n`],
  ['a NUL in the path', `GET ${OBJECTS}/\0 HTTP/1.1\r\n${HEAD}\r\n`],
  ['bare line feeds', `GET ${OBJECTS} HTTP/1.1\nHost: x\nX-A: b\n${AUTH}\n\n`],
  ['length and chunks at once', post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ['chunks that are not last', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n')],
  ['an unknown transfer encoding', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
  ['two lengths', post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}')],
  ['a negative length', post('Content-Length: -1\r\n', '{}')],
  ['a length in hexadecimal', post('Content-Length: 0x2\r\n', '{}')],
  ['a chunk size that is none', post('Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n')],
  ['a chunk size beyond all numbers', post('Transfer-Encoding: chunked\r\n', 'ffffffffffffffffff\r\n{}\r\n')],
])('%s: a bare 400, and the connection is closed', async (_, bytes) => {
  const answer = await raw(t.port, Buffer.from(bytes, 'latin1'));
  expect(statuses(answer)).toEqual(['400']);
});

test('a smuggled second request is not served', async () => {
  const smuggled = `GET ${OBJECTS} HTTP/1.1\r\n${HEAD}\r\n`;
  const answer = await raw(
    t.port,
    post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
  );
  expect(statuses(answer)).toEqual(['400']);
});

test.each([
  ['one header of 200 KiB', `X-A: ${'x'.repeat(200 * 1024)}\r\n`],
  ['headers of 200 KiB', Array.from({ length: 100 }, (_, i) => `X-${i}: ${'x'.repeat(2_000)}\r\n`).join('')],
])('%s: 431', async (_, headers) => {
  expect(statuses(await raw(t.port, `GET ${OBJECTS} HTTP/1.1\r\n${HEAD}${headers}\r\n`))).toEqual(['431']);
});

test('a path of 200 KiB: 431', async () => {
  expect(
    statuses(await raw(t.port, `GET ${OBJECTS}?cursor=${'x'.repeat(200 * 1024)} HTTP/1.1\r\n${HEAD}\r\n`)),
  ).toEqual(['431']);
});

test('so many headers that one could be dropped: 400, for it could be the tenant', async () => {
  const many = Array.from({ length: 300 }, (_, i) => `X-${i}: y\r\n`).join('');
  const answer = await raw(t.port, `GET ${OBJECTS} HTTP/1.1\r\n${HEAD}${many}X-Tenant-Id: a\r\n\r\n`);
  expect(statuses(answer)).toEqual(['400']);
  expect(answer).toContain('"field":"headers"');
});

test('a second Authorization header does not count', async () => {
  const request = (first: string, second: string): string =>
    `GET ${OBJECTS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${first}\r\nAuthorization: ${second}\r\n\r\n`;
  expect(statuses(await raw(t.port, request('Bearer pvaultauth', 'Bearer wrong')))).toEqual(['200']);
  expect(statuses(await raw(t.port, request('Bearer wrong', 'Bearer pvaultauth')))).toEqual(['401']);
});

test.each([
  'http://127.0.0.1' + OBJECTS,
  '//evil.example' + OBJECTS,
  `${BASE}/../../etc/passwd`,
  `${BASE}/%2e%2e/x`,
  `${OBJECTS};x`,
  '*',
  'http://[',
  '//a@[#',
  '//a@b:c:d#',
  'http://a:b:c/',
  '/%',
  '/api/%ff/x',
])('the target %s leads nowhere: 404', async (target) => {
  const answer = await raw(t.port, `GET ${target} HTTP/1.1\r\n${HEAD}\r\n`);
  expect(statuses(answer)).toEqual(['404']);
  // By our own hand, not by the framework's page of last resort.
  expect(answer).toContain('"error_code":"PV9020"');
  expect(answer).toContain('Cache-Control: no-store');
});

test('an upgrade is not taken up', async () => {
  const answer = await raw(
    t.port,
    `GET ${OBJECTS} HTTP/1.1\r\nHost: x\r\n${AUTH}Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`,
  );
  expect(statuses(answer)).toEqual(['200']);
});

test('a body that announces itself is waited for and read', async () => {
  const answer = await raw(t.port, post('Expect: 100-continue\r\nContent-Length: 2\r\n', '{}'));
  expect(statuses(answer)).toEqual(['100', '200']);
});

test('requests one behind the other on a connection are answered in order', async () => {
  const one = `GET ${OBJECTS} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n`;
  const answer = await raw(t.port, one + post('Content-Length: 1\r\n', '{'));
  expect(statuses(answer)).toEqual(['200', '400']);
});

test('an error before the body was read does not make the body a request', async () => {
  const inner = `GET ${OBJECTS} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n`;
  const answer = await raw(
    t.port,
    `POST ${BASE}/nothing HTTP/1.1\r\nHost: x\r\n${AUTH}Content-Length: ${inner.length}\r\n\r\n${inner}`,
    `GET ${OBJECTS} HTTP/1.1\r\n${HEAD}\r\n`,
  );
  expect(statuses(answer)).toEqual(['404', '200']);
});

test('a caller who hangs up in the middle of a body is recorded like any other', async () => {
  const before = (await t.entries()).length;
  await new Promise<void>((resolve) => {
    const socket = net.connect(t.port, '127.0.0.1', () => {
      socket.write(post('Content-Length: 1000\r\n', '{"a":'), () => setImmediate(() => socket.destroy()));
    });
    socket.on('close', () => resolve());
  });
  let entries = await t.entries();
  while (entries.length === before) entries = await t.entries();
  expect(entries.at(-1)).toMatchObject({
    operation: 'searchObjects',
    outcome: 'failed',
    error_code: 'PV1012',
  });
});

test('a body past all measure ends the connection with 413', async () => {
  const socket = net.connect(t.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.write(post('Transfer-Encoding: chunked\r\n', '').replace('Connection: close\r\n', ''));
  const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`;
  for (let i = 0; i < 40 && !socket.destroyed; i++) {
    if (!socket.write(chunk))
      await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))]);
  }
  await closed;
  expect(statuses(answer)).toEqual(['413']);
});

test('JSON of a hundred thousand levels in an operation for large bodies is a 400', async () => {
  const body = '['.repeat(1e5) + ']'.repeat(1e5);
  const headers = { 'content-type': 'application/json' };
  const response = await t.request('/data/collections/a/tokens', { method: 'POST', headers, body });
  expect(await errorOf(response)).toMatchObject({ status: 400, context: { reason: 'It nests too deep.' } });
});

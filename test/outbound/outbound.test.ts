import type { ServerResponse } from 'node:http';
import { request } from 'undici';
import { pinnedAgent } from '../../src/outbound/pinned-agent.js';
import { Outbound, type OutboundRequest } from '../../src/outbound/outbound.js';
import { type Received, type Receiver, startReceiver } from '../support/receiver.js';

let receiver: Receiver;
let elsewhere: Receiver;
let respond: (received: Received, response: ServerResponse) => void;
beforeAll(async () => {
  receiver = await startReceiver((received, response) => respond(received, response));
  elsewhere = await startReceiver();
});
beforeEach(() => {
  respond = (_, response) => response.end('fine');
  receiver.received.length = 0;
});
afterAll(async () => {
  await receiver.close();
  await elsewhere.close();
});

const GET: OutboundRequest = { method: 'GET', headers: {}, body: null };
async function send(path: string, request: Partial<OutboundRequest> = {}) {
  const outbound = new Outbound([receiver.base], []);
  return outbound.send(outbound.target(`${receiver.base}${path}`, false), { ...GET, ...request });
}

test('sends method, headers and body, and gets status, body and the headers that tell about the answer', async () => {
  respond = (_, response) => {
    response.writeHead(201, {
      'content-type': 'text/plain',
      'set-cookie': 'a=1',
      location: '/secret',
      'x-echo': 'secret',
      'x-request-id': 'r1',
    });
    response.end('created');
  };
  const answer = await send('/a?b=1', {
    method: 'POST',
    headers: { Authorization: 'Basic x' },
    body: '{"a":"ü"}',
  });
  expect(answer).toEqual({
    status: 201,
    body: 'created',
    headers: { 'content-type': 'text/plain', 'x-request-id': 'r1', date: expect.any(String) },
  });
  expect(receiver.received).toEqual([
    expect.objectContaining({ method: 'POST', url: '/a?b=1', body: '{"a":"ü"}' }),
  ]);
  expect(receiver.received[0]!.headers).toMatchObject({ authorization: 'Basic x' });
});

test('does not follow redirects', async () => {
  respond = (_, response) => response.writeHead(302, { location: `${elsewhere.base}/stolen` }).end();
  expect((await send('/')).status).toBe(302);
  expect(elsewhere.received).toEqual([]);
});

test('keeps no cookies and uses no proxy of the environment', async () => {
  process.env.HTTP_PROXY = process.env.http_proxy = elsewhere.base;
  try {
    respond = (_, response) => response.writeHead(200, { 'set-cookie': 'a=1' }).end();
    await send('/');
    await send('/');
  } finally {
    delete process.env.HTTP_PROXY;
    delete process.env.http_proxy;
  }
  expect(receiver.received.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
  expect(elsewhere.received).toEqual([]);
});

test.each([
  ['CONNECT', {}, null],
  ['TRACE', {}, null],
  ['get', {}, null],
  ['GET', {}, 'body'],
  ['GET', { Host: 'other' }, null],
  ['GET', { Cookie: 'a=1' }, null],
  ['GET', { 'Transfer-Encoding': 'chunked' }, null],
  ['GET', { 'content-length': '0' }, null],
  ['GET', { 'proxy-authorization': 'x' }, null],
  ['GET', { 'x y': 'z' }, null],
  ['GET', { x: 'a\r\nInjected: 1' }, null],
  ['GET', { x: '☃' }, null],
])('%s with headers %j and body %j is not sent, PV9006', async (method, headers, body) => {
  const request = { method, headers: headers as Record<string, string>, body };
  await expect(send('/', request)).rejects.toMatchObject({ code: 'PV9006' });
  expect(receiver.received).toEqual([]);
});

test.each([
  ['breaks off', (_: Received, response: ServerResponse) => void response.socket!.destroy()],
  [
    'is larger than a MiB',
    (_: Received, response: ServerResponse) => void response.end('x'.repeat(1_100_000)),
  ],
  ['is no HTTP', (_: Received, response: ServerResponse) => void response.socket!.end('nonsense\r\n\r\n')],
])('an answer that %s is PV9061 and says nothing', async (_, broken) => {
  respond = broken;
  const error: Error & { code?: string; cause?: unknown } = await send('/?card=4111').then(
    () => new Error('it was answered'),
    (thrown: Error) => thrown,
  );
  expect([error.code, error.cause]).toEqual(['PV9061', undefined]);
  expect(error.message).not.toContain('4111');
});

describe('a name that is listed', () => {
  test('is connected to at the address that was checked: it is not resolved again', async () => {
    // No resolver knows this name, so whoever gets through was led by the pinned address alone.
    const agent = pinnedAgent(
      { address: '127.0.0.1', family: 4 },
      { timeoutMs: 5_000, largestAnswer: 1_000 },
    );
    const url = `http://rebinding.invalid:${new URL(receiver.base).port}/`;
    const answer = await request(url, { dispatcher: agent });
    await answer.body.dump();
    await agent.destroy();
    expect(receiver.received.map(({ headers }) => headers.host)).toEqual([new URL(url).host]);
  });

  test('is resolved once for each request, whatever it would be a moment later', async () => {
    let asked = 0;
    const base = `http://inward.example:${new URL(receiver.base).port}`;
    const outbound = new Outbound([base], [], async () => {
      asked += 1;
      return [{ address: '169.254.169.254', family: 4 }];
    });
    await expect(outbound.send(outbound.target(`${base}/`, false), GET)).rejects.toMatchObject({
      code: 'PV9060',
    });
    expect(asked).toBe(1);
  });

  test('and leads to this machine is refused, PV9060', async () => {
    const base = `http://inward.example:${new URL(receiver.base).port}`;
    const outbound = new Outbound([base], [], async () => [{ address: '127.0.0.1', family: 4 }]);
    await expect(outbound.send(outbound.target(`${base}/`, false), GET)).rejects.toMatchObject({
      code: 'PV9060',
    });
    expect(receiver.received).toEqual([]);
  });
});

test('what carries card data goes to the destinations for it alone, which take the rest too', () => {
  const outbound = new Outbound(['https://a.example'], ['https://pci.example']);
  expect(outbound.target('https://a.example/', false).destination.base).toBe('https://a.example');
  expect(outbound.target('https://pci.example/', false).destination.base).toBe('https://pci.example');
  expect(outbound.target('https://pci.example/', true).destination.base).toBe('https://pci.example');
  expect(() => outbound.target('https://a.example/', true)).toThrow(
    expect.objectContaining({ code: 'PV9060' }),
  );
});

import { fetchKeySet } from '../../../src/http/jwt/fetch-key-set.js';
import { type KeyServer, ecKey, startKeyServer } from '../../support/jwt.js';

let server: KeyServer;
beforeEach(async () => {
  server = await startKeyServer(ecKey('a'));
});
afterEach(() => server.close());

test('a set is fetched by http from this machine where that is allowed, and not where it is not', async () => {
  expect((await fetchKeySet(server.uri, true)).size).toBe(1);
  await expect(fetchKeySet(server.uri, false)).rejects.toThrow('not https');
  expect(server.fetched).toBe(1);
});

test.each(['http://issuer.example/jwks', 'http://127.0.0.1.evil.example/', 'http://192.0.2.1/jwks'])(
  '%s is never fetched by http',
  async (uri) => expect(fetchKeySet(uri, true)).rejects.toThrow('not https'),
);

test('a redirect is not followed', async () => {
  const elsewhere = await startKeyServer(ecKey('evil'));
  server.answer = (response) => response.writeHead(302, { location: elsewhere.uri }).end();
  await expect(fetchKeySet(server.uri, true)).rejects.toThrow('cannot be reached');
  expect(elsewhere.fetched).toBe(0);
  await elsewhere.close();
});

test('more than 256 KiB is not read to its end', async () => {
  let sent = 0;
  server.answer = (response) => {
    const more = (): void => {
      if (response.destroyed || sent > 64 * 1024 * 1024) return void response.end();
      sent += 65_536;
      response.write(Buffer.alloc(65_536, ' '), more);
    };
    more();
  };
  await expect(fetchKeySet(server.uri, true)).rejects.toThrow('too large');
  expect(sent).toBeLessThan(16 * 1024 * 1024);
});

test.each([
  ['a page', 200, '<html>', 'no key set'],
  ['an error', 500, '{"keys":[]}', 'answered with 500'],
  ['nothing', 200, '', 'no key set'],
])('%s is no set', async (_what, status, text, problem) => {
  server.answer = (response) => response.writeHead(status).end(text);
  await expect(fetchKeySet(server.uri, true)).rejects.toThrow(problem);
});

test('a provider that is not there is said to be so, without its address', async () => {
  const { uri } = server;
  await server.close();
  await expect(fetchKeySet(uri, true)).rejects.toThrow(/^the key set cannot be reached$/);
});

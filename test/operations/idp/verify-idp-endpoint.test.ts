import { verifyIdpEndpoint } from '../../../src/operations/idp/verify-idp-endpoint.js';
import { type TestServer, startServer } from '../../http/support.js';
import { refusal, refused } from '../../support/steps.js';
import { type Answer, send } from '../../support/vault.js';

let t: TestServer;
beforeAll(async () => {
  t = await startServer({ operations: { verifyIdpEndpoint } });
});
afterAll(() => t.close());

const verify = (path: string, challenge?: string): Promise<Answer> =>
  send(t.url, 'GET', `/api/coatcheck/1.0/idp/${path}`, {
    key: null,
    ...(challenge !== undefined && { headers: { 'x-okta-verification-challenge': challenge } }),
  });

test("200: Okta gets its own text back, without a key, and nobody's log has an entry", async () => {
  expect((await verify('okta/events', 'Aa1-_.~')).body).toEqual({ verification: 'Aa1-_.~' });
  expect(await t.entries()).toEqual([]);
});

test('400 PV1012: without a text, or with one that is more than a word', async () => {
  for (const challenge of [undefined, '', '<script>', 'a b', 'a'.repeat(257)]) {
    const [status, code, { field }] = refusal(await verify('okta/events', challenge));
    expect([status, code, field]).toEqual([400, 'PV1012', 'x-okta-verification-challenge']);
  }
});

test('404 PV9086: any other event or provider', async () => {
  for (const path of ['okta/token', 'auth0/stream', 'nobody/events'])
    expect(refused(await verify(path, 'x'))).toBe('404 PV9086');
});

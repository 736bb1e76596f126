import { VaultError } from '../../src/errors.js';
import { type TestServer, answering, bearer, json, startServer } from './support.js';

let t: TestServer;

beforeAll(async () => {
  t = await startServer({
    operations: {
      ...answering('listObjects', {}),
      getObjectById: {
        id: 'getObjectById',
        run: () => Promise.reject(new VaultError('PV3005', { ids: 'secret-id' })),
      },
    },
  });
});
afterAll(() => t.close());

const lineOf = async (path: string, init: RequestInit = {}): Promise<Record<string, unknown>> =>
  t.lineOf((await t.request(path, init)).headers.get('x-request-id'));

test('a request is one line with the template of its path', async () => {
  const headers = { 'x-pvault-request-id': 'theirs' };
  expect(await lineOf('/data/collections/users/objects?reason=Analytics&props=ssn', { headers })).toEqual({
    level: 'info',
    message: 'request',
    method: 'GET',
    operation_id: 'listObjects',
    path: '/api/pvlt/1.0/data/collections/{collection}/objects',
    status_code: 200,
    duration: expect.any(Number),
    request_id: expect.any(String),
    caller_request_id: 'theirs',
    user: 'Admin',
    reason: 'Analytics',
  });
});

test('an error is there by its code', async () => {
  expect(await lineOf('/data/collections/users/objects/secret-id')).toMatchObject({
    status_code: 404,
    error_code: 'PV3005',
  });
});

test('who could not be authenticated is nobody', async () => {
  const line = await lineOf('/data/collections/users/objects', { headers: bearer('wrong') });
  expect(line).toMatchObject({ status_code: 401, error_code: 'PV1005' });
  expect(line).not.toHaveProperty('user');
});

test('nothing a caller sends gets into it but the id of the request', async () => {
  const canary = 'canary-7f3a';
  const objects = `/data/collections/${canary}/objects`;
  const lines = [
    await lineOf(`${objects}/${canary}?${canary}=${canary}`),
    await lineOf(`${objects}?reason=${canary}&custom_audit=${canary}&cursor=${canary}`),
    await lineOf(`${objects}?reason=Other&adhoc_reason=${canary}`),
    await lineOf(`/${canary}`),
    await lineOf(objects, json({ [canary]: canary })),
    await lineOf(objects, json(`{"${canary}"`)),
    await lineOf(objects, {
      headers: { authorization: canary, 'user-agent': canary, 'x-tenant-id': canary, cookie: canary },
    }),
    await lineOf(objects, { headers: bearer(canary) }),
  ];
  expect(lines).toHaveLength(8);
  expect(JSON.stringify(t.lines)).not.toContain(canary);
});

test('a line break in a header cannot make a second line', async () => {
  const headers = { 'x-pvault-request-id': 'a\\n{"level":"error"}' };
  const line = await lineOf('/data/collections/users/objects', { headers });
  expect(line).toMatchObject({ level: 'info', caller_request_id: 'a\\n{"level":"error"}' });
});

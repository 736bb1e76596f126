import { VaultError } from '../../src/errors.js';
import type { Operations } from '../../src/http/options.js';
import { TextAnswer } from '../../src/operations/operation.js';
import { type TestServer, answering, errorOf, json, startServer } from './support.js';

let t: TestServer;

const failing = (id: keyof Operations, error: Error): Operations => ({
  [id]: { id, run: () => Promise.reject(error) },
});

beforeAll(async () => {
  t = await startServer({
    operations: {
      ...answering('listCollections', [{ name: 'a' }]),
      ...answering('getIamConf', new TextAnswer('application/toml', '[users]\n')),
      ...answering('deleteCollection', undefined),
      ...answering('listObjects', 1n),
      ...failing('getObjectById', new VaultError('PV3005', { ids: 'x' })),
      ...failing('addObject', new VaultError('PV9001', { property: 'ssn' })),
      ...failing('getUser', new Error('value 123-12-1234', { cause: new TypeError('and 123-12-1234') })),
      ...failing('getCollection', 'a string' as unknown as Error),
      ...failing('listDataTypes', new VaultError('PV1010', {}, 'database code 57P01')),
    },
  });
});
afterAll(() => t.close());

test('JSON comes as JSON with its length', async () => {
  const response = await t.request('/ctl/collections');
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(response.headers.get('content-length')).toBe('14');
  expect(await response.json()).toEqual([{ name: 'a' }]);
});

test('TOML comes as TOML', async () => {
  const response = await t.request('/ctl/iam/conf');
  expect(response.headers.get('content-type')).toBe('application/toml');
  expect(await response.text()).toBe('[users]\n');
});

test('an answer without a body is 200 and has no content type, which clients would try to parse', async () => {
  const response = await t.request('/ctl/collections/a', { method: 'DELETE' });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBeNull();
  expect(response.headers.get('content-length')).toBe('0');
  expect(await response.text()).toBe('');
});

test('an error of the drop-in API has code, message, context and a link, and nothing else', async () => {
  const response = await t.request('/data/collections/a/objects/x');
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await response.json()).toEqual({
    error_code: 'PV3005',
    message: 'One or more Objects is not found: x. For more details, view the logs.',
    context: { ids: 'x' },
    error_url: 'https://docs.piiano.com/api/error-codes#PV3005',
  });
});

test('an error of our own has no link', async () => {
  const response = await t.request('/data/collections/a/objects', json({}));
  expect(await response.json()).toEqual({
    error_code: 'PV9001',
    message: 'A unique property already has this value.',
    context: { property: 'ssn' },
  });
});

test('a fault of ours says nothing to the caller and names places without messages to the operator', async () => {
  const response = await t.request('/ctl/iam/user/u');
  expect(await errorOf(response.clone())).toEqual({ status: 500, error_code: 'PV1000', context: {} });
  const line = t.lines.find((each) => each.error_code === 'PV1000' && 'detail' in each);
  expect(line).toMatchObject({ level: 'error', request_id: response.headers.get('x-request-id') });
  expect(line!.detail).toMatch(/^Error\n {4}at [^]*\ncaused by TypeError\n {4}at /);
  expect(JSON.stringify(t.lines) + (await response.text())).not.toContain('123-12-1234');
});

test('something thrown that is no error, and an answer that is no JSON, are faults of ours', async () => {
  expect((await t.request('/ctl/collections/a')).status).toBe(500);
  expect((await t.request('/data/collections/a/objects')).status).toBe(500);
});

test('a 503 tells when to come back, and the operator why', async () => {
  const response = await t.request('/ctl/types');
  expect(await errorOf(response.clone())).toEqual({ status: 503, error_code: 'PV1010', context: {} });
  expect(response.headers.get('retry-after')).toBe('1');
  expect(t.lines).toContainEqual(expect.objectContaining({ detail: 'database code 57P01', level: 'warn' }));
});

test.each([
  ['a path that is not there', '/nothing', 'GET', 404, 'PV9020'],
  ['a method that a path does not have', '/ctl/collections', 'PUT', 405, 'PV9021'],
  ['an operation that is planned', '/ctl/bundles', 'GET', 501, 'PV2001'],
  ['analysis, which only the hosted original has', '/data/analysis/contains', 'POST', 501, 'PV2001'],
  ['its detector', '/data/analysis/detect', 'POST', 501, 'PV2001'],
  ['its locator, with a slash', '/data/analysis/locate/', 'POST', 501, 'PV2001'],
  ['an analysis that nobody has', '/data/analysis/locate/all', 'POST', 404, 'PV9020'],
  ['an operation that is missing', '/data/collections/a/count/objects', 'GET', 501, 'PV2001'],
])('%s', async (_, path, method, status, code) => {
  expect(await errorOf(await t.request(path, { method }))).toMatchObject({ status, error_code: code });
});

test('a 405 says what is allowed; HEAD is one', async () => {
  const put = await t.request('/ctl/collections', { method: 'PUT' });
  expect(put.headers.get('allow')).toBe('GET, POST');
  expect((await t.request('/ctl/collections', { method: 'HEAD' })).status).toBe(405);
});

describe('every answer, success or not,', () => {
  const paths = ['/ctl/collections', '/nothing', '/data/collections/a/objects/x'];

  test.each(paths)('is kept by nobody, framed by nobody and says who we are not: %s', async (path) => {
    const { headers } = await t.request(path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    for (const absent of [
      'etag',
      'x-powered-by',
      'server',
      'strict-transport-security',
      'access-control-allow-origin',
    ]) {
      expect(headers.get(absent)).toBeNull();
    }
  });

  test.each(paths)('has an id of ours, whatever the caller calls it: %s', async (path) => {
    const { headers } = await t.request(path, {
      headers: { 'x-pvault-request-id': 'mine', 'x-request-id': 'mine' },
    });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

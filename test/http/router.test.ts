import { contract } from '../../src/generated/contract.js';
import { findRoute } from '../../src/http/router.js';
import { BASE } from './support.js';

const filled = (path: string): string => path.replaceAll(/\{\w+\}/g, 'x');
const operations = Object.values(contract.operations);

test.each(operations.map((operation) => [operation.operationId, operation] as const))(
  '%s is found under its method and path, with and without a slash at the end',
  (id, { method, path }) => {
    expect(findRoute(method, filled(path))).toMatchObject({ operation: { operationId: id } });
    expect(findRoute(method, `${filled(path)}/`)).toMatchObject({ operation: { operationId: id } });
  },
);

test('parameters are decoded', () => {
  expect(findRoute('GET', `${BASE}/data/collections/us%65rs/objects/a%20b%2Fc`)).toMatchObject({
    path: { collection: 'users', id: 'a b/c' },
  });
});

test('a literal word wins over a parameter, whatever the method', () => {
  expect(findRoute('POST', `${BASE}/ctl/iam/user/regen`)).toMatchObject({
    operation: { operationId: 'regenerateUserApiKey' },
  });
  expect(findRoute('GET', `${BASE}/ctl/iam/user/regen`)).toEqual({ operation: null, allow: 'POST' });
  expect(findRoute('POST', `${BASE}/data/actions/http_call`)).toMatchObject({
    operation: { operationId: 'invokeHttpCallAction' },
  });
});

test.each(['PUT', 'HEAD', 'OPTIONS', 'TRACE', 'get'])(
  'a path that exists does not take %s and says what it takes',
  (method) => {
    expect(findRoute(method, `${BASE}/ctl/collections`)).toEqual({ operation: null, allow: 'GET, POST' });
  },
);

test.each([
  '',
  '*',
  '/',
  '/api',
  'http://127.0.0.1/api/pvlt/1.0/ctl/collections',
  `${BASE}//ctl/collections`,
  `${BASE}/ctl//collections`,
  `${BASE}/ctl/collections//`,
  `${BASE}/ctl/./collections`,
  `${BASE}/ctl/x/../collections`,
  `${BASE}/ctl/collections/..`,
  `${BASE}/ctl/collections/.`,
  `${BASE}/ctl/collections/%2e%2e`,
  `${BASE}/ctl/collections/%2E`,
  `${BASE}/ctl/collections/a;b`,
  `${BASE}/ctl/collections;a`,
  `${BASE}/ctl/collections/a%3Bb`,
  `${BASE}/ctl/collections/a%00b`,
  `${BASE}/ctl/collections/a\0b`,
  `${BASE}/ctl/collections/a\\b`,
  `${BASE}/ctl/collections/a%5cb`,
  `${BASE}/ctl/%63ollections`,
  `${BASE}/CTL/collections`,
  `${BASE}/ctl/collections/a/properties/b/c`,
])('nothing is at %j', (path) => {
  expect(findRoute('GET', path)).toBeNull();
});

test.each(['%', '%zz', '%c3%28', '%ed%a0%80'])(
  'a parameter %s that is no well-formed percent-encoding is refused by name',
  (word) => {
    expect(() => findRoute('GET', `${BASE}/ctl/collections/${word}`)).toThrow(
      expect.objectContaining({
        code: 'PV1012',
        context: { field: 'collection', reason: expect.any(String) },
      }),
    );
  },
);

test('no two operations share a method and a path', () => {
  const places = operations.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(places).size).toBe(places.length);
});

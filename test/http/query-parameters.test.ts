import { type OperationId, contract } from '../../src/generated/contract.js';
import { readQuery } from '../../src/http/query-parameters.js';

const read = (id: OperationId, query: string): Record<string, unknown> =>
  readQuery(contract.operations[id], query);

test.each([
  ['props=a&props=b', ['a', 'b']],
  ['props=a,b', ['a', 'b']],
  ['props=a%2Cb', ['a', 'b']],
  ['props=a,b&props=c&props=d,e', ['a', 'b', 'c', 'd', 'e']],
  ['props=a,,b,', ['a', 'b']],
  ['props=', undefined],
  ['props=,', undefined],
  ['props=&props=a', ['a']],
  ['props=a&props=', ['a']],
])('an array is repeated, comma-separated or both: %s', (query, props) => {
  expect(read('detokenize', query).props).toEqual(props);
});

test('a thousand ids and more all arrive', () => {
  const ids = Array.from({ length: 2_500 }, (_, i) => `id${i}`);
  const query = ids.map((id) => `token_ids=${id}`).join('&');
  expect(read('detokenize', query).token_ids).toEqual(ids);
});

test.each([
  ['addObject', 'expiration_secs=', { expiration_secs: '' }],
  ['addObject', 'expiration_secs', { expiration_secs: '' }],
  ['addObject', '', {}],
  ['listObjects', 'cursor=&adhoc_reason=&options=&reason=&custom_audit=&page_size=', {}],
  ['listCollections', 'format=', {}],
] as const)('%s: only an empty expiration_secs means something (%s)', (id, query, expected) => {
  const defaults = { import: false, export: false };
  expect({ ...defaults, ...read(id, query) }).toEqual({ ...defaults, ...expected });
});

test.each([
  ['reload_cache=true', true],
  ['reload_cache=True', true],
  ['reload_cache=1', true],
  ['reload_cache=false', false],
  ['reload_cache=0', false],
  ['reload_cache=yes', 'yes'],
])('a boolean is read: %s', (query, value) => {
  expect(read('detokenize', query).reload_cache).toBe(value);
});

test.each([
  ['page_size=10', 10],
  ['page_size=-1', -1],
  ['page_size=1.5', '1.5'],
  ['page_size=0x10', '0x10'],
  ['page_size=1e3', '1e3'],
  ['page_size=99999999999999999999', '99999999999999999999'],
])('an integer is read: %s', (query, value) => {
  expect(read('listObjects', query).page_size).toBe(value);
});

test('parameters are taken by the names that clients of 2022 have for them', () => {
  expect(read('detokenize', 'token_id=a&token_id=b&token_ids=c&object_id=d&tag=e')).toMatchObject({
    token_ids: ['a', 'b', 'c'],
    object_ids: ['d'],
    tags: ['e'],
  });
  expect(read('addObject', 'ttl=60')).toMatchObject({ expiration_secs: '60' });
  expect(read('updateTokens', 'ttl=')).toMatchObject({ expiration_secs: '' });
  expect(read('listAuditEntries', 'object_id=a')).toMatchObject({ object_id: 'a' });
});

test.each([
  ['addObject', 'ttl=1&expiration_secs=2', 'given twice'],
  ['listObjects', 'ttl=1', 'not a parameter'],
  ['addObject', 'tag=a', 'not a parameter'],
  ['addObject', 'constructor=a', 'not a parameter'],
] as const)('%s: former names bring nothing that the present ones do not (%s)', (id, query, reason) => {
  expect(() => read(id, query)).toThrow(
    expect.objectContaining({
      code: 'PV1012',
      context: expect.objectContaining({ reason: expect.stringContaining(reason) }),
    }),
  );
});

test('defaults of the contract are filled in', () => {
  expect(read('listAuditEntries', '')).toEqual({ limit: 100, order: 'newest', proofs: false });
  expect(read('listAuditEntries', 'limit=')).toEqual({ limit: 100, order: 'newest', proofs: false });
  expect(read('listAuditEntries', 'limit=7')).toEqual({ limit: 7, order: 'newest', proofs: false });
});

test.each([
  ['reason=Other&reason=Other', 'reason'],
  ['page_size=1&page_size=2', 'page_size'],
  ['cursor=&cursor=x', 'cursor'],
  ['unknown=1', 'unknown'],
  ['Props=a', 'Props'],
  ['props[]=a', 'query'],
  ['__proto__=a', '__proto__'],
  ['constructor=a', 'constructor'],
  ['123-12-1234=a', 'query'],
  ['john@example.org', 'query'],
  ['cursor=%00', 'cursor'],
])('%s is refused, naming %s', (query, field) => {
  expect(() => read('listObjects', query)).toThrow(
    expect.objectContaining({ code: 'PV1012', context: { field, reason: expect.any(String) } }),
  );
});

test('operations of other planes do not take a reason', () => {
  expect(() => read('listCollections', 'reason=Analytics')).toThrow(
    expect.objectContaining({ code: 'PV1012' }),
  );
  expect(read('listCollections', 'custom_audit=x')).toEqual({ custom_audit: 'x' });
});

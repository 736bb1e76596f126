import { VaultError } from '../../src/errors.js';
import type { Call } from '../../src/operations/call.js';
import type { Operations } from '../../src/http/options.js';
import { type TestServer, answering, bearer, errorOf, json, startServer } from './support.js';

let t: TestServer;

const ID = '0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c11';
const operations = {
  ...answering('listObjects', {}),
  ...answering('listCollections', []),
  getObjectById: {
    id: 'getObjectById',
    async run(call: Call) {
      await call.record({ outcome: 'masked', collection: 'users', objects: [ID] });
      throw new VaultError('PV9010');
    },
  },
  searchObjects: { id: 'searchObjects', run: async () => ({}) },
} as unknown as Operations;

beforeEach(async () => {
  t = await startServer({ operations, recordRemoteAddress: true, trustedProxies: 1 });
});
afterEach(() => t.close());

const USERS = '/data/collections/users';

test('an access is recorded with who, what, why and from where', async () => {
  const response = await t.request(`${USERS}/objects?reason=Other&adhoc_reason=a&custom_audit=b`, {
    headers: {
      ...bearer(t.keys.reader!),
      'x-tenant-id': 'x,y',
      'x-pvault-request-id': 'theirs',
      'x-forwarded-for': '::ffff:192.0.2.1',
    },
  });
  expect(await t.entries()).toEqual([
    {
      v: 1,
      time: expect.any(String),
      request_id: response.headers.get('x-request-id'),
      caller_request_id: 'theirs',
      user: 'reader',
      role: 'reader',
      key_id: t.keys.reader!.slice(8, 20),
      operation: 'listObjects',
      reason: 'Other',
      adhoc_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      custom_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      outcome: 'allowed',
      rule: 'capability:CapDataReader',
      iam_version: 1,
      tenants: ['x', 'y'],
      remote_addr: '192.0.2.1',
    },
  ]);
});

test.each([
  ['a parameter that is unknown', `${USERS}/objects?x=1`, {}, 'failed', 'PV1012'],
  ['a reason that is none', `${USERS}/objects?reason=x`, {}, 'failed', 'PV1002'],
  ['a body that is no JSON', `${USERS}/objects`, json('{'), 'failed', 'PV1012'],
  ['a body of the wrong type', `${USERS}/objects`, { method: 'POST', body: 'x' }, 'failed', 'PV9015'],
  ['a body too large', `${USERS}/query/objects`, json(' '.repeat(262_145)), 'failed', 'PV9014'],
  ['an operation that is planned', '/ctl/bundles', {}, 'failed', 'PV2001'],
])('%s leaves an entry that says so', async (_, path, init, outcome, code) => {
  const response = await t.request(path, init);
  expect(await errorOf(response)).toMatchObject({ error_code: code });
  expect(await t.entries()).toEqual([
    expect.objectContaining({
      user: 'Admin',
      outcome,
      error_code: code,
      request_id: response.headers.get('x-request-id'),
    }),
  ]);
});

test('a missing capability is recorded as denied', async () => {
  const response = await t.request('/ctl/collections', { headers: bearer(t.keys.reader!) });
  expect(await errorOf(response)).toEqual({
    status: 403,
    error_code: 'PV1007',
    context: { username: 'reader' },
  });
  expect(await t.entries()).toEqual([
    expect.objectContaining({
      user: 'reader',
      operation: 'listCollections',
      outcome: 'denied',
      error_code: 'PV1007',
    }),
  ]);
});

test('an effect that fails behind its record adds a second entry that refers to the first', async () => {
  expect((await t.request(`${USERS}/objects/${ID}`)).status).toBe(410);
  const [first, second] = await t.entries();
  expect(first).toMatchObject({ outcome: 'masked', objects: [ID] });
  expect(second).toMatchObject({
    outcome: 'failed',
    error_code: 'PV9010',
    refers: 0,
    request_id: first!.request_id,
  });
});

test('an operation that answers without having recorded shows nothing', async () => {
  expect((await t.request(`${USERS}/query/objects`, json({}))).status).toBe(500);
  expect(await t.entries()).toEqual([expect.objectContaining({ outcome: 'failed', error_code: 'PV1000' })]);
});

test('of a path only an id and a collection that exists are recorded', async () => {
  await t.request('/data/collections/john%40example.org/objects/not-an-id?x=1');
  await t.request(`/data/collections/users/objects/${ID.toUpperCase()}?x=1`);
  const [first, second] = await t.entries();
  expect(first).not.toHaveProperty('collection');
  expect(first).not.toHaveProperty('objects');
  expect(second).toMatchObject({ objects: [ID] });
  expect(second).not.toHaveProperty('collection');
});

describe('while the log cannot be written', () => {
  beforeEach(() =>
    t.vault.database.run({
      name: 'hide',
      text: 'alter table access_log rename to access_log_hidden',
      values: [],
    }),
  );
  afterEach(() =>
    t.vault.database.run({
      name: 'show',
      text: 'alter table access_log_hidden rename to access_log',
      values: [],
    }),
  );

  test.each([
    ['an access', '/ctl/collections', {}],
    ['a refusal', `${USERS}/objects?x=1`, {}],
    ['a missing capability', '/ctl/types', {}],
  ])('%s is answered 503 PV9017 and shows nothing', async (_, path, init) => {
    const response = await t.request(path, init);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await errorOf(response)).toEqual({ status: 503, error_code: 'PV9017', context: {} });
  });
});

describe('callers who cannot be authenticated', () => {
  const fail = (from: string, authorization = 'Bearer wrong'): Promise<Response> =>
    t.request(`${USERS}/objects`, { headers: { authorization, 'x-forwarded-for': from } });

  test('are counted per source and error, and written when the server stops', async () => {
    for (let i = 0; i < 7; i++) await fail('192.0.2.1');
    await fail('192.0.2.2', '');
    await fail('2001:db8:0:1::1', '');
    await fail('2001:db8:0:2::1', '');
    await fail('192.0.2.3', `Bearer ${t.keys.disabled!}`);
    expect(await t.entries()).toEqual([]);

    await t.server.close();
    const entries = await t.entries();
    const shared = { user: '', role: '', operation: 'authenticate', outcome: 'denied', iam_version: 0 };
    for (const entry of entries) expect(entry).toMatchObject(shared);
    expect(entries.map((e) => [e.remote_addr, e.error_code, e.count])).toEqual(
      expect.arrayContaining([
        ['192.0.2.1', 'PV1005', 5],
        ['192.0.2.1', 'PV9016', 2],
        ['192.0.2.2', 'PV1005', 1],
        ['2001:db8::/56', 'PV1005', 2],
        ['192.0.2.3', 'PV1011', 1],
      ]),
    );
    expect(entries).toHaveLength(5);
  });
});

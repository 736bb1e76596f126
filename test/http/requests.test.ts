import { gzipSync } from 'node:zlib';
import type { Call } from '../../src/operations/call.js';
import { BASE, type TestServer, answering, errorOf, json, raw, startServer } from './support.js';

let t: TestServer;
const calls: Call[] = [];

beforeAll(async () => {
  t = await startServer({
    operations: {
      ...answering('listObjects', {}, calls),
      ...answering('addObject', {}, calls),
      ...answering('detokenize', [], calls),
      ...answering('tokenize', [], calls),
      ...answering('searchObjects', {}, calls),
      ...answering('deleteTokens', undefined, calls),
      ...answering('deleteObjectById', undefined, calls),
      ...answering('setIamConf', undefined, calls),
      ...answering('addCollection', {}, calls),
      ...answering('listAuditEntries', {}, calls),
      ...answering('rotateTokens', {}, calls),
      ...answering('getObjectsCount', {}, calls),
    },
  });
});
beforeEach(() => void (calls.length = 0));
afterAll(() => t.close());

const USERS = '/data/collections/users';
const bad = (field: string, reason: unknown = expect.any(String)): unknown => ({
  status: 400,
  error_code: 'PV1012',
  context: { field, reason },
});

describe('what an operation gets', () => {
  test('path, query, body and headers, parsed', async () => {
    const response = await t.request(
      `${USERS}/objects?reason=Maintenance&adhoc_reason=a%20b&custom_audit=c&expiration_secs=`,
      json(
        { ssn: '123-12-1234' },
        {
          headers: {
            'content-type': 'application/json; charset=utf-8',
            accept: 'text/plain;q=0.5, application/json',
            'x-tenant-id': ' a, b,,c ',
            'x-pvault-request-id': 'theirs-1',
          },
        },
      ),
    );
    expect(response.status).toBe(200);
    expect(calls[0]).toMatchObject({
      operation: 'addObject',
      requestId: response.headers.get('x-request-id'),
      callerRequestId: 'theirs-1',
      path: { collection: 'users' },
      query: { expiration_secs: '', import: false },
      body: { ssn: '123-12-1234' },
      contentType: 'application/json',
      accept: 'text/plain',
      tenants: ['a', 'b', 'c'],
      transParam: null,
      reason: 'Maintenance',
      reasonDefaulted: false,
      adhocReason: 'a b',
      customAudit: 'c',
      remoteAddress: null,
      idempotency: null,
    });
  });

  test('headers that are there but empty count as absent', async () => {
    await t.request(`${USERS}/objects`, { headers: { 'x-tenant-id': '', 'x-trans-param': '' } });
    expect(calls[0]).toMatchObject({ tenants: [], transParam: null, callerRequestId: null });
  });

  test('X-Trans-Param arrives', async () => {
    await t.request(`${USERS}/objects`, { headers: { 'x-trans-param': 'p1' } });
    expect(calls[0]!.transParam).toBe('p1');
  });

  test('a tenant header that comes twice is one list', async () => {
    const head = `GET ${BASE}${USERS}/count/objects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pvaultauth\r\nConnection: close\r\n`;
    expect(await raw(t.port, `${head}X-Tenant-Id: a\r\nX-Tenant-Id: b\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
    expect(calls[0]!.tenants).toEqual(['a', 'b']);
  });

  test.each([
    ['UTF-8', 'utf8'],
    ['Latin-1', 'latin1'],
  ] as const)('a tenant beyond ASCII is the same in %s', async (_, encoding) => {
    const head = `GET ${BASE}${USERS}/count/objects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pvaultauth\r\nConnection: close\r\n`;
    await raw(t.port, Buffer.from(`${head}X-Tenant-Id: caf\u00e9,b\r\n\r\n`, encoding));
    expect(calls[0]!.tenants).toEqual(['caf\u00e9', 'b']);
  });

  test.each([
    ['only commas', ' , ,'],
    ['one too long', `a,${'x'.repeat(5_000)}`],
  ])('tenants that are none do not make the request one for all, they are refused: %s', async (_, header) => {
    const answer = await t.request(`${USERS}/objects`, { headers: { 'x-tenant-id': header } });
    expect(await errorOf(answer)).toMatchObject({
      error_code: 'PV1012',
      context: { field: 'X-Tenant-Id' },
    });
    expect(calls).toEqual([]);
  });
});

describe('reasons', () => {
  test('a missing one is AppFunctionality, and the call says that it was filled in', async () => {
    await t.request(`${USERS}/objects`);
    await t.request(`${USERS}/objects?reason=`);
    for (const call of calls)
      expect(call).toMatchObject({ reason: 'AppFunctionality', reasonDefaulted: true });
    expect(calls).toHaveLength(2);
  });

  test.each(['appfunctionality', 'Curiosity', 'AppFunctionality,Other'])(
    '%s is no reason: PV1002',
    async (reason) => {
      expect(await errorOf(await t.request(`${USERS}/objects?reason=${reason}`))).toEqual({
        status: 400,
        error_code: 'PV1002',
        context: { field: 'reason', reason: expect.stringMatching(/^It must be one of: AppFunctionality, /) },
      });
    },
  );

  test.each(['', '&adhoc_reason='])(
    'Other without words of its own: PV1012 naming adhoc_reason (%j)',
    async (more) => {
      expect(await errorOf(await t.request(`${USERS}/objects?reason=Other${more}`))).toEqual(
        bad('adhoc_reason'),
      );
    },
  );

  test('Other with words is fine, up to 256 characters of them', async () => {
    const words = (length: number): string =>
      `${USERS}/objects?reason=Other&adhoc_reason=${'x'.repeat(length)}`;
    expect((await t.request(words(256))).status).toBe(200);
    expect(await errorOf(await t.request(words(257)))).toEqual(
      bad('adhoc_reason', 'It must be at most 256 characters long.'),
    );
  });

  test('a reason given twice: PV1012', async () => {
    const query = 'reason=Analytics&reason=Analytics';
    expect(await errorOf(await t.request(`${USERS}/objects?${query}`))).toEqual(bad('reason'));
  });
});

describe('queries against the contract', () => {
  test.each([
    ['options=archived', 'options/0'],
    ['options=include_metadata,nonsense', 'options/1'],
    ['reload_cache=maybe', 'reload_cache'],
    ['nonsense=1', 'nonsense'],
  ])('detokenize?%s is refused, naming %s', async (query, field) => {
    expect(await errorOf(await t.request(`${USERS}/tokens?${query}`))).toEqual(bad(field));
  });

  test.each([
    ['page_size=0', 'page_size', 'It must be at least 1.'],
    ['page_size=ten', 'page_size', 'It must be of type integer.'],
  ])('listObjects?%s is refused', async (query, field, reason) => {
    expect(await errorOf(await t.request(`${USERS}/objects?${query}`))).toEqual(bad(field, reason));
  });

  test.each([
    ['limit=1001', 'limit', 'It must be at most 1000.'],
    ['from=yesterday', 'from', 'It is not a valid date-time.'],
    ['object_id=1', 'object_id', 'It is not a valid uuid.'],
    ['outcome=fine', 'outcome', 'It must be one of: allowed, masked, denied, failed.'],
  ])('audit?%s is refused', async (query, field, reason) => {
    expect(await errorOf(await t.request(`/api/coatcheck/1.0/audit/entries?${query}`))).toEqual(
      bad(field, reason),
    );
  });

  test.each([
    ['expiration_secs=-1', 'expiration_secs'],
    ['expiration_secs=soon', 'expiration_secs'],
  ])('addObject?%s is refused', async (query, field) => {
    expect(await errorOf(await t.request(`${USERS}/objects?${query}`, json({})))).toEqual(
      bad(field, 'It must match ^[0-9]{0,10}$'),
    );
  });

  test('a parameter that is needed and missing is named', async () => {
    const request = { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: 'x' };
    expect(await errorOf(await t.request(`${USERS}/encrypt/blob`, request))).toEqual(
      bad('prop', 'It is missing.'),
    );
  });

  test('a thousand token ids in a URL arrive', async () => {
    const ids = Array.from({ length: 1_000 }, () => crypto.randomUUID());
    expect((await t.request(`${USERS}/tokens?token_ids=${ids.join(',')}&props=ssn`)).status).toBe(200);
    expect(calls[0]!.query).toEqual({ token_ids: ids, props: ['ssn'] });
  });
});

describe('bodies against the contract', () => {
  const tokenize = (...items: unknown[]): Promise<Response> => t.request(`${USERS}/tokens`, json(items));
  const object = { id: '1' };

  test.each([
    ['no list', { type: 'pointer', object }, 'body', 'It must be of type array.'],
    ['no type', [{ object }], '/0/type', 'It is missing.'],
    [
      'an unknown type',
      [{ type: 'x', object }],
      '/0/type',
      'It must be one of: pci, pci_oneway, pointer, randomized, deterministic.',
    ],
    [
      'an unknown member',
      [{ type: 'pointer', object, extra: 1 }],
      '/0/extra',
      expect.stringMatching(/^It is not known here. Known are: .*object, /),
    ],
    [
      'a name that looks like a value',
      [{ type: 'pointer', object, '123-12-1234': 1 }],
      '/0',
      expect.stringMatching(/^It is not known here. Known are: /),
    ],
    ['a number for a list', [{ type: 'pointer', object, tags: 1 }], '/0/tags', 'It must be of type array.'],
    [
      'a number in a list',
      [{ type: 'pointer', object, tags: ['a', 1] }],
      '/0/tags/1',
      'It must be of type string.',
    ],
    [
      'nothing to take',
      [{ type: 'pointer', object: {} }],
      '/0/object',
      'It must be exactly one of the alternatives.',
    ],
    [
      'two things to take',
      [{ type: 'pointer', object: { id: '1', fields: {} } }],
      '/0/object',
      expect.any(String),
    ],
  ])('%s is refused, naming place and rule', async (_, body, field, reason) => {
    expect(await errorOf(await t.request(`${USERS}/tokens`, json(body)))).toEqual(bad(field, reason));
  });

  test('an error never quotes a value', async () => {
    const canary = '987-65-4321';
    const responses = await Promise.all([
      tokenize({ type: canary, object: { id: canary, fields: canary } }),
      t.request(`${USERS}/objects`, json(`{"ssn": "${canary}" ${canary}}`)),
      t.request(`${USERS}/objects?reason=${canary}&${canary}=${canary}`),
      t.request(`${USERS}/objects?${canary}=${canary}`),
      t.request(`${USERS}/objects?page_size=${canary}`),
      t.request(`/${canary}`),
      t.request(`${USERS}/objects`, json({}, { headers: { 'content-type': canary } })),
      t.request(`${USERS}/query/objects`, json({ like: { [canary]: { x: canary } } })),
    ]);
    for (const response of responses) {
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.text()).not.toContain(canary);
    }
  });

  test('null members of an input object count as absent', async () => {
    const nulls = { id: '1', fields: null, encrypted: null, request_index: null };
    expect((await tokenize({ type: 'pointer', object: nulls })).status).toBe(200);
    expect(calls[0]!.body).toEqual([{ type: 'pointer', object: { id: '1' } }]);
  });

  test('null values of a property stay: they mean something', async () => {
    expect((await tokenize({ type: 'pointer', object: { fields: { ssn: null } } })).status).toBe(200);
    expect(calls[0]!.body).toEqual([{ type: 'pointer', object: { fields: { ssn: null } } }]);
  });

  test('unknown attributes of a property definition are let through, as they always were', async () => {
    const collection = {
      name: 'a',
      type: 'PERSONS',
      properties: [{ name: 'b', data_type_name: 'STRING', is_new: 1 }],
    };
    expect((await t.request('/ctl/collections', json(collection))).status).toBe(200);
  });

  test.each([
    ['half of it', '{"a":', 'body'],
    ['a lone surrogate', '{"ssn":"\\ud800"}', '/ssn'],
    ['U+0000', '{"ssn":"a\\u0000"}', '/ssn'],
    ['a hundred thousand levels', '{"a":'.repeat(1e4) + '1' + '}'.repeat(1e4), 'body'],
    ['__proto__', '{"__proto__":{}}', 'body'],
  ])('JSON with %s is a clean 400', async (_, body, field) => {
    expect(await errorOf(await t.request(`${USERS}/objects`, json(body)))).toEqual(bad(field));
    expect(calls).toEqual([]);
  });
});

describe('bodies: length and type', () => {
  test('a body that is needed and missing: PV1012', async () => {
    for (const init of [{ method: 'POST' }, json('', {})]) {
      expect(await errorOf(await t.request(`${USERS}/objects`, init))).toEqual(bad('body', 'It is missing.'));
    }
  });

  test('GET and DELETE with a content type and no body are fine', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await t.request(`${USERS}/objects`, { headers })).status).toBe(200);
    expect((await t.request(`${USERS}/objects/1`, { method: 'DELETE', headers })).status).toBe(200);
    expect(calls[0]!.contentType).toBeNull();
  });

  test('POST without a body is fine where none is taken', async () => {
    const rotate = `${USERS}/rotate/tokens?token_ids=a`;
    expect((await t.request(rotate, { method: 'POST' })).status).toBe(200);
    expect(
      (await t.request(rotate, { method: 'POST', headers: { 'content-type': 'application/json' } })).status,
    ).toBe(200);
  });

  test('a body where none is taken: PV1012', async () => {
    expect(await errorOf(await t.request(`${USERS}/tokens`, json({}, { method: 'DELETE' })))).toEqual(
      bad('body', 'This operation takes none.'),
    );
  });

  test('DELETE with a body works where the contract has one', async () => {
    const request = json([{ id: '1' }], { method: 'DELETE' });
    // Not among the operations served here: it gets as far as 501, behind all guards.
    expect((await t.request(`${USERS}/bulk/objects`, request)).status).toBe(501);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'application/json, text/plain',
    '',
  ])('content type %j for JSON: 415 PV9015', async (type) => {
    const response = await t.request(`${USERS}/objects`, json({}, { headers: { 'content-type': type } }));
    expect(await errorOf(response)).toMatchObject({ status: 415, error_code: 'PV9015' });
  });

  test('a charset other than UTF-8: 415 PV9015', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-16' };
    expect((await t.request(`${USERS}/objects`, json({}, { headers }))).status).toBe(415);
  });

  test('no content type: the operation knows what it takes', async () => {
    const head = `POST ${BASE}${USERS}/objects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pvaultauth\r\nConnection: close\r\n`;
    expect(await raw(t.port, `${head}Content-Length: 9\r\n\r\n{"a":"b"}`)).toMatch(/^HTTP\/1.1 200 /);
    expect(calls[0]!.body).toEqual({ a: 'b' });
  });

  test.each(['gzip', 'deflate', 'br', 'gzip, identity'])('a body in %s: 415 PV9015', async (encoding) => {
    const request = { ...json({}), body: gzipSync(Buffer.alloc(1e6, '[')) };
    const headers = { ...(request.headers as object), 'content-encoding': encoding };
    const response = await t.request(`${USERS}/objects`, { ...request, headers });
    expect(await errorOf(response)).toMatchObject({ status: 415, error_code: 'PV9015' });
  });

  test('TOML arrives as text', async () => {
    const request = { method: 'POST', headers: { 'content-type': 'application/toml' }, body: '[users]\n' };
    expect((await t.request('/ctl/iam/conf', request)).status).toBe(200);
    expect(calls[0]).toMatchObject({ contentType: 'application/toml', body: '[users]\n' });
  });

  test.each([
    ['JSON', 'application/json', '{}', 415],
    ['U+0000', 'application/toml', 'a\0', 400],
    ['bytes that are no text', 'application/toml', Buffer.from([0xff]), 400],
  ])('TOML: %s is refused', async (_, type, body, status) => {
    const request = { method: 'POST', headers: { 'content-type': type }, body };
    expect((await t.request('/ctl/iam/conf', request)).status).toBe(status);
  });

  test('an operation with two types gets the one that was sent', async () => {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/pvschema' },
      body: 'a PERSONS ()',
    };
    expect((await t.request('/ctl/collections', request)).status).toBe(200);
    expect(calls[0]).toMatchObject({ contentType: 'application/pvschema', body: 'a PERSONS ()' });
  });

  const padded = (bytes: number): string => `{"match":{"a":"${'x'.repeat(bytes - 18)}"}}`;

  test('256 KiB pass, one byte more is 413 PV9014', async () => {
    expect((await t.request(`${USERS}/query/objects`, json(padded(262_144)))).status).toBe(200);
    expect(await errorOf(await t.request(`${USERS}/query/objects`, json(padded(262_145))))).toEqual({
      status: 413,
      error_code: 'PV9014',
      context: { max_bytes: '262144' },
    });
  });

  test('a megabyte too much is answered, not cut off, and the connection goes on', async () => {
    expect((await t.request(`${USERS}/query/objects`, json(padded(1_000_000)))).status).toBe(413);
    expect((await t.request(`${USERS}/objects`)).status).toBe(200);
  });

  test('a body in chunks is counted', async () => {
    const head = `POST ${BASE}${USERS}/query/objects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pvaultauth\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `8000\r\n${' '.repeat(0x8000)}\r\n`;
    expect(await raw(t.port, head, chunk.repeat(7), '2\r\n{}\r\n0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw(t.port, head, chunk.repeat(8), '2\r\n{}\r\n0\r\n\r\n')).toMatch(/^HTTP\/1.1 413 /);
  });
});

describe('Idempotency-Key', () => {
  const add = (key: string, body: unknown = { a: 1 }, path = `${USERS}/objects`): Promise<Response> =>
    t.request(path, json(body, { headers: { 'idempotency-key': key } }));
  const last = (): Buffer => calls.at(-1)!.idempotency!.request;

  test('arrives with what tells the request from others, and that is not a plain hash of the body', async () => {
    await add('key-1');
    expect(calls[0]!.idempotency!.key).toBe('key-1');
    const first = last();
    await add('key-2');
    expect(last().equals(first)).toBe(true);
    await add('key-1', { a: 2 });
    expect(last().equals(first)).toBe(false);
    await add('key-1', { a: 1 }, `${USERS}/objects?expiration_secs=1`);
    expect(last().equals(first)).toBe(false);
  });

  test.each(['', 'x'.repeat(256), 'caf\u00e9'])('%j is none: PV1012', async (key) => {
    expect(await errorOf(await add(key))).toEqual(bad('Idempotency-Key'));
  });

  test('operations that create nothing ignore it', async () => {
    await t.request(`${USERS}/query/objects`, json({}, { headers: { 'idempotency-key': '' } }));
    expect(calls[0]!.idempotency).toBeNull();
  });
});

test.each(['x'.repeat(257), 'caf\u00e9'])(
  'a request id of the caller that cannot be kept is refused: %j',
  async (id) => {
    const response = await t.request(`${USERS}/objects`, { headers: { 'x-pvault-request-id': id } });
    expect(await errorOf(response)).toEqual(bad('X-Pvault-Request-ID'));
  },
);

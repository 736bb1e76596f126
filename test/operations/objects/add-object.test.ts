import { setClients } from '../../support/iam.js';
import { addCollection, addObject, fieldsOf, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

const OBJECTS = '/data/collections/users/objects';
let vault: TestVault;
const add = (json: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', OBJECTS + query, { json, ...sent });
const count = async (): Promise<number> =>
  ((await vault.send('GET', '/data/collections/users/count/objects')).body as { total: number }).total;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'strict DATA ( must STRING, may STRING NULL, flag BOOLEAN NULL );');
});
afterAll(() => vault.close());

describe('200', () => {
  test('answers the id and nothing else', async () => {
    const answer = await add({ name: 'Ann Lee', ssn: '123-12-1234' });
    expect(answer.body).toEqual({ id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/) });
    expect(await fieldsOf(vault, answer.body.id)).toEqual({ name: 'Ann Lee', ssn: '123-12-1234' });
  });

  test('an id of the caller is stored in lower case', async () => {
    const id = 'ABCDEF00-1111-4222-8333-444455556666';
    expect((await add({ id })).body).toEqual({ id: id.toLowerCase() });
  });

  test('values are normalised before they are stored', async () => {
    const id = await addObject(vault, { phone_number: '+972-54-1234567', email: 'JohnA@gmail.com' });
    expect(await fieldsOf(vault, id)).toEqual({ phone_number: '+972541234567', email: 'JohnA@gmail.com' });
  });

  test('null of a nullable property counts as no value', async () => {
    expect(await fieldsOf(vault, await addObject(vault, { name: null }))).toEqual({});
  });

  test.each([
    '/',
    '/?reason=Analytics',
    '?reason=&adhoc_reason=&custom_audit=x&import=false&reload_cache=true',
  ])('accepts %s behind the path', async (end) => expect((await add({ name: 'x' }, end)).status).toBe(200));

  test.each([
    ['expiration_secs=', undefined],
    ['', undefined],
    ['expiration_secs=3600', expect.any(String)],
  ])('with %j the expiration is %p', async (query, expiry) => {
    const id = await addObject(vault, {}, { query: `?${query}` });
    const { _creation_time: from, _expiration_time: until } = (await fieldsOf(
      vault,
      id,
      '?props=_creation_time,_expiration_time',
    )) as Record<string, string>;
    expect(until).toEqual(expiry);
    if (until) expect(Date.parse(until) - Date.parse(from!)).toBe(3_600_000);
  });

  test('the only tenant of the request becomes the object’s, and a tenant in the body may be one of several', async () => {
    const one = await addObject(vault, {}, { headers: { 'x-tenant-id': 'acme' } });
    const two = await addObject(vault, { _tenant_id: 'b' }, { headers: { 'x-tenant-id': 'a, b' } });
    expect(await fieldsOf(vault, one, '?props=_tenant_id')).toEqual({ _tenant_id: 'acme' });
    expect(await fieldsOf(vault, two, '?props=_tenant_id')).toEqual({ _tenant_id: 'b' });
  });

  test('an X-Tenant-Id that is there but empty is none', async () => {
    const id = await addObject(vault, {}, { headers: { 'x-tenant-id': '', 'x-trans-param': '' } });
    expect(await fieldsOf(vault, id, '?props=_tenant_id')).toEqual({});
  });

  test('a unique value whose holder has expired is free again', async () => {
    const holder = await addObject(vault, { ssn: '111-22-3333' });
    await sql(vault, "update object set expires_at = now() - interval '1 second' where id = $1", [holder]);
    expect((await add({ ssn: '111-22-3333' })).status).toBe(200);
    expect(refused(await add({ ssn: '111-22-3333' }))).toBe('409 PV9001');
  });

  test('a unique value of a deleted object is free again', async () => {
    const holder = await addObject(vault, { ssn: '111-22-4444' });
    await vault.send('DELETE', `${OBJECTS}/${holder}`);
    expect((await add({ ssn: '111-22-4444' })).status).toBe(200);
  });

  test('no value is as often there as one likes, even where the property is unique', async () => {
    expect([(await add({ ssn: null })).status, (await add({})).status]).toEqual([200, 200]);
  });
});

describe('200 with Idempotency-Key', () => {
  const keyed = (key: string): Sent => ({ headers: { 'idempotency-key': key } });

  test('a repetition gets the first answer and has no effect', async () => {
    const before = await count();
    const first = await add({ ssn: '222-33-4444' }, '', keyed('a1'));
    const second = await add({ ssn: '222-33-4444' }, '', keyed('a1'));
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body).toEqual(first.body);
    expect(await count()).toBe(before + 1);
  });

  test('of several at once one has the effect and all get its answer', async () => {
    const before = await count();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => add({ ssn: '222-33-5555' }, '', keyed('a2'))),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await count()).toBe(before + 1);
  });

  test('another body under the same key is 422 PV9019, one after the other and at once', async () => {
    await add({ name: 'a' }, '', keyed('a3'));
    expect(refused(await add({ name: 'b' }, '', keyed('a3')))).toBe('422 PV9019');
    const both = await Promise.all([
      add({ name: 'c' }, '', keyed('a4')),
      add({ name: 'd' }, '', keyed('a4')),
    ]);
    expect(both.map(refused).sort()).toEqual(['200 ', '422 PV9019']);
  });

  test('the same key of another user is another key', async () => {
    const { writer } = await setClients(vault, [
      {
        name: 'writer',
        capabilities: ['CapDataWriter'],
        allow: [{ operations: ['write'], resources: ['*'] }],
      },
    ]);
    const mine = await add({ name: 'e' }, '', keyed('a5'));
    const theirs = await add({ name: 'f' }, '', { ...keyed('a5'), key: writer! });
    expect(theirs.status).toBe(200);
    expect(theirs.body).not.toEqual(mine.body);
  });

  test('a refused request uses no key up', async () => {
    expect((await add({ ssn: 'no' }, '', keyed('a6'))).status).toBe(400);
    expect((await add({ ssn: '222-33-6666' }, '', keyed('a6'))).status).toBe(200);
  });
});

describe('400', () => {
  test.each([
    [{ ssn: '12' }, 'PV3002', { property: 'ssn', reason: expect.any(String) }],
    [{ email: 5 }, 'PV3002', { property: 'email', reason: expect.any(String) }],
    [{ birthday: '2024-02-30' }, 'PV3002', { property: 'birthday', reason: expect.any(String) }],
    [{ id: 'x' }, 'PV3002', { property: 'id', reason: expect.any(String) }],
    [
      { _creation_time: '2024-01-01T00:00:00Z' },
      'PV9006',
      { property: '_creation_time', reason: 'set by the vault' },
    ],
  ])('%j is %s', async (fields, code, context) => {
    expect(refusal(await add(fields))).toEqual([400, code, context]);
  });

  test.each([{}, { must: null }, { may: 'x' }])(
    '%j lacks a value that must be there: PV9002',
    async (json) => {
      const answer = await vault.send('POST', '/data/collections/strict/objects', { json });
      expect(refusal(answer)).toEqual([400, 'PV9002', { property: 'must' }]);
    },
  );

  test.each([
    'expiration_secs=0',
    'expiration_secs=-1',
    'expiration_secs=x',
    'expiration_secs=9999999999',
    'import=maybe',
  ])('?%s is PV1012', async (query) => expect(refused(await add({}, `?${query}`))).toBe('400 PV1012'));

  test.each([
    ['?reason=Fun', 'PV1002'],
    ['?reason=Other', 'PV1012'],
    ['?reason=Other&adhoc_reason=', 'PV1012'],
  ])('%s is %s', async (query, code) => expect(refused(await add({}, query))).toBe(`400 ${code}`));

  // A lone surrogate survives JSON only as an escape.
  test.each([
    '[]',
    '"x"',
    'null',
    '{',
    '{"a":1}x',
    String.raw`{"name":"a\ud800"}`,
    String.raw`{"name":"\u0000"}`,
  ])('the body %s is PV1012', async (raw) =>
    expect(refused(await vault.send('POST', OBJECTS, { raw, type: 'application/json' }))).toBe('400 PV1012'),
  );

  test('with several tenants the object must name one: PV9006', async () => {
    expect(refusal(await add({}, '', { headers: { 'x-tenant-id': 'a,b' } }))).toEqual([
      400,
      'PV9006',
      { field: '_tenant_id' },
    ]);
  });

  test('a value that is refused is nowhere in the answer', async () => {
    expect((await add({ ssn: '999-canary' })).text).not.toContain('canary');
  });
});

describe('403', () => {
  test('every property given must be allowed, and the tenant must be the request’s', async () => {
    const { partly } = await setClients(vault, [
      {
        name: 'partly',
        capabilities: ['CapDataWriter'],
        allow: [{ operations: ['write'], resources: ['users/properties/name'] }],
      },
    ]);
    const key = partly!;
    expect((await add({ name: 'x' }, '', { key })).status).toBe(200);
    expect(refusal(await add({ name: 'x', email: 'a@b.co' }, '', { key }))).toEqual([
      403,
      'PV1006',
      { username: 'partly' },
    ]);
    expect(refused(await add({ _tenant_id: 'b' }, '', { headers: { 'x-tenant-id': 'a' } }))).toBe(
      '403 PV9009',
    );
  });

  test('without the capability it is PV1007', async () => {
    const { reader } = await setClients(vault, [
      { name: 'reader', capabilities: ['CapDataReader'], allow: [{ operations: ['*'], resources: ['*'] }] },
    ]);
    expect(refusal(await add({ name: 'x' }, '', { key: reader! }))).toEqual([
      403,
      'PV1007',
      { username: 'reader' },
    ]);
  });
});

describe('404', () => {
  test('an unknown collection is PV1004, an unknown property PV3004', async () => {
    expect(refused(await vault.send('POST', '/data/collections/none/objects', { json: {} }))).toBe(
      '404 PV1004',
    );
    const reason = 'There is no property of the name at position 2 of those given.';
    expect(refusal(await add({ name: 'Ada', nick: 'x' }))).toEqual([404, 'PV3004', { reason }]);
    expect(refused(await add({ 'ssn.mask': 'x' }))).toBe('404 PV3004');
    expect(refused(await add({ constructor: 'x' }))).toBe('404 PV3004');
  });
});

describe('409', () => {
  test('a value that another active object has is PV9001 and names the property', async () => {
    await add({ ssn: '333-44-5555' });
    expect(refusal(await add({ ssn: '333-44-5555' }))).toEqual([409, 'PV9001', { property: 'ssn' }]);
    expect(refused(await add({ ssn: '333445555' }))).toBe('409 PV9001');
  });

  test('of many at once that want the same value one gets it', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => add({ ssn: '333-44-6666' })));
    expect(answers.map(refused).sort()).toEqual(['200 ', ...Array(5).fill('409 PV9001')]);
  });

  test('an id that an object has is PV9022, in whatever case', async () => {
    const id = 'aaaaaaaa-1111-4222-8333-444455556666';
    const same = { phone_number: '12345678', ssn: '333-44-7777' };
    await add({ id, ...same });
    expect(refused(await add({ id: id.toUpperCase() }))).toBe('409 PV9022');
    expect(refused(await add({ id, ...same }))).toBe('409 PV9022');
  });
});

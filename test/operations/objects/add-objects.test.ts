import { randomUUID } from 'node:crypto';
import { setClients } from '../../support/iam.js';
import { addCollection, addObject, fieldsOf, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';
import { bulkOf, entriesOf, outcomes } from './bulk.js';

let vault: TestVault;
const add = (json: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
  bulkOf(() => vault)('POST', json, query, sent);
const count = async (): Promise<number> =>
  ((await vault.send('GET', '/data/collections/users/count/objects')).body as { total: number }).total;
/** That `work` leaves no object behind. */
const writesNothing = async <T>(work: () => Promise<T>): Promise<T> => {
  const before = await count();
  const result = await work();
  expect(await count()).toBe(before);
  return result;
};
let serial = 100_000;
const freshSsn = (): string =>
  String(++serial).replace(/^(\d{3})(\d{3})$/, (_, a: string, b: string) => `${a}-11-1${b}`);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'strict DATA ( must STRING, may STRING NULL );');
});
afterAll(() => vault.close());

describe('200', () => {
  test('stores all, answers their ids in the order of the request, and lists them in that order', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `N${i}`);
    const answer = await add(
      names.map((name) => ({ name, ssn: freshSsn(), phone_number: `1234567${name.slice(1)}0` })),
    );
    const ids = outcomes(answer);
    expect(answer.body).toEqual({ ok: true, results: ids.map((id) => ({ id, ok: true })) });
    expect(await fieldsOf(vault, ids[7]!, '?props=name')).toEqual({ name: 'N7' });
    const list = await vault.send('GET', '/data/collections/users/objects?props=id,name');
    expect(list.body.results).toEqual(ids.map((id, i) => ({ id, name: names[i] })));
    const found = await vault.send('POST', '/data/collections/users/query/objects?props=id', {
      json: { match: { phone_number: '123-456770' } },
    });
    expect(found.body.results).toEqual([{ id: ids[7] }]);
  });

  test('an empty list writes nothing and is recorded', async () => {
    const answer = await writesNothing(() => add([]));
    expect(answer.body).toEqual({ ok: true, results: [] });
    expect((await entriesOf(vault, 'addObjects')).at(-1)).toMatchObject({
      outcome: 'allowed',
      rule: 'nothing-asked',
    });
  });

  test('a thousand objects are one entry in the log, which names them all', async () => {
    const before = (await entriesOf(vault, 'addObjects')).length;
    const ids = outcomes(await add(Array.from({ length: 1000 }, () => ({ name: 'many' }))));
    const entries = (await entriesOf(vault, 'addObjects')).slice(before);
    expect(new Set(ids).size).toBe(1000);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ outcome: 'allowed', objects: ids });
  });

  test('ids of the callers are taken, in lower case', async () => {
    const id = randomUUID();
    expect(outcomes(await add([{ id: id.toUpperCase() }, {}]))[0]).toBe(id);
  });

  test('a tenant of the request, or the one an item names, becomes the object’s', async () => {
    const [a] = outcomes(await add([{}], '', { headers: { 'x-tenant-id': 'acme' } }));
    const [b, c] = outcomes(
      await add([{ _tenant_id: 'b' }, { _tenant_id: 'a' }], '', { headers: { 'x-tenant-id': 'a,b' } }),
    );
    const tenants = [a, b, c].map((id) => fieldsOf(vault, id!, '?props=_tenant_id'));
    expect(await Promise.all(tenants)).toEqual([
      { _tenant_id: 'acme' },
      { _tenant_id: 'b' },
      { _tenant_id: 'a' },
    ]);
  });

  test('expiration_secs is for all of them', async () => {
    const ids = outcomes(await add([{}, {}], '?expiration_secs=3600'));
    for (const id of ids) {
      const times = (await fieldsOf(vault, id, '?props=_creation_time,_expiration_time')) as Record<
        string,
        string
      >;
      expect(Date.parse(times._expiration_time!) - Date.parse(times._creation_time!)).toBe(3_600_000);
    }
  });

  test('expired holders yield their unique values to a batch', async () => {
    const [one, two] = [freshSsn(), freshSsn()];
    for (const ssn of [one, two]) {
      const id = await addObject(vault, { ssn });
      await sql(vault, "update object set expires_at = now() - interval '1 second' where id = $1", [id]);
    }
    expect((await add([{ ssn: one }, { ssn: two }])).body.ok).toBe(true);
    expect(outcomes(await add([{ ssn: one }, { ssn: two }]))).toEqual(['PV9001', 'PV9001']);
  });
});

describe('200 with ok false: nothing is written, each item says why', () => {
  test('what is wrong with an item stands beside it, as its own answer would have said it', async () => {
    const id = randomUUID();
    await addObject(vault, { id, ssn: '900-11-1111' });
    const answer = await writesNothing(() =>
      add([
        { name: 'fine' },
        { ssn: '12' },
        { nick: 'x' },
        { _creation_time: '2024-01-01T00:00:00Z' },
        { id: 'x' },
      ]),
    );
    const error = (error_code: string, context: object, message = expect.any(String)) => ({
      error_code,
      message,
      context,
      ...(error_code < 'PV9' && { error_url: `https://docs.piiano.com/api/error-codes#${error_code}` }),
    });
    expect(answer.body).toEqual({
      ok: false,
      results: [
        { ok: false, error: error('PV9030', {}, 'Another item of the request failed, so nothing was done.') },
        { ok: false, error: error('PV3002', { property: 'ssn', reason: expect.any(String) }) },
        { ok: false, error: error('PV3004', { reason: expect.any(String) }) },
        {
          ok: false,
          error: error('PV9006', { property: '_creation_time', reason: 'set by the vault' }),
        },
        { ok: false, error: error('PV3002', { property: 'id', reason: expect.any(String) }) },
      ],
    });
  });

  test('an item that lacks what must be there is PV9002', async () => {
    const answer = await bulkOf(() => vault, 'strict')('POST', [{ must: 'x' }, { may: 'x' }, { must: null }]);
    expect(outcomes(answer)).toEqual(['PV9030', 'PV9002', 'PV9002']);
    expect(answer.body.results[1].error.context).toEqual({ property: 'must' });
  });

  test('of two items with one unique value the second is PV9001, in whatever spelling', async () => {
    const answer = await writesNothing(() =>
      add([{ ssn: '901-11-1111' }, { name: 'x' }, { ssn: '901111111' }]),
    );
    expect(outcomes(answer)).toEqual(['PV9030', 'PV9030', 'PV9001']);
    expect(answer.body.results[2].error.context).toEqual({ property: 'ssn' });
  });

  test('a unique value and an id that an object has already are PV9001 and PV9022, however many', async () => {
    const taken = await addObject(vault, { ssn: '902-11-1111' });
    await addObject(vault, { ssn: '902-11-2222' });
    const id = randomUUID();
    const answer = await writesNothing(() =>
      add([{ ssn: '902-11-2222' }, { id }, { id: taken.toUpperCase() }, { ssn: '902-11-1111' }]),
    );
    expect(outcomes(answer)).toEqual(['PV9001', 'PV9030', 'PV9022', 'PV9001']);
    expect(answer.body.results.map((result: { id?: string }) => result.id)).toEqual([
      undefined,
      id,
      taken,
      undefined,
    ]);
  });

  test('an id given twice is PV9031 at its second place', async () => {
    const id = randomUUID();
    const answer = await writesNothing(() => add([{ id }, { id: id.toUpperCase() }]));
    expect(outcomes(answer)).toEqual(['PV9030', 'PV9031']);
  });

  test('the log says what was allowed and then that it failed, or only that it failed', async () => {
    const taken = freshSsn();
    await addObject(vault, { ssn: taken });
    const before = (await entriesOf(vault, 'addObjects')).length;
    await add([{ ssn: taken }]);
    await add([{ ssn: '1' }]);
    const entries = (await entriesOf(vault, 'addObjects')).slice(before);
    expect(entries).toEqual([
      expect.objectContaining({ outcome: 'allowed', objects: [expect.any(String)] }),
      expect.objectContaining({ outcome: 'failed', error_code: 'PV9001', refers: entries[0]!.index }),
      expect.objectContaining({ outcome: 'failed', error_code: 'PV3002' }),
    ]);
  });

  test('of many batches at once that want the same values, each is whole or nothing, and one is whole', async () => {
    const ssns = Array.from({ length: 20 }, freshSsn);
    const before = await count();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        add([...ssns.slice(i), ...ssns.slice(0, i)].map((ssn) => ({ ssn, name: `B${i}` }))),
      ),
    );
    const done = answers.filter(({ body }) => body.ok);
    expect(done).toHaveLength(1);
    expect(await count()).toBe(before + 20);
    for (const answer of answers.filter(({ body }) => !body.ok))
      expect(new Set(outcomes(answer))).toEqual(new Set(['PV9001']));
  });
});

describe('200 with Idempotency-Key', () => {
  const keyed = (key: string): Sent => ({ headers: { 'idempotency-key': key } });

  test('a repetition gets the first answer and has no effect, also at once', async () => {
    const before = await count();
    const items = [{ ssn: freshSsn() }, { name: 'x' }];
    const answers = await Promise.all(Array.from({ length: 4 }, () => add(items, '', keyed('b1'))));
    answers.push(await add(items, '', keyed('b1')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]!.body.ok).toBe(true);
    expect(await count()).toBe(before + 2);
    expect(refused(await add([{}], '', keyed('b1')))).toBe('422 PV9019');
  });

  test('a batch that failed uses no key up', async () => {
    const ssn = freshSsn();
    const holder = await addObject(vault, { ssn });
    expect(outcomes(await add([{ ssn }], '', keyed('b2')))).toEqual(['PV9001']);
    await vault.send('DELETE', `/data/collections/users/objects/${holder}`);
    expect((await add([{ ssn }], '', keyed('b2'))).body.ok).toBe(true);
  });
});

describe('400', () => {
  test('a thousand and one items are PV9007, and so is one more than the settings allow', async () => {
    const many = Array.from({ length: 1001 }, () => ({}));
    expect(refusal(await writesNothing(() => add(many)))).toEqual([400, 'PV9007', { field: 'body' }]);
    const small = await startVault({ COATCHECK_SERVICE_MAX_PAGE_SIZE: '2' }, vault.database);
    expect(refused(await bulkOf(() => small)('POST', [{}, {}, {}]))).toBe('400 PV9007');
    expect((await bulkOf(() => small)('POST', [{}, {}])).status).toBe(200);
    await small.close();
  });

  test.each([
    [{}, ''],
    [[1], ''],
    [[null], ''],
    [[{}], '?expiration_secs=0'],
    [[{}], '?options=archived'],
  ])('%j with %j is PV1012', async (json, query) => {
    expect(refused(await writesNothing(() => add(json, query)))).toBe('400 PV1012');
  });
});

describe('403', () => {
  test('one property of one item that may not be written refuses all', async () => {
    const { partly } = await setClients(vault, [
      {
        name: 'partly',
        capabilities: ['CapObjectsCreator'],
        allow: [{ operations: ['write'], resources: ['users/properties/name'] }],
      },
    ]);
    const key = partly!;
    const answer = await writesNothing(() => add([{ name: 'x' }, { name: 'y', email: 'bad' }], '', { key }));
    expect(refusal(answer)).toEqual([403, 'PV1006', { username: 'partly' }]);
    expect((await add([{ name: 'x' }, { name: 'y' }], '', { key })).body.ok).toBe(true);
    expect(refused(await add([{ name: 'x' }, {}], '', { key }))).toBe('403 PV1006');
  });

  test('one item of another tenant refuses all: PV9009', async () => {
    const answer = await writesNothing(() =>
      add([{}, { _tenant_id: 'b' }], '', { headers: { 'x-tenant-id': 'a' } }),
    );
    expect(refused(answer)).toBe('403 PV9009');
  });
});

test('404: an unknown collection is PV1004', async () => {
  expect(refused(await bulkOf(() => vault, 'none')('POST', [{}]))).toBe('404 PV1004');
});

import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, fieldsOf, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';
import { bulkOf, entriesOf, outcomes } from './bulk.js';

let vault: TestVault;
const update = (json: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
  bulkOf(() => vault)('PATCH', json, query, sent);
const addAll = (...objects: object[]): Promise<string[]> =>
  Promise.all(objects.map((fields) => addObject(vault, fields)));
const all = (ids: string[], query?: string): Promise<unknown[]> =>
  Promise.all(ids.map((id) => fieldsOf(vault, id, query)));

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('each object is changed as its item says, and what an item does not name stays', async () => {
    const ids = await addAll({ name: 'A', email: 'a@b.co' }, { name: 'B', phone_number: '12345678' }, {});
    const [a, b, c] = ids;
    const answer = await update([
      { id: c, name: 'C' },
      { id: a!.toUpperCase(), email: 'new@b.co' },
      { id: b, phone_number: null },
    ]);
    expect(answer.body).toEqual({ ok: true, results: [c, a, b].map((id) => ({ id, ok: true })) });
    expect(await all(ids)).toEqual([{ name: 'A', email: 'new@b.co' }, { name: 'B' }, { name: 'C' }]);
  });

  test('an empty list and no body change nothing', async () => {
    expect((await update([])).body).toEqual({ ok: true, results: [] });
    expect((await update(undefined)).body).toEqual({ ok: true, results: [] });
  });

  test('new values are found, old ones are not, and what stays is still found', async () => {
    const [a, b] = await addAll({ phone_number: '55500001', name: 'x' }, { phone_number: '55500002' });
    await update([
      { id: a, phone_number: '55500003' },
      { id: b, name: 'y' },
    ]);
    const found = async (phone_number: string): Promise<unknown> =>
      (
        await vault.send('POST', '/data/collections/users/query/objects?props=id', {
          json: { match: { phone_number } },
        })
      ).body.results;
    expect(await found('55500003')).toEqual([{ id: a }]);
    expect(await found('55500001')).toEqual([]);
    expect(await found('55500002')).toEqual([{ id: b }]);
  });

  test('objects of a batch can exchange their unique values, and take over one that another gives up', async () => {
    const [a, b, c] = await addAll({ ssn: '100-11-0001' }, { ssn: '100-11-0002' }, {});
    const swap = await update([
      { id: a, ssn: '100-11-0002' },
      { id: b, ssn: '100-11-0001' },
    ]);
    expect(swap.body.ok).toBe(true);
    const pass = await update([
      { id: c, ssn: '100-11-0002' },
      { id: a, ssn: null },
    ]);
    expect(pass.body.ok).toBe(true);
    expect(await all([a!, b!, c!])).toEqual([{}, { ssn: '100-11-0001' }, { ssn: '100-11-0002' }]);
    expect(outcomes(await update([{ id: a, ssn: '100-11-0002' }]))).toEqual(['PV9001']);
  });

  test('expiration_secs is for all: 0 archives, and restoring takes the unique values back', async () => {
    const ids = await addAll({ ssn: '100-11-0011' }, { ssn: '100-11-0012' });
    const items = ids.map((id) => ({ id }));
    expect((await update(items, '?expiration_secs=0')).body.ok).toBe(true);
    expect(outcomes(await update(items))).toEqual(['PV3005', 'PV3005']);
    expect(await all(ids, '?options=archived&props=ssn')).toEqual([
      { ssn: '100-11-0011' },
      { ssn: '100-11-0012' },
    ]);
    expect((await update(items, '?options=archived&expiration_secs=')).body.ok).toBe(true);
    expect(await all(ids, '?props=ssn,_expiration_time')).toEqual([
      { ssn: '100-11-0011' },
      { ssn: '100-11-0012' },
    ]);
    const add = vault.send('POST', '/data/collections/users/objects', { json: { ssn: '100-11-0012' } });
    expect(refused(await add)).toBe('409 PV9001');
  });

  test('an expired holder yields its unique value to a batch', async () => {
    const [old, a] = await addAll({ ssn: '100-11-0021' }, {});
    await sql(vault, "update object set expires_at = now() - interval '1 second' where id = $1", [old]);
    expect((await update([{ id: a, ssn: '100-11-0021' }])).body.ok).toBe(true);
  });

  test('a thousand objects are one entry in the log', async () => {
    const { body } = await bulkOf(() => vault)(
      'POST',
      Array.from({ length: 1000 }, () => ({ name: 'x' })),
    );
    const ids = (body.results as { id: string }[]).map(({ id }) => id);
    const before = (await entriesOf(vault, 'updateObjects')).length;
    expect((await update(ids.map((id, i) => ({ id, name: `N${i}` })))).body.ok).toBe(true);
    const entries = (await entriesOf(vault, 'updateObjects')).slice(before);
    expect(entries).toEqual([expect.objectContaining({ outcome: 'allowed', objects: ids })]);
    expect(await all(ids.slice(998))).toEqual([{ name: 'N998' }, { name: 'N999' }]);
  });
});

describe('200 with ok false: nothing is changed, each item says why', () => {
  test('missing objects, unknown properties, bad values, read-only ones and a foreign id', async () => {
    const ids = await addAll({ name: 'A' }, { name: 'B' }, { name: 'C' }, { name: 'D' }, { _tenant_id: 't' });
    const answer = await update([
      { id: ids[0], name: 'changed' },
      { id: NOWHERE, name: 'x' },
      { id: 'no uuid', name: 'x' },
      { id: ids[1], nick: 'x' },
      { id: ids[2], ssn: '1' },
      { id: ids[3], _modification_time: '2024-01-01T00:00:00Z' },
      { id: ids[4], _tenant_id: 'other' },
      { id: ids[0]!.toUpperCase(), name: 'twice' },
    ]);
    expect(outcomes(answer)).toEqual([
      'PV9030',
      'PV3005',
      'PV3005',
      'PV3004',
      'PV3002',
      'PV9006',
      'PV9006',
      'PV9031',
    ]);
    expect(answer.body.results[1]).toEqual({
      id: NOWHERE,
      ok: false,
      error: {
        error_code: 'PV3005',
        error_url: 'https://docs.piiano.com/api/error-codes#PV3005',
        message: `One or more Objects is not found: ${NOWHERE}. For more details, view the logs.`,
        context: { ids: NOWHERE },
      },
    });
    expect(answer.body.results[2]).not.toHaveProperty('id');
    expect(await all(ids.slice(0, 4))).toEqual([{ name: 'A' }, { name: 'B' }, { name: 'C' }, { name: 'D' }]);
  });

  test('unique values: taken by another object, wanted twice, and one that a swap does not cover', async () => {
    const [a, b, c] = await addAll({ ssn: '100-11-0031' }, { ssn: '100-11-0032' }, { ssn: '100-11-0033' });
    expect(
      outcomes(
        await update([
          { id: a, ssn: '100-11-0039' },
          { id: b, ssn: '100-11-0039' },
        ]),
      ),
    ).toEqual(['PV9030', 'PV9001']);
    expect(
      outcomes(
        await update([
          { id: a, ssn: '100-11-0032' },
          { id: b, ssn: '100-11-0033' },
        ]),
      ),
    ).toEqual(['PV9030', 'PV9001']);
    expect(outcomes(await update([{ id: a, name: 'x', ssn: '100-11-0033' }]))).toEqual(['PV9001']);
    expect(await all([a!, b!, c!])).toEqual([
      { ssn: '100-11-0031' },
      { ssn: '100-11-0032' },
      { ssn: '100-11-0033' },
    ]);
  });

  test('restoring objects of which one has lost its unique value restores none', async () => {
    const [a, b] = await addAll({ ssn: '100-11-0041' }, { ssn: '100-11-0042' });
    await update([{ id: a }, { id: b }], '?expiration_secs=0');
    await addObject(vault, { ssn: '100-11-0042' });
    const restore = await update([{ id: a }, { id: b }], '?options=archived&expiration_secs=60');
    expect(outcomes(restore)).toEqual(['PV9030', 'PV9001']);
    expect(refused(await vault.send('GET', `/data/collections/users/objects/${a}?props=ssn`))).toBe(
      '404 PV3005',
    );
  });

  test('of batches at the same time none is lost or half done', async () => {
    const ids = await addAll({}, {}, {}, {});
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        update([...ids.slice(i % 4), ...ids.slice(0, i % 4)].map((id) => ({ id, name: `R${i}` }))),
      ),
    );
    const done = answers.flatMap(({ body }, i) => (body.ok ? [`R${i}`] : []));
    expect(done.length).toBeGreaterThan(0);
    const names = new Set((await all(ids)).map((fields) => (fields as { name: string }).name));
    expect(names.size).toBe(1);
    expect(done).toContain([...names][0]);
    for (const answer of answers.filter(({ body }) => !body.ok)) {
      expect(['PV3218', 'PV9030']).toEqual(expect.arrayContaining([...new Set(outcomes(answer))]));
    }
  });
});

describe('400', () => {
  test.each([
    [[{ name: 'x' }], ''],
    [[{ id: 5 }], ''],
    [{}, ''],
    [[{ id: NOWHERE }], '?options=unsafe'],
    [[{ id: NOWHERE }], '?expiration_secs=x'],
  ])('%j with %j is PV1012', async (json, query) => {
    expect(refused(await update(json, query))).toBe('400 PV1012');
  });

  test('a thousand and one items are PV9007', async () => {
    const many = Array.from({ length: 1001 }, () => ({ id: NOWHERE }));
    expect(refusal(await update(many))).toEqual([400, 'PV9007', { field: 'body' }]);
  });
});

describe('403', () => {
  test('one property of one item that may not be written refuses all', async () => {
    const { partly } = await setClients(vault, [
      {
        name: 'partly',
        capabilities: ['CapObjectsUpdater'],
        allow: [{ operations: ['write'], resources: ['users/properties/name'] }],
      },
    ]);
    const [a, b] = await addAll({ name: 'A' }, { name: 'B' });
    const key = partly!;
    const json = [
      { id: a, name: 'x' },
      { id: b, email: 'a@b.co' },
    ];
    expect(refused(await update(json, '', { key }))).toBe('403 PV1006');
    expect(await all([a!, b!])).toEqual([{ name: 'A' }, { name: 'B' }]);
    expect((await update([{ id: a, name: 'x' }], '', { key })).body.ok).toBe(true);
  });

  test('one object of another tenant refuses all: PV9009', async () => {
    const [a, b] = await addAll({ _tenant_id: 'a', name: 'A' }, { _tenant_id: 'b' });
    const json = [{ id: a, name: 'x' }, { id: b }];
    expect(refused(await update(json, '', { headers: { 'x-tenant-id': 'a' } }))).toBe('403 PV9009');
    expect(await all([a!])).toEqual([{ name: 'A' }]);
  });
});

import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, fieldsOf, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const update = (id: string, json: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
  vault.send('PATCH', `/data/collections/users/objects/${id}${query}`, { json, ...sent });
const expiryOf = async (id: string, query = ''): Promise<string | undefined> =>
  ((await fieldsOf(vault, id, `?props=_expiration_time${query}`)) as { _expiration_time?: string })
    ._expiration_time;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'strict DATA ( must STRING, may STRING NULL );');
});
afterAll(() => vault.close());

describe('200', () => {
  test('changes what is given, leaves the rest, and answers nothing', async () => {
    const id = await addObject(vault, { name: 'Ann', ssn: '100-12-1234', email: 'a@b.co' });
    const answer = await update(id, { email: 'c@d.co', phone_number: '123-45678' });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await fieldsOf(vault, id)).toEqual({
      name: 'Ann',
      ssn: '100-12-1234',
      email: 'c@d.co',
      phone_number: '12345678',
    });
  });

  test('null clears a nullable property', async () => {
    const id = await addObject(vault, { name: 'Ann', email: 'a@b.co' });
    await update(id, { email: null });
    expect(await fieldsOf(vault, id)).toEqual({ name: 'Ann' });
  });

  test('nothing to change is fine, also many times', async () => {
    const id = await addObject(vault, { name: 'Ann' });
    for (let i = 0; i < 3; i++) expect((await update(id, {}, '/')).status).toBe(200);
    expect(await fieldsOf(vault, id)).toEqual({ name: 'Ann' });
  });

  test('the time of modification moves, the time of creation does not', async () => {
    const id = await addObject(vault, { name: 'Ann' });
    const times = '?props=_creation_time,_modification_time';
    const before = (await fieldsOf(vault, id, times)) as Record<string, string>;
    await sql(vault, "update object set modified_at = modified_at - interval '1 hour' where id = $1", [id]);
    await update(id, { name: 'Bob' });
    const after = (await fieldsOf(vault, id, times)) as Record<string, string>;
    expect(after._creation_time).toBe(before._creation_time);
    expect(Date.parse(after._modification_time!)).toBeGreaterThanOrEqual(
      Date.parse(before._modification_time!),
    );
  });

  test('its own id and its own tenant may be repeated, the id in any case', async () => {
    const id = await addObject(vault, { _tenant_id: 't' });
    expect((await update(id, { id: id.toUpperCase(), _tenant_id: 't', name: 'x' })).status).toBe(200);
    expect(await fieldsOf(vault, id)).toEqual({ name: 'x' });
  });

  test('its own unique value may be given again', async () => {
    const id = await addObject(vault, { ssn: '200-12-1234' });
    expect((await update(id, { ssn: '200121234' })).status).toBe(200);
    expect(
      refused(await vault.send('POST', '/data/collections/users/objects', { json: { ssn: '200-12-1234' } })),
    ).toBe('409 PV9001');
  });

  test('a unique value that was given up is free, by another value and by null', async () => {
    const id = await addObject(vault, { ssn: '200-12-1235' });
    await update(id, { ssn: '200-12-1236' });
    await addObject(vault, { ssn: '200-12-1235' });
    await update(id, { ssn: null });
    await addObject(vault, { ssn: '200-12-1236' });
  });

  test('a unique value whose holder has expired can be taken', async () => {
    const holder = await addObject(vault, { ssn: '200-12-1237' });
    const id = await addObject(vault, {});
    await sql(vault, 'update object set expires_at = now() where id = $1', [holder]);
    expect((await update(id, { ssn: '200-12-1237' })).status).toBe(200);
  });
});

describe('expiration_secs', () => {
  test('absent leaves it, empty takes it away, a number counts from now', async () => {
    const id = await addObject(vault, {}, { query: '?expiration_secs=3600' });
    const first = await expiryOf(id);
    await update(id, { name: 'x' });
    expect(await expiryOf(id)).toBe(first);
    await update(id, {}, '?expiration_secs=7200');
    expect(Date.parse((await expiryOf(id))!)).toBeGreaterThan(Date.parse(first!) + 3_000_000);
    await update(id, {}, '?expiration_secs=');
    expect(await expiryOf(id)).toBeUndefined();
  });

  test('0 archives at once, and a new expiration with options=archived restores', async () => {
    const id = await addObject(vault, { name: 'Ann', ssn: '300-12-1234' });
    expect((await update(id, { name: 'Bob' }, '?expiration_secs=0')).status).toBe(200);
    expect(refused(await update(id, { name: 'Cid' }))).toBe('404 PV3005');
    expect((await update(id, { name: 'Dan' }, '?options=archived')).status).toBe(200);
    expect(await fieldsOf(vault, id, '?options=archived,unsafe')).toEqual({
      name: 'Dan',
      ssn: '300-12-1234',
    });

    expect((await update(id, {}, '?options=archived&expiration_secs=')).status).toBe(200);
    expect(await fieldsOf(vault, id)).toEqual({ name: 'Dan', ssn: '300-12-1234' });
    expect(await expiryOf(id)).toBeUndefined();
    expect(refused(await update(id, {}, '?options=archived'))).toBe('404 PV3005');
  });

  test('restored, an object holds its unique values again', async () => {
    const id = await addObject(vault, { ssn: '300-12-1235' });
    await update(id, {}, '?expiration_secs=0');
    await update(id, {}, '?options=archived&expiration_secs=60');
    expect(
      refused(await vault.send('POST', '/data/collections/users/objects', { json: { ssn: '300-12-1235' } })),
    ).toBe('409 PV9001');
  });

  test('an archived object may share the unique value of an active one', async () => {
    const old = await addObject(vault, { ssn: '300-12-1236' });
    await update(old, {}, '?expiration_secs=0');
    await addObject(vault, { ssn: '300-12-1236' });
    expect((await update(old, { name: 'x' }, '?options=archived')).status).toBe(200);
    expect((await update(old, { ssn: '300-12-1236' }, '?options=archived')).status).toBe(200);
  });
});

describe('at the same time', () => {
  test('of two changes none is lost: both are there, or one was 409 PV3218', async () => {
    const id = await addObject(vault, {});
    for (let round = 0; round < 8; round++) {
      const [a, b] = await Promise.all([
        update(id, { name: `N${round}` }),
        update(id, { email: `e${round}@b.co` }),
      ]);
      const fields = (await fieldsOf(vault, id)) as Record<string, string>;
      expect(['200 ', '409 PV3218']).toContain(refused(a));
      expect(['200 ', '409 PV3218']).toContain(refused(b));
      expect([a.status, b.status]).toContain(200);
      if (a.status === 200) expect(fields.name).toBe(`N${round}`);
      if (b.status === 200) expect(fields.email).toBe(`e${round}@b.co`);
    }
  });

  test('of a change and a deletion the object is gone afterwards', async () => {
    const id = await addObject(vault, { name: 'x' });
    const [changed, deleted] = await Promise.all([
      update(id, { name: 'y' }),
      vault.send('DELETE', `/data/collections/users/objects/${id}`),
    ]);
    expect(['200 ', '404 PV3005', '409 PV3218']).toContain(refused(changed));
    expect(deleted.status).toBe(200);
    expect(refused(await update(id, {}))).toBe('404 PV3005');
  });
});

describe('400', () => {
  test.each([
    [{ ssn: '1' }, '', 'PV3002'],
    [{ id: NOWHERE }, '', 'PV9006'],
    [{ _tenant_id: 'other' }, '', 'PV9006'],
    [{ _creation_time: '2024-01-01T00:00:00Z' }, '', 'PV9006'],
    [{}, '?expiration_secs=x', 'PV1012'],
    [{}, '?options=unsafe', 'PV1012'],
    [[], '', 'PV1012'],
  ])('%j with %j is %s', async (json, query, code) => {
    const id = await addObject(vault, {});
    expect(refused(await update(id, json, query))).toBe(`400 ${code}`);
  });

  test('null for what must have a value is PV9002', async () => {
    const id = await addObject(vault, { must: 'x' }, { collection: 'strict' });
    const answer = await vault.send('PATCH', `/data/collections/strict/objects/${id}`, {
      json: { must: null },
    });
    expect(refusal(answer)).toEqual([400, 'PV9002', { property: 'must' }]);
  });
});

describe('403', () => {
  test('one property that may not be written refuses all, and nothing is changed', async () => {
    const { partly } = await setClients(vault, [
      {
        name: 'partly',
        capabilities: ['CapObjectsUpdater'],
        allow: [{ operations: ['write'], resources: ['users/properties/name'] }],
      },
    ]);
    const id = await addObject(vault, { name: 'Ann' });
    expect(refused(await update(id, { name: 'Bob', email: 'a@b.co' }, '', { key: partly! }))).toBe(
      '403 PV1006',
    );
    expect(await fieldsOf(vault, id)).toEqual({ name: 'Ann' });
    expect((await update(id, { name: 'Bob' }, '', { key: partly! })).status).toBe(200);
    expect(refused(await update(NOWHERE, { email: 'a@b.co' }, '', { key: partly! }))).toBe('403 PV1006');
  });

  test('an object of another tenant is PV9009', async () => {
    const id = await addObject(vault, { _tenant_id: 'b' });
    expect(refused(await update(id, {}, '', { headers: { 'x-tenant-id': 'a' } }))).toBe('403 PV9009');
  });
});

describe('404', () => {
  test('a missing object is PV3005, an unknown property PV3004', async () => {
    expect(refusal(await update(NOWHERE, { name: 'x' }))).toEqual([404, 'PV3005', { ids: NOWHERE }]);
    expect(refused(await update(NOWHERE, { nick: 'x' }))).toBe('404 PV3004');
  });
});

describe('409', () => {
  test('a value that another active object has is PV9001, and nothing is changed', async () => {
    await addObject(vault, { ssn: '400-12-1234' });
    const id = await addObject(vault, { name: 'Ann', ssn: '400-12-1235' });
    expect(refusal(await update(id, { name: 'Bob', ssn: '400-12-1234' }))).toEqual([
      409,
      'PV9001',
      { property: 'ssn' },
    ]);
    expect(await fieldsOf(vault, id)).toEqual({ name: 'Ann', ssn: '400-12-1235' });
  });

  test('restoring an object whose unique value is taken is PV9001', async () => {
    const old = await addObject(vault, { ssn: '400-12-1236' });
    await update(old, {}, '?expiration_secs=0');
    await addObject(vault, { ssn: '400-12-1236' });
    expect(refused(await update(old, {}, '?options=archived&expiration_secs='))).toBe('409 PV9001');
    expect((await update(old, { ssn: '400-12-1237' }, '?options=archived&expiration_secs=')).status).toBe(
      200,
    );
  });

  test('of two at once that want the same value one gets it', async () => {
    const [a, b] = [await addObject(vault, {}), await addObject(vault, {})];
    const answers = await Promise.all([update(a, { ssn: '400-12-1238' }), update(b, { ssn: '400-12-1238' })]);
    expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9001']);
  });
});

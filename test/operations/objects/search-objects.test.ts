import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let ids: Record<string, string>;
const search = (json: unknown, query = '?props=name', sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/users/query/objects${query}`, { json, ...sent });
const found = async (json: unknown, query?: string): Promise<string> =>
  ((await search(json, query)).body.results as { name: string }[]).map(({ name }) => name).join('');

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'things DATA ( doc JSON NULL, n DOUBLE NULL, flag BOOLEAN INDEX NULL );');
  ids = {
    A: await addObject(vault, {
      name: 'A',
      ssn: '123-12-1234',
      email: 'a@b.co',
      phone_number: '+972-54-1234567',
    }),
    B: await addObject(vault, { name: 'B', ssn: '123-12-1235', email: 'a@b.co', phone_number: '12345678' }),
    C: await addObject(
      vault,
      { name: 'C', email: 'C@b.co', birthday: '2001-02-03' },
      { headers: { 'x-tenant-id': 't' } },
    ),
    D: await addObject(vault, { name: 'D', phone_number: '12345678' }),
  };
});
afterAll(() => vault.close());

describe('200', () => {
  test.each([
    ['a unique property', { match: { ssn: '123-12-1234' } }, 'A'],
    ['a unique property, written without dashes', { match: { ssn: '123121234' } }, 'A'],
    ['an indexed property, in its raw form', { match: { phone_number: '+97254-1234567' } }, 'A'],
    ['an indexed property that several share', { match: { phone_number: '1234-5678' } }, 'BD'],
    ['a property without an index', { match: { email: 'a@b.co' } }, 'AB'],
    ['a property without an index keeps its case', { match: { email: 'c@b.co' } }, ''],
    ['indexed and unindexed together', { match: { email: 'a@b.co', phone_number: '12345678' } }, 'B'],
    ['one of several values', { in: { phone_number: ['12345678', '+972541234567'] } }, 'ABD'],
    ['one of several values without an index', { in: { email: ['C@b.co', 'x@y.zz'] } }, 'C'],
    ['match and in are both needed', { match: { email: 'a@b.co' }, in: { ssn: ['123-12-1235'] } }, 'B'],
    [
      'match and in on one property',
      { match: { phone_number: '12345678' }, in: { phone_number: ['99999999'] } },
      '',
    ],
    ['none of no values', { in: { email: [] } }, ''],
    ['none of no indexed values', { in: { ssn: [] } }, ''],
    ['a tenant', { match: { _tenant_id: 't' } }, 'C'],
    ['nothing at all', { match: { ssn: '555-55-5555' } }, ''],
    ['an empty like is no condition', { match: { birthday: '2001-02-03' }, like: {} }, 'C'],
  ])('finds %s', async (_, query, expected) => expect(await found(query)).toBe(expected));

  test('finds by id, in any case, alone and together with others', async () => {
    expect(await found({ match: { id: ids.A!.toUpperCase() } })).toBe('A');
    expect(await found({ in: { id: [ids.D, ids.A] } })).toBe('AD');
    expect(await found({ match: { id: ids.A, email: 'a@b.co' } })).toBe('A');
    expect(await found({ match: { id: ids.A, ssn: '123-12-1235' } })).toBe('');
  });

  test('finds by the time of creation in any form of it', async () => {
    for (const at of ['2024-05-06T07:08:09.120Z', '2024-05-06T07:08:09.000Z', '2024-05-06T07:08:09.123Z']) {
      await sql(vault, 'update object set created_at = $2 where id = $1', [ids.C, at]);
      for (const form of [at, at.replace('Z', '+00:00'), at.replace(/0+Z/, 'Z').replace('.Z', 'Z')]) {
        expect(await found({ match: { _creation_time: form } })).toBe('C');
      }
    }
  });

  test('an object whose tenant is longer than the settings now allow is no reason to find nothing', async () => {
    const tenant = 'x'.repeat(21);
    const id = await addObject(vault, { name: 'T' }, { headers: { 'x-tenant-id': tenant } });
    const stricter = await startVault({ COATCHECK_DB_MAX_STRING_LENGTH: '20' }, vault.database);
    const search = { json: { match: { _tenant_id: 't' } } };
    const answer = await stricter.send('POST', '/data/collections/users/query/objects?props=name', search);
    await stricter.close();
    expect(answer.body.results).toEqual([{ name: 'C' }]);
    await vault.send('DELETE', `/data/collections/users/objects/${id}`);
  });

  test('a value that many share is found page by page, whether they are few enough for a shared statement or not', async () => {
    await addCollection(vault, 'many DATA ( n INTEGER, place STRING INDEX );');
    const of = (place: string, count: number): unknown[] =>
      Array.from({ length: count }, (_, n) => ({ n, place }));
    const add = (json: unknown, sent: Sent = {}): Promise<Answer> =>
      vault.send('POST', '/data/collections/many/bulk/objects', { json, ...sent });
    await add([...of('here', 20), ...of('there', 21)]);
    await add([{ n: 100, place: 'there' }], { headers: { 'x-tenant-id': 't' } });

    const page = async (place: string, query: string, sent: Sent = {}): Promise<Answer['body']> =>
      (
        await vault.send('POST', `/data/collections/many/query/objects?props=n${query}`, {
          json: { match: { place } },
          ...sent,
        })
      ).body;
    for (const [place, ns] of [
      ['here', Array.from({ length: 20 }, (_, n) => n)],
      ['there', [...Array.from({ length: 21 }, (_, n) => n), 100]],
    ] as const) {
      const seen: number[] = [];
      let cursor = '';
      do {
        const { results, paging } = (await page(
          place,
          `&page_size=8&cursor=${encodeURIComponent(cursor)}`,
        )) as {
          results: { n: number }[];
          paging: { cursor: string; remaining_count: number };
        };
        seen.push(...results.map(({ n }) => n));
        expect(paging.remaining_count).toBe(ns.length - seen.length);
        ({ cursor } = paging);
      } while (cursor !== '');
      expect(seen).toEqual(ns);
    }
    const ofTenant = await page('there', '', { headers: { 'x-tenant-id': 't' } });
    expect(ofTenant.results).toEqual([{ n: 100 }]);
    expect((await page('here', '', { headers: { 'x-tenant-id': 't' } })).results).toEqual([]);
  });

  test('nothing found is an empty page', async () => {
    expect((await search({ match: { email: 'no@b.co' } })).body).toEqual({
      results: [],
      paging: { size: 0, remaining_count: 0, cursor: '' },
    });
  });

  test('values of types without an index are compared by what they mean', async () => {
    await addObject(vault, { doc: { a: 1, b: [2] }, n: 1.5, flag: true }, { collection: 'things' });
    await addObject(vault, { doc: { a: 2 }, n: -0, flag: false }, { collection: 'things' });
    const things = async (match: object): Promise<number> =>
      (await vault.send('POST', '/data/collections/things/query/objects?props=n', { json: { match } })).body
        .results.length;
    expect(await things({ doc: { b: [2], a: 1 } })).toBe(1);
    expect(await things({ n: 1.5 })).toBe(1);
    expect(await things({ n: 0 })).toBe(1);
    expect(await things({ flag: false })).toBe(1);
  });

  test.each([
    ['with an index', { match: { phone_number: '12345678' } }],
    ['without', { match: { email: 'p@b.co' } }],
  ])('pages join up %s', async (_, query) => {
    const names = ['P', 'Q', 'R', 'S', 'T'];
    for (const name of names) await addObject(vault, { name, email: 'p@b.co', phone_number: '12345678' });
    const total = (await search(query)).body.results as { name: string }[];
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { results, paging } = (await search(query, `?props=name&page_size=2&cursor=${cursor}`)).body;
      seen.push(...results);
      expect(paging.size).toBe(results.length);
      expect(paging.remaining_count).toBe(total.length - seen.length);
      cursor = encodeURIComponent(paging.cursor);
    } while (cursor !== '');
    expect(seen).toEqual(total);
  });

  test('archived searches archived objects only', async () => {
    const old = await addObject(vault, { name: 'O', email: 'o@b.co', phone_number: '88888888' });
    await vault.send('PATCH', `/data/collections/users/objects/${old}?expiration_secs=0`, { json: {} });
    for (const match of [{ email: 'o@b.co' }, { phone_number: '88888888' }, { id: old }]) {
      expect(await found({ match })).toBe('');
      expect(await found({ match }, '?props=name&options=archived')).toBe('O');
    }
  });

  test('a changed value is found by the new and no longer by the old one', async () => {
    const id = await addObject(vault, { name: 'X', phone_number: '77777777', ssn: '123-12-7777' });
    await vault.send('PATCH', `/data/collections/users/objects/${id}`, {
      json: { phone_number: '66666666', ssn: null },
    });
    expect(await found({ match: { phone_number: '77777777' } })).toBe('');
    expect(await found({ match: { phone_number: '66666666' } })).toBe('X');
    expect(await found({ match: { ssn: '123-12-7777' } })).toBe('');
  });

  test('limited to tenants it finds theirs, whichever way the condition is met', async () => {
    const sent = { headers: { 'x-tenant-id': 't' } };
    expect((await search({ match: { email: 'C@b.co' } }, '?props=name', sent)).body.results).toEqual([
      { name: 'C' },
    ]);
    expect((await search({ match: { ssn: '123-12-1234' } }, '?props=name', sent)).body.results).toEqual([]);
    expect((await search({ match: { id: ids.A } }, '?props=name', sent)).body.results).toEqual([]);
  });

  test('shows transformations and unsafe as a list does', async () => {
    const one = { match: { ssn: '123-12-1235' } };
    expect((await search(one, '?props=ssn.mask&props=email')).body.results).toEqual([
      { 'ssn.mask': '***-**-1235', email: 'a@b.co' },
    ]);
    expect((await search(one, '?options=unsafe')).body.results[0]).toMatchObject({ id: ids.B, name: 'B' });
  });
});

describe('400', () => {
  test.each([
    [{}, '?props=name', 'PV9006'],
    [{ match: {} }, '?props=name', 'PV9006'],
    [{ match: { name: 'A' } }, '', 'PV9006'],
    [{ match: { ssn: '12' } }, '?props=name', 'PV3002'],
    [{ match: { ssn: null } }, '?props=name', 'PV3002'],
    [{ in: { email: ['a@b.co', 7] } }, '?props=name', 'PV3002'],
    [{ in: { email: 'a@b.co' } }, '?props=name', 'PV1012'],
    [{ where: { name: 'A' } }, '?props=name', 'PV1012'],
    [{ in: { name: Array(1001).fill('x') } }, '?props=name', 'PV9007'],
    [{ match: { name: 'A' } }, '?props=name&cursor=AAAA', 'PV9005'],
    [{ match: { name: 'A' } }, '?props=name&page_size=1001', 'PV9007'],
  ])('%j with %j is %s', async (json, query, code) =>
    expect(refused(await search(json, query))).toBe(`400 ${code}`),
  );

  test('a cursor of another query is PV9005', async () => {
    const { cursor } = (await search({ match: { email: 'a@b.co' } }, '?props=name&page_size=1')).body.paging;
    const query = `?props=name&cursor=${encodeURIComponent(cursor)}`;
    expect(refused(await search({ match: { email: 'C@b.co' } }, query))).toBe('400 PV9005');
    expect((await search({ match: { email: 'a@b.co' } }, query)).body.results).toEqual([{ name: 'B' }]);
  });
});

describe('403', () => {
  test('a property is searched only with a search grant, and shown only with a read grant', async () => {
    const { finder, masked } = await setClients(vault, [
      {
        name: 'finder',
        capabilities: ['CapDataSearcher'],
        allow: [
          { operations: ['search'], resources: ['users/properties/email'] },
          { operations: ['read'], resources: ['users/properties/name'] },
        ],
      },
      {
        name: 'masked',
        capabilities: ['CapDataSearcher'],
        allow: [{ operations: ['*'], resources: ['*'] }],
        masks: { 'users/ssn': 'mask' },
      },
    ]);
    const as = async (key: string, json: unknown, query?: string): Promise<string> =>
      refused(await search(json, query, { key }));
    expect(await as(finder!, { match: { email: 'a@b.co' } })).toBe('200 ');
    expect(await as(finder!, { match: { ssn: '123-12-1234' } })).toBe('403 PV1006');
    expect(await as(finder!, { match: { email: 'a@b.co' } }, '?props=email')).toBe('403 PV1006');
    expect(await as(finder!, { in: { email: ['a@b.co'], ssn: [] } })).toBe('403 PV1006');
    // Before the value is looked at: whether it would be valid is not theirs to know.
    expect(await as(finder!, { match: { ssn: 'x' } })).toBe('403 PV1006');

    // No oracle around a mask: the policies would allow it.
    expect(await as(masked!, { match: { ssn: '123-12-1234' } })).toBe('403 PV1006');
    expect(await as(masked!, { in: { ssn: ['123-12-1234'] } })).toBe('403 PV1006');
    const shown = await search({ match: { email: 'a@b.co' } }, '?props=ssn', { key: masked! });
    expect(shown.body.results).toEqual([{ ssn: '***-**-1234' }, { ssn: '***-**-1235' }]);
  });
});

describe('404', () => {
  test.each([
    [{ match: { ssn: 'x', nick: 'x' } }, 'match', 2],
    [{ match: { 'ssn.mask': 'x' } }, 'match', 1],
    [{ in: { constructor: ['x'] } }, 'in', 1],
  ])('%j is PV3004', async (json, field, position) =>
    expect(refusal(await search(json))).toEqual([
      404,
      'PV3004',
      { field, reason: `There is no property of the name at position ${position} of those given.` },
    ]),
  );
});

describe('a search that would look at too many objects', () => {
  test('is PV9008, while an index still answers', async () => {
    const small = await startVault({ COATCHECK_SEARCH_SCAN_LIMIT: '2' });
    await addCollection(small);
    for (let i = 0; i < 3; i++) await addObject(small, { email: 'a@b.co', phone_number: '12345678' });
    const ask = (match: object): Promise<Answer> =>
      small.send('POST', '/data/collections/users/query/objects?props=id', { json: { match } });
    expect(refused(await ask({ email: 'a@b.co' }))).toBe('400 PV9008');
    expect((await ask({ phone_number: '12345678' })).body.results).toHaveLength(3);
    await small.close();
  });
});

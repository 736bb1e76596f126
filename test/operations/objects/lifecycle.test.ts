import { NOWHERE, addCollection, addObject, fieldsOf, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';
import { bulkOf, outcomes } from './bulk.js';

const OBJECTS = '/data/collections/users/objects';
let vault: TestVault;
let live: string;
let archived: string;
const update = (id: string, query: string, json: object = {}): Promise<Answer> =>
  vault.send('PATCH', `${OBJECTS}/${id}${query}`, { json });
const count = async (): Promise<unknown> =>
  (await vault.send('GET', '/data/collections/users/count/objects')).body;
/** Moves the end of an object's life into the past, as time does. The key row vouches for the true moment, so it cannot be opened then. */
const letExpire = (id: string): Promise<unknown> =>
  sql(vault, "update object set expires_at = now() - interval '1 second' where id = $1", [id]);

/** The three ways to read, for one object and a query of `props` and `options`. */
const READS: [name: string, read: (id: string, query: string) => Promise<Answer>][] = [
  ['get', (id, query) => vault.send('GET', `${OBJECTS}/${id}?${query}`)],
  ['list', (id, query) => vault.send('GET', `${OBJECTS}?ids=${id}&${query}`)],
  [
    'search',
    (id, query) =>
      vault.send('POST', `/data/collections/users/query/objects?${query}`, { json: { match: { id } } }),
  ],
];
/** The one object of an answer; undefined where it has none. */
const only = ({ status, body }: Answer): unknown => {
  if (status === 404) return undefined;
  return 'results' in body ? body.results[0] : body;
};

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  live = await addObject(vault, { name: 'Live' });
  archived = await addObject(vault, { name: 'Old' });
  await update(archived, '?expiration_secs=0');
});
afterAll(() => vault.close());

describe.each(READS)('%s: options', (_name, read) => {
  test('by default active objects only, with archived archived ones only', async () => {
    expect(only(await read(live, 'props=name'))).toEqual({ name: 'Live' });
    expect(only(await read(archived, 'props=name'))).toBeUndefined();
    expect(only(await read(archived, 'props=name&options=archived'))).toEqual({ name: 'Old' });
    expect(only(await read(live, 'props=name&options=archived'))).toBeUndefined();
  });

  test('unsafe is the id and what the collection defines, show_builtins adds the rest', async () => {
    expect(only(await read(live, 'options=unsafe'))).toEqual({ id: live, name: 'Live' });
    expect(only(await read(live, 'options=unsafe,show_builtins'))).toEqual({
      id: live,
      name: 'Live',
      _creation_time: expect.any(String),
      _modification_time: expect.any(String),
    });
  });

  test.each(['unsafe,archived,show_builtins', 'show_builtins&options=archived&options=unsafe'])(
    'all at once, in either spelling: %s',
    async (options) => {
      expect(only(await read(archived, `options=${options}`))).toMatchObject({
        id: archived,
        name: 'Old',
        _expiration_time: expect.any(String),
      });
    },
  );

  test.each([
    ['', 'props', 'props or unsafe is needed'],
    ['options=archived', 'props', 'props or unsafe is needed'],
    ['props=name&options=unsafe', 'props', 'not together with unsafe'],
    ['props=name&options=show_builtins', 'options', 'show_builtins only together with unsafe'],
    ['options=show_builtins', 'props', 'props or unsafe is needed'],
  ])('%j is 400 PV9006', async (query, field, reason) => {
    expect(refusal(await read(live, query))).toEqual([400, 'PV9006', { field, reason }]);
  });

  test('an option that there is not is 400 PV1012', async () => {
    expect(refused(await read(live, 'props=name&options=deleted'))).toBe('400 PV1012');
  });
});

describe('writes: archived acts on archived objects only, and nothing else is an option', () => {
  test('a change and a deletion find the one and not the other', async () => {
    const id = await addObject(vault, {});
    expect(refused(await update(id, '?options=archived'))).toBe('404 PV3005');
    expect(refused(await vault.send('DELETE', `${OBJECTS}/${id}?options=archived`))).toBe('404 PV3005');
    await update(id, '?expiration_secs=0');
    expect(refused(await update(id, ''))).toBe('404 PV3005');
    expect(refused(await vault.send('DELETE', `${OBJECTS}/${id}`))).toBe('404 PV3005');
    expect((await update(id, '?options=archived', { name: 'x' })).status).toBe(200);
    expect((await vault.send('DELETE', `${OBJECTS}/${id}?options=archived`)).status).toBe(200);
  });

  test.each([
    ['PATCH', 'unsafe'],
    ['DELETE', 'show_builtins'],
  ])('%s with options=%s is 400 PV1012', async (method, option) => {
    const json = method === 'PATCH' ? { json: {} } : {};
    expect(refused(await vault.send(method, `${OBJECTS}/${live}?options=${option}`, json))).toBe(
      '400 PV1012',
    );
    const bulk = bulkOf(() => vault)(method, [{ id: live }], `?options=${option}`);
    expect(refused(await bulk)).toBe('400 PV1012');
  });
});

describe('from active to archived and back', () => {
  test('a life of n seconds ends by itself, and the count tells the states apart', async () => {
    const before = (await count()) as { active: number; archived: number };
    const id = await addObject(vault, { name: 'short' }, { query: '?expiration_secs=1' });
    expect(await count()).toMatchObject({ active: before.active + 1 });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await count()).toMatchObject({ active: before.active, archived: before.archived + 1 });
    expect(refused(await vault.send('GET', `${OBJECTS}/${id}?props=name`))).toBe('404 PV3005');
    expect(await fieldsOf(vault, id, '?props=name&options=archived')).toEqual({ name: 'short' });
  });

  test('restored for n seconds, and archived again by 0', async () => {
    const id = await addObject(vault, {});
    for (let round = 0; round < 2; round++) {
      expect((await update(id, '?expiration_secs=0')).status).toBe(200);
      expect((await update(id, '?options=archived&expiration_secs=60')).status).toBe(200);
    }
    expect(await fieldsOf(vault, id, '?props=_expiration_time')).toEqual({
      _expiration_time: expect.any(String),
    });
  });

  test('a change of an archived object that says nothing of its expiration leaves it archived', async () => {
    const id = await addObject(vault, {});
    await update(id, '?expiration_secs=0');
    await update(id, '?options=archived', { name: 'x' });
    expect(await fieldsOf(vault, id, '?props=name&options=archived')).toEqual({ name: 'x' });
  });

  test('restoring needs the unique value: taken by an active object it is 409, from an expired one it is taken back', async () => {
    const old = await addObject(vault, { ssn: '100-11-0001' });
    await update(old, '?expiration_secs=0');
    const holder = await addObject(vault, { ssn: '100-11-0001' });
    expect(refusal(await update(old, '?options=archived&expiration_secs='))).toEqual([
      409,
      'PV9001',
      { property: 'ssn' },
    ]);
    expect(
      outcomes(await bulkOf(() => vault)('PATCH', [{ id: old }], '?options=archived&expiration_secs=')),
    ).toEqual(['PV9001']);
    await letExpire(holder);
    expect((await update(old, '?options=archived&expiration_secs=')).status).toBe(200);
    expect(await fieldsOf(vault, old, '?props=ssn')).toEqual({ ssn: '100-11-0001' });
  });

  test('an archived object is deleted for good as well', async () => {
    const before = (await count()) as { total: number };
    const id = await addObject(vault, {});
    await update(id, '?expiration_secs=0');
    await vault.send('DELETE', `${OBJECTS}/${id}?options=archived`);
    expect(await count()).toMatchObject({ total: before.total });
  });
});

describe('expiration_secs of a new object', () => {
  const bulk = bulkOf(() => vault);
  test.each([
    ['addObject', (query: string, sent?: Sent) => vault.send('POST', OBJECTS + query, { json: {}, ...sent })],
    ['addObjects', (query: string) => bulk('POST', [{}], query)],
  ])('%s: 0 is 400, and so is what is no number of seconds', async (_name, add) => {
    for (const value of ['0', '00', '-1', '1.5', '1h', '99999999999', '9999999999'])
      expect(refusal(await add(`?expiration_secs=${value}`))).toEqual([
        400,
        'PV1012',
        { field: 'expiration_secs', reason: expect.any(String) },
      ]);
  });
});

describe('cursors', () => {
  beforeAll(async () => {
    for (let i = 0; i < 4; i++) await addObject(vault, { name: 'page' });
  });
  const pages = '?props=id,name&page_size=1';
  const list = (query: string, sent: Sent = {}): Promise<Answer> => vault.send('GET', OBJECTS + query, sent);
  const search = (query: string, json: object): Promise<Answer> =>
    vault.send('POST', `/data/collections/users/query/objects${query}`, { json });

  test.each<[string, string, Sent]>([
    ['other properties', '?props=id&page_size=1', {}],
    ['archived', `${pages}&options=archived`, {}],
    ['unsafe', '?options=unsafe&page_size=1', {}],
    ['an export', `${pages}&export=true`, {}],
    ['ids', `${pages}&ids=${NOWHERE}`, {}],
    ['a tenant', pages, { headers: { 'x-tenant-id': 'a' } }],
    ['another parameter of transformations', pages, { headers: { 'x-trans-param': 'x' } }],
  ])('a cursor does not go with %s: 400 PV9005', async (_name, query, sent) => {
    const at = `&cursor=${encodeURIComponent((await list(pages)).body.paging.cursor)}`;
    expect((await list(pages + at)).status).toBe(200);
    expect(refusal(await list(query + at, sent))).toEqual([400, 'PV9005', { field: 'cursor' }]);
  });

  test('nor from a list to a search, from one search to another, or changed by one character', async () => {
    const { cursor } = (await list(pages)).body.paging as { cursor: string };
    const at = (text: string): string => `${pages}&cursor=${encodeURIComponent(text)}`;
    const found = await search(pages, { match: { name: 'page' } });
    const next = found.body.paging.cursor as string;
    expect((await search(at(next), { match: { name: 'page' } })).status).toBe(200);
    for (const answer of [
      await search(at(cursor), { match: { name: 'page' } }),
      await search(at(next), { match: { name: 'other' } }),
      await search(at(next), { in: { name: ['page'] } }),
      await list(at(next)),
      await list(at(`${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}`)),
      await list(at(`${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`)),
    ]) {
      expect(refused(answer)).toBe('400 PV9005');
    }
  });

  test('page_size: at least 1 and at most what the settings allow, in lists and searches', async () => {
    for (const [size, code] of [
      ['0', '400 PV1012'],
      ['-1', '400 PV1012'],
      ['1001', '400 PV9007'],
    ] as const) {
      expect(refused(await list(`?props=id&page_size=${size}`))).toBe(code);
      expect(refused(await search(`?props=id&page_size=${size}`, { match: { name: 'page' } }))).toBe(code);
    }
    expect((await list('?props=id&page_size=1000')).status).toBe(200);
  });
});

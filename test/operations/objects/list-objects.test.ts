import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const ids: string[] = [];
const list = (query: string, sent: Sent = {}, collection = 'users'): Promise<Answer> =>
  vault.send('GET', `/data/collections/${collection}/objects${query}`, sent);
const names = ({ body }: Answer): string[] => body.results.map(({ name }: { name: string }) => name);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'empty PERSONS ( name STRING NULL );');
  await addCollection(vault, 'shared DATA ( name STRING );');
  for (const name of ['A', 'B', 'C', 'D', 'E']) ids.push(await addObject(vault, { name }));
});
afterAll(() => vault.close());

describe('200', () => {
  test('lists in the order of creation, with the three members of paging', async () => {
    const answer = await list('?props=name');
    expect(answer.body).toEqual({
      results: ['A', 'B', 'C', 'D', 'E'].map((name) => ({ name })),
      paging: { size: 5, remaining_count: 0, cursor: '' },
    });
  });

  test('unsafe shows the id of each', async () => {
    expect((await list('?options=unsafe')).body.results[0]).toEqual({ id: ids[0], name: 'A' });
  });

  test('pages join up: size and remaining_count are the total until the cursor is empty', async () => {
    const seen: string[] = [];
    let cursor = '';
    const remaining: number[] = [];
    do {
      const page = await list(`?props=name&page_size=2&cursor=${cursor}`);
      seen.push(...names(page));
      remaining.push(page.body.paging.remaining_count);
      cursor = page.body.paging.cursor;
    } while (cursor !== '');
    expect(seen).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(remaining).toEqual([3, 1, 0]);
  });

  test('the first page of one has the object added first', async () => {
    const { body } = await list('?props=name&page_size=1');
    expect(body.results).toEqual([{ name: 'A' }]);
    expect(body.paging).toEqual({ size: 1, remaining_count: 4, cursor: expect.stringMatching(/./) });
  });

  test('remaining_count goes no further than the settings let it, and the pages still join up', async () => {
    const capped = await startVault(
      { COATCHECK_SERVICE_MAX_PAGINATION_REMAINING_COUNT: '2' },
      vault.database,
    );
    const seen: string[] = [];
    const counts: number[] = [];
    let cursor = '';
    do {
      const query = `?props=id&page_size=1&cursor=${cursor}`;
      const { body } = await capped.send('GET', `/data/collections/users/objects${query}`);
      seen.push(...(body.results as { id: string }[]).map(({ id }) => id));
      counts.push(body.paging.remaining_count as number);
      cursor = encodeURIComponent(body.paging.cursor as string);
    } while (cursor !== '');
    await capped.close();
    const all = await vault.send('GET', '/data/collections/users/objects?props=id');
    expect(seen).toEqual((all.body.results as { id: string }[]).map(({ id }) => id));
    expect(counts.slice(-3)).toEqual([2, 1, 0]);
    expect(Math.max(...counts)).toBe(2);
    expect(seen.length).toBeGreaterThan(3);
  });

  test('a page that holds exactly the rest is the last', async () => {
    expect((await list('?props=name&page_size=5')).body.paging).toEqual({
      size: 5,
      remaining_count: 0,
      cursor: '',
    });
  });

  test('an object added between two pages comes at the end', async () => {
    const first = await list('?props=name&page_size=2', {}, 'empty');
    expect(first.body).toEqual({ results: [], paging: { size: 0, remaining_count: 0, cursor: '' } });
    for (const name of ['1', '2', '3']) await addObject(vault, { name }, { collection: 'empty' });
    const page = await list('?props=name&page_size=2', {}, 'empty');
    await addObject(vault, { name: '4' }, { collection: 'empty' });
    const rest = await list(
      `?props=name&page_size=2&cursor=${encodeURIComponent(page.body.paging.cursor)}`,
      {},
      'empty',
    );
    expect(names(rest)).toEqual(['3', '4']);
  });

  test('by ids the answer has the order of the request, in both spellings and any case', async () => {
    const [a, , c, , e] = ids as [string, string, string, string, string];
    for (const query of [`ids=${e},${a.toUpperCase()},${c}`, `ids=${e}&ids=${a}&ids=${c}`]) {
      const answer = await list(`?props=name&${query}`);
      expect(names(answer)).toEqual(['E', 'A', 'C']);
      expect(answer.body.paging).toEqual({ size: 3, remaining_count: 0, cursor: '' });
    }
  });

  test('empty parameters count as absent', async () => {
    expect(names(await list('/?props=name&ids=&cursor=&options=&adhoc_reason=&export=false'))).toHaveLength(
      5,
    );
  });

  test('archived lists archived objects only', async () => {
    const gone = await addObject(vault, { name: 'old' });
    await vault.send('PATCH', `/data/collections/users/objects/${gone}?expiration_secs=0`, { json: {} });
    expect(names(await list('?props=name&options=archived'))).toEqual(['old']);
    expect(names(await list(`?props=name&options=archived&ids=${gone}`))).toEqual(['old']);
    expect(names(await list('?props=name'))).not.toContain('old');
  });

  test('limited to tenants it lists theirs', async () => {
    for (const tenant of ['a', 'b', 'c'])
      await addObject(vault, { name: tenant, _tenant_id: tenant }, { collection: 'shared' });
    const limited = (tenants: string): Promise<Answer> =>
      list('?props=name', { headers: { 'x-tenant-id': tenants } }, 'shared');
    expect(names(await limited('a'))).toEqual(['a']);
    expect(names(await limited('c, b'))).toEqual(['b', 'c']);
    expect(names(await limited('d'))).toEqual([]);
    expect(names(await limited(''))).toEqual(['a', 'b', 'c']);
  });

  test('a masked role sees every object through the mask', async () => {
    const { masked } = await setClients(vault, [
      {
        name: 'masked',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['read'], resources: ['users/*'] }],
        masks: { 'users/name': 'mask' },
      },
    ]);
    await addObject(vault, { name: 'Fred' });
    const shown = names(await list('?props=name', { key: masked! }));
    expect(shown.slice(0, 2)).toEqual(['*', '*']);
    expect(shown.at(-1)).toBe('F***');
  });
});

describe('400', () => {
  test.each([
    ['', 'PV9006'],
    ['?options=unsafe&props=name', 'PV9006'],
    ['?options=show_builtins&props=name', 'PV9006'],
    ['?props=name&page_size=0', 'PV1012'],
    ['?props=name&page_size=x', 'PV1012'],
    ['?props=name&page_size=1001', 'PV9007'],
    ['?props=name&page_size=5&page_size=6', 'PV1012'],
    ['?props=name&cursor=nonsense', 'PV9005'],
  ])('%j is %s', async (query, code) => expect(refused(await list(query))).toBe(`400 ${code}`));

  test('a cursor belongs to its request: other properties, another collection or another caller are PV9005', async () => {
    const { reader } = await setClients(vault, [
      {
        name: 'reader',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['read'], resources: ['*'] }],
      },
    ]);
    const { cursor } = (await list('?props=name&page_size=2')).body.paging;
    const at = encodeURIComponent(cursor);
    expect(refused(await list(`?props=name,ssn&cursor=${at}`))).toBe('400 PV9005');
    expect(refused(await list(`?props=name&cursor=${at}`, {}, 'empty'))).toBe('400 PV9005');
    expect(refused(await list(`?props=name&cursor=${at}`, { key: reader! }))).toBe('400 PV9005');
    expect((await list(`?props=name&page_size=1&cursor=${at}`)).status).toBe(200);
  });

  test('more ids than the largest page are PV9007', async () => {
    const many = Array.from({ length: 1001 }, (_, i) => NOWHERE.slice(0, -4) + String(i).padStart(4, '0'));
    expect(refusal(await list(`?props=name&ids=${many.join(',')}`))).toEqual([
      400,
      'PV9007',
      { field: 'ids' },
    ]);
    // A thousand is not too many: they are looked for and not found.
    expect(refused(await list(`?props=name&ids=${many.slice(1).join(',')}`))).toBe('404 PV3005');
  });
});

describe('403', () => {
  test('one id of another tenant refuses all', async () => {
    const theirs = await addObject(
      vault,
      { name: 'x' },
      { collection: 'shared', headers: { 'x-tenant-id': 'z' } },
    );
    const answer = await list(`?props=name&ids=${theirs}`, { headers: { 'x-tenant-id': 'a' } }, 'shared');
    expect(refused(answer)).toBe('403 PV9009');
  });
});

describe('404', () => {
  test('any missing id refuses all, and every missing one is named', async () => {
    const other = NOWHERE.replace(/0$/, '1');
    expect(refusal(await list(`?props=name&ids=${ids[0]},${NOWHERE},${other}`))).toEqual([
      404,
      'PV3005',
      { ids: `${NOWHERE}, ${other}` },
    ]);
  });

  test('an unknown property is PV3004, an unknown collection PV1004', async () => {
    expect(refused(await list('?props=nick'))).toBe('404 PV3004');
    expect(refused(await list('?props=name', {}, 'none'))).toBe('404 PV1004');
  });
});

import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refusal, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let ann: string;
let tokens: Record<string, string>;
const get = (query = '', sent: Sent = {}): Promise<Answer> =>
  vault.send('GET', `/data/collections/users/export/tokens${query}`, sent);
const idsIn = ({ body }: Answer): string[] =>
  body.results.map(({ token_id }: { token_id: string }) => token_id);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  ann = await addObject(vault, { name: 'Ann', ssn: '123-12-1234' });
  const of = (item: Record<string, unknown>, sent: Sent & { query?: string } = {}): Promise<string> =>
    tokenize(vault, { object: { id: ann }, props: ['id', 'ssn', 'email'], ...item }, sent);
  tokens = {
    pointer: await of({ type: 'pointer', tags: ['x'] }),
    randomized: await of({ type: 'randomized', scope: 's' }, { query: '?expiration_secs=600' }),
    pci: await of({ type: 'pci' }),
    pci_oneway: await of({ type: 'pci_oneway' }),
    deterministic: await of({ type: 'deterministic' }),
    free: await tokenize(vault, { object: { fields: { name: 'Free', _tenant_id: 't' } } }),
  };
  const archived = await tokenize(vault, { object: { id: ann } });
  await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${archived}&expiration_secs=0`, {
    json: {},
  });
});
afterAll(() => vault.close());

describe('200', () => {
  test('every active token that can come back, with its values and where they belong', async () => {
    const { body } = await get();
    const { pointer, randomized, pci, deterministic, free } = tokens;
    expect(body.paging).toEqual({ size: 5, remaining_count: 0, cursor: '' });
    const time = expect.stringMatching(/Z$/);
    const common = {
      props: ['id', 'ssn', 'email'],
      object_id: ann,
      scope: 'default',
      created_at: time,
      modified_at: time,
    };
    const fields = { ssn: '123-12-1234' };
    expect(new Map(body.results.map((each: { token_id: string }) => [each.token_id, each]))).toEqual(
      new Map<unknown, unknown>([
        [pointer, { token_id: pointer, token_type: 'pointer', ...common, tags: ['x'] }],
        [
          randomized,
          {
            token_id: randomized,
            token_type: 'randomized',
            ...common,
            fields,
            scope: 's',
            expiration: { expiration_time: time },
          },
        ],
        [pci, { token_id: pci, token_type: 'pci', ...common, fields }],
        [deterministic, { token_id: deterministic, token_type: 'deterministic', ...common, fields }],
        [
          free,
          {
            token_id: free,
            token_type: 'randomized',
            props: ['name'],
            fields: { name: 'Free', _tenant_id: 't' },
            scope: 'default',
            created_at: time,
            modified_at: time,
          },
        ],
      ]),
    );
  });

  test('page by page: each token once, and the page says how many are left', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (const left of [3, 1, 0]) {
      const page = await get(`?page_size=2&cursor=${cursor}`);
      expect(page.body.paging.remaining_count).toBe(left);
      seen.push(...idsIn(page));
      cursor = page.body.paging.cursor;
    }
    expect(cursor).toBe('');
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });

  test('only the types that are named', async () => {
    expect(idsIn(await get('?token_types=pci,pointer')).sort()).toEqual([tokens.pci, tokens.pointer].sort());
  });

  test('a change shows as the time of modification', async () => {
    await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${tokens.free}`, {
      json: { tags: ['seen'] },
    });
    const [of] = (await get('?token_types=randomized')).body.results.filter(
      ({ token_id }: { token_id: string }) => token_id === tokens.free,
    );
    expect(Date.parse(of.modified_at)).toBeGreaterThanOrEqual(Date.parse(of.created_at));
    expect(of.tags).toEqual(['seen']);
  });

  test('an empty collection has an empty page', async () => {
    await addCollection(vault, 'bare DATA ( );');
    expect((await vault.send('GET', '/data/collections/bare/export/tokens')).body).toEqual({
      results: [],
      paging: { size: 0, remaining_count: 0, cursor: '' },
    });
  });
});

describe('400', () => {
  test('naming pci_oneway is PV9043', async () =>
    expect(refusal(await get('?token_types=pci,pci_oneway'))).toEqual([
      400,
      'PV9043',
      { field: 'token_types' },
    ]));

  test.each([
    ['?page_size=1001', 'PV9007'],
    ['?page_size=0', 'PV1012'],
    ['?cursor=bm90IG91cnM', 'PV9005'],
    ['?token_types=reversible', 'PV1012'],
  ])('%s is %s', async (query, code) => expect(refused(await get(query))).toBe(`400 ${code}`));

  test('a cursor of other types is PV9005', async () => {
    const { body } = await get('?page_size=1&token_types=pci,pointer');
    expect(refused(await get(`?cursor=${body.paging.cursor}`))).toBe('400 PV9005');
  });
});

describe('403', () => {
  test('needs to detokenize every property of the collection, and none behind a mask', async () => {
    const all = [{ operations: ['detokenize'], resources: ['users/properties/*'] }];
    const keys = await setClients(vault, [
      { name: 'mover', capabilities: ['CapTokensExporter'], allow: all },
      {
        name: 'partly',
        capabilities: ['CapTokensExporter'],
        allow: all,
        deny: [{ operations: ['detokenize'], resources: ['users/properties/zip_code_us'] }],
      },
      {
        name: 'masked',
        capabilities: ['CapTokensExporter'],
        allow: [{ operations: ['*'], resources: ['*'] }],
        masks: { 'users/ssn': 'mask' },
      },
      { name: 'nobody', capabilities: ['CapTokensReader'], allow: all },
    ]);
    expect((await get('', { key: keys.mover! })).status).toBe(200);
    expect(refused(await get('', { key: keys.partly! }))).toBe('403 PV1006');
    expect(refused(await get('', { key: keys.masked! }))).toBe('403 PV1006');
    expect(refused(await get('', { key: keys.nobody! }))).toBe('403 PV1007');
  });
});

test('404: an unknown collection is PV1004', async () =>
  expect(refused(await vault.send('GET', '/data/collections/nowhere/export/tokens'))).toBe('404 PV1004'));

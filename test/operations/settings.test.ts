import { addCollection, addObject, refused, tokenize } from '../support/steps.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';

let vault: TestVault;
const objects = (method: string, path: string, json?: unknown): Promise<Answer> =>
  vault.send(method, `/data/collections/users${path}`, json === undefined ? {} : { json });

describe('where the Admin may not read data', () => {
  beforeAll(async () => {
    vault = await startVault({ COATCHECK_SERVICE_ADMIN_MAY_READ_DATA: 'false' });
    await addCollection(vault);
  });
  afterAll(() => vault.close());

  test('the Admin writes, counts and tokenizes, and reads, searches and exchanges nothing', async () => {
    const id = await addObject(vault, { name: 'Ann' });
    const token = await tokenize(vault, { object: { id } });
    expect((await objects('GET', '/count/objects')).status).toBe(200);
    expect((await objects('PATCH', `/objects/${id}`, { name: 'Bob' })).status).toBe(200);
    for (const answer of [
      await objects('GET', `/objects/${id}?props=name`),
      await objects('GET', '/objects?options=unsafe'),
      await objects('POST', '/query/objects?props=id', { match: { name: 'Ann' } }),
      await objects('GET', `/tokens?token_ids=${token}`),
      await objects('GET', '/tokens?token_ids=none'),
    ]) {
      expect(refused(answer)).toBe('403 PV1006');
    }
    expect((await objects('DELETE', `/objects/${id}`)).status).toBe(200);
  });
});

describe('where a reason is forced', () => {
  beforeAll(async () => {
    vault = await startVault({ COATCHECK_SERVICE_FORCE_ACCESS_REASON: 'true' });
    await addCollection(vault);
  });
  afterAll(() => vault.close());

  test('data requests without one are 400 PV1001, the others need none', async () => {
    expect(refused(await objects('POST', '/objects', {}))).toBe('400 PV1001');
    expect(refused(await objects('GET', '/objects?props=name&reason='))).toBe('400 PV1001');
    expect((await objects('GET', '/objects?props=name&reason=Analytics')).status).toBe(200);
    expect((await vault.send('GET', '/ctl/collections')).status).toBe(200);
  });
});

describe('where limits and lives are set', () => {
  beforeAll(async () => {
    vault = await startVault({
      PVAULT_SERVICE_DEFAULT_PAGE_SIZE: '2',
      PVAULT_SERVICE_MAX_PAGE_SIZE: '3',
      PVAULT_SERVICE_MAX_PAGINATION_REMAINING_COUNT: '1',
      PVAULT_DB_MAX_STRING_LENGTH: '5',
      PVAULT_DB_MAX_TOKEN_TAGS: '1',
      PVAULT_EXPIRATION_TOKENS: '1h',
      PVAULT_EXPIRATION_UNASSOCIATED_OBJECTS: '2h',
      PVAULT_FEATURES_DISABLE_CC_LUHN_VALIDATION: 'true',
    });
    await addCollection(vault);
    await addCollection(vault, 'cards DATA ( no CC_NUMBER );');
  });
  afterAll(() => vault.close());

  test('pages have the size that is set, and counting stops where it is set', async () => {
    for (let i = 0; i < 5; i++) await addObject(vault, { name: `N${i}` });
    expect((await objects('GET', '/objects?props=name')).body.paging).toMatchObject({
      size: 2,
      remaining_count: 1,
    });
    expect(refused(await objects('GET', '/objects?props=name&page_size=4'))).toBe('400 PV9007');
    expect((await objects('GET', '/count/objects')).body).toEqual({ active: 1, archived: 0, total: 1 });
  });

  test('new things live as long as is set, unless the request says otherwise', async () => {
    const lifeOf = async (query: string): Promise<number | null> => {
      const id = await addObject(vault, {}, { query });
      const { body } = await objects('GET', `/objects/${id}?props=_creation_time,_expiration_time`);
      return body._expiration_time
        ? Date.parse(body._expiration_time) - Date.parse(body._creation_time)
        : null;
    };
    expect(await lifeOf('')).toBe(7_200_000);
    expect(await lifeOf('?expiration_secs=1000')).toBe(1_000_000);
    expect(await lifeOf('?expiration_secs=')).toBeNull();

    const token = await tokenize(vault, { object: { fields: { name: 'x' } } });
    const [{ tokens }] = (await objects('POST', '/query/tokens', { token_ids: [token] })).body;
    expect(Date.parse(tokens[0].expiration_time) - Date.parse(tokens[0].creation_time)).toBe(3_600_000);
  });

  test('longer values, more tags and larger batches are refused; wrong check digits are not', async () => {
    expect(refused(await objects('POST', '/objects', { name: 'abcdef' }))).toBe('400 PV3002');
    const item = { type: 'randomized', object: { fields: { name: 'x' } } };
    expect(refused(await objects('POST', '/tokens', [{ ...item, tags: ['a', 'b'] }]))).toBe('400 PV9007');
    expect(refused(await objects('POST', '/tokens', Array(4).fill(item)))).toBe('400 PV9007');
    const card = { json: { no: '4111 1111 1111 1112' } };
    expect((await vault.send('POST', '/data/collections/cards/objects', card)).status).toBe(200);
  });
});

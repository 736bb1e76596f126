import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const accesses = (id: string, query = '', sent: Sent = {}): Promise<Answer> =>
  vault.send('GET', `/api/coatcheck/1.0/subjects/users/${id}/accesses${query}`, sent);
const read = (id: string, query: string, sent: Sent = {}): Promise<Answer> =>
  vault.send('GET', `/data/collections/users/objects/${id}?${query}`, sent);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('what was shown, to whom and why, newest first; not what was refused, written or read about it', async () => {
    const id = await addObject(vault, { ssn: '123-12-1234', name: 'Canary' });
    const token = await tokenize(vault, { object: { id }, props: ['ssn'] });
    const { poor } = await setClients(vault, [{ name: 'poor', capabilities: ['CapDataReader'] }]);
    await read(id, 'props=ssn.mask,name&reason=Other&adhoc_reason=asked%0D%0Aby+%22her%22');
    await read(id, 'props=ssn', { key: poor! });
    await vault.send('PATCH', `/data/collections/users/objects/${id}`, { json: { name: 'Changed' } });
    await vault.send(
      'GET',
      `/data/collections/users/tokens?token_ids=${token}&reason=Marketing&adhoc_reason=`,
    );
    await vault.send('GET', `/api/coatcheck/1.0/audit/entries?object_id=${id}`);
    const { body } = await accesses(id.toUpperCase());
    expect(body).toEqual({
      accesses: [
        {
          time: expect.any(String),
          client: 'Admin',
          fields: [{ property: 'ssn' }],
          reason: 'Marketing',
          index: expect.any(Number),
        },
        {
          time: expect.any(String),
          client: 'Admin',
          fields: [{ property: 'ssn', transformation: 'mask' }, { property: 'name' }],
          reason: 'Other',
          text: 'asked\r\nby "her"',
          index: expect.any(Number),
        },
      ],
      cursor: '',
    });
  });

  test('nothing of others that the same access touched: no ids, and no words that could be about them', async () => {
    const [one, two] = [await addObject(vault, { name: 'One' }), await addObject(vault, { name: 'Two' })];
    await vault.send(
      'GET',
      `/data/collections/users/objects?ids=${one},${two}&props=name&reason=Other&adhoc_reason=Two+wants+it`,
    );
    const { text, body } = await accesses(one);
    expect(body.accesses).toHaveLength(1);
    expect(body.accesses[0]).not.toHaveProperty('text');
    for (const other of [two, 'Two wants']) expect(text).not.toContain(other);
  });

  test('pages join up; a cursor belongs to its object', async () => {
    const id = await addObject(vault, { name: 'Paged' });
    for (let i = 0; i < 3; i++) await read(id, 'props=name');
    const first = (await accesses(id, '?limit=2')).body;
    const cursor = encodeURIComponent(first.cursor as string);
    const second = (await accesses(id, `?limit=2&cursor=${cursor}`)).body;
    expect([first.accesses.length, second.accesses.length, second.cursor]).toEqual([2, 1, '']);
    const other = await addObject(vault, {});
    expect(refused(await accesses(other, `?limit=2&cursor=${cursor}`))).toBe('400 PV9005');
  });

  test('it is recorded as an access about the object', async () => {
    const id = await addObject(vault, {});
    await accesses(id, '', { headers: { 'x-coatcheck-reason': 'request of the person' } });
    const { body } = await vault.send('GET', `/api/coatcheck/1.0/audit/entries?object_id=${id}&limit=1`);
    expect(body.entries[0]).toMatchObject({
      operation: 'listSubjectAccesses',
      collection: 'users',
      objects: [id],
      adhoc_reason: 'request of the person',
      rule: 'capability:CapSubjectReader',
    });
  });

  test('what is gone keeps its history', async () => {
    const id = await addObject(vault, { name: 'Gone' });
    await read(id, 'props=name');
    await vault.send('DELETE', `/data/collections/users/objects/${id}`);
    expect((await accesses(id)).body.accesses).toHaveLength(1);
    expect((await accesses(NOWHERE)).body.accesses).toEqual([]);
  });
});

describe('limited to tenants', () => {
  const as = (tenant: string): Sent => ({ headers: { 'x-tenant-id': tenant } });

  test('200 for its own, 403 PV9009 for those of others, archived ones too', async () => {
    const id = await addObject(vault, { name: 'Ours' }, as('acme'));
    expect((await accesses(id, '', as('acme'))).status).toBe(200);
    expect(refused(await accesses(id, '', as('other')))).toBe('403 PV9009');
    await vault.send('PATCH', `/data/collections/users/objects/${id}?expiration_secs=0`, { json: {} });
    expect((await accesses(id, '', as('acme'))).status).toBe(200);
    expect(refused(await accesses(id, '', as('other')))).toBe('403 PV9009');
  });

  test('404 PV3005 for what is gone: whose it was cannot be told', async () => {
    expect(refused(await accesses(NOWHERE, '', as('acme')))).toBe('404 PV3005');
  });
});

test.each(['?limit=0', '?limit=1001', '?user=Admin', '?reason=Other'])('400: %s is PV1012', async (query) => {
  expect(refused(await accesses(NOWHERE, query))).toBe('400 PV1012');
});

test('401 and 403: neither `*` nor an auditor, only the capability', async () => {
  const { star, auditor, desk } = await setClients(vault, [
    { name: 'star', capabilities: ['*'], allow: [{ operations: ['*'], resources: ['*'] }] },
    { name: 'auditor', capabilities: ['CapAuditReader'] },
    { name: 'desk', capabilities: ['CapSubjectReader'] },
  ]);
  expect(refused(await accesses(NOWHERE, '', { key: null }))).toBe('401 PV1005');
  expect(refused(await accesses(NOWHERE, '', { key: star! }))).toBe('403 PV1007');
  expect(refused(await accesses(NOWHERE, '', { key: auditor! }))).toBe('403 PV1007');
  expect((await accesses(NOWHERE, '', { key: desk! })).status).toBe(200);
});

test('404: an unknown collection is PV1004, an id that is none PV3005', async () => {
  expect(refused(await vault.send('GET', `/api/coatcheck/1.0/subjects/none/${NOWHERE}/accesses`))).toBe(
    '404 PV1004',
  );
  expect(refused(await accesses('not-an-id'))).toBe('404 PV3005');
});

import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

const QUERY = '/api/coatcheck/1.0/audit/query';
let vault: TestVault;
let id: string;
let token: string;
const query = (json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', QUERY, { json, ...sent });
const operations = async (json: object): Promise<string[]> =>
  ((await query(json)).body.entries as { operation: string }[]).map(({ operation }) => operation);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'others PERSONS ( name NAME NULL );');
  id = await addObject(vault, { ssn: '123-12-1234', name: 'Canary' });
  token = await tokenize(vault, { object: { id }, props: ['ssn'] });
  await tokenize(vault, { object: { id }, props: ['name'] });
  await vault.send('GET', `/data/collections/users/tokens?token_ids=${token}`);
});
afterAll(() => vault.close());

describe('200', () => {
  test('a token leads to what was done with it, with its collection and without', async () => {
    expect(await operations({ token_id: token })).toEqual(['detokenize', 'tokenize']);
    expect(await operations({ token_id: token, collection: 'users' })).toEqual(['detokenize', 'tokenize']);
    expect(await operations({ token_id: token, outcome: 'denied' })).toEqual([]);
  });

  test('a token of another collection, or none, leads nowhere', async () => {
    expect(await operations({ token_id: token, collection: 'others' })).toEqual([]);
    expect(await operations({ token_id: token, collection: 'nowhere' })).toEqual([]);
    expect(await operations({ token_id: 'no-token' })).toEqual([]);
  });

  test('the other filters are those of the list; pages join up', async () => {
    const first = (await query({ object_id: id.toUpperCase(), order: 'oldest', limit: 2 })).body;
    const { cursor } = first as { cursor: string };
    const second = (await query({ object_id: id, order: 'oldest', limit: 2, cursor })).body;
    const found = [...first.entries, ...second.entries].map(
      ({ operation }: { operation: string }) => operation,
    );
    expect(found).toEqual(['addObject', 'tokenize', 'tokenize', 'detokenize']);
    const listed = await vault.send(
      'GET',
      `/api/coatcheck/1.0/audit/entries?object_id=${id}&order=oldest&limit=2`,
    );
    expect(listed.body.entries).toEqual(first.entries);
  });

  test('it is recorded, with its purpose and without the token', async () => {
    await query({ token_id: token }, { headers: { 'x-coatcheck-reason': 'complaint 7' } });
    const answer = await query({ operation: 'queryAuditEntries', text: 'complaint' });
    expect(answer.body.entries).toEqual([
      expect.objectContaining({ adhoc_reason: 'complaint 7', outcome: 'allowed' }),
    ]);
    expect((await query({ limit: 1000 })).text).not.toContain(token);
    expect(vault.logged()).not.toContain(token);
  });
});

test.each([
  [{ who: 'x' }],
  [{ limit: 0 }],
  [{ limit: 1001 }],
  [{ from: 'yesterday' }],
  [{ to: '2016-12-31T23:59:60Z' }],
  [{ order: 'up' }],
  [{ user: ['a'] }],
  [{ user: 'a\u0000' }],
  [{ token_id: '' }],
])('400: %j is PV1012', async (json) => {
  expect(refused(await query(json))).toBe('400 PV1012');
});

test('400: a cursor of another query is PV9005', async () => {
  const { cursor } = (await query({ limit: 1 })).body as { cursor: string };
  expect(refused(await query({ limit: 1, token_id: token, cursor }))).toBe('400 PV9005');
});

test('401 and 403: only for auditors', async () => {
  const { star, eraser } = await setClients(vault, [
    { name: 'star', capabilities: ['*'] },
    { name: 'eraser', capabilities: ['CapAuditEraser', 'CapSubjectReader'] },
  ]);
  expect(refused(await query({}, { key: null }))).toBe('401 PV1005');
  expect(refused(await query({}, { key: star! }))).toBe('403 PV1007');
  expect(refused(await query({}, { key: eraser! }))).toBe('403 PV1007');
});

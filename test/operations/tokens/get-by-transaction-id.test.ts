import { setClients } from '../../support/iam.js';
import { addCollection, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const find = (id: string, sent: Sent & { collection?: string } = {}): Promise<Answer> =>
  vault.send('GET', `/data/collections/${sent.collection ?? 'users'}/transaction_id/${id}`, sent);
const make = (query: string, count = 1, sent: Sent & { collection?: string } = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/${sent.collection ?? 'users'}/tokens${query}`, {
    json: Array.from({ length: count }, () => ({ type: 'randomized', object: { fields: { name: 'x' } } })),
    ...sent,
  });
const idsOf = ({ body }: Answer): string[] => body.map(({ token_id }: { token_id: string }) => token_id);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'others PERSONS ( name NAME NULL );');
});
afterAll(() => vault.close());

describe('200', () => {
  test('the ids of what was made, in the order of the request', async () => {
    const ids = idsOf(await make('?transaction_id=Tr 1/ü', 3));
    expect((await find(encodeURIComponent('Tr 1/ü'))).body).toEqual({ ref_ids: ids });
  });

  test('the same id names another transaction in another collection', async () => {
    const here = idsOf(await make('?transaction_id=both'));
    const there = idsOf(await make('?transaction_id=both', 1, { collection: 'others' }));
    expect((await find('both')).body).toEqual({ ref_ids: here });
    expect((await find('both', { collection: 'others' })).body).toEqual({ ref_ids: there });
  });

  test('an empty id in the query is none', async () => {
    expect((await make('?transaction_id=')).status).toBe(200);
    expect((await make('?transaction_id=')).status).toBe(200);
  });

  test('a repetition with an Idempotency-Key is the same transaction, not another', async () => {
    const sent = { headers: { 'idempotency-key': 'k' } };
    const first = await make('?transaction_id=repeated', 1, sent);
    expect((await make('?transaction_id=repeated', 1, sent)).body).toEqual(first.body);
  });

  test('neither the transaction id nor the token ids stand in the database', async () => {
    const [token] = idsOf(await make('?transaction_id=quetzalcanary'));
    const rows = JSON.stringify(
      await sql(
        vault,
        "select encode(transaction, 'escape') || encode(ids, 'escape') as t from transaction_record",
      ),
    );
    expect(rows).not.toContain('quetzalcanary');
    expect(rows).not.toContain(token);
  });

  test('deleting the collection forgets its transactions', async () => {
    await addCollection(vault, 'gone PERSONS ( name NAME NULL );');
    await make('?transaction_id=g', 1, { collection: 'gone' });
    const before = await sql(vault, 'select from transaction_record');
    await vault.send('DELETE', '/ctl/collections/gone');
    expect(await sql(vault, 'select from transaction_record')).toHaveLength(before.length - 1);
  });
});

test('403: needs to read tokens', async () => {
  await make('?transaction_id=read');
  const keys = await setClients(vault, [
    {
      name: 'reader',
      capabilities: ['CapTransactionIdReader'],
      allow: [{ operations: ['read'], resources: ['users/tokens'] }],
    },
    {
      name: 'writer',
      capabilities: ['CapTransactionIdReader'],
      allow: [{ operations: ['write'], resources: ['users/tokens'] }],
    },
    { name: 'nobody', capabilities: ['CapTokensWriter'] },
  ]);
  expect((await find('read', { key: keys.reader! })).status).toBe(200);
  expect(refused(await find('read', { key: keys.writer! }))).toBe('403 PV1006');
  expect(refused(await find('read', { key: keys.nobody! }))).toBe('403 PV1007');
});

describe('404', () => {
  test('an unknown transaction is PV9046 and does not repeat the id', async () =>
    expect(refusal(await find('unknown'))).toEqual([404, 'PV9046', {}]));

  test('a request that failed left none', async () => {
    const json = [{ type: 'randomized', object: { fields: { ssn: '1' } } }];
    await vault.send('POST', '/data/collections/users/tokens?transaction_id=failed', { json });
    expect(refused(await find('failed'))).toBe('404 PV9046');
  });
});

describe('409 of tokenize', () => {
  test('a transaction id is used once, and nothing is made the second time', async () => {
    const first = idsOf(await make('?transaction_id=once'));
    const count = (): Promise<unknown> => sql(vault, 'select from token');
    const before = ((await count()) as unknown[]).length;
    expect(refusal(await make('?transaction_id=once'))).toEqual([409, 'PV9045', { field: 'transaction_id' }]);
    expect(await count()).toHaveLength(before);
    expect((await find('once')).body).toEqual({ ref_ids: first });
  });

  test('of several at once one is made', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => make('?transaction_id=race')));
    expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9045', '409 PV9045', '409 PV9045']);
  });
});

import { keyOf, setIam } from '../support/iam.js';
import { addCollection, addObject, fieldsOf, refused, tokenize } from '../support/steps.js';
import { cloneDatabase } from '../support/test-postgres.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';

/** Two vaults over one database: whatever one has answered holds for the other. */
let a: TestVault;
let b: TestVault;
let drop: () => Promise<void>;
const both = (): [TestVault, TestVault] => [a, b];

beforeAll(async () => {
  const database = await cloneDatabase();
  drop = () => database.drop();
  a = await startVault({}, database);
  b = await startVault({}, database);
  await addCollection(a);
  await b.send('GET', '/data/collections/users/count/objects?reload_cache=true');
});
afterAll(async () => {
  await a.close();
  await b.close();
  await drop();
});

test('a schema changed by one is used by the other at once with reload_cache=true', async () => {
  for (let i = 0; i < 5; i++) {
    await addCollection(a, `fresh${i} DATA ( n STRING );`);
    const answer = await b.send('POST', `/data/collections/fresh${i}/objects?reload_cache=true`, {
      json: { n: 'x' },
    });
    expect(answer.status).toBe(200);
  }
});

test('the first objects of new tenants, sealed by both at once, are read by both', async () => {
  for (let i = 0; i < 5; i++) {
    const headers = { 'x-tenant-id': `t${i}` };
    const ids = await Promise.all(both().map((vault) => addObject(vault, { name: 'Ann' }, { headers })));
    for (const vault of both())
      for (const id of ids) expect(await fieldsOf(vault, id)).toEqual({ name: 'Ann' });
  }
});

test('a unique value is unique across both', async () => {
  const add = (vault: TestVault, ssn: string): Promise<Answer> =>
    vault.send('POST', '/data/collections/users/objects', { json: { ssn } });
  for (let i = 0; i < 5; i++) {
    const answers = await Promise.all(both().map((vault) => add(vault, `123-12-200${i}`)));
    expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9001']);
  }
});

test('of changes through both at once none is lost', async () => {
  const id = await addObject(a, {});
  const update = (vault: TestVault, json: object): Promise<Answer> =>
    vault.send('PATCH', `/data/collections/users/objects/${id}`, { json });
  for (let i = 0; i < 8; i++) {
    const [first, second] = await Promise.all([
      update(a, { name: `N${i}` }),
      update(b, { email: `e${i}@b.co` }),
    ]);
    const fields = (await fieldsOf(b, id)) as Record<string, string>;
    if (first.status === 200) expect(fields.name).toBe(`N${i}`);
    else expect(refused(first)).toBe('409 PV3218');
    if (second.status === 200) expect(fields.email).toBe(`e${i}@b.co`);
    else expect(refused(second)).toBe('409 PV3218');
  }
});

test('a request repeated through the other is the same request', async () => {
  const send = (vault: TestVault): Promise<Answer> =>
    vault.send('POST', '/data/collections/users/objects', {
      json: { ssn: '123-12-3000' },
      headers: { 'idempotency-key': 'k' },
    });
  const [first, second] = await Promise.all(both().map(send));
  expect([first!.status, second!.status, second!.text]).toEqual([200, 200, first!.text]);
});

test('a token made by one is exchanged by the other, and dead for both after either deletes its object', async () => {
  const id = await addObject(a, { name: 'Ann' });
  const token = await tokenize(b, { object: { id } });
  const path = `/data/collections/users/tokens?token_ids=${token}`;
  expect((await a.send('GET', path)).body).toEqual([{ token_id: token, fields: { name: 'Ann' } }]);
  await b.send('DELETE', `/data/collections/users/objects/${id}`);
  for (const vault of both()) expect((await vault.send('GET', path)).body).toEqual([]);
});

test('both write one log, without a gap', async () => {
  await Promise.all(both().flatMap((vault) => [1, 2, 3, 4].map(() => vault.send('GET', '/ctl/types'))));
  const { entries } = (await a.send('GET', '/api/coatcheck/1.0/audit/entries?limit=1000')).body as {
    entries: { index: number }[];
  };
  expect(entries.map(({ index }) => index)).toEqual(entries.map((_, i) => entries.length - 1 - i));
});

test('a key that one replaced is no key for the other', async () => {
  await setIam(
    a,
    '[users.u]\nrole="r"\n[roles.r]\ncapabilities=["CapDataReader"]\npolicies=[]\n[policies]\n',
  );
  const old = await keyOf(a, 'u');
  await keyOf(a, 'u');
  const path = '/data/collections/users/objects?props=name&reload_cache=true';
  expect(refused(await b.send('GET', path, { key: old }))).toBe('401 PV1005');
});

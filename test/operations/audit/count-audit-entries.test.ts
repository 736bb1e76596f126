import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

const COUNTS = '/api/coatcheck/1.0/audit/counts';
let vault: TestVault;
const count = (query: string, sent: Sent = {}): Promise<Answer> => vault.send('GET', COUNTS + query, sent);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  const id = await addObject(vault, { ssn: '123-12-1234', name: 'Canary' });
  for (let i = 0; i < 3; i++)
    await vault.send('GET', `/data/collections/users/objects/${id}?props=ssn.mask,ssn,name`);
  const { poor } = await setClients(vault, [{ name: 'poor', capabilities: ['CapDataReader'] }]);
  await vault.send('GET', `/data/collections/users/objects/${id}?props=ssn`, { key: poor! });
});
afterAll(() => vault.close());

const none = { allowed: 0, masked: 0, denied: 0, failed: 0 };

test.each([
  [
    'by=property&operation=getObjectById',
    [
      { key: 'name', total: 3, ...none, masked: 3 },
      { key: 'ssn', total: 3, ...none, masked: 3 },
    ],
  ],
  [
    'by=user&operation=getObjectById',
    [
      { key: 'Admin', total: 3, ...none, masked: 3 },
      { key: 'poor', total: 1, ...none, denied: 1 },
    ],
  ],
  ['by=operation&collection=users&outcome=masked', [{ key: 'getObjectById', total: 3, ...none, masked: 3 }]],
])('200: %s', async (query, counts) => {
  const { body } = await count(`?${query}`);
  expect(body).toMatchObject({ counts, complete: true });
});

test('200: by hour, with the beginning of the hour', async () => {
  const { counts, counted } = (await count('?by=hour&operation=getObjectById')).body as {
    counts: { key: string; total: number }[];
    counted: number;
  };
  expect(counted).toBe(4);
  expect(counts.reduce((sum, { total }) => sum + total, 0)).toBe(4);
  for (const { key } of counts) expect(key).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00Z$/);
});

test('200: nothing that meets the filters is no count', async () => {
  expect((await count('?by=user&user=nobody')).body).toEqual({ counts: [], counted: 0, complete: true });
});

test('200: it is recorded', async () => {
  const listed = await vault.send(
    'GET',
    '/api/coatcheck/1.0/audit/entries?operation=countAuditEntries&limit=1',
  );
  expect(listed.body.entries).toHaveLength(1);
});

test.each(['', '?by=colour', '?by=user&limit=1', '?by=user&from=x', '?by=user&token_id=x'])(
  '400: %s is PV1012',
  async (query) => {
    expect(refused(await count(query))).toBe('400 PV1012');
  },
);

test('400: a reason that there is none of is PV1002', async () => {
  expect(refused(await count('?by=user&reason=Curiosity'))).toBe('400 PV1002');
});

test('401 and 403: only for auditors', async () => {
  const { star } = await setClients(vault, [{ name: 'star', capabilities: ['*'] }]);
  expect(refused(await count('?by=user', { key: null }))).toBe('401 PV1005');
  expect(refused(await count('?by=user', { key: star! }))).toBe('403 PV1007');
});

import { randomBytes } from 'node:crypto';
import { setClients } from '../../support/iam.js';
import {
  NOWHERE,
  addCollection,
  addObject,
  detokenize,
  refusal,
  refused,
  tokenize,
} from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

/** Tokens on their way from one vault to another, their values sealed under an export key. */
const COATCHECK_KMS_EXPORT_KEY = randomBytes(32).toString('hex');
const SCHEMA = 'users PERSONS ( name NAME NULL, ssn SSN NULL, doc JSON NULL );';
interface Data {
  token_id: string;
  token_type: string;
  props: string[];
  fields?: Record<string, unknown>;
  object_id?: string;
}
let from: TestVault;
let to: TestVault;
let key: string;
let tokens: Record<string, string>;
const exported = async (query = '?export=true'): Promise<Data[]> =>
  (await from.send('GET', `/data/collections/users/export/tokens${query}`)).body.results;
const importing = (json: unknown, exportKey: string | null = key): Promise<Answer> => {
  const query = exportKey === null ? '' : `?export_key=${exportKey}`;
  return to.send('POST', `/data/collections/users/import/tokens${query}`, { json });
};
const count = async (): Promise<number> =>
  (await to.send('GET', '/data/collections/users/count/tokens')).body.total;

beforeAll(async () => {
  from = await startVault({ COATCHECK_KMS_EXPORT_KEY });
  to = await startVault({ COATCHECK_KMS_EXPORT_KEY, COATCHECK_KMS_KEY: randomBytes(32).toString('hex') });
  // So that the numbers of collection and properties are others there.
  await addCollection(to, 'first PERSONS ( a STRING NULL, b STRING NULL );');
  for (const vault of [from, to]) await addCollection(vault, SCHEMA);
  key = (await from.send('GET', '/system/admin/export_key')).body.export_key;
  const id = await addObject(from, { id: NOWHERE, name: 'Änn 李', ssn: '123-12-1234' });
  await addObject(to, { id, name: 'Other' });
  tokens = {
    pointer: await tokenize(from, { type: 'pointer', object: { id } }),
    owned: await tokenize(from, { object: { id }, tags: ['a'], scope: 's' }),
    pci: await tokenize(from, { type: 'pci', object: { id }, props: ['ssn'] }),
    bare: await tokenize(from, { object: { fields: { doc: { a: [1] }, _tenant_id: 'acme' } } }),
  };
});
afterAll(async () => {
  await from.close();
  await to.close();
});
beforeEach(async () => {
  const list = Object.values(tokens).join(',');
  await to.send('DELETE', `/data/collections/users/tokens?token_ids=${list}`);
});

test('200: values are sealed, each anew; ids, types, owners and tenants are as they are', async () => {
  const data = await exported();
  expect(data.map(({ token_id }) => token_id).sort()).toEqual(Object.values(tokens).sort());
  const plain = new Map((await exported('')).map((each) => [each.token_id, each]));
  for (const { fields = {}, ...rest } of data) {
    const { fields: open = {}, ...same } = plain.get(rest.token_id)!;
    expect(rest).toEqual(same);
    expect(Object.keys(fields)).toEqual(Object.keys(open));
    for (const [name, value] of Object.entries(fields)) {
      if (name === '_tenant_id') expect(value).toBe('acme');
      else expect(value).toMatch(/^[A-Za-z0-9_-]{50,}$/);
    }
  }
  for (const value of ['Änn', '12-1234', '[1]']) expect(JSON.stringify(data)).not.toContain(value);
  expect(await exported()).not.toEqual(data);
});

test('200: what one vault exported sealed is the same token in another with the same export root key', async () => {
  const data = await exported();
  expect((await importing(data)).body).toEqual({
    ok: true,
    results: data.map(({ token_id }) => ({ token_id, ok: true })),
  });
  const { owned, bare, pci } = tokens;
  expect(await detokenize(to, `token_ids=${owned},${bare}`)).toEqual([
    { token_id: owned, fields: { name: 'Änn 李', ssn: '123-12-1234' } },
    { token_id: bare, fields: { doc: { a: [1] } } },
  ]);
  // A pci token is found again by its value, so the value that came in is the very same.
  expect(await tokenize(to, { type: 'pci', object: { fields: { ssn: '123-12-1234' } } })).toBe(pci);
});

test('200: pages of a sealed export are its own: a cursor of the plain list does not open it', async () => {
  const page = (query: string): Promise<Answer> =>
    from.send('GET', `/data/collections/users/export/tokens?page_size=2${query}`);
  const { cursor } = (await page('&export=true')).body.paging;
  expect((await page(`&export=true&cursor=${encodeURIComponent(cursor)}`)).body.results).toHaveLength(2);
  expect(refused(await page(`&cursor=${encodeURIComponent(cursor)}`))).toBe('400 PV9005');
});

test('200: the log says that it was sealed', async () => {
  await exported();
  const path = '/api/coatcheck/1.0/audit/entries?operation=exportTokens&limit=1';
  expect((await from.send('GET', path)).body.entries).toEqual([
    expect.objectContaining({ outcome: 'allowed', rule: expect.stringMatching(/ export$/) }),
  ]);
});

describe('200 with a failure: nothing comes in', () => {
  const codes = ({ body }: Answer): unknown[] => [
    body.ok,
    ...body.results.flatMap(({ error }: { error?: { error_code: string } }) => error?.error_code ?? []),
  ];
  const owned = async (): Promise<Data> =>
    (await exported()).find(({ token_id }) => token_id === tokens.owned)!;

  test.each<[string, (item: Data) => object]>([
    ['another token', (item) => ({ ...item, token_id: 'another' })],
    ['another owner', ({ object_id: _, ...item }) => item],
    ['another property', ({ fields, ...item }) => ({ ...item, fields: { ssn: fields!.name } })],
    ['a plain value', (item) => ({ ...item, fields: { name: 'Plain' } })],
    ['what is no text', (item) => ({ ...item, fields: { doc: { a: 1 } }, props: ['doc'] })],
  ])('a value moved to, or standing as, %s is PV9032', async (_, moved) => {
    const before = await count();
    const all = await exported();
    const bare = all.find(({ token_id }) => token_id === tokens.bare);
    expect(codes(await importing([bare, moved(await owned())]))).toEqual([false, 'PV9032']);
    expect(await count()).toBe(before);
  });

  test('sealed values without the key are not taken for values', async () => {
    const item = { ...(await owned()), props: ['ssn'] };
    const sealed = { ...item, fields: { ssn: item.fields!.ssn } };
    expect(codes(await importing([sealed], null))).toEqual([false, 'PV3002']);
  });
});

test('400: an export key that is none, or of another root, is PV9033', async () => {
  expect(refusal(await importing([], 'abc'))).toEqual([400, 'PV9033', { field: 'export_key' }]);
  const other = await startVault({ COATCHECK_KMS_EXPORT_KEY: randomBytes(32).toString('hex') });
  try {
    const foreign = (await other.send('GET', '/system/admin/export_key')).body.export_key;
    expect(refused(await importing([], foreign))).toBe('400 PV9033');
  } finally {
    await other.close();
  }
});

test('403: a sealed export needs what a plain one needs: every property, none behind a mask', async () => {
  const { masked } = await setClients(from, [
    {
      name: 'masked',
      capabilities: ['*'],
      allow: [{ operations: ['*'], resources: ['*'] }],
      masks: { 'users/ssn': 'mask' },
    },
  ]);
  const path = '/data/collections/users/export/tokens?export=true';
  expect(refused(await from.send('GET', path, { key: masked! }))).toBe('403 PV1006');
});

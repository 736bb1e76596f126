import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

const ENTRIES = '/api/coatcheck/1.0/audit/entries';
interface Entry {
  index: number;
  operation: string;
  outcome: string;
  time: string;
  user: string;
  [member: string]: unknown;
}
let vault: TestVault;
const list = (query = '', sent: Sent = {}): Promise<Answer> => vault.send('GET', ENTRIES + query, sent);
const entries = async (query = ''): Promise<Entry[]> => (await list(query)).body.entries as Entry[];
const latest = async (operation: string): Promise<Entry> =>
  (await entries(`?operation=${operation}&limit=1`))[0]!;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('an access is told with who, what, why and what was shown, and never with a value or a token', async () => {
    const id = await addObject(vault, { ssn: '123-12-1234', name: 'Canary' });
    const token = await tokenize(vault, { object: { id }, props: ['ssn', 'name'] });
    const { support } = await setClients(vault, [
      {
        name: 'support',
        capabilities: ['CapTokensDetokenizer'],
        allow: [{ operations: ['detokenize', 'read'], resources: ['users/properties/*'] }],
        masks: { 'users/ssn': 'mask' },
      },
    ]);
    await vault.send(
      'GET',
      `/data/collections/users/tokens?token_ids=${token}&reason=Other&adhoc_reason=a+call&custom_audit=T-1`,
      {
        key: support!,
        headers: { 'x-pvault-request-id': 'mine' },
      },
    );
    const [entry] = (await list('?operation=detokenize&limit=1')).body.entries;
    expect(entry).toEqual({
      index: expect.any(Number),
      time: expect.stringMatching(/Z$/),
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      caller_request_id: 'mine',
      user: 'support',
      role: 'support',
      key_id: expect.any(String),
      operation: 'detokenize',
      collection: 'users',
      objects: [id],
      tokens: [expect.stringMatching(/^[0-9a-f]{32}$/)],
      asked: [{ property: 'ssn' }, { property: 'name' }],
      revealed: [{ property: 'ssn', transformation: 'mask' }, { property: 'name' }],
      reason: 'Other',
      adhoc_reason: 'a call',
      custom_audit: 'T-1',
      outcome: 'masked',
      rule: expect.stringContaining('support_allow_0'),
      iam_version: expect.any(Number),
      tenants: [],
    });
    const { text } = await list('?limit=1000');
    for (const secret of ['123-12-1234', 'Canary', token]) expect(text).not.toContain(secret);
  });

  test.each([
    ['a refusal', 'GET', `/data/collections/users/objects/${NOWHERE}?props=ssn`, 'denied', 'PV1006'],
    ['a missing capability', 'POST', '/data/collections/users/objects', 'denied', 'PV1007'],
    ['an unknown collection', 'GET', '/data/collections/none/objects?props=a', 'failed', 'PV1004'],
    ['a request against the contract', 'GET', '/data/collections/users/objects?nope=1', 'failed', 'PV1012'],
  ])('%s is told too', async (_, method, path, outcome, error_code) => {
    const { poor } = await setClients(vault, [
      {
        name: 'poor',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['read'], resources: ['users/name'] }],
      },
    ]);
    await vault.send(method, path, { key: poor!, ...(method === 'POST' && { json: {} }) });
    const [entry] = await entries('?user=poor&limit=1');
    expect(entry).toMatchObject({ outcome, error_code, user: 'poor' });
  });

  test('an effect that fails is a second entry that refers to the first', async () => {
    await addObject(vault, { ssn: '999-12-1234' });
    await vault.send('POST', '/data/collections/users/objects', { json: { ssn: '999-12-1234' } });
    const [failed, first] = (await entries('?operation=addObject&limit=2')) as [Entry, Entry];
    expect(first.outcome).toBe('allowed');
    expect(failed).toMatchObject({
      outcome: 'failed',
      error_code: 'PV9001',
      refers: first.index,
      request_id: first.request_id,
    });
  });

  test('a repetition under an Idempotency-Key is told as one, of the object that there is', async () => {
    const send = (): Promise<Answer> =>
      vault.send('POST', '/data/collections/users/objects', {
        json: {},
        headers: { 'idempotency-key': 'k' },
      });
    const { id } = (await send()).body;
    await send();
    const repeated = await latest('addObject');
    expect(repeated.objects).toEqual([id]);
    expect(repeated.rule).toContain('idempotent-replay');
  });

  test('filters narrow it down, together too', async () => {
    const id = await addObject(vault, {}, { query: '?reason=Marketing' });
    expect((await latest('addObject')).reason).toBe('Marketing');
    expect(await entries(`?object_id=${id.toUpperCase()}`)).toHaveLength(1);
    expect(await entries(`?object_id=${id}&outcome=denied`)).toEqual([]);
    expect(
      await entries(`?object_id=${id}&collection=users&user=Admin&operation=addObject&outcome=allowed`),
    ).toHaveLength(1);
    expect(await entries('?collection=nothing')).toEqual([]);
    const { time } = await latest('addObject');
    expect((await entries(`?from=${time}`)).some((entry) => entry.operation === 'addObject')).toBe(true);
    expect(await entries('?from=2100-01-01T00:00:00Z')).toEqual([]);
    expect(await entries('?to=2001-01-01T00:00:00Z')).toEqual([]);
  });

  test('newest first; pages join up; reading the log is told as well', async () => {
    for (let i = 0; i < 5; i++) await vault.send('GET', '/ctl/types');
    const seen: number[] = [];
    let cursor = '';
    do {
      const { body } = await list(`?operation=listDataTypes&limit=2&cursor=${encodeURIComponent(cursor)}`);
      seen.push(...body.entries.map(({ index }: Entry) => index));
      cursor = body.cursor;
    } while (cursor !== '');
    expect(seen).toHaveLength(5);
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
    expect((await latest('listAuditEntries')).outcome).toBe('allowed');
  });
});

test.each(['?limit=0', '?limit=1001', '?from=yesterday', '?outcome=fine', '?object_id=x', '?who=Admin'])(
  '400: %s is PV1012',
  async (query) => expect(refused(await list(query))).toBe('400 PV1012'),
);

test('400: a cursor of another filter is PV9005', async () => {
  const { cursor } = (await list('?limit=1')).body;
  expect(refused(await list(`?user=Admin&cursor=${encodeURIComponent(cursor)}`))).toBe('400 PV9005');
  expect(refused(await list('?cursor=x'))).toBe('400 PV9005');
});

test('403: `*` does not open the log, the capability by name does', async () => {
  const { star, auditor } = await setClients(vault, [
    { name: 'star', capabilities: ['*'], allow: [{ operations: ['*'], resources: ['*'] }] },
    { name: 'auditor', capabilities: ['CapAuditReader'] },
  ]);
  expect(refused(await list('', { key: star! }))).toBe('403 PV1007');
  expect((await list('', { key: auditor! })).status).toBe(200);
});

test('401: without a key, PV1005', async () => {
  expect(refused(await list('', { key: null }))).toBe('401 PV1005');
});

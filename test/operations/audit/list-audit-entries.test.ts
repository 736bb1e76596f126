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
      touches: [
        { operation: 'detokenize', property: 'ssn', data_type_name: 'SSN' },
        { operation: 'detokenize', property: 'name', data_type_name: 'NAME' },
        { operation: 'read', property: 'ssn', data_type_name: 'SSN' },
        { operation: 'read', property: 'name', data_type_name: 'NAME' },
      ],
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

describe('200: each filter by itself finds what its entry says, and nothing else', () => {
  const FREE = 'line one\r\nline "two" \u001b[31mred\u001b[0m \\ , {"json":1} \u00e9';
  let entry: Entry;
  let other: string;
  beforeAll(async () => {
    const id = await addObject(vault, { ssn: '777-12-1234', name: 'Filtered' });
    const { lone } = await setClients(vault, [
      {
        name: 'lone',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['read'], resources: ['users/properties/ssn.mask'] }],
      },
    ]);
    const text = encodeURIComponent(FREE);
    const path = `/data/collections/users/objects/${id}?props=ssn.mask&reason=Other&adhoc_reason=${text}&custom_audit=zebra`;
    await vault.send('GET', path, {
      key: lone!,
      headers: { 'x-tenant-id': '', 'x-pvault-request-id': 'lone-call' },
    });
    other = await addObject(vault, {});
    await vault.send('GET', `/data/collections/users/objects/${other}?options=unsafe`, {
      headers: { 'x-tenant-id': 'acme' },
    });
    entry = (await entries('?user=lone&limit=1'))[0]!;
  });

  test('free texts come back to the letter, whatever is in them', () => {
    expect(entry).toMatchObject({ adhoc_reason: FREE, custom_audit: 'zebra' });
  });

  const expected = (name: string): [query: string, meets: (each: Entry) => boolean] => {
    const e = entry as Entry &
      Record<'key_id' | 'rule' | 'request_id' | 'role', string> & { objects: string[] };
    const told = (each: Entry): { property: string; transformation?: string }[] => [
      ...(each.asked as []),
      ...(each.revealed as []),
    ];
    const filters: Record<string, [string, (each: Entry) => boolean]> = {
      from: [e.time, (each) => each.time >= e.time],
      to: [e.time, (each) => each.time < e.time],
      user: ['lone', (each) => each.user === 'lone'],
      role: [e.role, (each) => each.role === e.role],
      key_id: [e.key_id, (each) => each.key_id === e.key_id],
      tenant: ['acme', (each) => (each.tenants as string[]).includes('acme')],
      collection: ['users', (each) => each.collection === 'users'],
      object_id: [e.objects[0]!, (each) => (each.objects as string[]).includes(e.objects[0]!)],
      property: ['ssn', (each) => told(each).some(({ property }) => property === 'ssn')],
      transformation: ['mask', (each) => told(each).some(({ transformation }) => transformation === 'mask')],
      reason: ['Other', (each) => each.reason === 'Other'],
      text: ['ZEBRA', (each) => each.custom_audit === 'zebra'],
      operation: ['getObjectById', (each) => each.operation === 'getObjectById'],
      outcome: ['masked', (each) => each.outcome === 'masked'],
      rule: [e.rule, (each) => ((each.rule as string | undefined) ?? '').split(' ').includes(e.rule)],
      request_id: [e.request_id, (each) => each.request_id === e.request_id],
    };
    return filters[name]!;
  };

  test.each(
    'from to user role key_id tenant collection object_id property transformation reason text operation outcome rule request_id'.split(
      ' ',
    ),
  )('%s', async (name) => {
    const [value, meets] = expected(name);
    const all = await entries('?limit=1000&order=oldest');
    const last = all.at(-1)!.index;
    const found = await entries(`?limit=1000&order=oldest&${name}=${encodeURIComponent(value)}`);
    const wanted = all.filter(meets).map(({ index }) => index);
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.length).toBeLessThan(all.length);
    expect(found.map(({ index }) => index).filter((index) => index <= last)).toEqual(wanted);
  });

  test("request_id is the caller's too; subject and remote_addr find nothing where there is none", async () => {
    expect(await entries('?request_id=lone-call')).toHaveLength(1);
    expect(await entries('?subject=nobody')).toEqual([]);
    expect(await entries('?remote_addr=127.0.0.1')).toEqual([]);
  });

  test('remote_addr finds what came from there, where addresses are recorded', async () => {
    const recording = await startVault({ COATCHECK_LOG_AUDIT_REMOTE_ADDR_ENABLE: 'true' });
    try {
      await recording.send('GET', '/ctl/types');
      const found = await recording.send('GET', `${ENTRIES}?remote_addr=127.0.0.1&operation=listDataTypes`);
      expect(found.body.entries).toHaveLength(1);
      expect((await recording.send('GET', `${ENTRIES}?remote_addr=127.0.0.2`)).body.entries).toEqual([]);
    } finally {
      await recording.close();
    }
  });

  test('oldest first begins with the first entry and its pages join up', async () => {
    const seen: number[] = [];
    let cursor = '';
    do {
      const { body } = await list(
        `?order=oldest&limit=7&to=${entry.time}&cursor=${encodeURIComponent(cursor)}`,
      );
      seen.push(...body.entries.map(({ index }: Entry) => index));
      cursor = body.cursor;
    } while (cursor !== '');
    expect(seen[0]).toBe(0);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  });
});

describe('200: what the log is read for', () => {
  test('stands in the entry of the query, in UTF-8', async () => {
    const purpose = Buffer.from('complaint № 7, "Ana"').toString('latin1');
    await list('?limit=1', { headers: { 'x-coatcheck-reason': purpose } });
    expect((await latest('listAuditEntries')).adhoc_reason).toBeUndefined();
    expect((await entries('?operation=listAuditEntries&limit=3&text=complaint'))[0]!.adhoc_reason).toBe(
      'complaint № 7, "Ana"',
    );
  });

  test.each([
    ['too long', 'x'.repeat(257)],
    ['no UTF-8', '\xff\xfe'],
  ])('400: %s is PV1012, and not repeated', async (_, purpose) => {
    const answer = await list('', { headers: { 'x-coatcheck-reason': purpose } });
    expect(refused(answer)).toBe('400 PV1012');
    expect(answer.text).not.toContain(purpose);
  });

  test('the reason that is looked for is not the reason of the query', async () => {
    await list('?reason=Other&limit=1');
    expect(await latest('listAuditEntries')).toMatchObject({
      reason: 'AppFunctionality',
      outcome: 'allowed',
    });
  });

  test('an operation that takes no such header keeps none of it', async () => {
    await vault.send('GET', '/ctl/types', { headers: { 'x-coatcheck-reason': 'complaint' } });
    expect((await latest('listDataTypes')).adhoc_reason).toBeUndefined();
  });
});

test('200: every decision names what decided it', async () => {
  const all = (await list('?limit=1000')).body.entries as (Entry & { rule?: string; refers?: number })[];
  const decided = all.filter(({ outcome, refers }) => outcome !== 'failed' && refers === undefined);
  expect(decided.length).toBeGreaterThan(20);
  expect(decided.filter(({ rule }) => rule === undefined)).toEqual([]);
});

test.each([
  '?limit=0',
  '?limit=1001',
  '?from=yesterday',
  '?outcome=fine',
  '?object_id=x',
  '?who=Admin',
  '?order=sideways',
  '?token_id=x',
  '?from=2016-12-31T23:59:60Z',
])('400: %s is PV1012', async (query) => expect(refused(await list(query))).toBe('400 PV1012'));

test('400: a reason that there is none of is PV1002', async () => {
  expect(refused(await list('?reason=Fun'))).toBe('400 PV1002');
});

test('400: a cursor of another filter is PV9005', async () => {
  const { cursor } = (await list('?limit=1')).body;
  expect(refused(await list(`?user=Admin&cursor=${encodeURIComponent(cursor)}`))).toBe('400 PV9005');
  expect(refused(await list('?cursor=x'))).toBe('400 PV9005');
  expect(refused(await list(`?order=oldest&cursor=${encodeURIComponent(cursor)}`))).toBe('400 PV9005');
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapAuditReader'] }]);
  expect(refused(await list(`?cursor=${encodeURIComponent(cursor)}`, { key: reader! }))).toBe('400 PV9005');
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

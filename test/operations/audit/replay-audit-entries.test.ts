import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

const REPLAY = '/api/coatcheck/1.0/audit/replay';
const PERIOD = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
interface Change {
  index: number;
  operation: string;
  from: string;
  to: string;
  rule: string;
  revealed?: object[];
}
let vault: TestVault;
let id: string;
const replay = (json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', REPLAY, { json: { ...PERIOD, user: 'clerk', ...json }, ...sent });
/** What would change, the newest first. */
const changes = async (json: object): Promise<Change[]> => (await replay(json)).body.changes as Change[];

const ALLOW = `policy_type = "allow"\noperations = ["read", "detokenize", "search"]\nreasons = ["*"]\nresources = ["users/properties/*"]`;
interface Clerk {
  capabilities?: string;
  policy?: string;
  masks?: string;
  user?: string;
}
const iam = ({
  capabilities = '["CapDataReader", "CapDataSearcher"]',
  policy = ALLOW,
  masks = '',
  user = '[users.clerk]\nrole = "clerk"',
}: Clerk = {}): string => `
  [users]\n${user}\n[roles.clerk]\ncapabilities = ${capabilities}\npolicies = ["p"]\n${masks}\n[policies.p]\n${policy}`;

let index: Record<
  'plain' | 'masked' | 'denied' | 'incapable' | 'missing' | 'detokenized' | 'found' | 'hopeless',
  number
>;
beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'other PERSONS ( name NAME NULL );');
  id = await addObject(vault, { ssn: '123-12-1234', name: 'Canary' });
  const token = await tokenize(vault, { object: { id }, props: ['ssn'] });
  const { clerk: key } = await setClients(vault, [
    {
      name: 'clerk',
      capabilities: ['CapDataReader', 'CapDataSearcher'],
      allow: [{ operations: ['read', 'detokenize', 'search'], resources: ['users/properties/*'] }],
      deny: [{ operations: ['read'], resources: ['users/properties/email'] }],
    },
  ]);
  const get = async (path: string, sent: Sent = {}): Promise<number> => {
    await vault.send(sent.json ? 'POST' : 'GET', `/data/collections/${path}`, { key: key!, ...sent });
    const { body } = await vault.send('GET', '/api/coatcheck/1.0/audit/entries?user=clerk&limit=1');
    return (body.entries as { index: number }[])[0]!.index;
  };
  index = {
    plain: await get(`users/objects/${id}?props=ssn,name`),
    masked: await get(`users/objects/${id}?props=ssn.mask`),
    denied: await get(`users/objects/${id}?props=email`),
    incapable: await get('users/objects', { json: {} }),
    missing: await get('users/objects/00000000-0000-4000-8000-000000000000?props=ssn'),
    detokenized: await get(`users/tokens?token_ids=${token}`),
    found: await get('users/query/objects?props=name', { json: { match: { ssn: '123-12-1234' } } }),
    hopeless: await get('other/objects?props=name'),
  };
});
afterAll(() => vault.close());

/** Name of the access -> what it would be. */
async function told(proposal: string): Promise<Record<string, string>> {
  const names = new Map(Object.entries(index).map(([name, at]) => [at, name]));
  return Object.fromEntries(
    (await changes({ iam: proposal })).map((each) => [
      names.get(each.index) ?? each.operation,
      `${each.from} ${each.to} ${each.rule}`,
    ]),
  );
}

describe('200', () => {
  test('the configuration in force changes nothing, and all is replayable', async () => {
    const { body: text } = await vault.send('GET', '/ctl/iam/conf').then(({ text: body }) => ({ body }));
    const { body } = await replay({ iam: text });
    expect(body).toEqual({
      changes: [],
      evaluated: Object.keys(index).length,
      not_replayable: 0,
      approximate: 0,
      cursor: '',
    });
  });

  test('what the Admin did no configuration changes', async () => {
    const { body } = await replay({ iam: iam(), user: 'Admin' });
    expect(body).toMatchObject({ changes: [], evaluated: 0, not_replayable: 0 });
  });

  test('without the deny what was refused would be shown', async () => {
    expect(await told(iam())).toEqual({ denied: 'denied allowed allow:p' });
  });

  test('a mask would change what is shown, and refuse the search around it', async () => {
    expect(await told(iam({ masks: 'masks = { "users/ssn" = "mask" }' }))).toEqual({
      plain: 'allowed masked allow:p',
      detokenized: 'allowed masked allow:p',
      found: 'allowed denied role-mask:users/ssn',
      denied: 'denied allowed allow:p',
    });
    const [change] = await changes({
      iam: iam({ masks: 'masks = { "users/ssn" = "mask" }' }),
      operation: 'detokenize',
    });
    expect(change!.revealed).toEqual([{ property: 'ssn', transformation: 'mask' }]);
  });

  test('a policy by data type is decided with the type of then', async () => {
    const policy = ALLOW.replace('users/properties/*', 'users/types/NAME');
    expect(await told(iam({ policy }))).toEqual({
      plain: 'allowed denied no-policy',
      masked: 'masked denied no-policy',
      missing: 'failed denied no-policy',
      detokenized: 'allowed denied no-policy',
      found: 'allowed denied no-policy',
    });
    await vault.send('DELETE', '/ctl/collections/users/properties/ssn');
    await vault.send('POST', '/ctl/collections/users/properties/ssn', {
      json: { name: 'ssn', data_type_name: 'NAME', is_nullable: true },
    });
    expect(await told(iam({ policy }))).toHaveProperty('plain', 'allowed denied no-policy');
  });

  test('a reason that is not allowed any more', async () => {
    const policy = ALLOW.replace('reasons = ["*"]', 'reasons = ["Marketing"]');
    expect(await told(iam({ policy }))).toMatchObject({ plain: 'allowed denied no-policy' });
  });

  test('a capability taken away, and one given', async () => {
    expect(await told(iam({ capabilities: '["CapObjectsCreator", "CapDataSearcher"]' }))).toEqual({
      plain: 'allowed denied no-capability',
      masked: 'masked denied no-capability',
      missing: 'failed denied no-capability',
      detokenized: 'allowed denied no-capability',
      incapable: 'denied undetermined capability:CapObjectsCreator',
    });
  });

  test('a collection that was closed to the role and would be open: what it asked for is not known', async () => {
    const policy = ALLOW.replace('users/properties/*', '*');
    expect(await told(iam({ policy }))).toEqual({
      denied: 'denied allowed allow:p',
      hopeless: 'denied undetermined possible-grant',
    });
  });

  test.each([
    ['gone', '', 'unknown-user'],
    ['disabled', '[users.clerk]\nrole = "clerk"\ndisabled = true', 'disabled-user'],
  ])('a user that would be %s', async (_, user, rule) => {
    expect(await told(iam({ user }))).toMatchObject({
      plain: `allowed denied ${rule}`,
      found: `allowed denied ${rule}`,
    });
  });

  test('nothing is put in force, and the replay is recorded', async () => {
    const before = (await vault.send('GET', '/ctl/iam/conf')).text;
    await replay({ iam: iam() }, { headers: { 'x-coatcheck-reason': 'what if' } });
    expect((await vault.send('GET', '/ctl/iam/conf')).text).toBe(before);
    const { body } = await vault.send(
      'GET',
      '/api/coatcheck/1.0/audit/entries?operation=replayAuditEntries&limit=1',
    );
    expect(body.entries).toEqual([expect.objectContaining({ adhoc_reason: 'what if', outcome: 'allowed' })]);
  });

  test('pages join up, and the filters and the period narrow it down', async () => {
    const whole = await changes({ iam: iam({ user: '' }) });
    const seen: Change[] = [];
    let cursor = '';
    do {
      const { body } = await replay({ iam: iam({ user: '' }), limit: 2, ...(cursor && { cursor }) });
      seen.push(...(body.changes as Change[]));
      cursor = body.cursor as string;
    } while (cursor !== '');
    expect(seen).toEqual(whole);
    expect(await changes({ iam: iam({ user: '' }), operation: 'detokenize' })).toHaveLength(1);
    expect(await changes({ iam: iam({ user: '' }), to: PERIOD.from })).toEqual([]);
  });

  test('an entry from before the inputs were kept is counted, not guessed', async () => {
    await vault.app.vault.log.append({
      time: new Date().toISOString(),
      request_id: 'r',
      user: 'clerk',
      role: 'clerk',
      key_id: 'abcdefghijkl',
      operation: 'getObjectById',
      collection: 'users',
      objects: [id],
      asked: [['ssn', null]],
      revealed: [['ssn', null]],
      outcome: 'allowed',
      rule: 'allow:p',
      iam_version: 1,
    });
    const { body } = await replay({ iam: iam(), operation: 'getObjectById' });
    expect(body).toMatchObject({ not_replayable: 1 });
  });
});

test.each([
  ['no period', { from: undefined }],
  ['no configuration', { iam: undefined }],
  ['an unknown member', { who: 'x' }],
])('400: %s is PV1012', async (_, json) => {
  expect(refused(await replay({ iam: iam(), ...json }))).toBe('400 PV1012');
});

test.each([
  ['no TOML', 'nonsense ='],
  ['an unknown policy', iam().replace('["p"]', '["q"]')],
  ['a mask of what does not exist', iam({ masks: 'masks = { "users/none" = "mask" }' })],
])('400: a configuration with %s is PV9011', async (_, text) => {
  expect(refused(await replay({ iam: text }))).toBe('400 PV9011');
});

test('400: a cursor of another configuration is PV9005', async () => {
  const { cursor } = (await replay({ iam: iam({ user: '' }), limit: 1 })).body as { cursor: string };
  expect(cursor).not.toBe('');
  expect(refused(await replay({ iam: iam(), limit: 1, cursor }))).toBe('400 PV9005');
});

test('401 and 403: only for auditors', async () => {
  const { star } = await setClients(vault, [{ name: 'star', capabilities: ['*'] }]);
  expect(refused(await replay({ iam: iam() }, { key: null }))).toBe('401 PV1005');
  expect(refused(await replay({ iam: iam() }, { key: star! }))).toBe('403 PV1007');
});

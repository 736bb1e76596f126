import { keyOf, setIam } from '../../support/iam.js';
import { addCollection, addObject, fieldsOf, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const PROPERTIES = '/ctl/collections/users/properties';
const remove = (name: string): Promise<Answer> => vault.send('DELETE', `${PROPERTIES}/${name}`);
const again = (name: string): Promise<Answer> =>
  vault.send('POST', `${PROPERTIES}/${name}`, {
    json: { name, data_type_name: 'STRING', is_nullable: true, is_index: true, is_substring_index: true },
  });
const search = async (json: object): Promise<unknown[]> =>
  (await vault.send('POST', '/data/collections/users/query/objects?props=id', { json })).body.results;

beforeAll(async () => {
  vault = await startVault();
});
beforeEach(async () => {
  await vault.send('DELETE', '/ctl/collections/users');
  await addCollection(vault, 'users PERSONS ( nick STRING NULL INDEX SUBSTRING_INDEX, other STRING NULL );');
});
afterAll(() => vault.close());

test('a property of the same name shows nothing of the deleted one: not in objects, tokens or searches', async () => {
  const id = await addObject(vault, { nick: 'secret nick', other: 'x' });
  const tokens: string[] = [];
  for (const type of ['pointer', 'randomized']) {
    const json = [{ type, object: { id }, props: ['nick', 'other'] }];
    tokens.push((await vault.send('POST', '/data/collections/users/tokens', { json })).body[0].token_id);
  }
  await remove('nick');
  expect(
    await sql(vault, 'select object_id from blind_index union all select object_id from substring_index'),
  ).toEqual([]);
  await again('nick');

  const detokenized = async (query = ''): Promise<unknown> =>
    (
      await vault.send('GET', `/data/collections/users/tokens?token_ids=${tokens.join(',')}${query}`)
    ).body.map(({ fields }: { fields: unknown }) => fields);
  expect(await fieldsOf(vault, id, '?props=nick,other')).toEqual({ other: 'x' });
  expect(await detokenized()).toEqual([{ other: 'x' }, { other: 'x' }]);
  expect(await detokenized('&props=nick')).toEqual([{}, {}]);
  for (const json of [
    { match: { nick: 'secret nick' } },
    { like: { nick: '*secret*' } },
    { like: { nick: '*' } },
  ]) {
    expect(await search(json)).toEqual([]);
  }
  await vault.send('PATCH', `/data/collections/users/objects/${id}`, { json: { nick: 'new nick' } });
  expect(await search({ like: { nick: '*nick*' } })).toHaveLength(1);
  expect(await fieldsOf(vault, id)).toEqual({ nick: 'new nick', other: 'x' });
});

test('writes at the same time bring nothing back', async () => {
  for (let round = 0; round < 8; round++) {
    const id = await addObject(vault, { nick: 'first nick' });
    const json = { nick: 'second nick' };
    const answers = await Promise.all([
      vault.send('POST', '/data/collections/users/objects', { json }),
      vault.send('PATCH', `/data/collections/users/objects/${id}`, { json }),
      remove('nick'),
      vault.send('POST', '/data/collections/users/objects', { json }),
    ]);
    for (const { status, body } of answers)
      expect([200, 404]).toContain(status === 200 ? 200 : body.error_code && status);
    await again('nick');
    expect(await search({ like: { nick: '*' } })).toEqual([]);
    expect(await search({ match: { nick: 'second nick' } })).toEqual([]);
  }
});

test('two deletions at once: one is done, the other finds nothing', async () => {
  const answers = await Promise.all([remove('nick'), remove('nick')]);
  const outcomes = answers.map((answer) => (answer.status === 200 ? '200' : refused(answer)));
  expect(outcomes.sort()).toEqual(['200', '404 PV3004']);
});

describe('a mask of a deleted property', () => {
  const IAM = `[users.clerk]
role = "clerk"
[roles.clerk]
capabilities = ["CapDataReader"]
policies = ["all"]
masks = { "users/nick" = "mask" }
[policies.all]
policy_type = "allow"
operations = ["*"]
reasons = ["*"]
resources = ["*"]
`;
  const read = async (): Promise<string> => (await vault.send('GET', '/ctl/iam/conf')).text;
  const set = (raw: string): Promise<Answer> =>
    vault.send('POST', '/ctl/iam/conf', { raw, type: 'application/toml' });

  test('stays: what GET answers can be SET, and it masks the property that is added again', async () => {
    await setIam(vault, IAM);
    const clerk = await keyOf(vault, 'clerk');
    expect((await remove('nick')).status).toBe(200);
    const config = await read();
    expect(config).toContain('users/nick');
    expect((await set(config)).status).toBe(200);
    expect(await read()).toBe(config);

    await again('nick');
    const id = await addObject(vault, { nick: 'visible' });
    const shown = await vault.send('GET', `/data/collections/users/objects/${id}?props=nick`, { key: clerk });
    expect(shown.text).not.toContain('visible');
    expect(shown.status).toBe(200);
  });

  test('stays when the whole collection goes', async () => {
    await setIam(vault, IAM);
    await vault.send('DELETE', '/ctl/collections/users');
    expect((await set(await read())).status).toBe(200);
  });

  test('once taken out it cannot come back, and a new one that masks nothing is refused', async () => {
    await setIam(vault, IAM);
    await remove('nick');
    expect(refused(await set(IAM.replace('users/nick', 'users/nikc')))).toBe('400 PV9011');
    expect((await set(IAM.replace(/masks = .*\n/, ''))).status).toBe(200);
    expect(refused(await set(IAM))).toBe('400 PV9011');
  });
});

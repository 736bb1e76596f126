import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const update = (json: unknown, query = '', name = 'users'): Promise<Answer> =>
  vault.send('PATCH', `/ctl/collections/${name}${query}`, { json });
const updateText = (raw: string, name: string): Promise<Answer> =>
  vault.send('PATCH', `/ctl/collections/${name}`, { raw, type: 'application/pvschema' });
const users = (...properties: object[]): object => ({ name: 'users', type: 'PERSONS', properties });
const property = (name: string, more: object = {}): object => ({ name, data_type_name: 'STRING', ...more });
const find = (answer: Answer, name: string): Record<string, unknown> =>
  answer.body.properties.find((each: { name: string }) => each.name === name);

beforeAll(async () => {
  vault = await startVault();
});
beforeEach(async () => {
  await vault.send('DELETE', '/ctl/collections/users');
  await addCollection(
    vault,
    "users PERSONS ( ssn SSN UNIQUE COMMENT 'number', note STRING SUBSTRING_INDEX, mail EMAIL );",
  );
});
afterAll(() => vault.close());

describe('200', () => {
  test('one new property is enough; the answer has all of them, and it can be used at once', async () => {
    const answer = await update(users(property('added', { is_nullable: true })), '/');
    expect(answer.body.properties.map(({ name }: { name: string }) => name)).toEqual([
      'ssn',
      'note',
      'mail',
      'added',
    ]);
    await addObject(vault, { ssn: '123-12-1234', note: 'x', mail: 'a@b.co', added: 'y' });
  });

  test('amends what may be amended, and ignores every other difference', async () => {
    const answer = await update({
      name: 'users',
      type: 'DATA',
      properties: [
        property('ssn', {
          description: 'changed',
          is_unique: false,
          is_nullable: true,
          is_index: true,
          is_encrypted: false,
        }),
        property('note', { is_substring_index: false, is_unique: true }),
      ],
    });
    expect(answer.body.type).toBe('PERSONS');
    expect(find(answer, 'ssn')).toMatchObject({
      data_type_name: 'SSN',
      description: 'changed',
      is_unique: false,
      is_nullable: true,
      is_index: true,
      is_encrypted: true,
    });
    expect(find(answer, 'note')).toMatchObject({ is_substring_index: false, is_unique: false });
    expect((await update(users(property('note', { is_substring_index: true })))).status).toBe(200);
    expect(find(await vault.send('GET', '/ctl/collections/users'), 'note').is_substring_index).toBe(false);
  });

  test('nothing new changes nothing, not even the time', async () => {
    const before = (await vault.send('GET', '/ctl/collections/users')).body;
    expect((await update(users())).body).toEqual(before);
  });

  test('PVSchema is read too, and what it does not state stays', async () => {
    const answer = await updateText('users PERSONS ( ssn SSN, extra STRING NULL )', 'users');
    expect(find(answer, 'ssn')).toMatchObject({ is_unique: true, description: 'number' });
    expect(find(answer, 'extra')).toMatchObject({ is_nullable: true });
    expect((await update(users(), '?format=pvschema')).text).toContain('ssn SSN UNIQUE COMMENT');
    expect((await update(users(), '?options=show_builtins')).body.properties).toHaveLength(11);
  });

  test('an index added later finds what was there before, archived objects included', async () => {
    const fields = { note: 'x', mail: 'a@b.co' };
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push(await addObject(vault, { ...fields, ssn: `123-12-123${i}` }));
    await vault.send('PATCH', `/data/collections/users/objects/${ids[2]}?expiration_secs=0`, { json: {} });
    await update(users(property('mail', { is_index: true })));
    const found = async (query: string): Promise<unknown[]> =>
      (
        await vault.send('POST', `/data/collections/users/query/objects?props=id${query}`, {
          json: { match: { mail: 'a@b.co' } },
        })
      ).body.results;
    expect(await found('')).toEqual([{ id: ids[0] }, { id: ids[1] }]);
    expect(await found('&options=archived')).toEqual([{ id: ids[2] }]);

    await update(users(property('mail', { is_index: false })));
    expect(await found('')).toHaveLength(2);
    await update(users(property('mail', { is_index: true })));
    await vault.send('PATCH', `/data/collections/users/objects/${ids[0]}`, { json: { mail: 'c@d.co' } });
    expect(await found('')).toEqual([{ id: ids[1] }]);
  });

  test('what is unique no more may be shared, and is still found by its index', async () => {
    const add = (): Promise<Answer> =>
      vault.send('POST', '/data/collections/users/objects', {
        json: { ssn: '123-12-1234', note: 'x', mail: 'a@b.co' },
      });
    await add();
    expect(refused(await add())).toBe('409 PV9001');
    await update(users(property('ssn', { is_unique: false })));
    expect((await add()).status).toBe(200);
    const { body } = await vault.send('POST', '/data/collections/users/query/objects?props=ssn', {
      json: { match: { ssn: '123-12-1234' } },
    });
    expect(body.results).toHaveLength(2);
  });

  test('what became nullable may be left out', async () => {
    await update(users(property('note', { is_nullable: true }), property('mail', { is_nullable: true })));
    await addObject(vault, { ssn: '123-12-1234' });
  });
});

test.each([
  ['another name', { name: 'others', type: 'PERSONS', properties: [] }, 'PV1008'],
  ['a bad new property', users(property('_x')), 'PV9004'],
  [
    'an index on a type that has none',
    users(property('doc', { data_type_name: 'JSON', is_index: true })),
    'PV9004',
  ],
  ['no list', { name: 'users', type: 'PERSONS' }, 'PV1012'],
])('400: %s', async (_, json, code) => expect(refused(await update(json))).toBe(`400 ${code}`));

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapCollectionsReader'] }]);
  const answer = await vault.send('PATCH', '/ctl/collections/users', { json: users(), key: reader! });
  expect(refused(answer)).toBe('403 PV1007');
});

test('404: an unknown collection is PV1004, an unknown data type PV9013', async () => {
  expect(refused(await update({ name: 'none', type: 'DATA', properties: [] }, '', 'none'))).toBe(
    '404 PV1004',
  );
  expect(refused(await update(users(property('a', { data_type_name: 'NOPE' }))))).toBe('404 PV9013');
});

test('409: a property that differs from another by case only is PV9003, and nothing is added', async () => {
  expect(refused(await update(users(property('fine'), property('NOTE'))))).toBe('409 PV9003');
  expect((await vault.send('GET', '/ctl/collections/users')).body.properties).toHaveLength(3);
});

test('409: of several at once that add the same property one does', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => update(users(property('same')))));
  for (const answer of answers) expect(['200 ', '409 PV9003']).toContain(refused(answer));
  const names = (await vault.send('GET', '/ctl/collections/users')).body.properties.map(
    (p: { name: string }) => p.name,
  );
  expect(names.filter((name: string) => name === 'same')).toHaveLength(1);
});

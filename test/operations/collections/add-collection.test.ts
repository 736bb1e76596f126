import { setClients } from '../../support/iam.js';
import { refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

const PVSCHEMA = 'application/pvschema';
let vault: TestVault;
const add = (json: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/ctl/collections${query}`, { json, ...sent });
const addText = (raw: string, query = '', headers = {}): Promise<Answer> =>
  vault.send('POST', `/ctl/collections${query}`, { raw, type: PVSCHEMA, headers });
const property = (name: string, more: object = {}): object => ({ name, data_type_name: 'STRING', ...more });

beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

describe('200', () => {
  test('every attribute is stated, defaults included; what the server sets is ignored on input', async () => {
    const long_ago = '2001-01-01T00:00:00Z';
    const { body } = await add({
      name: 'users',
      type: 'PERSONS',
      creation_time: long_ago,
      properties: [
        property('plain', { creation_time: long_ago, whatever: 1 }),
        {
          name: 'email',
          data_type_name: 'EMAIL',
          description: 'd',
          is_encrypted: true,
          is_index: true,
          is_substring_index: true,
          is_nullable: true,
          is_unique: true,
        },
      ],
    });
    const times = {
      creation_time: expect.stringMatching(/Z$/),
      modification_time: expect.stringMatching(/Z$/),
    };
    const no = { is_index: false, is_substring_index: false, is_nullable: false, is_unique: false };
    const own = { is_builtin: false, is_readonly: false, ...times };
    expect(body).toEqual({
      name: 'users',
      type: 'PERSONS',
      ...times,
      properties: [
        { name: 'plain', data_type_name: 'STRING', description: '', is_encrypted: true, ...no, ...own },
        {
          name: 'email',
          data_type_name: 'EMAIL',
          description: 'd',
          is_encrypted: true,
          is_index: true,
          is_substring_index: true,
          is_nullable: true,
          is_unique: true,
          ...own,
        },
      ],
    });
    const age = Date.now() - Date.parse(body.creation_time);
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(1000);
  });

  test('PVSchema in, JSON out; trailing comma, no semicolon and comments of either quote are fine', async () => {
    const { body } = await addText(
      `customers PERSONS ( ssn SSN UNIQUE COMMENT 'Social security number', email EMAIL,
       phone_number PHONE_NUMBER NULL, zip_code_us ZIP_CODE_US NULL COMMENT "it's", )`,
      '/?format=json',
    );
    expect(body.properties).toMatchObject([
      { name: 'ssn', is_unique: true, is_nullable: false, description: 'Social security number' },
      { name: 'email', is_encrypted: true },
      { name: 'phone_number', is_nullable: true },
      { name: 'zip_code_us', description: "it's" },
    ]);
  });

  test('the answer is PVSchema where format or Accept ask for it; format wins', async () => {
    const asked = await add({ name: 'a1', type: 'DATA', properties: [property('p')] }, '?format=pvschema');
    expect([asked.headers.get('content-type'), asked.text]).toEqual([PVSCHEMA, 'a1 DATA (\n  p STRING\n);']);
    const accepted = await addText('a2 DATA ( p STRING NULL );', '', { accept: PVSCHEMA });
    expect(accepted.text).toBe('a2 DATA (\n  p STRING NULL\n);');
    const json = await addText('a3 DATA ( );', '?format=json', { accept: PVSCHEMA });
    expect(json.body).toMatchObject({ name: 'a3', properties: [] });
  });

  test('built-in properties are shown on request, and may be restated on input', async () => {
    const hidden = await addText(
      'b1 DATA ( id OBJECT_ID UNIQUE INDEX NOT ENCRYPTED BUILTIN READONLY, p STRING );',
    );
    expect(hidden.body.properties).toHaveLength(1);
    const shown = await add({ name: 'b2', type: 'DATA', properties: [] }, '?options=show_builtins');
    expect(shown.body.properties.map(({ name }: { name: string }) => name)).toEqual([
      'id',
      '_owner_id',
      '_owner_collection',
      '_tenant_id',
      '_creation_time',
      '_modification_time',
      '_expiration_time',
    ]);
    const again = await addText(
      (await vault.send('GET', '/ctl/collections/b2?format=pvschema&options=show_builtins')).text.replace(
        'b2',
        'b3',
      ),
    );
    expect(again.body.properties).toEqual([]);
  });

  test('it can be used at once', async () => {
    await add({ name: 'fresh', type: 'DATA', properties: [property('C')] });
    expect((await vault.send('POST', '/data/collections/fresh/objects', { json: { C: 'x' } })).status).toBe(
      200,
    );
  });

  test('repeated under one Idempotency-Key it is the same collection', async () => {
    const sent = { headers: { 'idempotency-key': 'c1' } };
    const body = { name: 'once', type: 'DATA', properties: [property('p')] };
    const first = await add(body, '', sent);
    expect((await add(body, '', sent)).body).toEqual(first.body);
    expect(refused(await add({ ...body, name: 'twice' }, '', sent))).toBe('422 PV9019');
  });
});

describe('400', () => {
  test.each([
    ['a name that begins with a digit', { name: '1a' }, 'PV1008'],
    ['a name with a dash', { name: 'a-b' }, 'PV1008'],
    ['a name of 41 characters', { name: 'a'.repeat(41) }, 'PV1008'],
    ['names too long together', { name: 'a'.repeat(30), properties: [property('b'.repeat(11))] }, 'PV9004'],
    ['a type there is not', { type: 'THINGS' }, 'PV1012'],
    ['a property of a built-in name', { properties: [property('id')] }, 'PV9004'],
    ['a property that begins with an underscore', { properties: [property('_x')] }, 'PV9004'],
    ['two properties that differ by case', { properties: [property('a'), property('A')] }, 'PV9004'],
    [
      'an index on JSON',
      { properties: [property('a', { data_type_name: 'JSON', is_index: true })] },
      'PV9004',
    ],
    [
      'a unique BOOLEAN',
      { properties: [property('a', { data_type_name: 'BOOLEAN', is_unique: true })] },
      'PV9004',
    ],
    [
      'a unique GENDER',
      { properties: [property('a', { data_type_name: 'GENDER', is_unique: true })] },
      'PV9004',
    ],
    [
      'a substring index on a number',
      { properties: [property('a', { data_type_name: 'INTEGER', is_substring_index: true })] },
      'PV9004',
    ],
    [
      'a substring index in clear',
      { properties: [property('a', { is_encrypted: false, is_substring_index: true })] },
      'PV9004',
    ],
    ['no properties', { properties: undefined }, 'PV1012'],
    ['an attribute that is no boolean', { properties: [property('a', { is_index: 'yes' })] }, 'PV1012'],
    ['a property without a type', { properties: [{ name: 'a' }] }, 'PV1012'],
  ])('%s', async (_, wrong, code) => {
    expect(refused(await add({ name: 'wrong', type: 'DATA', properties: [], ...wrong }))).toBe(`400 ${code}`);
  });

  test.each([
    ['wrong DATA ( a )', 'PV9004'],
    ['wrong DATA ( a STRING, ', 'PV9004'],
    ['wrong DATA ( a STRING FAST )', 'PV9004'],
    ['wrong PEOPLE ( )', 'PV9004'],
    ['a DATA ( ); b DATA ( );', 'PV9004'],
    ['', 'PV1012'],
  ])('PVSchema %j', async (text, code) => expect(refused(await addText(text))).toBe(`400 ${code}`));

  test('a syntax error says where', async () => {
    expect(refusal(await addText('wrong DATA (\n  a STRING FAST )'))[2]).toEqual({
      line: '2',
      column: '12',
      reason: 'there is no such attribute',
    });
  });

  test.each(['?format=xml', '?options=unsafe', '?reason=Analytics'])('%s', async (query) =>
    expect(refused(await add({ name: 'q', type: 'DATA', properties: [] }, query))).toBe('400 PV1012'),
  );
});

test('403: needs the capability', async () => {
  const { reader } = await setClients(vault, [
    { name: 'reader', capabilities: ['CapCollectionsReader', 'CapDataWriter'] },
  ]);
  expect(refused(await add({ name: 'x', type: 'DATA', properties: [] }, '', { key: reader! }))).toBe(
    '403 PV1007',
  );
});

test('404: an unknown data type is PV9013', async () => {
  const properties = [property('a', { data_type_name: 'EMAIL[]' })];
  expect(refusal(await add({ name: 'x', type: 'DATA', properties }))).toEqual([
    404,
    'PV9013',
    { field: 'properties[0].data_type_name', reason: 'there is no such data type' },
  ]);
});

describe('409', () => {
  test('a name that is taken, in whatever case, is PV9003', async () => {
    await add({ name: 'Taken', type: 'DATA', properties: [] });
    for (const name of ['Taken', 'taken']) {
      expect(refused(await add({ name, type: 'DATA', properties: [] }))).toBe('409 PV9003');
    }
  });

  test('of several at once, in whatever case, one gets the name', async () => {
    const names = ['race', 'RACE', 'race', 'Race'];
    const answers = await Promise.all(
      names.map((name) => add({ name, type: 'DATA', properties: [property('p')] })),
    );
    expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9003', '409 PV9003', '409 PV9003']);
  });
});

test('415: another content type is PV9015', async () => {
  expect(refused(await vault.send('POST', '/ctl/collections', { raw: 'x', type: 'text/plain' }))).toBe(
    '415 PV9015',
  );
});

import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, refusal, refused, sql } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ask, decrypted, encrypt, encryptFields } from './support.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'strict PERSONS ( ssn SSN, name NAME, blob BLOB NULL, doc JSON NULL );');
});
afterAll(() => vault.close());

const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

describe('200', () => {
  test('a ciphertext is standard base64 with padding and opens to the values in their normal form', async () => {
    for (const name of ['a', 'ab', 'abc']) {
      const ciphertext = await encryptFields(vault, { name, phone_number: '+972-54-1234567' });
      expect(ciphertext).toMatch(BASE64);
      expect(ciphertext.length % 4).toBe(0);
      expect(await decrypted(vault, ciphertext)).toEqual({ name, phone_number: '+972541234567' });
    }
  });

  test('randomized is the default and never the same twice', async () => {
    const item = { object: { fields: { name: 'Ann' } } };
    const { body } = await ask(vault, 'encrypt', [item, item, { ...item, type: 'randomized' }]);
    expect(new Set(body.map(({ ciphertext }: { ciphertext: string }) => ciphertext)).size).toBe(3);
  });

  test('deterministic is byte for byte the same, whatever the order, the spelling or the source of the values', async () => {
    const id = await addObject(vault, { name: 'Ann', phone_number: '+972541234567', zip_code_us: '12345' });
    const type = 'deterministic';
    const props = ['phone_number', 'name'];
    const texts = [
      await encryptFields(vault, { name: 'Ann', phone_number: '+972541234567' }, { type }),
      await encryptFields(
        vault,
        { phone_number: '+972-54-1234567', name: 'Ann' },
        { type, scope: 'default' },
      ),
      await encryptFields(
        vault,
        { zip_code_us: '12345', name: 'Ann', phone_number: '+972541234567' },
        { type, props },
      ),
      await encrypt(vault, { object: { id }, type, props: [...props].reverse() }),
      await encrypt(vault, {
        object: { encrypted: { ciphertext: await encrypt(vault, { object: { id } }) } },
        type,
        props,
      }),
    ];
    expect(new Set(texts).size).toBe(1);
    const others = [
      await encryptFields(vault, { name: 'Ann', phone_number: '+972541234568' }, { type }),
      await encryptFields(vault, { name: 'Ann', phone_number: '+972541234567' }, { type, scope: 'x' }),
      await encryptFields(vault, { name: 'Ann', phone_number: '+972541234567' }, { type, props: ['name'] }),
      await encryptFields(
        vault,
        { name: 'Ann', phone_number: '+972541234567' },
        { type },
        { query: '?expiration_secs=60' },
      ),
      await encryptFields(
        vault,
        { name: 'Ann', phone_number: '+972541234567' },
        { type },
        { headers: { 'x-tenant-id': 'a' } },
      ),
    ];
    expect(new Set([...texts, ...others]).size).toBe(1 + others.length);
  });

  test('properties that are not nullable need not be there', async () => {
    const ciphertext = await encryptFields(vault, { ssn: '078-05-1120' }, {}, { collection: 'strict' });
    expect(await decrypted(vault, ciphertext, {}, { collection: 'strict' })).toEqual({ ssn: '078-05-1120' });
  });

  test('absent and null properties are left out', async () => {
    const ciphertext = await encryptFields(
      vault,
      { name: null, email: 'a@b.co' },
      { props: ['name', 'email', 'ssn'] },
    );
    expect(await decrypted(vault, ciphertext)).toEqual({ email: 'a@b.co' });
    expect(await decrypted(vault, await encryptFields(vault, { name: null }))).toEqual({});
    expect(await decrypted(vault, await encryptFields(vault, {}))).toEqual({});
  });

  test('documents and blobs keep their values', async () => {
    const fields = {
      doc: { a: [1, null, 'x'], b: { c: true } },
      blob: Buffer.from([0, 255, 7]).toString('base64'),
    };
    const ciphertext = await encryptFields(vault, fields, {}, { collection: 'strict' });
    expect(await decrypted(vault, ciphertext, {}, { collection: 'strict' })).toEqual(fields);
  });

  test('of an object: its own properties, built-in ones only by name', async () => {
    const id = await addObject(vault, { name: 'Ann', ssn: '123-12-1234', _tenant_id: 't' });
    const all = await encrypt(vault, { object: { id } });
    expect(await decrypted(vault, all)).toEqual({ name: 'Ann', ssn: '123-12-1234' });
    const named = await encrypt(vault, {
      object: { id: id.toUpperCase() },
      props: ['id', 'ssn', '_tenant_id', '_creation_time', '_expiration_time'],
    });
    expect(await decrypted(vault, named)).toEqual({
      id,
      ssn: '123-12-1234',
      _tenant_id: 't',
      _creation_time: expect.stringMatching(/Z$/),
    });
  });

  test('a tenant among the fields binds the ciphertext to it and is in it only by name', async () => {
    const ciphertext = await encryptFields(vault, { name: 'x', _tenant_id: 'a' }, { props: ['name'] });
    expect(await decrypted(vault, ciphertext)).toEqual({ name: 'x' });
    expect(await decrypted(vault, ciphertext, {}, { headers: { 'x-tenant-id': 'b,a' } })).toEqual({
      name: 'x',
    });
    expect(await decrypted(vault, ciphertext, {}, { headers: { 'x-tenant-id': 'b' } })).toBe('400 PV9047');
    const named = await encryptFields(
      vault,
      { name: 'x', _tenant_id: 'a', id: NOWHERE },
      { props: ['_tenant_id', 'id'] },
    );
    expect(await decrypted(vault, named)).toEqual({ _tenant_id: 'a', id: NOWHERE });
  });

  test('of a ciphertext: a part of it, another type or scope, and its expiry unless another is said', async () => {
    const source = await encryptFields(
      vault,
      { name: 'Ann', ssn: '123-12-1234' },
      { scope: 's', tags: ['old'] },
      { query: '?expiration_secs=600' },
    );
    const object = { encrypted: { ciphertext: source, scope: 's' } };
    const made = await encrypt(vault, { object, props: ['ssn'], scope: 'other', tags: ['new'] });
    expect(await decrypted(vault, made, { scope: 's' })).toBe('400 PV9047');
    const json = [{ encrypted_object: { ciphertext: made, scope: 'other' } }];
    const { body } = await ask(vault, 'decrypt', json, { query: '?options=include_metadata' });
    expect(body).toEqual([
      {
        fields: { ssn: '123-12-1234' },
        metadata: { type: 'randomized', scope: 'other', tags: ['new'], expiration: expect.any(String) },
      },
    ]);
    const lasting = await encrypt(vault, { object, type: 'deterministic' }, { query: '?expiration_secs=' });
    const shown = await ask(vault, 'decrypt', [{ encrypted_object: { ciphertext: lasting } }], {
      query: '?options=include_metadata',
    });
    expect(shown.body[0].metadata).toEqual({
      type: 'deterministic',
      scope: 'default',
      tags: [],
      expiration: null,
    });
  });

  test('an item may take its input from an earlier one', async () => {
    const answer = await ask(vault, 'encrypt', [
      { object: { fields: { name: 'Ann', email: 'a@b.co' } }, props: ['name'] },
      { object: { request_index: 0 }, props: ['email'] },
      { object: { request_index: 1 } },
    ]);
    const shown = await Promise.all(
      answer.body.map(({ ciphertext }: { ciphertext: string }) => decrypted(vault, ciphertext)),
    );
    expect(shown).toEqual([{ name: 'Ann' }, { email: 'a@b.co' }, { name: 'Ann', email: 'a@b.co' }]);
  });

  test('nothing asked is nothing answered; a thousand items are answered in their order', async () => {
    expect((await ask(vault, 'encrypt', [])).body).toEqual([]);
    const items = Array.from({ length: 1000 }, (_, i) => ({ object: { fields: { name: `n${i}` } } }));
    const { body } = await ask(vault, 'encrypt', items);
    const back = await ask(
      vault,
      'decrypt',
      body.map(({ ciphertext }: { ciphertext: string }) => ({ encrypted_object: { ciphertext } })),
    );
    expect(back.body).toEqual(items.map(({ object }) => object));
  });

  test('nothing is stored', async () => {
    const count = async (): Promise<unknown> =>
      sql(vault, 'select (select count(*) from object) as objects, (select count(*) from token) as tokens');
    const before = await count();
    await encryptFields(vault, { name: 'x' });
    expect(await count()).toEqual(before);
  });
});

describe('400', () => {
  test.each<[string, unknown, string, string]>([
    ['no input', { object: {} }, 'PV1012', '/0/object'],
    ['two inputs', { object: { id: NOWHERE, fields: {} } }, 'PV1012', '/0/object'],
    ['a bad value', { object: { fields: { ssn: 'x' } } }, 'PV3002', ''],
    ['a value of the wrong kind', { object: { fields: { name: 3 } } }, 'PV3002', ''],
    ['another type', { type: 'pci', object: { fields: {} } }, 'PV1012', '/0/type'],
    ['a later item', { object: { request_index: 0 } }, 'PV9006', 'body[0].object.request_index'],
    [
      'something set by the vault',
      { object: { fields: { _creation_time: '2020-01-01T00:00:00Z' } } },
      'PV9006',
      '',
    ],
    [
      'tags with deterministic',
      { type: 'deterministic', tags: ['x'], object: { fields: { name: 'x' } } },
      'PV9006',
      'body[0].tags',
    ],
    [
      'too many tags',
      { tags: Array.from({ length: 11 }, String), object: { fields: { name: 'x' } } },
      'PV9007',
      'body[0].tags',
    ],
    [
      'a broken ciphertext',
      { object: { encrypted: { ciphertext: 'AQEB' } } },
      'PV9047',
      'body[0].object.encrypted',
    ],
  ])('%s', async (_, item, code, field) => {
    const [status, given, context] = refusal(await ask(vault, 'encrypt', [item]));
    expect([status, given]).toEqual([400, code]);
    expect(context.field ?? '').toContain(field);
  });

  test('null where the property is not nullable', async () => {
    const answer = await ask(vault, 'encrypt', [{ object: { fields: { ssn: null } } }], {
      collection: 'strict',
    });
    expect(refused(answer)).toBe('400 PV9002');
  });

  test('an expiry of 0, and a ciphertext that has expired', async () => {
    const item = { object: { fields: { name: 'x' } } };
    expect(refused(await ask(vault, 'encrypt', [item], { query: '?expiration_secs=0' }))).toBe('400 PV1012');
    const live = await encrypt(vault, item);
    const update = { encrypted_object: { ciphertext: live }, fields: {} };
    const { body } = await ask(vault, 'updateEncrypted', [update], { query: '?expiration_secs=0' });
    const answer = await ask(vault, 'encrypt', [{ object: { encrypted: body[0] } }]);
    expect(refused(answer)).toBe('400 PV3233');
  });

  test('more items than a page holds', async () => {
    const items = Array.from({ length: 1001 }, () => ({ object: { fields: { name: 'x' } } }));
    for (const [operation, item] of [
      ['encrypt', { object: { fields: { name: 'x' } } }],
      ['decrypt', { encrypted_object: { ciphertext: 'x' } }],
      ['updateEncrypted', { encrypted_object: { ciphertext: 'x' }, fields: {} }],
    ] as const) {
      expect(
        refused(
          await ask(
            vault,
            operation,
            items.map(() => item),
          ),
        ),
      ).toBe('400 PV9007');
    }
  });

  test('several tenants and none named', async () => {
    const answer = await ask(vault, 'encrypt', [{ object: { fields: { name: 'x' } } }], {
      headers: { 'x-tenant-id': 'a,b' },
    });
    expect(refusal(answer)).toEqual([400, 'PV9006', { field: '_tenant_id' }]);
  });

  test('one bad item refuses all', async () => {
    const items = [{ object: { fields: { name: 'x' } } }, { object: { fields: { ssn: 'x' } } }];
    const answer = await ask(vault, 'encrypt', items);
    expect(refused(answer)).toBe('400 PV3002');
    expect(answer.text).not.toContain('ciphertext"');
  });
});

test('401 without a key', async () =>
  expect(refused(await ask(vault, 'encrypt', [], { key: null }))).toBe('401 PV1005'));

describe('403', () => {
  let keys: Record<string, string>;
  beforeAll(async () => {
    const allow = [{ operations: ['encrypt'], resources: ['users/properties/name', 'users/properties/ssn'] }];
    keys = await setClients(vault, [
      { name: 'writer', capabilities: ['CapCryptoEncrypter'], allow },
      { name: 'masked', capabilities: ['CapCryptoEncrypter'], allow, masks: { 'users/ssn': 'mask' } },
      { name: 'reader', capabilities: ['CapCryptoDecrypter'], allow },
      {
        name: 'elsewhere',
        capabilities: ['CapCryptoEncrypter'],
        allow: [{ operations: ['encrypt'], resources: ['strict/properties/*'] }],
      },
    ]);
  });
  const as = (user: string, item: object): Promise<string> =>
    ask(vault, 'encrypt', [item], { key: keys[user]! }).then(refused);

  test('every property that goes into the ciphertext needs a policy, and no other', async () => {
    expect(await as('writer', { object: { fields: { name: 'x', ssn: '123-12-1234' } } })).toBe('200 ');
    expect(await as('writer', { object: { fields: { name: 'x', email: 'a@b.co' } } })).toBe('403 PV1006');
    expect(await as('writer', { object: { fields: { name: 'x', email: 'a@b.co' } }, props: ['name'] })).toBe(
      '200 ',
    );
    expect(await as('writer', { object: { fields: {} } })).toBe('403 PV1006');
  });

  test('the properties of an object and of a ciphertext need one too', async () => {
    const id = await addObject(vault, { name: 'Ann', email: 'a@b.co' });
    expect(await as('writer', { object: { id } })).toBe('403 PV1006');
    expect(await as('writer', { object: { id }, props: ['name'] })).toBe('200 ');
    const ciphertext = await encryptFields(vault, { name: 'Ann', email: 'a@b.co' });
    expect(await as('writer', { object: { encrypted: { ciphertext } } })).toBe('403 PV1006');
    expect(await as('writer', { object: { encrypted: { ciphertext } }, props: ['name'] })).toBe('200 ');
  });

  test('whoever may not encrypt a property does not learn which objects exist', async () => {
    expect(await as('writer', { object: { id: NOWHERE } })).toBe('403 PV1006');
    expect(await as('elsewhere', { object: { id: NOWHERE }, props: ['name'] })).toBe('403 PV1006');
  });

  test('a property masked for the role is not encrypted: equal ciphertexts would show through the mask', async () => {
    expect(await as('masked', { object: { fields: { name: 'x' } } })).toBe('200 ');
    for (const type of ['randomized', 'deterministic']) {
      expect(await as('masked', { type, object: { fields: { ssn: '123-12-1234' } } })).toBe('403 PV1006');
    }
  });

  test('without the capability', async () => {
    expect(await as('reader', { object: { fields: { name: 'x' } } })).toBe('403 PV1007');
  });

  test('an object or a field of another tenant', async () => {
    const id = await addObject(vault, { name: 'x', _tenant_id: 'a' });
    const headers = { 'x-tenant-id': 'b' };
    expect(refused(await ask(vault, 'encrypt', [{ object: { id } }], { headers }))).toBe('403 PV9009');
    const item = { object: { fields: { name: 'x', _tenant_id: 'a' } } };
    expect(refused(await ask(vault, 'encrypt', [item], { headers }))).toBe('403 PV9009');
  });

  test('the entry names who, what was asked and what refused it, and never a value', async () => {
    await as('writer', { object: { fields: { email: 'quetzal@canary.example' } } });
    const { body } = await vault.send('GET', '/api/coatcheck/1.0/audit/entries?user=writer&limit=1');
    expect(body.entries).toEqual([
      expect.objectContaining({
        user: 'writer',
        operation: 'encrypt',
        collection: 'users',
        asked: [{ property: 'email' }],
        revealed: [],
        outcome: 'denied',
        error_code: 'PV1006',
      }),
    ]);
    expect(JSON.stringify(body)).not.toContain('quetzal');
  });
});

describe('404', () => {
  test.each<[string, unknown, string]>([
    ['an unknown property', { object: { fields: { nothing: 'x' } } }, 'PV3004'],
    [
      'an unknown property in props',
      { object: { fields: { name: 'x' } }, props: ['name', 'nothing'] },
      'PV3004',
    ],
    [
      'a transformation in props',
      { object: { fields: { email: 'a@b.co' } }, props: ['email.mask'] },
      'PV3004',
    ],
    ['an unknown object', { object: { id: NOWHERE } }, 'PV3005'],
    ['an id that is none', { object: { id: 'x' } }, 'PV3005'],
  ])('%s', async (_, item, code) => {
    expect(refused(await ask(vault, 'encrypt', [item]))).toBe(`404 ${code}`);
  });

  test('an archived object', async () => {
    const id = await addObject(vault, { name: 'x' });
    await vault.send('PATCH', `/data/collections/users/objects/${id}?expiration_secs=0`, { json: {} });
    expect(refused(await ask(vault, 'encrypt', [{ object: { id } }]))).toBe('404 PV3005');
  });

  test('an unknown collection', async () => {
    expect(refused(await ask(vault, 'encrypt', [], { collection: 'nothing' }))).toBe('404 PV1004');
  });
});

test('410 for an object that was tampered with', async () => {
  const id = await addObject(vault, { name: 'x' });
  await sql(vault, 'update object set revision = revision + 1 where id = $1', [id]);
  expect(refused(await ask(vault, 'encrypt', [{ object: { id } }]))).toBe('410 PV9010');
});
